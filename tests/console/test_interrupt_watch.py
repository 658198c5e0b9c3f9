"""Ctrl-C ends the process soon, also while a library computes that Python has to wait for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from pipeline.console.interrupt_watch import interrupt_watch
from pipeline.errors import INTERRUPTED, INTERRUPTED_LINE

BUSY = """
import os, signal, sys, time
from pipeline.console import interrupt_watch
signal.signal(signal.SIGINT, lambda *_: None)  # as while a library computes: nothing happens in the main thread
signal.signal(signal.SIGWINCH, lambda *_: None)
interrupt_watch.PATIENCE_S = 0.2
with interrupt_watch.interrupt_watch():
    os.kill(os.getpid(), signal.Signals[sys.argv[1]])
    time.sleep(float(sys.argv[2]))
print("the end")
"""


@pytest.mark.parametrize(
    ("name", "seconds", "ends"),
    [("SIGINT", "30", (INTERRUPTED, f"{INTERRUPTED_LINE}\n")), ("SIGINT", "0", (0, "")), ("SIGWINCH", "1", (0, ""))],
    ids=["computing", "ending by itself", "another signal"],
)
def test_ctrl_c_ends_a_process_that_computes(name: str, seconds: str, ends: tuple[int, str]) -> None:
    """With the status and the line of any interrupt; one that ends by itself in time is left alone."""
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", BUSY, name, seconds], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == ends
    assert done.stdout == ("" if ends[0] else "the end\n")
    assert time.monotonic() - begun < 20


@pytest.fixture
def ignored_interrupts() -> Iterator[None]:
    """Let Ctrl-C end nothing."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ignored_interrupts")
def test_the_watch_ends_with_its_block() -> None:
    """No thread and no wakeup file is left; what was set before is set again."""
    threads = threading.active_count()

    with interrupt_watch():
        os.kill(os.getpid(), signal.SIGINT)

    assert threading.active_count() == threads
    assert signal.set_wakeup_fd(-1) == -1


def test_in_another_thread_the_block_just_runs() -> None:
    """Only the main thread gets signals."""
    ran: list[bool] = []

    def work() -> None:
        with interrupt_watch():
            ran.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert ran == [True]
