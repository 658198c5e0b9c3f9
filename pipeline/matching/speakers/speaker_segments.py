"""Speech as segments in which nothing changes: cut, given to speakers one by one, and joined to turns again."""

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
"""A change of speaker for less than this is not counted as one. Chosen by hand: a breath, an inexact edge."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Speech, cut into segments in which neither the turn nor the sample nor the label changes.

    Attributes:
        spans: ordered and disjoint.
        turns: the index of the turn that each segment belongs to, the longest if several people speak; int64, shape
            (segments,).
    """

    spans: tuple[Span, ...]
    turns: Ints

    def overlaps_with(self, those: Sequence[Sequence[Span]]) -> Overlaps:
        """Return how many ms each segment (rows) shares with each list of spans (columns)."""
        return overlaps([(span,) for span in self.spans], those)


def cut_segments(turns: Sequence[Turn], *edges_from: Sequence[Sequence[Span]]) -> Segments:
    """Cut what the turns cover at the edges of all turns and of all spans in ``edges_from``."""
    turn_spans = [(turn.span,) for turn in turns]
    all_spans = (span for group in (turn_spans, *edges_from) for spans in group for span in spans)
    edges = sorted({edge for span in all_spans for edge in (span.start, span.end)})
    spans = [Span(start, end) for start, end in itertools.pairwise(edges)]
    covered = overlaps([(span,) for span in spans], turn_spans)
    durations = np.array([turn.span.duration for turn in turns], np.int64)[covered.columns]
    order = np.argsort(durations, kind="stable")  # the longest turn is written last and stays
    turn_of = np.full(len(spans), -1, np.int64)
    turn_of[covered.rows[order]] = covered.columns[order]
    kept = np.flatnonzero(turn_of >= 0)
    return Segments(tuple(spans[k] for k in kept.tolist()), turn_of[kept])


def absorb_short_segments(segments: Segments, speakers: Ints) -> Ints:
    """Give runs of segments shorter than ``MIN_SEGMENT_MS`` to the longer of the neighbours that touch them.

    Args:
        speakers: the index of each segment's speaker, -1 for none, shape (segments,).

    Returns:
        The same with those changes, shape (segments,).
    """
    smooth, runs = speakers.copy(), list(_runs(segments, speakers))
    for k, (first, last) in enumerate(runs):
        span = _cover(segments, first, last)
        if span.duration < MIN_SEGMENT_MS:
            near = [(_cover(segments, *run), run[0]) for run in (*runs[max(0, k - 1) : k], *runs[k + 1 : k + 2])]
            touching = [(one.duration, at) for one, at in near if span.start == one.end or span.end == one.start]
            smooth[first:last] = speakers[max(touching)[1]] if touching else speakers[first]
    return smooth


def to_named_turns(segments: Segments, speakers: Ints, names: Sequence[str]) -> tuple[NamedTurn, ...]:
    """Join the segments of one speaker that touch; ``speakers`` are indices into ``names``, -1 for none."""
    return tuple(
        NamedTurn(_cover(segments, first, last), names[speakers[first]] if speakers[first] >= 0 else None)
        for first, last in _runs(segments, speakers)
    )


def _cover(segments: Segments, first: int, last: int) -> Span:
    return Span(segments.spans[first].start, segments.spans[last - 1].end)


def _runs(segments: Segments, speakers: Ints) -> Iterator[tuple[int, int]]:
    """Yield the runs of segments that touch and have the same speaker, as half-open indices."""
    first = 0
    for k in range(1, len(speakers) + 1):
        is_end = k == len(speakers) or speakers[k] != speakers[k - 1]
        if is_end or segments.spans[k].start != segments.spans[k - 1].end:
            yield first, k
            first = k


def dominant_speakers(turns: Sequence[NamedTurn], spans: Sequence[Sequence[Span]]) -> tuple[str | None, ...]:
    """Return the name of who speaks most in each list of spans; None if no named person speaks there."""
    ms: list[Counter[str]] = [Counter() for _ in spans]
    shared = overlaps(spans, [(turn.span,) for turn in turns])
    for row, column, length in zip(shared.rows.tolist(), shared.columns.tolist(), shared.ms.tolist(), strict=True):
        if (name := turns[column].name) is not None:
            ms[row][name] += length
    return tuple(counts.most_common(1)[0][0] if counts else None for counts in ms)
