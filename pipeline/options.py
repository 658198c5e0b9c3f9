"""One option of a stage: its default and its meaning, defined once, in the stage's own frozen dataclass."""

from __future__ import annotations

from dataclasses import field, fields
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def option(default: T, meaning: str) -> T:
    """Return a dataclass field with a default and the sentence for ``configs/default.toml`` and ``--help``."""
    return field(default=default, metadata={"meaning": meaning})


def option_of(kind: Any, name: str) -> Any:  # noqa: ANN401 -- any dataclass type, and a field of any type
    """Return an option of another dataclass as an option of this one, so that its default is written once."""
    other = next(item for item in fields(kind) if item.name == name)
    return field(default=other.default, metadata=other.metadata)


def meaning(kind: Any, name: str) -> str:  # noqa: ANN401 -- any dataclass type; typing has no name for it
    """Return what an option means, without the full stop."""
    said: str = next(item.metadata["meaning"] for item in fields(kind) if item.name == name)
    return said.rstrip(".")


def choices(kind: Any, name: str) -> tuple[str, ...]:  # noqa: ANN401 -- the same
    """Return the only values that an option may have; empty if any value of its type is allowed."""
    hint = get_type_hints(kind)[name]
    return get_args(hint) if get_origin(hint) is Literal else ()


def describe(kind: Any, name: str) -> str:  # noqa: ANN401 -- the same
    """Return what an option means, as sentences, with its choices if there are any."""
    only = choices(kind, name)
    return f"{meaning(kind, name)}." + (f" One of: {', '.join(only)}." if only else "")
