from __future__ import annotations

import contextlib
import multiprocessing.spawn
import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from pipeline.batch.messages import Job, Outcome, Task
from pipeline.batch.workers import local_workers
from pipeline.batch.workers.local_workers import LocalWorkers
from pipeline.errors import LostWorkerError, NoWorkerError
from pipeline.progress import Progress, Step
from pipeline.settings.config import Config
from tests.sample_episode import ROOT, environment

FIRST_PROCESS = "CUEMARK_TEST_FIRST_PROCESS"
"""The environment variable with the path of a file that the first process creates."""


def task(name: str) -> Task:
    """Return a task of which only the name matters."""
    return Task(Job(name, f"{name}.mp3"), Config(), "out", "", ())


def report_and_obey(given: Task, progress: Progress) -> Outcome:
    """Report a step, and return the number of threads; the names ``deadly`` and ``slow`` kill or block the process."""
    progress(Step("listening", 1, 2, "ms"))
    if given.job.name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if given.job.name == "slow":
        time.sleep(60)
    return Outcome("align", figures={"threads": os.environ["OMP_NUM_THREADS"], "process": os.getpid()})


def test_a_process_is_reused_and_its_steps_are_reported() -> None:
    """One process does both episodes with its number of threads, and its steps arrive under the episodes' names."""
    steps: list[tuple[str, Step]] = []
    workers = LocalWorkers(report_and_obey, lambda name, step: steps.append((name, step)), size=1, threads=3)
    try:
        first, second = (workers.submit(task(name)).result(60).figures for name in ("a", "b"))
    finally:
        workers.close()

    assert first == second
    assert first["threads"] == "3"
    assert [name for name, _ in steps] == ["a", "b"]


def test_an_episode_that_crashes_three_processes_fails() -> None:
    """The episode fails after three processes, and the next episode is done."""
    workers = LocalWorkers(report_and_obey, lambda *_: None, size=1, threads=1)
    try:
        deadly, other = workers.submit(task("deadly")), workers.submit(task("a"))
        with pytest.raises(LostWorkerError, match="ended 3 times"):
            deadly.result(60)
        assert other.result(60).error is None
    finally:
        workers.close()


def test_a_process_that_cannot_start_is_not_the_episodes_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no process starts, the error says so instead of blaming the episode."""
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", b"/bin/false")
    workers = LocalWorkers(report_and_obey, lambda *_: None, size=1, threads=1)
    try:
        with pytest.raises(NoWorkerError, match="no process can be started to work in"):
            workers.submit(task("a")).result(60)
    finally:
        workers.close()


def kill_first_process(parent_pipe: Connection, progress_pipe: Connection, threads: int, device: int | None) -> None:
    """Set a process up, but kill the first one that uses the file in ``FIRST_PROCESS``."""
    with contextlib.suppress(FileExistsError):
        Path(os.environ[FIRST_PROCESS]).touch(exist_ok=False)
        os.kill(os.getpid(), signal.SIGKILL)
    local_workers._start_process(parent_pipe, progress_pipe, threads, device)


def test_a_process_killed_before_its_first_start_has_ended_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the first process is killed while it starts, another one does the episode."""
    killed = tmp_path / "killed"
    monkeypatch.setenv(FIRST_PROCESS, str(killed))
    monkeypatch.setattr(local_workers, "_start_process", kill_first_process)
    workers = LocalWorkers(report_and_obey, lambda *_: None, size=1, threads=1)
    try:
        assert workers.submit(task("a")).result(60).error is None
    finally:
        workers.close()
    assert killed.exists()


CLOSED = """
import os, sys, threading, time
from pipeline.batch.workers.local_workers import LocalWorkers
from tests.batch.workers.test_local_workers import report_and_obey, task
if __name__ == "__main__":
    workers = LocalWorkers(report_and_obey, lambda *_: print("step", flush=True), size=2, threads=1)
    futures = [workers.submit(task("slow")) for _ in range(2)]
    sys.stdin.readline()
    workers.close()
    print("closed", flush=True)
"""


def test_closing_cancels_the_work_without_output(tmp_path: Path) -> None:
    """Closing ends at once though both processes are busy, and prints nothing to standard error."""
    program = tmp_path / "closed.py"
    program.write_text(CLOSED)
    words = [sys.executable, str(program)]
    with subprocess.Popen(
        words,
        env=environment(),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["step\n", "step\n"]
        out, err = process.communicate("\n", timeout=30)

    assert (process.returncode, out, err) == (0, "closed\n", "")
