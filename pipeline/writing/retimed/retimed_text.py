"""The result of moving a file with times to another cut of its recording."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.matching.cuts.time_map import TimeMap
from pipeline.times import Ms, Span

_SHORTENED: Ms = 50
"""What an edge may be off: a cue that lost less is whole."""


@dataclass(frozen=True, slots=True)
class RetimedText:
    """The new text of the file.

    Attributes:
        noun: what has times in this file: "cue", "turn", "chapter", "time".
        kept: how many of them it still has.
        dropped: the old times of those that were removed with their sound; of typed times, which are not removed, those
            that now point to the place of the cut.
        shortened: how many of the kept ones lost a part of their sound.
    """

    text: str
    noun: str
    kept: int
    dropped: tuple[Span, ...]
    shortened: int = 0


def is_shortened(cuts: TimeMap, old: Span, new: Span) -> bool:
    """Return whether more of a span was lost than the edge of a cut may be off."""
    stretch = cuts.stretch_at(old.start) or cuts.stretch_at(max(0, old.end - 1))
    return stretch is not None and old.duration * stretch.rate - new.duration > _SHORTENED
