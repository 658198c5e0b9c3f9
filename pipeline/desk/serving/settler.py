"""Settling beside the server: the times of the whole text, in a process of its own, one request after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from pipeline.desk.serving.background import BackgroundProcess, Ended, Failed, Send
from pipeline.desk.settle import Settled, SettleRequest, settle

_log = logging.getLogger(__name__)


def settle_requests(request: SettleRequest, send: Send) -> None:
    """Send the answer to a request."""
    send(settle(request))


class Settler:
    """Settles the times in another process, one request after the other."""

    def __init__(self, process: BackgroundProcess, loop: asyncio.AbstractEventLoop) -> None:
        """Take the answers of a process that does ``settle_requests``.

        Args:
            process: may be started already; it is started again if it ends by itself.
            loop: in which the answers are awaited.
        """
        self._answer: asyncio.Future[Settled | None] | None = None
        self._process = process
        process.receive = lambda message: soon(loop, self._take, message)

    async def settle(self, request: SettleRequest) -> Settled | None:
        """Return the answer to a request; None if that failed."""
        self._answer = asyncio.get_running_loop().create_future()
        await asyncio.to_thread(self._process.send, request)
        return await self._answer

    def _take(self, message: object) -> None:
        if isinstance(message, Failed):
            _log.warning("the times were not computed: %s", message.line)
        if isinstance(message, Ended):
            _log.warning("the process that computes the times has ended, and is started again")
            self._process.start()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(message if isinstance(message, Settled) else None)


def soon(loop: asyncio.AbstractEventLoop, do: Callable[..., object], *arguments: object) -> None:
    """Do something in the loop, if it still runs; called from other threads."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(do, *arguments)
