"""Work in several threads, with the results in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.map_in_threads import map_in_threads


@given(st.lists(st.integers(), max_size=20), st.integers(1, 4), st.integers(0, 2))
def test_results_are_in_the_order_of_the_items(items: list[int], threads: int, ahead: int) -> None:
    """There is one result for each item, and no more items are taken than are needed."""
    taken: list[int] = []

    def take() -> Iterator[int]:
        for item in items:
            taken.append(item)
            yield item

    results: list[int] = []
    for result in map_in_threads(lambda item: item + 1, take(), threads, ahead):
        results.append(result)
        assert len(taken) <= len(results) + threads + ahead - 1

    assert results == [item + 1 for item in items]


def test_two_items_are_worked_on_at_once() -> None:
    """Each waits for the other, in threads that are not the caller's."""
    both = threading.Barrier(2, timeout=20)

    threads = list(map_in_threads(lambda _: both.wait() * 0 + threading.get_ident(), range(4), 2))

    assert threading.get_ident() not in threads


def test_an_error_is_raised_in_its_place() -> None:
    """After the results before it; what waits is not begun."""
    begun: list[int] = []

    def invert(item: int) -> float:
        begun.append(item)
        return 1 / item

    results: list[float] = []
    with pytest.raises(ZeroDivisionError):
        results.extend(map_in_threads(invert, iter([1, 2, 0, 4, 5]), 1, ahead=0))

    assert (results, begun) == ([1.0, 0.5], [1, 2, 0])


def test_closing_waits_for_what_is_worked_on() -> None:
    """And begins nothing else."""
    begun, ended = list[int](), list[int]()
    second = threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item == 1:
            second.set()
        ended.append(item)
        return item

    with closing(map_in_threads(work, range(100), 1)) as results:
        assert next(results) == 0
        assert second.wait(20)

    assert begun == ended
    assert begun in ([0, 1], [0, 1, 2])
