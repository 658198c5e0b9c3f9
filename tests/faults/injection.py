"""Faults at the places where a program changes files: each write, flush, rename, link and the like can fail or kill it.

``arm`` replaces the functions of ``os`` that change files, and the statements of SQLite, by ones that count their calls
and do harm at the calls that were chosen. Only calls from cuemark's own code, and from libraries on its behalf, are
counted; the interpreter itself writes and opens by other means.
"""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Harm = Literal["no space", "input/output error", "killed before", "killed after", "half written", "interrupted"]
HARMS: tuple[Harm, ...] = (
    "no space",
    "input/output error",
    "killed before",
    "killed after",
    "half written",
    "interrupted",
)

FUNCTIONS = (
    "write",
    "fsync",
    "replace",
    "rename",
    "link",
    "unlink",
    "mkdir",
    "rmdir",
    "chmod",
    "fchmod",
    "fchown",
    "utime",
    "setxattr",
)
"""The functions of ``os`` that change files, but for ``open``, of which only calls that create or write count."""

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class Injector:
    """Does harm at some of the calls that change files.

    Attributes:
        harms: by the number of the call, from 0.
        sticky: whether every later call fails too, as on a full disk.
        calls: the names of the calls so far.
        log: is called with the name of each call before it.
    """

    harms: dict[int, Harm] = field(default_factory=dict)
    sticky: bool = False
    calls: list[str] = field(default_factory=list)
    broken: bool = False
    log: Callable[[str], object] = str

    def arm(self) -> None:
        """Replace the functions, in this process for good."""
        for name in FUNCTIONS:
            if hasattr(os, name):
                setattr(os, name, self._faulty(name, _no_flush if name == "fsync" else getattr(os, name)))
        os.open = self._faulty_open(os.open)
        injector = self

        class Database(sqlite3.Connection):
            def execute(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401 -- passed on as they are
                run = injector._faulty("sqlite", super().execute, _as_sqlite)
                cursor: sqlite3.Cursor = run(*arguments)
                return cursor

        real_connect = sqlite3.connect

        def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 -- the same
            connection: sqlite3.Connection = real_connect(*arguments, factory=Database, **options)
            return connection

        sqlite3.connect = connect  # type: ignore[assignment]  # the real one is overloaded

    def _faulty_open(self, real: Callable[..., int]) -> Callable[..., int]:
        faulty = self._faulty("open", real)

        def opened(path: Any, flags: int, *arguments: Any, **options: Any) -> int:  # noqa: ANN401 -- the same
            chosen = faulty if flags & _WRITES else real
            return int(chosen(path, flags, *arguments, **options))

        return opened

    def _faulty(
        self, name: str, real: Callable[..., Any], as_raised: Callable[[OSError], Exception] = lambda error: error
    ) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- whatever the function takes and gives
            harm = self.harms.get(len(self.calls))
            self.calls.append(name)
            self.log(name)
            if harm is None:
                if self.sticky and self.broken:
                    raise as_raised(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
                return real(*arguments, **options)
            self.broken = True
            if harm == "killed before":
                _kill()
            if harm == "half written" and name == "write":
                file, content = arguments
                real(file, bytes(content)[: len(content) // 2])
                _kill()
            if harm in {"killed after", "half written"}:
                real(*arguments, **options)
                _kill()
            if harm == "interrupted":
                return _interrupt(real, *arguments, **options)
            number = errno.ENOSPC if harm == "no space" else errno.EIO
            raise as_raised(OSError(number, os.strerror(number)))

        return call


def _no_flush(_: int) -> None:
    """Flush nothing: a killed process loses nothing that was written, and a machine is not killed here."""


def _as_sqlite(error: OSError) -> Exception:
    return sqlite3.OperationalError("database or disk is full" if error.errno == errno.ENOSPC else "disk I/O error")


def _interrupt(real: Callable[..., Any], *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- the same
    """Interrupt as Ctrl-C does: it comes to the first thread, and what another one does goes on."""
    if threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt
    os.kill(os.getpid(), signal.SIGINT)
    return real(*arguments, **options)


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
