"""One option of a stage: its default and its meaning, written once, in the stage's own frozen dataclass."""

from __future__ import annotations

from dataclasses import field
from typing import TypeVar

T = TypeVar("T")


def option(default: T, meaning: str) -> T:
    """A dataclass field with a default and the sentence that ``configs/default.toml`` and ``--help`` show for it."""
    return field(default=default, metadata={"meaning": meaning})
