"""Who does the work on this machine: a few processes, each of which keeps its models loaded between episodes.

Every process is on its own: it gets one episode at a time, and one that is killed or runs out of memory takes nothing
with it but the stage in hand, which another process begins again. A process ends by itself as soon as the pipe to the
run is closed, so that none is left behind, however the run ends.
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
"""The work on an episode; a module's own function, because its name is sent to the processes."""

ReportStep = Callable[[str, Step], None]
"""Takes the name of an episode and a step of the work on it; called from any thread."""

MAX_LOST_WORKERS = 3
"""So many processes may end under an episode before it is given up."""

MAX_EPISODES_PER_PROCESS = 100
"""Episodes after which a process is replaced by a fresh one: whatever leaks in others' packages stays bounded."""

_IGNORED_WARNING = "ignore:resource_tracker:UserWarning"
"""Python's own process for what others share cleans up after a killed one, and would say so on the user's screen."""

_CONTEXT = multiprocessing.get_context("spawn")  # what torch and CTranslate2 start cannot be forked


class WorkerPool(Protocol):
    """Some processes, here or elsewhere; ``size`` of them may work at once."""

    @property
    def size(self) -> int:
        """How many episodes are worked on at once."""

    def submit(self, task: Task) -> Future[Outcome]:
        """Have an episode worked on.

        The future raises ``LostWorkerError`` where one process after the other ended under it, and another
        ``PipelineError`` where nobody can be had to work at all.
        """

    def close(self) -> None:
        """Give up what is being worked on, and leave no process behind."""


@dataclass
class _Worker:
    """One process; it ends when ``parent_pipe`` is closed, and nobody else holds that end of the pipe."""

    do: EpisodeWork
    tell: ReportStep
    threads: int
    device: int | None
    pool: ProcessPoolExecutor | None = None
    parent_pipe: Connection | None = None
    served: int = 0
    busy: bool = False
    has_started: bool = False

    def work(self, task: Task) -> Outcome:
        """Do the work in the process, which is started where there is none."""
        self.busy = True
        try:
            if self.pool is None or self.served >= MAX_EPISODES_PER_PROCESS:
                self._restart()
            assert self.pool is not None, "just made"  # noqa: S101 -- our own invariant
            self.served += 1
            return self.pool.submit(_run_in_process, self.do, task).result()
        except (BrokenProcessPool, OSError):
            self.stop()
            raise
        finally:
            self.busy = False

    def stop(self) -> None:
        """End the process: in order where it has nothing to do, else at once."""
        pool, life, self.pool, self.parent_pipe = self.pool, self.parent_pipe, None, None
        if pool is not None and not self.busy:
            pool.shutdown()
        if life is not None:
            life.close()
        if pool is not None:
            pool.shutdown(cancel_futures=True)  # its threads, too, are gone then

    def _restart(self) -> None:
        self.stop()
        # What this thread does not hear, its processes do not: Ctrl-C while they start is the run's business alone.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        told, progress_pipe = _CONTEXT.Pipe(duplex=False)
        parent_pipe, self.parent_pipe = _CONTEXT.Pipe(duplex=False)
        self.served = 0
        self.pool = ProcessPoolExecutor(
            1, _CONTEXT, _start_process, (parent_pipe, progress_pipe, self.threads, self.device)
        )
        try:
            self.pool.submit(int).result()  # the process is there, and has its ends of the pipes
        except (BrokenProcessPool, OSError) as e:
            if not self.has_started:
                raise NoWorkerError(e) from e
            raise
        finally:
            parent_pipe.close()
            progress_pipe.close()
        self.has_started = True
        threading.Thread(target=_forward_steps, args=(told, self.tell), daemon=True).start()


class LocalWorkers:
    """A ``WorkerPool`` of processes on this machine.

    Args:
        threads: how many threads each computes with.
        devices: the numbers of the graphics cards, of which each process sees one; none for all that are visible.
    """

    def __init__(
        self, do: EpisodeWork, tell: ReportStep, size: int, threads: int, devices: tuple[int, ...] = ()
    ) -> None:
        os.environ["PYTHONWARNINGS"] = _IGNORED_WARNING
        self._size = size
        self._closed = False
        self._free_workers: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all = [
            _Worker(do, tell, threads, devices[number % len(devices)] if devices else None) for number in range(size)
        ]
        for worker in self._all:
            self._free_workers.put(worker)
        self._waiters = ThreadPoolExecutor(size, "cuemark-batch")

    @property
    def size(self) -> int:
        """How many episodes are worked on at once."""
        return self._size

    def submit(self, task: Task) -> Future[Outcome]:
        """Have an episode worked on by the next process that is free."""
        return self._waiters.submit(self._work, task)

    def close(self) -> None:
        """Give up what is being worked on, and leave no process behind."""
        self._closed = True
        for worker in self._all:
            worker.stop()
        self._waiters.shutdown(wait=False, cancel_futures=True)

    def _work(self, task: Task) -> Outcome:
        worker = self._free_workers.get()
        try:
            for _ in range(MAX_LOST_WORKERS):
                with contextlib.suppress(BrokenProcessPool, OSError):
                    return worker.work(task)
                if self._closed:
                    break
            raise LostWorkerError(MAX_LOST_WORKERS)
        finally:
            self._free_workers.put(worker)


def _forward_steps(pipe: Connection, tell: ReportStep) -> None:
    """Hand on what the process tells, until it is gone."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            tell(*pipe.recv())


# --- in the process --------------------------------------------------------------------------------------------------


class _ProgressPipe:
    """What the process tells its progress through."""

    pipe: Connection | None = None


def _start_process(parent_pipe: Connection, progress_pipe: Connection, threads: int, device: int | None) -> None:
    """Begin a process: it computes with so many threads, leaves Ctrl-C to the run, and ends when the run does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if device is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = str(device)
    _ProgressPipe.pipe = progress_pipe
    threading.Thread(target=_exit_with_parent, args=(parent_pipe,), daemon=True).start()


def _exit_with_parent(parent_pipe: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        parent_pipe.recv()  # nothing is ever sent: it returns when the other end is closed, or its process is gone
    os._exit(1)


def _run_in_process(do: EpisodeWork, task: Task) -> Outcome:
    def tell(step: Step) -> None:
        if _ProgressPipe.pipe is not None:
            _ProgressPipe.pipe.send((task.job.name, step))

    return do(task, tell)
