"""Work on several items at once, each in a thread, and get the results in the order of the items."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def map_in_threads(
    work: Callable[[_Item], _Result], items: Iterable[_Item], threads: int, ahead: int = 1
) -> Generator[_Result, None, None]:
    """Yield the result of each item, in the order of the items.

    Where it is closed before its end (``contextlib.closing``), what is being worked on is waited for, and nothing
    else is begun.

    Args:
        work: is called in a thread. What it raises is raised here, after the results of the items before; those that
            are being worked on then are waited for, and no other is begun.
        items: are taken in the caller's thread, when they are needed.
        threads: how many items are worked on at once, 1 or more.
        ahead: how many items more are taken, so that no thread waits for one. With 0 and one thread, an item is taken
            after the result of the one before was used, as in a plain loop.
    """
    waiting: deque[Future[_Result]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= threads + ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
