"""One option of a stage: its default and its meaning, written once, in the stage's own frozen dataclass."""

from __future__ import annotations

from dataclasses import field, fields
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def option(default: T, meaning: str) -> T:
    """A dataclass field with a default and the sentence that ``configs/default.toml`` and ``--help`` show for it."""
    return field(default=default, metadata={"meaning": meaning})


def describe(kind: Any, name: str) -> str:  # noqa: ANN401 -- any dataclass type; typing has no name for it
    """What an option means, as sentences: its meaning and, where only some values are possible, which."""
    meaning = next(item.metadata["meaning"] for item in fields(kind) if item.name == name).rstrip(".")
    hint = get_type_hints(kind)[name]
    choices = f" One of: {', '.join(get_args(hint))}." if get_origin(hint) is Literal else ""
    return f"{meaning}.{choices}"
