"""Force the words of many stretches in several processes.

PocketSphinx uses one core and holds Python's lock, so threads do not help.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

from pipeline.listening.audio.recording import Recording
from pipeline.listening.child_process import ChildProcess
from pipeline.listening.device import thread_count
from pipeline.listening.forced import blocks_of
from pipeline.listening.forced.force import force, force_pronounced
from pipeline.listening.forced.phone_scores import Blocks
from pipeline.listening.forced.pronounced_stretch import PronouncedStretch
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.times import Ms

MOST_PROCESSES = 8
"""Chosen by hand: each takes 0.15 GB, and an hour is forced in a few seconds by as many."""

LEAST_SOUND_MS: Ms = 90_000
"""Less sound is forced in this process. A process starts in about 0.8 s, in which 30 s are forced."""

JOB_SOUND_MS: Ms = 45_000
"""The sound of one job, which takes a second or two: after that time an interrupted run has ended."""

_MODULE = "pipeline.listening.forced.force_worker"


@dataclass(frozen=True, slots=True)
class Job:
    """Neighbouring stretches of a recording that are forced by one process, with the scores around them."""

    recording: Recording
    stretches: tuple[PronouncedStretch, ...]
    blocks: Blocks | None

    def results(self) -> list[Forced]:
        """Force them.

        Raises:
            AudioError: the recording cannot be read.
        """
        return list(force_pronounced(self.recording, self.stretches, self.blocks))


def force_in_processes(
    recording: Recording, stretches: Sequence[Stretch], blocks: Blocks | None = None
) -> Iterator[Forced]:
    """Yield the result of each stretch, in their order: the results of ``force``, whose arguments it has.

    As many processes are used as this one may use threads; none if there is little to do.
    """
    shares = list(_shares(stretches))
    count = min(thread_count(MOST_PROCESSES), len(shares))
    if count < 2 or sum(_sound(one) for one in stretches) < LEAST_SOUND_MS:
        yield from force(recording, stretches, blocks)
        return
    with _Workers(count) as workers, ThreadPoolExecutor(count) as threads:
        jobs = (_job(recording, share, blocks) for share in shares)  # pronounced while the processes start
        try:
            for results in threads.map(workers.force, jobs):
                yield from results
        finally:  # also where the caller wants no more
            workers.stop()
            threads.shutdown(cancel_futures=True)


def _sound(stretch: Stretch) -> Ms:
    return stretch.end.end - stretch.start.start


def _shares(stretches: Sequence[Stretch]) -> Iterator[list[Stretch]]:
    """Yield the stretches of each job."""
    share: list[Stretch] = []
    for stretch in stretches:
        share.append(stretch)
        if sum(map(_sound, share)) >= JOB_SOUND_MS:
            yield share
            share = []
    if share:
        yield share


def _job(recording: Recording, share: Sequence[Stretch], blocks: Blocks | None) -> Job:
    around = blocks_of(one.start.cover(one.end) for one in share)
    own = None if blocks is None else {k: blocks[k] for k in around if k in blocks}
    return Job(recording, tuple(PronouncedStretch.of(one) for one in share), own)


def _answer(worker: ChildProcess, job: Job) -> list[Forced] | Exception | None:
    """Return a process's answer to a job; None if it has ended."""
    try:
        worker.pipe.send(job)
        answer: list[Forced] | Exception = worker.pipe.recv()
    except (OSError, EOFError):
        return None
    return answer


@dataclass(slots=True)
class _Workers:
    """Processes that force stretches; a context manager that ends them."""

    count: int
    _workers: list[ChildProcess] = field(default_factory=list, init=False)
    _idle: queue.SimpleQueue[ChildProcess | None] = field(default_factory=queue.SimpleQueue, init=False)
    _is_stopped: bool = field(default=False, init=False)

    def __enter__(self) -> Self:
        for _ in range(self.count):
            worker = ChildProcess.start(_MODULE, {"OMP_NUM_THREADS": "1"})
            self._idle.put(worker)
            if worker:
                self._workers.append(worker)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for worker in self._workers:
            worker.end()

    def stop(self) -> None:
        """End the processes, whatever they do: they write nothing."""
        self._is_stopped = True
        for worker in self._workers:
            worker.kill()

    def force(self, job: Job) -> list[Forced]:
        """Return the results of a job, by a process that is idle; by this one if that has ended."""
        worker = self._idle.get()
        try:
            answer = _answer(worker, job) if worker else None
        finally:
            self._idle.put(worker)
        if answer is None:
            return [] if self._is_stopped else job.results()
        if isinstance(answer, Exception):
            raise answer
        return answer
