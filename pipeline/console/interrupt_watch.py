"""End at once after Ctrl-C: Python acts on it only when the library that is computing returns, half a minute later."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from pipeline.console.output import print_message
from pipeline.errors import INTERRUPTED, INTERRUPTED_LINE

PATIENCE_S = 2.0
"""Seconds that the command has to end by itself, as it does where Python computes. Chosen by hand."""

_SHOW_CURSOR = b"\x1b[?25h"
"""The progress display hides it (DEC private mode 25)."""


@contextmanager
def interrupt_watch() -> Iterator[None]:
    """End the process if the block goes on for ``PATIENCE_S`` after Ctrl-C: a library is computing then.

    That is as if it were killed there: files are written whole or not at all, and other processes end with this one.
    Python writes the number of each signal into a socket at once, whatever the main thread does (see
    ``signal.set_wakeup_fd``), and a thread reads it there. Only the main thread may ask for that; in another one the
    block just runs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = socket.socketpair()
    writer.settimeout(0)
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(reader,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        writer.close()  # ends the thread
        watcher.join()
        reader.close()


def _watch(reader: socket.socket) -> None:
    """Read the numbers of signals until the other end is closed; end the process a while after the first Ctrl-C."""
    while numbers := reader.recv(1):
        if numbers[0] == signal.SIGINT:
            break
    else:
        return
    reader.settimeout(PATIENCE_S)
    try:
        while reader.recv(1):
            pass
    except TimeoutError:
        end_at_once()


def end_at_once() -> NoReturn:
    """End the process as interrupted; nothing is cleared away but the terminal."""
    if sys.stderr.isatty():
        with suppress(OSError):
            os.write(sys.stderr.fileno(), _SHOW_CURSOR)
    print_message(INTERRUPTED_LINE)
    os._exit(INTERRUPTED)
