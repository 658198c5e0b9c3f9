"""Spans of speech: their parts, the pauses between them, and groups of them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.speech_spans import clip_spans, group_spans, pauses
from pipeline.times import Span

edges = st.lists(st.integers(0, 500), unique=True, max_size=30).map(sorted)
disjoint = edges.map(lambda points: tuple(Span(a, b) for a, b in zip(points[::2], points[1::2], strict=False)))
anywhere = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda ends: Span(min(ends), max(ends)))


@given(disjoint, anywhere)
def test_pauses_and_speech_tile(spans: tuple[Span, ...], within: Span) -> None:
    """Speech and pauses together cover the span, each moment once."""
    parts = sorted((*clip_spans(spans, within), *pauses(spans, within)))

    assert sum(part.duration for part in parts) == within.duration
    assert all(before.end == after.start for before, after in pairwise(parts))


@given(disjoint, st.integers(1, 200))
def test_groups_have_all_spans_in_order(spans: tuple[Span, ...], longest: int) -> None:
    """Every span is in one group, in order, and no group could take the next span too."""
    groups = list(group_spans(spans, longest))

    assert tuple(span for group in groups for span in group) == spans
    assert all(len(one) == 1 or one[-1].end - one[0].start <= longest for one in groups)
    assert all(after[0].end - before[0].start > longest for before, after in pairwise(groups))
