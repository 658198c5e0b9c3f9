"""Start real Dask schedulers and workers on loopback, each as a separate process that a test may kill."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch.workers.capacity import Capacity
from pipeline.batch.workers.dask_cluster import dask_worker_pool
from pipeline.batch.workers.dask_workers import DaskWorkers
from pipeline.batch.workers.local_workers import EpisodeWork
from pipeline.progress import Step
from tests.batch.worker_jobs import prepare_nothing

ROOT = Path(__file__).parent.parent.parent
_QUIET = {
    "DASK_LOGGING__DISTRIBUTED": "warning",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
}


@dataclass(frozen=True)
class ClusterProcesses:
    """A scheduler's file and process, and the processes of its workers."""

    file: Path
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]
    stack: ExitStack

    def add_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start one more worker with one thread."""
        words = ["dask_worker", "--scheduler-file", str(self.file), "--nthreads", "1", "--no-dashboard", *options]
        self.workers.append(self.stack.enter_context(dask_process([*words, "--host", "127.0.0.1"], self.file.parent)))
        return self.workers[-1]


@contextmanager
def cluster_processes(folder: Path, *workers: Sequence[str]) -> Iterator[ClusterProcesses]:
    """Start a scheduler, and a worker for each list of options."""
    file = folder / "scheduler.json"
    words = ["dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)]
    with ExitStack() as stack:
        scheduler = stack.enter_context(dask_process([*words, "--dashboard-address", "127.0.0.1:0"], folder))
        wait_until(file.exists)
        found = ClusterProcesses(file, scheduler, [], stack)
        for options in workers:
            found.add_worker(*options)
        yield found


@contextmanager
def dask_process(words: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of Dask's programs until the block ends; its output is in ``folder``."""
    program, *options = words
    environment = {**os.environ, **_QUIET, "PYTHONPATH": str(ROOT)}
    with (folder / f"{program}.log").open("ab") as log:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *options]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def worker_pool(
    target: str,
    do: EpisodeWork,
    *,
    steps: list[tuple[str, Step]] | None = None,
    lines: list[str] | None = None,
    prepare: Callable[[], None] = prepare_nothing,
    capacity: Capacity = Capacity(2, 1),  # noqa: B008 -- a frozen value
) -> Iterator[DaskWorkers]:
    """Provide a cluster's workers; ``steps`` and ``lines`` collect what they report."""
    report = (lambda name, step: steps.append((name, step))) if steps is not None else (lambda _name, _step: None)
    print_line = lines.append if lines is not None else (lambda _line: None)
    with dask_worker_pool(target, do, report, capacity, prepare, print_line) as workers:
        yield workers


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that other processes bring about.

    Raises:
        TimeoutError: it does not hold after a minute.
    """
    for _ in range(3_000):
        if condition():
            return
        time.sleep(0.02)
    raise TimeoutError
