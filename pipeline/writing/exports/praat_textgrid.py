"""Write a TextGrid for Praat, in its long text format, by praatio.

Each speaker has two interval tiers: the turns, under the speaker's name, and the words.

Source: Praat's manual, "TextGrid file formats".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.times import Ms, Span, to_seconds
from pipeline.writing.exports.speech_tiers import UNKNOWN, Tier, unused_name

WORDS = "words"
"""The end of the names of the tiers of words."""


@dataclass(frozen=True, slots=True)
class _Intervals:
    name: str
    entries: tuple[tuple[Span, str], ...]


def render_textgrid(tiers: Sequence[Tier], duration: Ms) -> str:
    """Return the TextGrid; what lies between two turns or words is an interval without text.

    Args:
        duration: of the recording, the end of all tiers.
    """
    from praatio.utilities.textgrid_io import getTextgridAsStr  # noqa: PLC0415 -- only this format needs it

    ends = (turn.span.end for tier in tiers for turn in tier.turns)
    end = to_seconds(max(duration, 1, *ends))
    grid = {"xmin": 0, "xmax": end, "tiers": [_praat_tier(one, end) for one in _interval_tiers(tiers)]}
    text: str = getTextgridAsStr(grid, "long_textgrid", includeBlankSpaces=True)
    return text


def _interval_tiers(tiers: Sequence[Tier]) -> list[_Intervals]:
    """Return the tiers of turns and of words; one without intervals if there are none, since Praat needs one."""
    taken: set[str | None] = {tier.name for tier in tiers}
    made: list[_Intervals] = []
    for tier in tiers:
        name = unused_name(f"{tier.name} {WORDS}", taken)
        taken.add(name)
        words = tuple((word.span, word.text) for turn in tier.turns for word in turn.words)
        made += [_Intervals(tier.name, tuple((turn.span, turn.text) for turn in tier.turns)), _Intervals(name, words)]
    return made or [_Intervals(UNKNOWN, ())]


def _praat_tier(intervals: _Intervals, end: float) -> dict[str, object]:
    entries = [(to_seconds(span.start), to_seconds(span.end), text) for span, text in intervals.entries]
    return {"class": "IntervalTier", "name": intervals.name, "xmin": 0, "xmax": end, "entries": entries}
