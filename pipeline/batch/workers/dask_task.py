"""What happens on a machine of a cluster: one episode at a time in each process, and word of it sent to the run.

A run that is given up cannot stop a thread on another machine; its episodes end themselves with their next step. Those
whose run is gone without a word go on to their end, which does no harm: what they write is whole, and heard for the
next run.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from distributed import Worker, WorkerPlugin, get_worker

import pipeline
from pipeline.batch.messages import Outcome, Task
from pipeline.batch.workers.local_workers import EpisodeWork
from pipeline.errors import PipelineError
from pipeline.progress import Step

Prepare = Callable[[], None]
"""Has everything on a machine that episodes need, such as models; a module's own function, or a partial of one."""

_LEAST_BETWEEN_S = 0.5
_log = logging.getLogger(__name__)
_turn = threading.Lock()
_given_up: set[str] = set()


class GivenUpError(BaseException):
    """The run has ended; nothing that guards against an episode's faults may catch this."""


def work(do: EpisodeWork, run: str, number: int, task: Task) -> Outcome | None:
    """Work on an episode; None where its run was given up. A process with several threads works on one all the same."""
    with _turn:
        try:
            word = _Word(run, number)
            word.begin()
            return do(task, word)
        except GivenUpError:
            return None


def give_up(run: str) -> None:
    """Let the episodes of a run that is gone end in this process."""
    _given_up.add(run)


@dataclass
class _Word:
    """Sends steps to the run: the first and the last of each stage, and between them no more than people can read."""

    run: str
    number: int
    stage: str = ""
    sent: float = field(default=0.0)

    def __call__(self, step: Step) -> None:
        """Send a step.

        Raises:
            GivenUpError: nobody waits for it.
        """
        self._check()
        now = time.monotonic()
        if step.stage == self.stage and step.done != step.total and now - self.sent < _LEAST_BETWEEN_S:
            return
        self.stage, self.sent = step.stage, now
        get_worker().log_event(self.run, [self.number, step.stage, step.done, step.total, step.unit])

    def begin(self) -> None:
        """Send word that the episode is begun: what only waits behind another one is not to blame for a lost worker.

        Raises:
            GivenUpError: nobody waits for it.
        """
        self._check()
        get_worker().log_event(self.run, [self.number])

    def _check(self) -> None:
        if self.run in _given_up:
            raise GivenUpError


class Readiness(WorkerPlugin):  # type: ignore[misc]  # to mypy it is Any
    """Makes each process ready before its first episode, also those that join later.

    A process that cannot be made ready leaves the cluster, and its log says why: otherwise it would be the quickest of
    all, and spoil one episode after the other. Those that were there at the beginning are left alone; the run ends.
    """

    def __init__(self, version: str, prepare: Prepare, known: frozenset[str]) -> None:
        self.version, self.prepare, self.known = version, prepare, known

    async def setup(self, worker: Worker) -> None:
        """Make ``worker`` ready.

        Raises:
            RuntimeError: it was there at the beginning, and cannot be made ready; one line says why.
        """
        reason = await asyncio.to_thread(self._fault)
        if not reason:
            return
        if worker.contact_address in self.known:
            raise RuntimeError(reason)
        _log.error("%s leaves: %s", worker.contact_address, reason)
        worker.loop.add_callback(worker.close, nanny=True)

    def _fault(self) -> str:
        if pipeline.__version__ != self.version:
            return f"it has cuemark {pipeline.__version__}, the run has {self.version}"
        try:
            self.prepare()
        except PipelineError as e:
            return str(e)
        return ""
