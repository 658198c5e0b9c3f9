from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.times import Span
from pipeline.writing.chapters.chapter_list import Chapter
from pipeline.writing.chapters.youtube_chapters import render_youtube, youtube_obstacle


def chapters(*starts: int, end: int = 4_000_000) -> tuple[Chapter, ...]:
    """Chapters A, B, C … that begin there."""
    ends = (*starts[1:], end)
    return tuple(Chapter(chr(ord("A") + k), Span(a, b)) for k, (a, b) in enumerate(zip(starts, ends, strict=True)))


def test_the_list_begins_at_zero() -> None:
    """Times are floored to the second, with hours from the first one on."""
    assert render_youtube(chapters(12_345, 70_999, 3_600_000)) == "0:00 A\n1:10 B\n1:00:00 C\n"
    assert youtube_obstacle(chapters(12_345, 70_999, 3_600_000)) is None


@pytest.mark.parametrize(
    ("given_chapters", "reason"),
    [
        (chapters(0), "YouTube takes three chapters or more, and there is 1"),
        (chapters(0, 60_000), "YouTube takes three chapters or more, and there are 2"),
        (chapters(0, 60_000, 69_999), 'YouTube takes chapters of 10 s or more, and shorter is 1: "B"'),
        (
            chapters(8_000, 9_000, 60_000, end=65_000),
            'YouTube takes chapters of 10 s or more, and shorter are 2: "A", "C"',
        ),
        (
            tuple(Chapter("A" * 2_000, one.span) for one in chapters(0, 10_000, 20_000)),
            "YouTube takes descriptions of 5000 bytes at most, and the chapters need 6018",
        ),
    ],
)
def test_what_youtube_would_ignore_is_named(given_chapters: tuple[Chapter, ...], reason: str) -> None:
    """The first rule that is broken, and which chapters break it."""
    assert youtube_obstacle(given_chapters) == reason


def test_lengths_are_those_of_the_written_times() -> None:
    """What lasts 9.1 s is taken if its line is 10 s before the next one."""
    assert youtube_obstacle(chapters(0, 10_900, 20_000)) is None


def test_angle_brackets_are_replaced() -> None:
    """A description may not have them."""
    one, *rest = chapters(0, 60_000, 120_000)

    assert render_youtube((Chapter("<b> & co", one.span), *rest)).startswith("0:00 ‹b› & co\n")


@given(st.lists(st.integers(0, 9_000_000), min_size=1, max_size=9, unique=True).map(sorted))
def test_a_list_that_is_taken_keeps_the_rules(starts: list[int]) -> None:
    """Read as a viewer reads it: three or more, ascending, the first at 0:00, each of 10 s or more."""
    made = chapters(*starts, end=starts[-1] + 60_000)
    clocks = [re.match(r"(?:(\d+):)?(\d+):(\d\d) ", line) for line in render_youtube(made).splitlines()]
    times = [int(one[1] or 0) * 3_600 + int(one[2]) * 60 + int(one[3]) for one in clocks if one]

    assert times[0] == 0
    keeps = len(times) >= 3 and all(b - a >= 10 for a, b in pairwise(times))
    assert (youtube_obstacle(made) is None) == keeps
