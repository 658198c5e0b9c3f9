from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.times import Ms, Span
from tests.matching.cuts.made_maps import ADVERT_IN, cut_map, time_maps

TIMES = st.integers(0, 150_000)


def test_parts() -> None:
    """What is not in a stretch was removed from the old cut, or added to the new one."""
    assert ADVERT_IN.removed == (Span(0, 10_000),)
    assert ADVERT_IN.added == (Span(50_000, 80_000),)


@pytest.mark.parametrize(
    ("at", "begins", "ends"),
    [
        (0, 0, 0),
        (10_000, 0, 0),
        (10_001, 1, 1),
        (59_999, 49_999, 49_999),
        (60_000, 80_000, 50_000),
        (60_001, 80_001, 80_001),
        (99_999, 119_999, 119_999),
        (200_000, 120_000, 120_000),
    ],
)
def test_places(at: Ms, begins: Ms, ends: Ms) -> None:
    """What begins at an edge begins after what was added there; what ends there ends before it."""
    assert (ADVERT_IN.place(at), ADVERT_IN.place_end(at)) == (begins, ends)


@pytest.mark.parametrize(
    ("span", "kept"),
    [
        (Span(0, 9_000), None),  # removed
        (Span(9_000, 11_000), Span(0, 1_000)),  # its end is left
        (Span(8_000, 10_099), None),  # less is left than the edge may be off
        (Span(10_000, 10_060), Span(0, 60)),  # short, and whole
        (Span(59_000, 60_500), Span(49_000, 50_000)),  # something was put in: the longer side
        (Span(59_500, 61_500), Span(80_000, 81_500)),
        (Span(99_000, 105_000), Span(119_000, 120_000)),  # longer than the recording
    ],
)
def test_keep(span: Span, kept: Span | None) -> None:
    """A span is kept with its longest part; a rest that may be the blur of an edge is not kept."""
    assert ADVERT_IN.keep(span) == kept


def test_a_removed_middle_joins_the_rest() -> None:
    """What has a removed part inside is shorter, and one piece."""
    cuts = cut_map((0, 5_000, 0), (7_000, 20_000, 5_000), old=20_000, new=18_000)

    assert cuts.pieces(Span(4_000, 8_000)) == (Span(4_000, 6_000),)


@given(time_maps())
def test_the_parts_tile_both_cuts(cuts: TimeMap) -> None:
    """Kept and removed parts tile the old cut, kept and added ones the new cut."""
    for parts, duration in (
        ((*cuts.removed, *(one.old for one in cuts.stretches)), cuts.old_duration),
        ((*cuts.added, *(one.new for one in cuts.stretches)), cuts.new_duration),
    ):
        ordered = sorted(parts)
        assert [one.start for one in ordered] == [0, *(one.end for one in ordered)][: len(ordered)]
        assert sum(one.duration for one in ordered) == duration


@given(time_maps(), TIMES, TIMES)
def test_order_is_kept(cuts: TimeMap, one: Ms, other: Ms) -> None:
    """The order of times is never changed, and every time is within the new cut."""
    low, high = sorted((one, other))

    assert 0 <= cuts.place(low) <= cuts.place(high) <= cuts.new_duration
    assert 0 <= cuts.place_end(low) <= cuts.place_end(high) <= cuts.new_duration
    assert cuts.place_end(low) <= cuts.place(low)


@given(time_maps(), TIMES)
def test_the_inverse_leads_back(cuts: TimeMap, at: Ms) -> None:
    """Of what was kept, the inverse gives the old time, to the millisecond that rounding costs at another speed."""
    stretch = cuts.stretch_at(at)
    if stretch is not None and stretch.to_new(at) < stretch.new.end:
        assert abs(cuts.inverse().place(cuts.place(at)) - at) <= 1
    assert cuts.inverse().inverse() == cuts
    assert cuts.inverse().removed == cuts.added


@given(time_maps(same_speed=True), TIMES, st.integers(1, 9_000))
def test_pieces_have_what_was_kept(cuts: TimeMap, start: Ms, length: Ms) -> None:
    """The pieces of a span last as long as what was kept of it, are in order and disjoint."""
    span = Span(start, start + length)
    pieces = cuts.pieces(span)

    assert sum(one.duration for one in pieces) == sum(one.old.overlap(span) for one in cuts.stretches)
    assert all(one.end < following.start for one, following in pairwise(pieces))
    kept = cuts.keep(span)
    assert kept is None or kept in pieces


@pytest.mark.parametrize(
    "stretches",
    [
        ((0, 1_000, 0), (900, 2_000, 1_000)),
        ((0, 1_000, 500), (1_000, 2_000, 1_400)),
        ((0, 9_000, 0),),
    ],
)
def test_a_wrong_map_is_refused(stretches: tuple[tuple[Ms, Ms, Ms], ...]) -> None:
    """Stretches that overlap in either cut, or reach beyond an end, are no map."""
    with pytest.raises(ValueError, match="stretch"):
        cut_map(*stretches, old=5_000, new=5_000)


def test_an_empty_stretch_is_refused() -> None:
    """A stretch without sound has no speed."""
    with pytest.raises(ValueError, match="has sound in both cuts"):
        Stretch(Span(5, 5), Span(0, 10))
