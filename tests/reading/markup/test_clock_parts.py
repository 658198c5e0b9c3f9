from __future__ import annotations

import pytest

from pipeline.reading.markup.clock_parts import clock_restarts


@pytest.mark.parametrize(
    ("minutes", "restarts"),
    [
        ([0, 5, 9, 0, 5, 9, 1, 2, 30], [3, 6]),
        ([0, 5, 9, 0], []),
        ([0, 5, 9, 3, 4, 5], []),
        ([0, 5, 0, 5, 9], []),
        ([0, 5, 9, 1, 0, 5], []),
        ([], []),
    ],
    ids=["three parts", "one time that falls", "not near zero", "a short part", "falling again", "none"],
)
def test_times_start_again_where_they_fall_to_zero_and_rise(minutes: list[int], restarts: list[int]) -> None:
    """At least three times rise before and after; a slip, or times that only fall a little, begin no part."""
    assert list(clock_restarts([60_000 * minute for minute in minutes])) == restarts
