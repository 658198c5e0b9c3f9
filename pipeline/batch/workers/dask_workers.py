"""A crew on other machines: each episode is one task of Dask's, which goes to another worker where one is lost."""

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
from pipeline.batch.workers.capacity import NEED
from pipeline.batch.workers.dask_task import Prepare, Readiness
from pipeline.batch.workers.local_workers import MAX_LOST_WORKERS, EpisodeWork, ReportStep
from pipeline.errors import ClusterError, LostWorkerError
from pipeline.progress import Step

T = TypeVar("T")
_LOOK_EVERY_S = 5.0
_FAREWELL_S = 5.0
_ALIKE = ("cuemark", "distributed")
"""Packages that must be of one version everywhere, because what one machine pickles is unpickled on another."""

_BROKEN = "the connection to the scheduler broke off; run the same command again to go on"


@dataclass(slots=True)
class _Episode:
    """What is known of an episode in work: how often a worker has begun it."""

    name: str
    begun: int = 0


class DaskWorkers:
    """A ``Crew`` of the workers that a Dask scheduler has, whoever started them.

    Args:
        where: the cluster, as people named it.
        client: connected to the scheduler; it is closed with the crew.
    """

    def __init__(self, where: str, client: Client, do: EpisodeWork, tell: ReportStep) -> None:
        self._where, self._client, self._do, self._tell = where, client, do, tell
        self._run = f"cuemark-{secrets.token_hex(8)}"
        self._in_work: dict[int, _Episode] = {}
        self._last = self._last_key = 0
        self._declared: tuple[Mapping[str, float], ...] = ()
        self._in_hand: set[Future[Outcome]] = set()
        self._looking: Future[None] | None = None

    def begin(self, prepare: Prepare, say: Callable[[str], None]) -> None:
        """Make all workers ready, and listen to them; waits until there is one.

        Raises:
            ClusterError: they cannot be made ready, or have other versions of what must be the same.
        """
        self._in_loop(self._look()).result()
        say(f"cluster {self._where}: {self._situation()}")
        self._client.wait_for_workers(1)
        check_versions(self._where, self._client.get_versions(packages=list(_ALIKE)))
        known = frozenset(self._client.scheduler_info()["workers"])
        try:
            self._client.register_plugin(Readiness(pipeline.__version__, prepare, known), name=self._run)
        except RuntimeError as e:
            raise ClusterError(self._where, f"a worker cannot be made ready: {e}") from e
        self._client.subscribe_topic(self._run, self._hear)
        self._looking = self._in_loop(self._keep_looking())

    @property
    def size(self) -> int:
        """How many processes there are, each of which works on one episode; 1 where they are still to come."""
        return max(1, len(self._declared))

    @property
    def scheduler(self) -> str:
        """The scheduler's address."""
        return str(self._client.scheduler.address)

    def submit(self, task: Task) -> Future[Outcome]:
        """Have an episode worked on, elsewhere again where its worker is lost.

        The future raises ``LostWorkerError`` where one worker after the other was lost under it, and ``ClusterError``
        where the scheduler is.
        """
        self._last += 1
        self._in_work[self._last] = _Episode(task.job.name)
        future = self._in_loop(self._work(self._last, task))
        self._in_hand.add(future)
        future.add_done_callback(self._in_hand.discard)
        return future

    def close(self) -> None:
        """Give up what is being worked on: episodes in hand end with their next step."""
        for future in (*self._in_hand, *([self._looking] if self._looking else ())):
            future.cancel()
        if self._client.status == "running":
            with suppress(Exception):  # the scheduler may go this moment, and there is nothing to be done about it here
                self._in_loop(self._leave()).result(_FAREWELL_S)
        self._client.close(_FAREWELL_S)

    def _in_loop(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._client.loop.asyncio_loop)

    async def _work(self, number: int, task: Task) -> Outcome:
        """Have an episode worked on until it is done, or some workers were lost that had begun it.

        Dask blames a lost worker on whatever was sent to it, also on what waited there behind a deadly episode.
        """
        try:
            for _ in range(MAX_LOST_WORKERS):
                with suppress(KilledWorker):
                    return await self._once(number, task)
                if self._in_work[number].begun >= MAX_LOST_WORKERS:
                    break
            raise LostWorkerError(MAX_LOST_WORKERS)
        except (FutureCancelledError, OSError) as e:
            raise ClusterError(self._where, _BROKEN) from e
        finally:
            del self._in_work[number]

    async def _once(self, number: int, task: Task) -> Outcome:
        self._last_key += 1
        future = self._client.submit(
            dask_task.work,
            self._do,
            self._run,
            number,
            task,
            key=("episode", as_text(task.job.name), f"{self._run}-{self._last_key}"),
            pure=False,
            resources=demand(self._declared, task.config.transcribe.device),
        )
        try:
            outcome: Outcome = await future
        finally:
            future.release()
        return outcome

    def _hear(self, event: tuple[float, tuple[Any, ...]]) -> None:
        number, *said = event[1]
        episode = self._in_work.get(number)
        if episode is None:  # what comes late is of no use to anybody
            return
        if said:
            self._tell(episode.name, Step(*said))
        else:
            episode.begun += 1

    async def _keep_looking(self) -> None:
        while True:
            with suppress(OSError):
                await self._look()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self) -> None:
        """See which workers there are."""
        known = await self._client.scheduler.identity(n_workers=-1)
        self._declared = tuple(worker["resources"] for worker in known["workers"].values())

    def _situation(self) -> str:
        number = len(self._declared)
        waiting = "no worker yet, waiting for one" if not number else f"{number} worker{'s' * (number > 1)}"
        with suppress(KeyError):  # a scheduler may be started without
            return f"{waiting}; see what goes on at {self._client.dashboard_link}"
        return waiting

    async def _leave(self) -> None:
        await self._client.unregister_worker_plugin(self._run)
        await self._client.run(dask_task.give_up, self._run, on_error="ignore")


def demand(declared: Collection[Mapping[str, float]], device: str) -> dict[str, float]:
    """What a worker must have left for an episode, of what workers declare at all.

    >>> demand([{"GPU": 1}, {}], "auto"), demand([{"GPU": 1}, {}], "cuda"), demand([{}, {}], "cuda")
    ({}, {'GPU': 1}, {})

    Args:
        declared: the resources of each worker.
        device: what is to be computed with; ``auto`` uses those without a graphics card, too.
    """
    wanted: dict[str, float] = {"MEMORY": NEED}
    if device == "cuda" or (device == "auto" and all("GPU" in each for each in declared)):
        wanted["GPU"] = 1
    return {name: amount for name, amount in wanted.items() if any(name in each for each in declared)}


def check_versions(where: str, found: Mapping[str, Any]) -> None:
    """Make sure that all machines have the same of what must be the same.

    Args:
        found: what ``Client.get_versions`` gives.

    Raises:
        ClusterError: one has another version, or none; the line says which.
    """
    here = _versions(found["client"])
    others = {"the scheduler": found["scheduler"], **{f"the worker {a}": each for a, each in found["workers"].items()}}
    for who, theirs in others.items():
        for name, version in _versions(theirs).items():
            if version != here[name]:
                has = f"has {name} {version}" if version else f"has no {name}"
                raise ClusterError(where, f"{who} {has}, and here it is {here[name]}; install the same everywhere")


def _versions(found: Mapping[str, Any]) -> dict[str, str | None]:
    """What must be the same, by name; of Python the first two numbers."""
    packages = found["packages"]
    python = ".".join(str(packages["python"]).split(".")[:2])
    return {"Python": python, **{name: packages[name] for name in _ALIKE}}
