"""Speech is cut into segments, given to speakers, and joined to turns."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.speakers.speaker_segments import (
    MIN_SEGMENT_MS,
    Segments,
    absorb_short_segments,
    cut_segments,
    dominant_speakers,
    to_named_turns,
)
from pipeline.schema import NamedTurn, Turn
from pipeline.times import Span

SPANS = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda at: Span(at[0], at[0] + at[1]))
TURNS = st.lists(st.builds(Turn, SPANS, st.sampled_from("AB")), max_size=8)


def segments_of(*lengths: int) -> Segments:
    """Return segments that touch, of these lengths in ms."""
    edges = np.cumsum([0, *lengths]).tolist()
    return Segments(tuple(Span(start, end) for start, end in pairwise(edges)), np.arange(len(lengths)))


@given(TURNS, st.lists(st.lists(SPANS, max_size=2), max_size=4))
def test_segments_tile_the_turns(turns: list[Turn], others: list[list[Span]]) -> None:
    """Segments are ordered and disjoint, cover exactly what the turns cover, and have no edge inside."""
    segments = cut_segments(turns, others)

    assert all(a.end <= b.start for a, b in pairwise(segments.spans))
    covered = {at for span in segments.spans for at in range(span.start, span.end)}
    assert covered == {at for turn in turns for at in range(turn.span.start, turn.span.end)}
    inner = [turn.span for turn in turns] + [span for spans in others for span in spans]
    edges = {edge for span in inner for edge in (span.start, span.end)}
    assert not any(span.start < edge < span.end for span in segments.spans for edge in edges)


@given(TURNS)
def test_a_segment_belongs_to_the_longest_turn_over_it(turns: list[Turn]) -> None:
    """Each segment has a turn that covers it, and no longer turn does."""
    segments = cut_segments(turns)

    for span, turn in zip(segments.spans, segments.turns.tolist(), strict=True):
        over = [one.span.duration for one in turns if one.span.overlap(span)]
        assert turns[turn].span.overlap(span) == span.duration
        assert turns[turn].span.duration == max(over)


def test_a_short_segment_goes_to_its_longer_neighbour() -> None:
    """A run below the limit gets the speaker of the longer neighbour that touches it; a run at the limit stays."""
    speakers = np.array([0, 1, 2])

    assert absorb_short_segments(segments_of(900, MIN_SEGMENT_MS - 1, 800), speakers).tolist() == [0, 0, 2]
    assert absorb_short_segments(segments_of(800, MIN_SEGMENT_MS - 1, 900), speakers).tolist() == [0, 2, 2]
    assert absorb_short_segments(segments_of(800, MIN_SEGMENT_MS, 900), speakers).tolist() == [0, 1, 2]


def test_a_short_segment_with_silence_around_it_stays() -> None:
    """A short run that touches no other keeps its speaker."""
    segments = Segments((Span(0, 900), Span(1_000, 1_100), Span(1_200, 2_000)), np.arange(3))

    assert absorb_short_segments(segments, np.array([0, 1, 0])).tolist() == [0, 1, 0]


def test_touching_segments_of_one_speaker_are_one_turn() -> None:
    """Segments are joined if they touch and have one speaker; -1 is a turn without a name."""
    segments = Segments((Span(0, 5), Span(5, 9), Span(9, 12), Span(20, 30), Span(30, 31)), np.zeros(5, np.int64))

    turns = to_named_turns(segments, np.array([0, 0, 1, 1, -1]), ("Ann", "Bob"))

    assert turns == (
        NamedTurn(Span(0, 9), "Ann"),
        NamedTurn(Span(9, 12), "Bob"),
        NamedTurn(Span(20, 30), "Bob"),
        NamedTurn(Span(30, 31), None),
    )


def test_the_dominant_speaker_has_most_of_the_time() -> None:
    """The times of a speaker are added up; turns without a name do not count."""
    turns = (
        NamedTurn(Span(0, 30), "Ann"),
        NamedTurn(Span(30, 70), "Bob"),
        NamedTurn(Span(70, 90), "Ann"),
        NamedTurn(Span(90, 200), None),
    )

    assert dominant_speakers(turns, [[Span(0, 200)], [Span(20, 60), Span(65, 70)], [Span(95, 99)], []]) == (
        "Ann",
        "Bob",
        None,
        None,
    )
