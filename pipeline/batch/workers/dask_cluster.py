"""Connect to a Dask cluster, or start one, and use its workers.

``local`` starts processes on this machine, ``ssh:HOST,…`` on others; ``tcp://HOST:8786`` and the path of a scheduler
file name a scheduler that is already running, however it and its workers were started.
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
from pipeline.errors import ClusterError, ConfigError, how_to_install

if TYPE_CHECKING:
    from distributed import Client

    from pipeline.batch.workers.dask_workers import DaskWorkers

_ADDRESS = re.compile(r"(?:tcp|tls|ws|wss)://[^/\s]+")
_HOSTS = re.compile(r"ssh:([^\s,]+(?:,[^\s,]+)*)")
_ACCEPTED_FORMS = "give local, ssh:HOST,HOST, tcp://HOST:8786, or the path of a scheduler's file (scheduler.json)"
_CONNECT_TIMEOUT_S = 20
"""After this time without an answer, there is no scheduler at the address. Chosen by hand."""

_DASK_LOGGERS = ("distributed", "dask", "tornado", "bokeh", "asyncssh")
"""Loggers of packages that write to standard error by default, or would report every lost worker."""

_FORWARDED_VARIABLES = ("CUEMARK_STORE", "CUEMARK_MODELS")
"""Environment variables that are copied to other machines; useful if they name folders on a shared disk."""

_IGNORE_SIGINT = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Run in each local process: Ctrl-C reaches these processes too, and only the run may end them."""


@contextmanager
def dask_worker_pool(
    target: str,
    do: EpisodeWork,
    report: ReportStep,
    capacity: Capacity,
    prepare: Callable[[], None],
    print_line: Callable[[str], None],
) -> Iterator[DaskWorkers]:
    """Provide the cluster's workers; the block's end closes them, and stops every process that was started for them.

    Args:
        target: ``local``, ``ssh:HOST,…``, the address of a scheduler, or the path of its file.
        capacity: the processes and their threads on each machine, if cuemark starts them.
        prepare: called in each process before its first episode; it can be pickled, like ``do``.
        print_line: prints one line for the user.

    Raises:
        ConfigError: ``target`` is not understood.
        ClusterError: the cluster does not exist, cannot be started or set up, or a package is missing.
    """
    start = _cluster_opener(target)
    try:
        from pipeline.batch.workers.dask_workers import DaskWorkers  # noqa: PLC0415 -- few batches need Dask, which may be missing
    except ModuleNotFoundError as e:
        raise ClusterError(target, f"needs one more package ({e.name}); {how_to_install('cluster')}") from e
    _route_dask_logging()
    with start(capacity) as client, closing(DaskWorkers(target, client, do, report)) as workers:
        if target.startswith("ssh:") and not workers.scheduler.startswith("tls:"):
            print_line(
                f"cluster {target}: whoever reaches these machines can run code on them; Dask can be set to use TLS"
            )
        workers.begin(prepare, print_line)
        yield workers


def check_cluster(target: str) -> None:
    """Check that ``target`` has the form of a cluster.

    Raises:
        ConfigError: it has not.
    """
    _cluster_opener(target)


def _cluster_opener(target: str) -> Callable[[Capacity], AbstractContextManager[Client]]:
    """Return the function that opens a client of the cluster.

    Raises:
        ConfigError: ``target`` has an unknown form.
    """
    if target == "local":
        return _local_cluster
    if found := _HOSTS.fullmatch(target):
        return partial(_ssh_cluster, target, found[1].split(","))
    if _ADDRESS.fullmatch(target):
        return partial(_existing_cluster, target, {"address": target})
    if target.endswith(".json"):
        if not Path(target).is_file():
            raise ConfigError("--cluster", f"there is no scheduler's file {target}; has the scheduler started?")
        return partial(_existing_cluster, target, {"scheduler_file": target})
    raise ConfigError("--cluster", f"{target!r} is not understood; {_ACCEPTED_FORMS}")


@contextmanager
def _local_cluster(capacity: Capacity) -> Iterator[Client]:
    """Start processes on this machine; their connections are encrypted, so other users cannot submit work to them."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 -- see dask_worker_pool

    with _settings(capacity, {"distributed.worker.preload": [_IGNORE_SIGINT]}):
        cluster = LocalCluster(
            n_workers=capacity.size,
            threads_per_worker=1,
            memory_limit=1 / capacity.size,
            security=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client


@contextmanager
def _ssh_cluster(target: str, hosts: list[str], capacity: Capacity) -> Iterator[Client]:
    """Start processes on other machines; the scheduler runs on the first of them, next to its workers."""
    import dask  # noqa: PLC0415 -- see dask_worker_pool
    from distributed import Client, SSHCluster  # noqa: PLC0415 -- the same

    protocol = "tls://" if dask.config.get("distributed.comm.require-encryption") else "tcp://"
    forwarded = {name: os.environ[name] for name in _FORWARDED_VARIABLES if name in os.environ}
    workers = {"nthreads": 1, "n_workers": capacity.size, "memory_limit": 1 / capacity.size, "env": forwarded}
    try:
        with _settings(capacity, {}):
            cluster = SSHCluster(
                [hosts[0], *hosts],
                scheduler_options={"protocol": protocol, "dashboard_address": ":0"},
                worker_options={**workers, "protocol": protocol},
            )
    except Exception as e:  # of asyncssh, of the network, or plain ones if nothing starts on the other machine
        raise ClusterError(
            target, f"cannot be started ({_error_text(e)}); does `ssh {hosts[0]}` work without asking?"
        ) from e
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client


@contextmanager
def _existing_cluster(target: str, address: dict[str, Any], _capacity: Capacity) -> Iterator[Client]:
    """Connect to a scheduler that is already running."""
    from distributed import Client  # noqa: PLC0415 -- see dask_worker_pool

    try:
        client = Client(**address, timeout=_CONNECT_TIMEOUT_S, set_as_default=False)
    except Exception as e:  # of the network, of TLS, or of a file that no scheduler wrote
        raise ClusterError(
            target, f"no scheduler answers there ({_error_text(e)}); start one with: dask scheduler"
        ) from e
    with client:
        yield client


def _settings(capacity: Capacity, more: dict[str, object]) -> AbstractContextManager[Any]:
    """Return a context with Dask's settings for the processes that are started within it.

    An episode that crashes several workers fails after as many attempts as on one machine. A process that needs more
    than its share of the memory is killed; nothing is done before that, because its memory cannot be spilled to disk.
    Each process computes with its share of the cores.
    """
    import dask  # noqa: PLC0415 -- see dask_worker_pool

    before_start = {"OMP_NUM_THREADS": str(capacity.threads), "PYTHONWARNINGS": "ignore"}
    settings = {
        "distributed.scheduler.allowed-failures": MAX_LOST_WORKERS - 1,
        "distributed.nanny.pre-spawn-environ": before_start,
        **dict.fromkeys((f"distributed.worker.memory.{what}" for what in ("target", "spill", "pause")), False),
        **more,
    }
    changed: AbstractContextManager[Any] = dask.config.set(settings)
    return changed


def _route_dask_logging() -> None:
    """Show Dask's log messages only with ``--debug``, like those of all other packages."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _DASK_LOGGERS:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(logging.NOTSET)


def _error_text(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
