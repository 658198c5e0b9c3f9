"""What is computed beside the desk's server: what is heard, and the times that follow from it and from the text.

Everything here runs in the server's one event loop; what takes long is done by other processes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from pipeline.desk.desk_session import DeskSession
from pipeline.desk.serving.background import Ended, Failed
from pipeline.desk.serving.listener import Heard, Looked, hearing_after
from pipeline.desk.serving.opening import Opening
from pipeline.desk.serving.pages import Pages
from pipeline.episode.stored_alignment import KeptAlignment

QUICK_S = 0.3
"""After so long without an edit, what changed is aligned again."""

SETTLE_S = 2.0
"""After so long without an edit, everything is."""

LOOK_S = 10.0
"""After so long without an edit, what is written and was not heard is listened to again. Chosen by hand: a rest that is
long enough that the person has most likely finished a thought."""


MOST_FAILURES = 2
"""After so many in a row, times are computed again after the next edit only: the process may have been killed once."""

_log = logging.getLogger(__name__)


class Computing:
    """What is computed for the document of one desk.

    Attributes:
        heard: what was heard so far; None before anything was.
        hearing: the present value of the event with this name.
    """

    def __init__(self, opening: Opening, pages: Pages, session: Callable[[], DeskSession]) -> None:
        """Prepare.

        Args:
            opening: what the desk is opened with.
            pages: that get the events.
            session: returns the present session.
        """
        self.heard: Heard | None = None
        self.hearing: dict[str, Any] = {
            "stage": "listening", "done": 0, "total": opening.duration, "heard": [], "finished": False, "failed": None,
        }  # fmt: skip
        self._opening = opening
        self._pages = pages
        self._session = session
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._settling: asyncio.Task[None] | None = None
        self._looking: asyncio.Future[None] | None = None
        self._look_task: asyncio.Task[None] | None = None
        self._kept: KeptAlignment | None = None  # the last one
        self._asked: str | None = None  # the text that the second pass was asked for
        self._looked: str | None = None  # the text that the last one was for

    def begin(self, session: DeskSession) -> None:
        """Give a new session what was heard."""
        heard = self.heard
        if heard is not None:
            session.heard(heard.hearing, heard.turns, heard.complete, heard.spans, heard.forced)

    def take_heard(self, message: object) -> None:
        """Take what the process that listens has sent."""
        hearing = hearing_after(self.hearing, message, self._opening.duration)
        if isinstance(message, Failed | Ended) or (isinstance(message, Heard) and not message.complete):
            self._session().go_on_without_voices()
        if isinstance(message, Heard) and (message.last or not self._session().is_resumed):
            self.heard = message
            self.begin(self._session())
            self.settle_soon()
        if isinstance(message, Looked | Failed | Ended):
            self._end_look(message.source if isinstance(message, Looked) else None)
        if hearing != self.hearing:
            self.hearing = hearing
            self._pages.send([("hearing", hearing), *self._session().events()])

    def edited(self) -> None:
        """Compute again, step by step, while no further edit comes."""
        self._after("quick", QUICK_S, self._quick)
        self._after("settle", SETTLE_S, self.settle_soon)
        self._after("look", LOOK_S, self._look_soon)

    def settle_soon(self) -> asyncio.Task[None]:
        """Settle, unless that goes on already; it then goes on until all is settled."""
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle())
            self._settling.add_done_callback(_report)
        return self._settling

    async def settle_whole(self) -> None:
        """Compute what ``align`` computes for the present text, the second pass included, and wait for it."""
        await self._look()
        await self.settle_soon()

    async def keep(self) -> None:
        """Keep the last alignment for the next desk."""
        if self._opening.keep and (kept := self._new_alignment()):
            await asyncio.to_thread(self._opening.keep, kept)

    def _new_alignment(self) -> KeptAlignment | None:
        """Return the last alignment if everything was heard and it is not kept yet."""
        is_over = self.heard is not None and self.heard.last
        kept = self._session().kept(self._opening.key) if is_over else None
        if kept is None or (self._kept and kept.alignment is self._kept.alignment):
            return None
        self._kept = kept
        return kept

    def close(self) -> None:
        """Compute nothing any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._end_look(None)
        for task in (self._settling, self._look_task):
            if task is not None:
                task.cancel()
        if self._opening.keep and (kept := self._new_alignment()):
            self._opening.keep(kept)

    async def _settle(self) -> None:
        """Compute everything that is known of the text again, until nothing has changed meanwhile."""
        failures = 0
        while (request := self._session().settle_request()) is not None:
            answer = await self._opening.settle(request)
            if answer is None:
                failures += 1
                self._session().not_settled()
                if failures == MOST_FAILURES:
                    return
                continue
            failures = 0
            self._session().settled(answer)
            self._pages.send(self._session().events())
        if self._kept is None:
            await self.keep()
        if self._opening.settled and self.heard is not None and self.heard.complete:
            self._opening.settled()

    def _quick(self) -> None:
        self._pages.send(self._session().quick())

    async def _look(self) -> None:
        """Have the second pass done for the present text, once everything was heard, and wait for it."""
        while self._looking is not None:
            await asyncio.shield(self._looking)
        source, look = self._session().source, self._opening.look
        is_over = self.heard is not None and self.heard.last
        if look is None or not is_over or source == self._looked or self.hearing["failed"] is not None:
            return
        looking = self._looking = asyncio.get_running_loop().create_future()
        self._asked = source
        await look(source)
        await asyncio.shield(looking)

    def _look_soon(self) -> None:
        self._look_task = asyncio.create_task(self._look())
        self._look_task.add_done_callback(_report)

    def _end_look(self, source: str | None) -> None:
        """Note for which text the second pass is done; if it failed, with None, it is not done again for this text."""
        if source is not None and self._looking is not None and source != self._asked:
            self._looked = source  # the one that listening ends with; the one that was asked for meanwhile follows
            return
        looking, self._looking = self._looking, None
        if looking is not None and not looking.done():
            looking.set_result(None)
        self._looked = self._session().source if source is None else source
        if self._looked != self._session().source:
            self._after("look", LOOK_S, self._look_soon)

    def _after(self, name: str, seconds: float, do: Callable[[], object]) -> None:
        """Do something after so long without another call with this name."""
        if earlier := self._timers.get(name):
            earlier.cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, do)


def _report(task: asyncio.Task[None]) -> None:
    """Log an error that nobody waits for."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("the times were not computed: %s", error, exc_info=error)
