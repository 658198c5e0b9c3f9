"""Run episodes in the worker processes of a cluster, one at a time in each, and send progress to the run.

A run cannot stop a thread on another machine; when it is cancelled, each of its episodes stops at its next progress
step. Episodes of a run that disappeared without cancelling run to their end. This is harmless: they write whole files,
and store what was heard for the next run.
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
"""Downloads what episodes need on a machine, such as models; a function of a module, or a partial of one."""

_MIN_REPORT_INTERVAL_S = 0.5
"""Two steps a second are enough for a display, and all steps go through one scheduler. Chosen by hand."""

_log = logging.getLogger(__name__)
_one_episode_at_a_time = threading.Lock()
_cancelled_runs: set[str] = set()


class RunCancelledError(BaseException):
    """The run has ended. Not an ``Exception``, so that the handlers of an episode's errors do not catch it."""


def run_episode(do: EpisodeWork, run: str, number: int, task: Task) -> Outcome | None:
    """Process an episode; None if its run was cancelled. A worker processes one at a time, whatever its threads."""
    with _one_episode_at_a_time:
        try:
            report = _ProgressReporter(run, number)
            report.begin()
            return do(task, report)
        except RunCancelledError:
            return None


def cancel_run(run: str) -> None:
    """Stop the episodes of a run in this process."""
    _cancelled_runs.add(run)


@dataclass
class _ProgressReporter:
    """Sends steps to the run: the first and the last of each stage, and between them at most two per second."""

    run: str
    number: int
    stage: str = ""
    sent_at: float = field(default=0.0)

    def __call__(self, step: Step) -> None:
        """Send a step.

        Raises:
            RunCancelledError: the run was cancelled.
        """
        self._check()
        now = time.monotonic()
        if step.stage == self.stage and step.done != step.total and now - self.sent_at < _MIN_REPORT_INTERVAL_S:
            return
        self.stage, self.sent_at = step.stage, now
        get_worker().log_event(self.run, [self.number, step.stage, step.done, step.total, step.unit])

    def begin(self) -> None:
        """Report that the episode has started: one that only waits for another did not cause the loss of a worker.

        Raises:
            RunCancelledError: the run was cancelled.
        """
        self._check()
        get_worker().log_event(self.run, [self.number])

    def _check(self) -> None:
        if self.run in _cancelled_runs:
            raise RunCancelledError


class WorkerSetup(WorkerPlugin):  # type: ignore[misc]  # to mypy it is Any
    """Sets up each process before its first episode, also processes that join later.

    A process that joins later and cannot be set up leaves the cluster, and logs the reason: otherwise it would take
    and fail one episode after the other. If one of the initial processes cannot be set up, they stay and the run ends.
    """

    def __init__(self, version: str, prepare: Prepare, initial_workers: frozenset[str]) -> None:
        self.version, self.prepare, self.initial_workers = version, prepare, initial_workers

    async def setup(self, worker: Worker) -> None:
        """Set ``worker`` up.

        Raises:
            RuntimeError: it is one of the initial workers and cannot be set up; the message is one line.
        """
        reason = await asyncio.to_thread(self._setup_error)
        if not reason:
            return
        if worker.contact_address in self.initial_workers:
            raise RuntimeError(reason)
        _log.error("%s leaves: %s", worker.contact_address, reason)
        worker.loop.add_callback(worker.close, nanny=True)

    def _setup_error(self) -> str:
        if pipeline.__version__ != self.version:
            return f"it has cuemark {pipeline.__version__}, the run has {self.version}"
        try:
            self.prepare()
        except PipelineError as e:
            return str(e)
        return ""
