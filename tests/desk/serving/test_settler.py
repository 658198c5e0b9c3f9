"""Settling in a process of its own: answers, one after the other, also after that process was killed."""

from __future__ import annotations

import asyncio
import logging

import psutil
import pytest

from pipeline.desk.desk_session import DeskSession
from pipeline.desk.serving.background import BackgroundProcess
from pipeline.desk.serving.settler import Settler, settle_requests
from pipeline.desk.settle import Given, settle
from tests.desk.serving.opened_desk import run
from tests.sample_episode import HEARD, SHOW


def test_requests_are_answered_also_after_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    """The answer is that of this process; where the other one is killed, there is none, and then there is again."""
    session = DeskSession(SHOW, Given(), HEARD.duration)
    session.heard(HEARD, None, complete=True)
    request = session.settle_request()
    assert request is not None

    async def test() -> None:
        worker = BackgroundProcess("settling", settle_requests)
        settler = Settler(worker, asyncio.get_running_loop())
        before = set(psutil.Process().children())
        worker.start()
        try:
            assert await settler.settle(request) == settle(request)
            new = [one for one in psutil.Process().children() if one not in before]
            (process,) = (one for one in new if "spawn_main" in " ".join(one.cmdline()))
            process.suspend()
            waiting = asyncio.create_task(settler.settle(request))
            await asyncio.sleep(0)
            process.kill()
            assert await waiting is None
            assert await settler.settle(request) == settle(request)
        finally:
            worker.stop()

    with caplog.at_level(logging.WARNING):
        run(test())
    assert "has ended, and is started again" in caplog.text
