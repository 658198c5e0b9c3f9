"""Workers on many machines: the cluster that people name, started where it is ours to start, and a crew of its workers.

``local`` starts processes on this machine, ``ssh:HOST,…`` on others; ``tcp://HOST:8786`` and the path of a scheduler
file are a scheduler that runs already, however it and its workers came to be there.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.batch.workers.capacity import Capacity
from pipeline.batch.workers.local_workers import MAX_LOST_WORKERS, EpisodeWork, ReportStep
from pipeline.errors import ClusterError, ConfigError

if TYPE_CHECKING:
    from distributed import Client

    from pipeline.batch.workers.dask_workers import DaskWorkers

_ADDRESS = re.compile(r"(?:tcp|tls|ws|wss)://[^/\s]+")
_HOSTS = re.compile(r"ssh:([^\s,]+(?:,[^\s,]+)*)")
_FORMS = "give local, ssh:HOST,HOST, tcp://HOST:8786, or the path of a scheduler's file (scheduler.json)"
_CONNECT_S = 20
_NOISY = ("distributed", "dask", "tornado", "bokeh", "asyncssh")
"""Loggers of packages that write to standard error by themselves, or would tell of every lost worker."""

_PASSED_ON = ("CUEMARK_STORE", "CUEMARK_MODELS")
"""Variables that go along to other machines, where they name folders on a shared disk or nothing."""

_LEAVE_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Run in each process here: Ctrl-C reaches them too, and the run is what ends them."""


@contextmanager
def dask_worker_pool(
    where: str,
    do: EpisodeWork,
    tell: ReportStep,
    share: Capacity,
    prepare: Callable[[], None],
    say: Callable[[str], None],
) -> Iterator[DaskWorkers]:
    """A crew of the cluster's workers; it ends with the block, and so does what was started for it.

    Args:
        where: ``local``, ``ssh:HOST,…``, the address of a scheduler, or the path of its file.
        share: the processes and their threads on each machine, where it is cuemark that starts them.
        prepare: called in each process before its first episode; it can be pickled, like ``do``.
        say: takes one line for people.

    Raises:
        ConfigError: ``where`` is not understood.
        ClusterError: there is no such cluster, it cannot be started or made ready, or a package is missing.
    """
    start = _starter(where)
    try:
        from pipeline.batch.workers.dask_workers import DaskWorkers  # noqa: PLC0415 -- few batches need Dask, which may be missing
    except ModuleNotFoundError as e:
        raise ClusterError(where, f'needs one more package ({e.name}); pip install "cuemark[cluster]"') from e
    _quiet()
    with start(share) as client, closing(DaskWorkers(where, client, do, tell)) as workers:
        if where.startswith("ssh:") and not workers.scheduler.startswith("tls:"):
            say(f"cluster {where}: whoever reaches these machines can give them work; Dask can be set to use TLS")
        workers.begin(prepare, say)
        yield workers


def check_cluster(where: str) -> None:
    """Make sure that ``where`` names a cluster.

    Raises:
        ConfigError: it does not.
    """
    _starter(where)


def _starter(where: str) -> Callable[[Capacity], AbstractContextManager[Client]]:
    """What gives a client of the cluster.

    Raises:
        ConfigError: ``where`` is nothing that is known.
    """
    if where == "local":
        return _here
    if found := _HOSTS.fullmatch(where):
        return partial(_by_ssh, where, found[1].split(","))
    if _ADDRESS.fullmatch(where):
        return partial(_running, where, {"address": where})
    if where.endswith(".json"):
        if not Path(where).is_file():
            raise ConfigError("--cluster", f"there is no scheduler's file {where}; has the scheduler begun?")
        return partial(_running, where, {"scheduler_file": where})
    raise ConfigError("--cluster", f"{where!r} is not understood; {_FORMS}")


@contextmanager
def _here(share: Capacity) -> Iterator[Client]:
    """Processes on this machine; what goes between them is encrypted, so that nobody else here can give them work."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 -- see cluster_crew

    with _settings(share, {"distributed.worker.preload": [_LEAVE_CTRL_C]}):
        cluster = LocalCluster(
            n_workers=share.size,
            threads_per_worker=1,
            memory_limit=1 / share.size,
            security=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client


@contextmanager
def _by_ssh(where: str, hosts: list[str], share: Capacity) -> Iterator[Client]:
    """Processes on other machines; the scheduler is on the first of them, beside its workers."""
    import dask  # noqa: PLC0415 -- see cluster_crew
    from distributed import Client, SSHCluster  # noqa: PLC0415 -- the same

    protocol = "tls://" if dask.config.get("distributed.comm.require-encryption") else "tcp://"
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    workers = {"nthreads": 1, "n_workers": share.size, "memory_limit": 1 / share.size, "env": passed_on}
    try:
        with _settings(share, {}):
            cluster = SSHCluster(
                [hosts[0], *hosts],
                scheduler_options={"protocol": protocol, "dashboard_address": ":0"},
                worker_options={**workers, "protocol": protocol},
            )
    except Exception as e:  # of asyncssh, of the network, or bare ones where nothing starts over there
        raise ClusterError(where, f"cannot be started ({_told(e)}); does `ssh {hosts[0]}` work without asking?") from e
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client


@contextmanager
def _running(where: str, given: dict[str, Any], _share: Capacity) -> Iterator[Client]:
    """A scheduler that is there already."""
    from distributed import Client  # noqa: PLC0415 -- see cluster_crew

    try:
        client = Client(**given, timeout=_CONNECT_S, set_as_default=False)
    except Exception as e:  # of the network, of TLS, or of a file that is no scheduler's
        raise ClusterError(where, f"no scheduler answers there ({_told(e)}); start one with: dask scheduler") from e
    with client:
        yield client


def _settings(share: Capacity, more: dict[str, object]) -> AbstractContextManager[Any]:
    """Dask's settings for what is started within the block.

    An episode that brings down one worker after the other is given up as early as on one machine. A process that needs
    more than its share of the memory is ended; before that it is left alone, for nothing of it could be put on a disk.
    Each computes with its share of the cores.
    """
    import dask  # noqa: PLC0415 -- see cluster_crew

    before_start = {"OMP_NUM_THREADS": str(share.threads), "PYTHONWARNINGS": "ignore"}
    settings = {
        "distributed.scheduler.allowed-failures": MAX_LOST_WORKERS - 1,
        "distributed.nanny.pre-spawn-environ": before_start,
        **dict.fromkeys((f"distributed.worker.memory.{what}" for what in ("target", "spill", "pause")), False),
        **more,
    }
    changed: AbstractContextManager[Any] = dask.config.set(settings)
    return changed


def _quiet() -> None:
    """Let Dask's words go the way of all other packages': to ``--debug``."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _NOISY:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(logging.NOTSET)


def _told(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
