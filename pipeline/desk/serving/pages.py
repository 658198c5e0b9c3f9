"""The pages that show the document of a desk: which of them writes, and the events that wait for each."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_NEW_PAGE_S = 5.0
"""So long after it was opened, the page that writes may be without its stream of events."""

_MOST_WAITING = 200
"""Events that wait for a page; one that is slower, as in a tab that sleeps, gets everything again."""

Event = tuple[str, Mapping[str, Any]]
"""The name of an event, and its content."""


@dataclass(slots=True)
class Stream:
    """The events that wait for one page.

    Attributes:
        stale: whether the page has missed some, and needs everything again.
        closed: whether there will be no more.
    """

    waiting: deque[Event] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    stale: bool = False
    closed: bool = False


@dataclass(slots=True)
class Pages:
    """The pages that show the document, by the names that they give themselves; one of them writes."""

    writer: str | None = None
    _streams: dict[str, Stream] = field(default_factory=dict, init=False)
    _number: int = field(default=0, init=False)
    _seen: dict[str, int] = field(default_factory=dict, init=False)
    _writer_since: float = field(default=0, init=False)

    def show(self, page: str) -> None:
        """Note that a page gets the whole state now; it writes if no other page does."""
        self._seen[page] = self._number
        now = asyncio.get_running_loop().time()
        if self.writer is None or (self.writer not in self._streams and now > self._writer_since + _NEW_PAGE_S):
            self.make_writer(page)

    def make_writer(self, page: str) -> None:
        """Let this page write, and no other."""
        self.writer, self._writer_since = page, asyncio.get_running_loop().time()

    def open(self, page: str) -> Stream:
        """Return the stream of a page; it is stale if there were events since the page got the state."""
        stream = self._streams[page] = Stream(stale=self._seen.get(page) != self._number)
        return stream

    def close(self, page: str, stream: Stream) -> bool:
        """Close the stream of a page; return whether it is the one that writes, so that another one can do so now.

        It still may write itself until another one does: its connection may only be broken for a moment.
        """
        if self._streams.get(page) is not stream:
            return False
        del self._streams[page]
        if self.writer == page:
            self._writer_since = -math.inf
        return self.writer == page

    def send(self, events: Sequence[Event], *, but: str | None = None) -> None:
        """Send events to all pages but one."""
        self._number += bool(events)
        for page, stream in self._streams.items() if events else ():
            if page == but:
                continue
            stream.waiting.extend(events)
            if len(stream.waiting) > _MOST_WAITING:
                stream.waiting.clear()
                stream.stale = True
            stream.wake.set()

    def end(self) -> None:
        """End all streams: the desk ends."""
        for stream in self._streams.values():
            stream.closed = True
            stream.wake.set()
