"""Progress of long stages: a callback that the caller passes in; no stage prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Step:
    """A stage's progress: ``done`` of ``total`` (None if it is not known), in ``unit``."""

    stage: str
    done: float
    total: float | None
    unit: Literal["bytes", "ms", "steps"] = "steps"


Progress = Callable[[Step], None]
"""Called repeatedly; the first call with a stage's name starts it, ``done == total`` ends it."""


def silent(step: Step) -> None:
    """Ignore the progress."""
