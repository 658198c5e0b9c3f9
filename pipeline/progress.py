"""How a long stage tells what it is doing: a callback that the roof hands down; nobody below it prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Step:
    """A stage's progress: ``done`` of ``total`` (None where it is not known), in ``unit``."""

    stage: str
    done: float
    total: float | None
    unit: Literal["bytes", "ms", "steps"] = "steps"


Progress = Callable[[Step], None]
"""Called from time to time; the first call of a stage names it, ``done == total`` ends it."""


def silent(step: Step) -> None:
    """A ``Progress`` for those who do not look."""
