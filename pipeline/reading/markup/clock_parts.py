"""Find where the typed times of a transcript begin again, as those of several recordings do that are one transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.times import Ms

_MAX_FIRST_TIME_MS: Ms = 120_000  # a part begins within two minutes of its clock's zero, after an intro at most
_FEWEST_OF_PART = 3  # times before and after that rise: one time that falls is a slip


def clock_restarts(times: Sequence[Ms]) -> Iterator[int]:
    """Yield the indices at which times that rose begin again near zero and rise again.

    >>> list(clock_restarts([0, 60_000, 300_000, 5_000, 70_000, 200_000]))
    [3]
    """
    start = 0
    for i in range(1, len(times)):
        following = times[i : i + _FEWEST_OF_PART]
        falls = times[i] <= _MAX_FIRST_TIME_MS < times[i - 1] and i - start >= _FEWEST_OF_PART
        if falls and len(following) == _FEWEST_OF_PART and all(a <= b for a, b in pairwise(following)):
            start = i
            yield i
