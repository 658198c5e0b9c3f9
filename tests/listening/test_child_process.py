"""A child process does its jobs, and does not outlive its caller, whatever it does and however that ends."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipeline.listening.child_process import ChildProcess

CHILD = "tests.listening.echoing_process"
WAIT_S = 60


def test_it_gets_jobs_and_answers() -> None:
    """With the variables that it is given; ``end`` ends it and waits for that."""
    child = ChildProcess.start(CHILD, {"OMP_NUM_THREADS": "7"})
    assert child
    child.pipe.send("OMP_NUM_THREADS")

    assert child.pipe.recv() == "7"
    child.end()
    assert child.process.returncode
    assert child.pipe.closed


def test_none_where_no_process_may_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller then does the work itself."""

    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr(subprocess, "Popen", refuse)

    assert ChildProcess.start(CHILD) is None


def test_a_busy_process_ends_with_its_caller(tmp_path: Path) -> None:
    """The caller is killed while the process works, and closes nothing."""
    program = f"""
import sys, time
from pathlib import Path
from pipeline.listening.child_process import ChildProcess
child = ChildProcess.start({CHILD!r})
child.pipe.send("work for ever")
Path(sys.argv[1]).write_text(str(child.process.pid))
time.sleep({WAIT_S})
"""
    note = tmp_path / "pid"
    caller = subprocess.Popen([sys.executable, "-c", program, str(note)])
    until = time.monotonic() + WAIT_S
    while not (note.exists() and note.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    child = psutil.Process(int(note.read_text()))
    assert child.is_running()

    caller.kill()
    caller.wait()

    assert psutil.wait_procs([child], WAIT_S)[1] == []
