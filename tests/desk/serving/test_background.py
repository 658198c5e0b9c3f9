"""The processes beside the server: what they answer, how they give way, and that none outlives the server."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.desk.serving.background import BackgroundProcess, Ended, Failed, Send
from pipeline.errors import EngineError
from tests.sample_episode import environment

PATIENCE_S = 300
"""How long an answer is waited for: a process imports much, which took two minutes on a machine that was busy."""


def tell(message: object, send: Send) -> None:
    """What a process does in these tests."""
    if message == "who":
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        send(f"{os.getpid()} {os.nice(0)} {os.environ['OMP_NUM_THREADS']} {sorted(blocked)}")
    elif message == "work":
        while True:
            sum(range(10_000))
    elif message == "answer":
        while True:
            send(bytes(100_000))
    elif message == "fail":
        raise EngineError("engine", "out of memory")
    elif message == "be wrong":
        raise ValueError("wrong")
    else:
        send(message)


def pid_in(answer: object) -> int:
    """The number of a process that says who it is, and that it is as it should be."""
    pid, *rest = str(answer).split(" ", 3)
    assert rest == [str(os.nice(0) + 3), "1", "[]"]
    return int(pid)


def wait_for_threads() -> None:
    """Wait until no thread takes answers any more."""
    for thread in threading.enumerate():
        if thread.name == "test-answers":
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


@pytest.fixture
def answers() -> queue.SimpleQueue[object]:
    """What a process has sent."""
    return queue.SimpleQueue()


@pytest.fixture
def process(answers: queue.SimpleQueue[object]) -> Iterator[BackgroundProcess]:
    """A process that runs."""
    one = BackgroundProcess("test", tell, answers.put, niceness=3)
    one.start()
    yield one
    one.stop()


def test_a_process_answers_and_gives_way(process: BackgroundProcess, answers: queue.SimpleQueue[object]) -> None:
    """It computes with one thread at a low priority, ignores Ctrl-C, and goes on after an error, which is one line."""
    for message in ("who", "fail", "be wrong", ("a", 1)):
        process.send(message)

    pid = pid_in(answers.get(timeout=PATIENCE_S))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pid, number)
    rest = [answers.get(timeout=PATIENCE_S) for _ in range(3)]
    assert rest == [
        Failed("engine: out of memory"),
        Failed("this is a fault of cuemark: ValueError: wrong"),
        ("a", 1),
    ]


def test_a_process_is_stopped_while_it_works(process: BackgroundProcess, answers: queue.SimpleQueue[object]) -> None:
    """Its end is not reported: it was asked for."""
    process.send("who")
    pid = pid_in(answers.get(timeout=PATIENCE_S))
    process.send("work")

    process.stop()

    assert not psutil.pid_exists(pid)
    wait_for_threads()
    assert answers.empty()


def test_a_process_is_stopped_while_it_answers(process: BackgroundProcess, answers: queue.SimpleQueue[object]) -> None:
    """An answer that is on its way is lost, without an error in the thread that takes it, and no file stays open."""
    before = psutil.Process().num_fds()
    process.send("answer")
    answers.get(timeout=PATIENCE_S)

    process.stop()

    wait_for_threads()
    assert psutil.Process().num_fds() < before


def test_answers_go_where_they_are_wanted_when_they_come(
    process: BackgroundProcess, answers: queue.SimpleQueue[object]
) -> None:
    """What takes the answers may be changed while one is awaited; the first one goes there, too."""
    wanted: queue.SimpleQueue[object] = queue.SimpleQueue()
    process.receive = wanted.put

    process.send("first")

    assert wanted.get(timeout=PATIENCE_S) == "first"
    assert answers.empty()


def test_the_end_of_a_process_is_reported(process: BackgroundProcess, answers: queue.SimpleQueue[object]) -> None:
    """A process that was killed, as for want of memory, is missed; it can be started again."""
    process.send("who")
    pid = pid_in(answers.get(timeout=PATIENCE_S))

    os.kill(pid, signal.SIGKILL)

    assert answers.get(timeout=PATIENCE_S) == Ended()
    process.send("lost")
    process.start()
    process.send("again")
    assert answers.get(timeout=PATIENCE_S) == "again"


SERVER = """
import queue, sys
from pipeline.desk.serving.background import BackgroundProcess
from tests.desk.serving.test_background import tell
if __name__ == "__main__":
    answers = queue.SimpleQueue()
    for niceness in (0, 5):
        process = BackgroundProcess("test", tell, answers.put, niceness)
        process.start()
        process.send("who")
        print(answers.get().split()[0], flush=True)
        process.send("work")
    sys.stdin.read()
"""


def test_no_process_outlives_the_server(tmp_path: Path) -> None:
    """After kill -9 of the server, its processes end by themselves, though they work."""
    program = tmp_path / "server.py"
    program.write_text(SERVER)
    server = subprocess.Popen(
        [sys.executable, program], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    assert server.stdin is not None
    children = [psutil.Process(int(server.stdout.readline())) for _ in range(2)]

    server.kill()
    server.wait()

    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert alive == []
    server.stdout.close()
    server.stdin.close()
