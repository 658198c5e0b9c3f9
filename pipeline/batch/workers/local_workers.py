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

Do = Callable[[Task, Progress], Outcome]
"""The work on an episode; a module's own function, because its name is sent to the processes."""

Tell = Callable[[str, Step], None]
"""Takes the name of an episode and a step of the work on it; called from any thread."""

MOST_DEATHS = 3
"""So many processes may end under an episode before it is given up."""

LONGEST_LIFE = 100
"""Episodes after which a process is replaced by a fresh one: whatever leaks in others' packages stays bounded."""

_WHAT_THE_KILLED_LEAVE = "ignore:resource_tracker:UserWarning"
"""Python's own process for what others share cleans up after a killed one, and would say so on the user's screen."""

_CONTEXT = multiprocessing.get_context("spawn")  # what torch and CTranslate2 start cannot be forked


class Crew(Protocol):
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
class _Seat:
    """One process; it ends when ``life`` is closed, and nobody else holds that end of the pipe."""

    do: Do
    tell: Tell
    threads: int
    device: int | None
    pool: ProcessPoolExecutor | None = None
    life: Connection | None = None
    served: int = 0
    busy: bool = False
    ever: bool = False

    def work(self, task: Task) -> Outcome:
        """Do the work in the process, which is started where there is none."""
        self.busy = True
        try:
            if self.pool is None or self.served >= LONGEST_LIFE:
                self._renew()
            assert self.pool is not None, "just made"  # noqa: S101 -- our own invariant
            self.served += 1
            return self.pool.submit(_work, self.do, task).result()
        except (BrokenProcessPool, OSError):
            self.leave()
            raise
        finally:
            self.busy = False

    def leave(self) -> None:
        """End the process: in order where it has nothing to do, else at once."""
        pool, life, self.pool, self.life = self.pool, self.life, None, None
        if pool is not None and not self.busy:
            pool.shutdown()
        if life is not None:
            life.close()
        if pool is not None:
            pool.shutdown(cancel_futures=True)  # its threads, too, are gone then

    def _renew(self) -> None:
        self.leave()
        # What this thread does not hear, its processes do not: Ctrl-C while they start is the run's business alone.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        told, mouth = _CONTEXT.Pipe(duplex=False)
        pulse, self.life = _CONTEXT.Pipe(duplex=False)
        self.served = 0
        self.pool = ProcessPoolExecutor(1, _CONTEXT, _settle, (pulse, mouth, self.threads, self.device))
        try:
            self.pool.submit(int).result()  # the process is there, and has its ends of the pipes
        except (BrokenProcessPool, OSError) as e:
            if not self.ever:
                raise NoWorkerError(e) from e
            raise
        finally:
            pulse.close()
            mouth.close()
        self.ever = True
        threading.Thread(target=_listen, args=(told, self.tell), daemon=True).start()


class Processes:
    """A ``Crew`` of processes on this machine.

    Args:
        threads: how many threads each computes with.
        devices: the numbers of the graphics cards, of which each process sees one; none for all that are visible.
    """

    def __init__(self, do: Do, tell: Tell, size: int, threads: int, devices: tuple[int, ...] = ()) -> None:
        os.environ["PYTHONWARNINGS"] = _WHAT_THE_KILLED_LEAVE
        self._size = size
        self._closed = False
        self._seats: queue.SimpleQueue[_Seat] = queue.SimpleQueue()
        self._all = [
            _Seat(do, tell, threads, devices[number % len(devices)] if devices else None) for number in range(size)
        ]
        for seat in self._all:
            self._seats.put(seat)
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
        for seat in self._all:
            seat.leave()
        self._waiters.shutdown(wait=False, cancel_futures=True)

    def _work(self, task: Task) -> Outcome:
        seat = self._seats.get()
        try:
            for _ in range(MOST_DEATHS):
                with contextlib.suppress(BrokenProcessPool, OSError):
                    return seat.work(task)
                if self._closed:
                    break
            raise LostWorkerError(MOST_DEATHS)
        finally:
            self._seats.put(seat)


def _listen(pipe: Connection, tell: Tell) -> None:
    """Hand on what the process tells, until it is gone."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            tell(*pipe.recv())


# --- in the process --------------------------------------------------------------------------------------------------


class _Mouth:
    """What the process tells its progress through."""

    pipe: Connection | None = None


def _settle(pulse: Connection, mouth: Connection, threads: int, device: int | None) -> None:
    """Begin a process: it computes with so many threads, leaves Ctrl-C to the run, and ends when the run does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if device is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = str(device)
    _Mouth.pipe = mouth
    threading.Thread(target=_end_with, args=(pulse,), daemon=True).start()


def _end_with(pulse: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        pulse.recv()  # nothing is ever sent: it returns when the other end is closed, or its process is gone
    os._exit(1)


def _work(do: Do, task: Task) -> Outcome:
    def tell(step: Step) -> None:
        if _Mouth.pipe is not None:
            _Mouth.pipe.send((task.job.name, step))

    return do(task, tell)
