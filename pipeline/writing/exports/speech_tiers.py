"""Arrange the words of each speaker one after the other in time, as tools for speech research need them.

Two people may speak at once, but the intervals of a tier must not overlap, and none may be empty. So each speaker has a
tier, in which a word ends where the next one begins at the latest, and lasts 1 ms at least.

    Ann    |so|  |what|is  |      |yes|
    Bo                   |a|paper|
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.times import Span
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn, ShownWord

UNKNOWN = "unknown"
"""The name of whoever has none, where the format demands one."""


@dataclass(frozen=True, slots=True)
class TierTurn:
    """A turn of a tier: at least one word; their spans are ordered, disjoint and not empty."""

    words: tuple[ShownWord, ...]

    @property
    def span(self) -> Span:
        """From the start of the first word to the end of the last one."""
        return Span(self.words[0].span.start, self.words[-1].span.end)

    @property
    def text(self) -> str:
        """The turn on one line."""
        return line_text(self.words)


@dataclass(frozen=True, slots=True)
class Tier:
    """All turns of one speaker in order of time; they do not overlap. ``name`` is unique among the tiers."""

    name: str
    turns: tuple[TierTurn, ...]


def speaker_tiers(turns: Iterable[ShownTurn]) -> tuple[Tier, ...]:
    """Return a tier for each speaker, in the order in which they first speak in the document."""
    by_speaker: dict[str | None, list[ShownTurn]] = {}
    for turn in turns:
        by_speaker.setdefault(turn.speaker, []).append(turn)
    taken = set(by_speaker)
    return tuple(
        Tier(speaker or unused_name(UNKNOWN, taken), tuple(_one_after_another(own)))
        for speaker, own in by_speaker.items()
    )


def unused_name(name: str, taken: set[str | None]) -> str:
    """Return a name that is not taken: with a number if necessary.

    >>> unused_name("unknown", {"unknown"})
    'unknown 2'
    """
    number, unused = 1, name
    while unused in taken:
        number += 1
        unused = f"{name} {number}"
    return unused


def _one_after_another(turns: Sequence[ShownTurn]) -> Iterator[TierTurn]:
    """Yield the turns of a speaker with the times of a tier."""
    ordered = sorted(turns, key=lambda turn: turn.words[0].span.start)
    words = [word for turn in ordered for word in turn.words]
    starts: list[int] = []
    for word in words:
        starts.append(max(word.span.start, starts[-1] + 1) if starts else word.span.start)
    ends = [
        min(max(word.span.end, start + 1), until) for word, (start, until) in zip(words, pairwise(starts), strict=False)
    ]
    ends += [max(words[-1].span.end, starts[-1] + 1)]
    timed = iter(
        ShownWord(word.text, Span(start, end), word.separator, word.confidence)
        for word, start, end in zip(words, starts, ends, strict=True)
    )
    for turn in ordered:
        yield TierTurn(tuple(next(timed) for _ in turn.words))
