"""A ``WorkerPool`` on other machines: each episode is a Dask task, which moves to another worker if one is lost."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from distributed import Client, KilledWorker
from distributed.client import FutureCancelledError

import pipeline
from pipeline.batch.ledger_rows import as_text
from pipeline.batch.messages import Outcome, Task
from pipeline.batch.workers import dask_task
from pipeline.batch.workers.capacity import MEMORY_PER_PROCESS
from pipeline.batch.workers.dask_task import Prepare, WorkerSetup
from pipeline.batch.workers.local_workers import MAX_LOST_WORKERS, EpisodeWork, ReportStep
from pipeline.errors import ClusterError, LostWorkerError
from pipeline.progress import Step

T = TypeVar("T")
_WORKER_POLL_INTERVAL_S = 5.0
"""How often the scheduler is asked for its workers: an episode takes far longer."""

_CLOSE_TIMEOUT_S = 5.0
"""How long closing waits for a scheduler that may be lost. Chosen by hand."""

_SAME_VERSION_PACKAGES = ("cuemark", "distributed")
"""Packages that must have the same version everywhere, because one machine unpickles what another pickled."""

_CONNECTION_LOST = "the connection to the scheduler broke off; run the same command again to go on"


@dataclass(slots=True)
class _RunningEpisode:
    """An episode in progress, and how often a worker has started it."""

    name: str
    starts: int = 0


class DaskWorkers:
    """A ``WorkerPool`` of a Dask scheduler's workers, whoever started them.

    Args:
        cluster: the cluster as the user gave it, for messages.
        client: connected to the scheduler; it is closed with the pool.
    """

    def __init__(self, cluster: str, client: Client, do: EpisodeWork, report: ReportStep) -> None:
        self._cluster, self._client, self._do, self._report = cluster, client, do, report
        self._run = f"cuemark-{secrets.token_hex(8)}"
        self._running: dict[int, _RunningEpisode] = {}
        self._last_number = self._last_key = 0
        self._declared: tuple[Mapping[str, float], ...] = ()
        self._futures: set[Future[Outcome]] = set()
        self._polling: Future[None] | None = None

    def begin(self, prepare: Prepare, print_line: Callable[[str], None]) -> None:
        """Wait for a first worker, set all workers up, and subscribe to their progress.

        Raises:
            ClusterError: they cannot be set up, or have other versions of packages that must be the same.
        """
        self._in_loop(self._update_workers()).result()
        print_line(f"cluster {self._cluster}: {self._worker_summary()}")
        self._client.wait_for_workers(1)
        check_versions(self._cluster, self._client.get_versions(packages=list(_SAME_VERSION_PACKAGES)))
        initial_workers = frozenset(self._client.scheduler_info()["workers"])
        try:
            self._client.register_plugin(WorkerSetup(pipeline.__version__, prepare, initial_workers), name=self._run)
        except RuntimeError as e:
            raise ClusterError(self._cluster, f"a worker cannot be made ready: {e}") from e
        self._client.subscribe_topic(self._run, self._receive_event)
        self._polling = self._in_loop(self._poll_workers())

    @property
    def size(self) -> int:
        """The number of workers, each of which processes one episode at a time; at least 1."""
        return max(1, len(self._declared))

    @property
    def scheduler(self) -> str:
        """The scheduler's address."""
        return str(self._client.scheduler.address)

    def submit(self, task: Task) -> Future[Outcome]:
        """Process an episode, on another worker again if its worker is lost.

        The future raises ``LostWorkerError`` if the episode lost one worker after the other, and ``ClusterError`` if
        the scheduler is lost.
        """
        self._last_number += 1
        self._running[self._last_number] = _RunningEpisode(task.job.name)
        future = self._in_loop(self._run_until_done(self._last_number, task))
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        return future

    def close(self) -> None:
        """Cancel all work: running episodes stop at their next progress step."""
        for future in (*self._futures, *([self._polling] if self._polling else ())):
            future.cancel()
        if self._client.status == "running":
            with suppress(
                Exception
            ):  # the scheduler may disappear at any moment, and nothing can be done about it here
                self._in_loop(self._unregister()).result(_CLOSE_TIMEOUT_S)
        self._client.close(_CLOSE_TIMEOUT_S)

    def _in_loop(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._client.loop.asyncio_loop)

    async def _run_until_done(self, number: int, task: Task) -> Outcome:
        """Process an episode until it is done, or until several workers were lost that had started it.

        Dask blames every task that was sent to a lost worker, also those that waited there for the one that killed it.
        """
        try:
            for _ in range(MAX_LOST_WORKERS):
                with suppress(KilledWorker):
                    return await self._run_once(number, task)
                if self._running[number].starts >= MAX_LOST_WORKERS:
                    break
            raise LostWorkerError(MAX_LOST_WORKERS)
        except (FutureCancelledError, OSError) as e:
            raise ClusterError(self._cluster, _CONNECTION_LOST) from e
        finally:
            del self._running[number]

    async def _run_once(self, number: int, task: Task) -> Outcome:
        self._last_key += 1
        future = self._client.submit(
            dask_task.run_episode,
            self._do,
            self._run,
            number,
            task,
            key=("episode", as_text(task.job.name), f"{self._run}-{self._last_key}"),
            pure=False,
            resources=required_resources(self._declared, task.config.transcribe.device),
        )
        try:
            outcome: Outcome = await future
        finally:
            future.release()
        return outcome

    def _receive_event(self, event: tuple[float, tuple[Any, ...]]) -> None:
        number, *step = event[1]
        episode = self._running.get(number)
        if episode is None:  # its episode has already ended
            return
        if step:
            self._report(episode.name, Step(*step))
        else:
            episode.starts += 1

    async def _poll_workers(self) -> None:
        while True:
            with suppress(OSError):
                await self._update_workers()
            await asyncio.sleep(_WORKER_POLL_INTERVAL_S)

    async def _update_workers(self) -> None:
        """Ask the scheduler for its workers and their declared resources."""
        scheduler = await self._client.scheduler.identity(n_workers=-1)
        self._declared = tuple(worker["resources"] for worker in scheduler["workers"].values())

    def _worker_summary(self) -> str:
        number = len(self._declared)
        workers = "no worker yet, waiting for one" if not number else f"{number} worker{'s' * (number > 1)}"
        with suppress(KeyError):  # a scheduler may be started without a dashboard
            return f"{workers}; dashboard: {self._client.dashboard_link}"
        return workers

    async def _unregister(self) -> None:
        await self._client.unregister_worker_plugin(self._run)
        await self._client.run(dask_task.cancel_run, self._run, on_error="ignore")


def required_resources(declared: Collection[Mapping[str, float]], device: str) -> dict[str, float]:
    """Return the resources that an episode needs from a worker; only resources that some worker declares.

    >>> required_resources([{"GPU": 1}, {}], "auto"), required_resources([{"GPU": 1}, {}], "cuda")
    ({}, {'GPU': 1})

    Args:
        declared: the declared resources of each worker.
        device: what the episode computes with; ``auto`` also uses workers without a graphics card.
    """
    wanted: dict[str, float] = {"MEMORY": MEMORY_PER_PROCESS}
    if device == "cuda" or (device == "auto" and all("GPU" in each for each in declared)):
        wanted["GPU"] = 1
    return {name: amount for name, amount in wanted.items() if any(name in each for each in declared)}


def check_versions(cluster: str, found: Mapping[str, Any]) -> None:
    """Check that all machines have the same Python and the same versions of ``_SAME_VERSION_PACKAGES``.

    Args:
        found: the result of ``Client.get_versions``.

    Raises:
        ClusterError: a machine has another version, or none; the message says which.
    """
    own = _versions(found["client"])
    others = {"the scheduler": found["scheduler"], **{f"the worker {a}": each for a, each in found["workers"].items()}}
    for who, theirs in others.items():
        for name, version in _versions(theirs).items():
            if version != own[name]:
                has = f"has {name} {version}" if version else f"has no {name}"
                raise ClusterError(cluster, f"{who} {has}, and here it is {own[name]}; install the same everywhere")


def _versions(found: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the versions that must be the same, by name; of Python the first two numbers."""
    packages = found["packages"]
    python = ".".join(str(packages["python"]).split(".")[:2])
    return {"Python": python, **{name: packages[name] for name in _SAME_VERSION_PACKAGES}}
