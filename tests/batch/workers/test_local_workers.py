from __future__ import annotations

import multiprocessing.spawn
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.batch.messages import Job, Outcome, Task
from pipeline.batch.workers.local_workers import LocalWorkers
from pipeline.errors import LostWorkerError, NoWorkerError
from pipeline.progress import Progress, Step
from pipeline.settings.config import Config
from tests.sample_episode import ROOT, environment


def task(name: str) -> Task:
    """An episode of which only the name matters."""
    return Task(Job(name, f"{name}.mp3"), Config(), "out", "", ())


def answer(given: Task, progress: Progress) -> Outcome:
    """Tell a step, and with how many threads it is computed; a name can ask for worse."""
    progress(Step("listening", 1, 2, "ms"))
    if given.job.name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if given.job.name == "slow":
        time.sleep(60)
    return Outcome("align", figures={"threads": os.environ["OMP_NUM_THREADS"], "process": os.getpid()})


def test_a_process_does_one_after_the_other_and_tells() -> None:
    """Keeps its process from one episode to the next, computes with its threads, and hands on what it tells."""
    told: list[tuple[str, Step]] = []
    crew = LocalWorkers(answer, lambda name, step: told.append((name, step)), size=1, threads=3)
    try:
        first, second = (crew.submit(task(name)).result(60).figures for name in ("a", "b"))
    finally:
        crew.close()

    assert first == second
    assert first["threads"] == "3"
    assert [name for name, _ in told] == ["a", "b"]


def test_an_episode_that_ends_processes_is_given_up() -> None:
    """Says so after three, and goes on with the others."""
    crew = LocalWorkers(answer, lambda *_: None, size=1, threads=1)
    try:
        deadly, other = crew.submit(task("deadly")), crew.submit(task("a"))
        with pytest.raises(LostWorkerError, match="ended 3 times"):
            deadly.result(60)
        assert other.result(60).error is None
    finally:
        crew.close()


def test_where_no_process_can_start_nothing_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does not blame the episode where no process comes up at all."""
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", b"/bin/false")
    crew = LocalWorkers(answer, lambda *_: None, size=1, threads=1)
    try:
        with pytest.raises(NoWorkerError, match="no process can be started to work in"):
            crew.submit(task("a")).result(60)
    finally:
        crew.close()


CLOSED = """
import os, sys, threading, time
from pipeline.batch.workers.local_workers import Processes
from tests.batch.workers.test_local_workers import answer, task
if __name__ == "__main__":
    crew = Processes(answer, lambda *_: print("told", flush=True), size=2, threads=1)
    futures = [crew.submit(task("slow")) for _ in range(2)]
    sys.stdin.readline()
    crew.close()
    print("closed", flush=True)
"""


def test_closing_gives_up_what_is_worked_on(tmp_path: Path) -> None:
    """Ends at once though both processes are in the middle of something, and leaves none behind nor a word of it."""
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
        assert [process.stdout.readline() for _ in range(2)] == ["told\n", "told\n"]
        out, err = process.communicate("\n", timeout=30)

    assert (process.returncode, out, err) == (0, "closed\n", "")
