"""A process beside the server, which does what it is asked in messages, one after the other.

So a page is answered at once whatever goes on. A process ends with the server, however the server ends: it reads from
a pipe whose other end the server alone has.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import queue
import signal
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from pipeline.errors import PipelineError

_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
"""What a terminal sends to the server and all its processes: it is for the server, which then ends the others."""

_YOUNG_OBJECTS, _COLLECTIONS = 200_000, 20
"""Three hours are hundreds of thousands of small values, in which Python looks for cycles again and again while they
are made: that takes up to a half of the time, and there are none. By default it looks after 700 new ones."""

Send = Callable[[object], None]
"""Sends a value to the server."""

Serve = Callable[[Any, Send], None]
"""Does what a message of the server asks. It is sent to the process: a function of a module, or an object."""


def collect_seldom() -> None:
    """Let Python look for cycles of unused objects less often; see above."""
    gc.set_threshold(_YOUNG_OBJECTS, _COLLECTIONS, _COLLECTIONS)


def _ignore(_: object) -> None:
    """Take nothing."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Something cannot be done; ``line`` says what, and what to do."""

    line: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The process has ended by itself."""


@dataclass(slots=True)
class BackgroundProcess:
    """A process that does what the messages ask that it is sent, one after the other.

    Args:
        name: in lists of processes of Python.
        serve: does the work.
        receive: takes what the process sends; called in a thread of its own. May be changed.
        niceness: how much the process gives way to others, from 0 to 19.
    """

    name: str
    serve: Serve
    receive: Callable[[object], None] = _ignore
    niceness: int = 0
    _process: SpawnProcess | None = field(default=None, init=False)
    _pipe: Connection | None = field(default=None, init=False)
    _sending: threading.Lock = field(default_factory=threading.Lock, init=False)

    def start(self) -> None:
        """Start the process; returns at once."""
        context = multiprocessing.get_context("spawn")  # the threads of torch and CTranslate2 do not survive a fork
        pipe, theirs = context.Pipe()
        arguments = theirs, self.serve, self.niceness
        process = context.Process(target=_run, args=arguments, name=self.name, daemon=True)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # the process inherits that
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
        self._process, self._pipe = process, pipe
        threading.Thread(target=self._forward, args=(pipe,), name=f"{self.name}-answers", daemon=True).start()

    def send(self, message: object) -> None:
        """Send a message; nothing happens if the process has ended, which ``receive`` gets as ``Ended``."""
        with self._sending:
            if self._pipe is not None:
                with suppress(OSError):
                    self._pipe.send(message)

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process, self._pipe = self._process, None, None
        if process is not None:
            process.kill()  # it has nothing to put away: what it writes is whole after any end
            process.join()

    def _forward(self, pipe: Connection) -> None:
        """Take what the process sends until its end, then close the pipe.

        Another thread may not close it: the number of a file that is closed while it is read may be another file's.
        """
        with suppress(EOFError, OSError):
            while True:
                message = pipe.recv()
                self.receive(message)  # as it is by now
        with self._sending:
            is_asked_for = self._pipe is not pipe
            if not is_asked_for:
                self._pipe = None
            pipe.close()
        if not is_asked_for:
            self.receive(Ended())


def _run(pipe: Connection, serve: Serve, niceness: int) -> None:
    """Be the process."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    os.nice(niceness)
    collect_seldom()
    os.environ["OMP_NUM_THREADS"] = "1"  # read by torch, CTranslate2 and ONNX Runtime when they are loaded
    warnings.simplefilter("ignore")
    inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(pipe, inbox), daemon=True).start()

    def send(message: object) -> None:
        with suppress(OSError):  # the server has ended, and so does this process
            pipe.send(message)

    while True:
        try:
            serve(inbox.get(), send)
        except PipelineError as e:
            send(Failed(str(e)))
        except Exception as e:  # noqa: BLE001 -- the page shows one line, whatever happened
            send(Failed(f"this is a fault of cuemark: {type(e).__name__}: {e}"))


def _read(pipe: Connection, inbox: queue.SimpleQueue[object]) -> None:
    with suppress(EOFError, OSError):
        while True:
            inbox.put(pipe.recv())
    os._exit(0)  # the server has closed its end, or has ended
