"""Speech in pieces: cut wherever anything may change, given to names piece by piece, and joined again to turns."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.matching.speakers.embeddings import Ints, Overlaps, overlaps
from pipeline.schema import NamedTurn, Turn
from pipeline.times import Ms, Span

MIN_SEGMENT_MS: Ms = 250
"""A change of speaker for less than this is none."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Speech, cut into pieces in which nothing changes. ``spans`` are ordered and disjoint.

    ``turns`` has for each the index of the turn that it belongs to: of the longest where several people speak.
    """

    spans: tuple[Span, ...]
    turns: Ints

    def meet(self, stretches: Sequence[Sequence[Span]]) -> Overlaps:
        """How much each piece (rows) shares with which of the stretches (columns)."""
        return overlaps([(span,) for span in self.spans], stretches)


def cut_segments(turns: Sequence[Turn], *stretches: Sequence[Sequence[Span]]) -> Segments:
    """Cut what the turns cover at their edges and at those of all stretches."""
    own = [(turn.span,) for turn in turns]
    inner = (span for group in (own, *stretches) for spans in group for span in spans)
    edges = sorted({edge for span in inner for edge in (span.start, span.end)})
    spans = [Span(start, end) for start, end in itertools.pairwise(edges)]
    spoken = overlaps([(span,) for span in spans], own)
    lengths = np.array([turn.span.duration for turn in turns], np.int64)[spoken.columns]
    order = np.argsort(lengths, kind="stable")
    longest = np.full(len(spans), -1, np.int64)
    longest[spoken.rows[order]] = spoken.columns[order]
    kept = np.flatnonzero(longest >= 0)
    return Segments(tuple(spans[k] for k in kept.tolist()), longest[kept])


def absorb_short_segments(pieces: Segments, who: Ints) -> Ints:
    """The same speakers, but for what is too short and touches another: the longer neighbour takes it."""
    smooth, runs = who.copy(), list(_runs(pieces, who))
    for k, (first, last) in enumerate(runs):
        span = _span(pieces, first, last)
        if span.duration < MIN_SEGMENT_MS:
            near = [(_span(pieces, *run), run[0]) for run in (*runs[max(0, k - 1) : k], *runs[k + 1 : k + 2])]
            touching = [(one.duration, at) for one, at in near if span.start == one.end or span.end == one.start]
            smooth[first:last] = who[max(touching)[1]] if touching else who[first]
    return smooth


def to_named_turns(pieces: Segments, who: Ints, names: Sequence[str]) -> tuple[NamedTurn, ...]:
    """Join the pieces of one speaker that touch; ``who`` holds indices into ``names``, -1 for nobody."""
    return tuple(
        NamedTurn(_span(pieces, first, last), names[who[first]] if who[first] >= 0 else None)
        for first, last in _runs(pieces, who)
    )


def _span(pieces: Segments, first: int, last: int) -> Span:
    return Span(pieces.spans[first].start, pieces.spans[last - 1].end)


def _runs(pieces: Segments, who: Ints) -> Iterator[tuple[int, int]]:
    """The runs of pieces that touch and have the same speaker, as half-open indices."""
    first = 0
    for k in range(1, len(who) + 1):
        if k == len(who) or who[k] != who[k - 1] or pieces.spans[k].start != pieces.spans[k - 1].end:
            yield first, k
            first = k


def dominant_speakers(turns: Sequence[NamedTurn], stretches: Sequence[Sequence[Span]]) -> tuple[str | None, ...]:
    """Who speaks for most of each of the stretches; None where nobody does, or nobody with a name."""
    ms: list[Counter[str]] = [Counter() for _ in stretches]
    meets = overlaps(stretches, [(turn.span,) for turn in turns])
    for row, column, shared in zip(meets.rows.tolist(), meets.columns.tolist(), meets.ms.tolist(), strict=True):
        if (name := turns[column].name) is not None:
            ms[row][name] += shared
    return tuple(counts.most_common(1)[0][0] if counts else None for counts in ms)
