"""Worker processes on this machine, each of which keeps its models loaded between episodes.

Each process gets one episode at a time. If it is killed or runs out of memory, only the current stage of its episode
is lost, and another process repeats that stage. A process exits as soon as the pipe from the run is closed, so none is
left behind, however the run ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Protocol

from pipeline.batch.messages import Outcome, Task
from pipeline.errors import LostWorkerError, NoWorkerError
from pipeline.progress import Progress, Step

EpisodeWork = Callable[[Task, Progress], Outcome]
"""Processes an episode; a function of a module, because its name is sent to the processes."""

ReportStep = Callable[[str, Step], None]
"""Takes the name of an episode and a progress step; called from any thread."""

MAX_LOST_WORKERS = 3
"""The number of processes that an episode may crash before it fails. It is also the number of processes that may end
before the first one has started: a single one can be killed by chance, when memory is short for a moment."""

MAX_EPISODES_PER_PROCESS = 100
"""Episodes after which a process is replaced by a new one, to bound memory leaks of third-party packages. Chosen by
hand: the time to load the models again is then negligible."""

_IGNORED_WARNING = "ignore:resource_tracker:UserWarning"
"""Python's resource tracker cleans up after a killed process, and would print a warning about it."""

_CONTEXT = multiprocessing.get_context("spawn")  # the threads of torch and CTranslate2 do not survive a fork


class WorkerPool(Protocol):
    """Processes on this machine or others, which process episodes in parallel."""

    @property
    def size(self) -> int:
        """The number of episodes that are processed at once."""

    def submit(self, task: Task) -> Future[Outcome]:
        """Process an episode.

        The future raises ``LostWorkerError`` if the episode crashed one process after the other, and another
        ``PipelineError`` if no process can be started.
        """

    def close(self) -> None:
        """Cancel all work, and end all processes."""


@dataclass
class _Worker:
    """One process. It exits when ``parent_pipe`` is closed, and no other process holds this end of the pipe."""

    do: EpisodeWork
    report: ReportStep
    threads: int
    device: int | None
    pool: ProcessPoolExecutor | None = None
    parent_pipe: Connection | None = None
    served: int = 0
    busy: bool = False
    has_started: bool = False

    def work(self, task: Task) -> Outcome:
        """Process an episode in the process, which is started if necessary."""
        self.busy = True
        try:
            if self.pool is None or self.served >= MAX_EPISODES_PER_PROCESS:
                self._restart()
            assert self.pool is not None, "started above"  # noqa: S101 -- our own invariant
            self.served += 1
            return self.pool.submit(_run_in_process, self.do, task).result()
        except (BrokenProcessPool, OSError):
            self.stop()
            raise
        finally:
            self.busy = False

    def stop(self) -> None:
        """End the process: gracefully if it is idle, else at once."""
        pool, parent_pipe, self.pool, self.parent_pipe = self.pool, self.parent_pipe, None, None
        if pool is not None and not self.busy:
            pool.shutdown()
        if parent_pipe is not None:
            parent_pipe.close()
        if pool is not None:
            pool.shutdown(cancel_futures=True)  # ends its threads, too

    def _restart(self) -> None:
        self.stop()
        # A new process inherits the signal mask of this thread, so only the run handles Ctrl-C while processes start.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        step_receiver, progress_pipe = _CONTEXT.Pipe(duplex=False)
        parent_pipe, self.parent_pipe = _CONTEXT.Pipe(duplex=False)
        self.served = 0
        self.pool = ProcessPoolExecutor(
            1, _CONTEXT, _start_process, (parent_pipe, progress_pipe, self.threads, self.device)
        )
        try:
            self.pool.submit(int).result()  # wait until the process runs and has its ends of the pipes
        finally:
            parent_pipe.close()
            progress_pipe.close()
        self.has_started = True
        threading.Thread(target=_forward_steps, args=(step_receiver, self.report), daemon=True).start()


class LocalWorkers:
    """A ``WorkerPool`` of processes on this machine.

    Args:
        threads: the number of threads that each process computes with.
        devices: the numbers of the graphics cards, of which each process sees one; empty to let each see all.
    """

    def __init__(
        self, do: EpisodeWork, report: ReportStep, size: int, threads: int, devices: tuple[int, ...] = ()
    ) -> None:
        os.environ["PYTHONWARNINGS"] = _IGNORED_WARNING
        self._size = size
        self._closed = False
        self._free_workers: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all = [
            _Worker(do, report, threads, devices[number % len(devices)] if devices else None) for number in range(size)
        ]
        for worker in self._all:
            self._free_workers.put(worker)
        self._waiters = ThreadPoolExecutor(size, "cuemark-batch")

    @property
    def size(self) -> int:
        """The number of episodes that are processed at once."""
        return self._size

    def submit(self, task: Task) -> Future[Outcome]:
        """Process an episode in the next free process."""
        return self._waiters.submit(self._work, task)

    def close(self) -> None:
        """Cancel all work, and end all processes."""
        self._closed = True
        for worker in self._all:
            worker.stop()
        self._waiters.shutdown(wait=False, cancel_futures=True)

    def _work(self, task: Task) -> Outcome:
        worker = self._free_workers.get()
        try:
            for attempt in range(1, MAX_LOST_WORKERS + 1):
                try:
                    return worker.work(task)
                except (BrokenProcessPool, OSError) as e:
                    if attempt == MAX_LOST_WORKERS and not worker.has_started:
                        raise NoWorkerError(e) from e
                if self._closed:
                    break
            raise LostWorkerError(MAX_LOST_WORKERS)
        finally:
            self._free_workers.put(worker)


def _forward_steps(pipe: Connection, report: ReportStep) -> None:
    """Pass on the steps that the process reports, until it ends."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            report(*pipe.recv())


# --- in the process --------------------------------------------------------------------------------------------------


class _ProgressPipe:
    """The pipe through which this process reports its progress."""

    pipe: Connection | None = None


def _start_process(parent_pipe: Connection, progress_pipe: Connection, threads: int, device: int | None) -> None:
    """Set a new process up: its number of threads, its graphics card, no Ctrl-C, and its end with the run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if device is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = str(device)
    _ProgressPipe.pipe = progress_pipe
    threading.Thread(target=_exit_with_parent, args=(parent_pipe,), daemon=True).start()


def _exit_with_parent(parent_pipe: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        parent_pipe.recv()  # nothing is ever sent: it returns when the other end is closed, or its process has ended
    os._exit(1)


def _run_in_process(do: EpisodeWork, task: Task) -> Outcome:
    def report(step: Step) -> None:
        if _ProgressPipe.pipe is not None:
            _ProgressPipe.pipe.send((task.job.name, step))

    return do(task, report)
