"""Parts of a Markdown page that code hosts and MkDocs show alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = {"*": r"\*", "|": r"\|", "<": "&lt;"}
_OPTION = re.compile(r"(?<!\S)--[a-z][a-z-]*")
_CODE = re.compile(r"(`+[^`]*`+|\"cuemark [^\"]*\")")


def page(title: str, *parts: str) -> str:
    """Return a whole page: its title and its parts, with a blank line between them."""
    return "\n\n".join([f"# {title}", *(part.strip("\n") for part in parts if part.strip())]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are Markdown already (see ``text`` and ``code``)."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell or ' ' for cell in line)} |" for line in lines)


def text(plain: str) -> str:
    r"""Return a plain sentence as Markdown: options, quoted commands and backticks are code, other markup is escaped.

    >>> text("a *b* of ``c_d`` with --else [?]")
    'a \\*b\\* of `c_d` with `--else` [?]'
    """
    parts = _CODE.split(" ".join(plain.split()))
    return "".join(code(part.strip('`"')) if _CODE.fullmatch(part) else _escaped(part) for part in parts)


def _escaped(plain: str) -> str:
    return _OPTION.sub(r"`\g<0>`", "".join(_SPECIAL.get(letter, letter) for letter in plain))


def code(literal: str) -> str:
    """Code in a line.

    >>> code("--model")
    '`--model`'
    """
    return f"`{literal}`"


def choices(names: Iterable[str]) -> str:
    """Several words of code; a bar between them would end a cell of a table.

    >>> choices(("auto", "cpu"))
    '`auto` `cpu`'
    """
    return " ".join(map(code, names))


def fenced(language: str, content: str) -> str:
    """Return a block of code."""
    return f"```{language}\n{content.rstrip()}\n```"


def sentence(phrase: str) -> str:
    """Return a phrase as a sentence.

    >>> sentence("of its bytes")
    'Of its bytes.'
    """
    return f"{phrase[:1].upper()}{phrase[1:]}{'' if phrase.endswith(('.', '…')) else '.'}" if phrase else ""
