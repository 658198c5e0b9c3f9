"""Pages made of packaged parts: a template that escapes all text, and a style and a script known by their hashes."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def page_template(package: str, name: str) -> Template:
    """Return a packaged template; it escapes what is put into it, and an undefined name is an error."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 -- most runs write no page, and the desk opens sooner

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(packaged_text(package, name))


@cache
def packaged_text(package: str, name: str) -> str:
    """Return the text of a file in a package, such as ``pipeline.writing``."""
    return (files(package) / name).read_text(encoding="utf-8")


def csp_hash(text: str) -> str:
    """Return the hash by which a policy names an inline style or script (Content Security Policy Level 3, SHA-256)."""
    return b64encode(sha256(text.encode()).digest()).decode()
