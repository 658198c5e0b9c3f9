"""Laws of the audio's clock: spans, and the ways in which people write a time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.times import (
    ClockStyle,
    Ms,
    Span,
    clock_style,
    format_clock,
    from_seconds,
    merge_spans,
    parse_clock,
    to_seconds,
    without_decimals,
)

POINTS = st.integers(0, 24 * 3_600_000)
SPANS = st.tuples(POINTS, POINTS).map(lambda ends: Span(min(ends), max(ends)))
ORDERED = st.lists(SPANS, max_size=15).map(lambda spans: tuple(sorted(spans)))
STYLES = st.builds(ClockStyle, st.sampled_from(["always", "when-needed"]), st.sampled_from([1, 2]), st.integers(0, 3))


@given(SPANS, SPANS)
def test_overlap_is_symmetric_and_within_both(one: Span, other: Span) -> None:
    """The overlap of two spans is the same either way, and no longer than the shorter one."""
    assert one.overlap(other) == other.overlap(one) <= min(one.duration, other.duration)
    assert one.clip(other).duration == one.overlap(other)


@given(SPANS, SPANS)
def test_cover_is_the_smallest(one: Span, other: Span) -> None:
    """The cover contains both spans and ends where one of them does."""
    cover = one.cover(other)

    assert (cover.overlap(one), cover.overlap(other)) == (one.duration, other.duration)
    assert cover.start in {one.start, other.start}
    assert cover.end in {one.end, other.end}


@given(SPANS, POINTS)
def test_middle_lies_inside(span: Span, longest: Ms) -> None:
    """The middle is inside the span, and as long as asked or as the whole span."""
    middle = span.middle(longest)

    assert middle.duration == min(longest, span.duration)
    assert middle.overlap(span) == middle.duration


@given(SPANS, POINTS)
def test_shift_forth_and_back(span: Span, by: Ms) -> None:
    """A shift keeps the length, and the opposite shift takes it back."""
    assert span.shift(by).duration == span.duration
    assert span.shift(by).shift(-by) == span


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 4)])
def test_a_span_in_the_wrong_order_is_refused(start: Ms, end: Ms) -> None:
    """A span does not start before 0, nor end before it starts."""
    with pytest.raises(ValueError, match="a span needs 0 <= start <= end"):
        Span(start, end)


@given(ORDERED, st.integers(0, 3_600_000))
def test_merged_spans_are_far_apart(spans: tuple[Span, ...], gap: int) -> None:
    """No gap of at most ``max_gap`` is left, and every span is inside a merged one."""
    merged = merge_spans(spans, gap)

    assert all(after.start - before.end > gap for before, after in pairwise(merged))
    assert all(any(span.overlap(whole) == span.duration for whole in merged) for span in spans)


@given(POINTS)
def test_seconds_and_back(at: Ms) -> None:
    """Milliseconds survive the way to seconds and back."""
    assert from_seconds(to_seconds(at)) == at


@given(POINTS, STYLES)
def test_a_formatted_time_is_read_as_its_floor(at: Ms, style: ClockStyle) -> None:
    """A formatted time is read as the same time, floored to the digits that the style shows."""
    unit = 10 ** (3 - style.decimals)

    assert parse_clock(format_clock(at, style)) == at // unit * unit


@given(POINTS, STYLES)
def test_a_style_is_recognised_in_what_it_writes(at: Ms, style: ClockStyle) -> None:
    """The style that is read from a formatted time writes that time in the same way."""
    text = format_clock(at, style)

    assert format_clock(parse_clock(text), clock_style(text)) == text


def test_without_decimals() -> None:
    """Only the decimals go."""
    assert without_decimals(ClockStyle("always", 2, 3)) == ClockStyle("always", 2, 0)


@pytest.mark.parametrize("text", ["", "9", "9:3", "9:60", "1:2:3:4", "９:30", "-1:00", "9:30.1234"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """Other text is not a time, digits of other scripts included."""
    with pytest.raises(ValueError, match="not a time"):
        parse_clock(text)
