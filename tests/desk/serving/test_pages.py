"""Which page writes, and what each page gets of the events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from pipeline.desk.serving import pages as module
from pipeline.desk.serving.pages import Pages, Stream


def run(test: Callable[[Pages], None]) -> None:
    """Run a test in an event loop, whose clock the pages read."""

    async def in_loop() -> None:
        test(Pages())

    asyncio.run(in_loop())


def names(stream: Stream) -> list[str]:
    """The events that wait."""
    return [name for name, _ in stream.waiting]


def test_the_first_page_writes() -> None:
    """A second page reads only, also while the first one has no stream yet."""

    def test(pages: Pages) -> None:
        pages.show("one")
        pages.show("two")
        pages.open("one")
        pages.show("three")
        assert pages.writer == "one"

    run(test)


def test_the_next_page_writes_after_the_first_one_is_closed() -> None:
    """Closing the page that writes frees its place; closing another one does not."""

    def test(pages: Pages) -> None:
        pages.show("one")
        one, two = pages.open("one"), pages.open("two")
        assert not pages.close("two", two)
        assert pages.close("one", one)
        assert pages.writer == "one"
        pages.show("two")
        assert pages.writer == "two"

    run(test)


def test_a_page_that_never_came_back_does_not_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that was opened and closed before it had a stream keeps its place for some seconds only."""

    def test(pages: Pages) -> None:
        pages.show("one")
        monkeypatch.setattr(module, "_NEW_PAGE_S", -1)
        pages.show("two")
        assert pages.writer == "two"

    run(test)


def test_a_new_stream_of_a_page_replaces_the_old_one() -> None:
    """The browser connects again before the old connection is found to be closed: the page goes on writing."""

    def test(pages: Pages) -> None:
        pages.show("one")
        old = pages.open("one")
        new = pages.open("one")
        assert not pages.close("one", old)
        pages.send([("note", {})])
        assert (pages.writer, names(old), names(new)) == ("one", [], ["note"])

    run(test)


def test_no_event_is_lost_between_state_and_stream() -> None:
    """A stream is stale if something was sent since the page got the state, or if it never got it."""

    def test(pages: Pages) -> None:
        pages.show("one")
        assert not pages.open("one").stale
        assert pages.open("two").stale
        pages.send([])
        assert not pages.open("one").stale
        pages.send([("note", {})])
        assert pages.open("one").stale

    run(test)


def test_a_slow_page_gets_everything_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page in a tab that sleeps costs no memory without bound."""

    def test(pages: Pages) -> None:
        monkeypatch.setattr(module, "_MOST_WAITING", 3)
        pages.show("one")
        stream = pages.open("one")
        for _ in range(4):
            pages.send([("note", {})])
        assert (names(stream), stream.stale) == ([], True)

    run(test)


def test_an_event_may_leave_one_page_out() -> None:
    """The page that takes over gets no news of it."""

    def test(pages: Pages) -> None:
        one, two = pages.open("one"), pages.open("two")
        pages.send([("file", {})], but="two")
        assert (names(one), names(two), one.wake.is_set(), two.wake.is_set()) == (["file"], [], True, False)

    run(test)


def test_all_streams_end_with_the_desk() -> None:
    """Every stream is woken up and ends."""

    def test(pages: Pages) -> None:
        stream = pages.open("one")
        pages.end()
        assert (stream.closed, stream.wake.is_set()) == (True, True)

    run(test)
