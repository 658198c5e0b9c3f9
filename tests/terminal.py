"""A terminal for programs whose display is compared."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
import threading
from collections.abc import Mapping, Sequence

from tests.sample_episode import environment


def run_on_terminal(
    words: Sequence[str], columns: int = 80, variables: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Run a program whose standard error is a terminal; returns its exit status, its output and what was displayed.

    The terminal is read while the program runs: it holds 4 KiB, and a program that displays more waits for a reader.
    """
    parent, child = pty.openpty()
    termios.tcsetwinsize(child, (24, columns))
    parts: list[bytes] = []
    reading = threading.Thread(target=_read, args=(parent, parts))
    reading.start()
    try:
        process = subprocess.run(
            words,
            env={**environment(), "TERM": "xterm", **(variables or {})},
            stdout=subprocess.PIPE,
            stderr=child,
            text=True,
            check=False,
        )
    finally:
        os.close(child)
        reading.join()
        os.close(parent)
    return process.returncode, process.stdout, b"".join(parts).decode("utf-8", "replace")


def _read(terminal: int, parts: list[bytes]) -> None:
    try:
        while part := os.read(terminal, 65_536):
            parts.append(part)
    except OSError:  # the other end is closed, and everything is read
        pass
