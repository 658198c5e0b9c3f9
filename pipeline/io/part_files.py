"""Names of temporary files that are being written, and the removal of those that killed runs left.

A name carries the host, the process and the time at which the process started. So any run can tell whose file it is,
and a number that the system has given to another process since is not mistaken for the writer.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ABANDONED_S = 3_600
"""A temporary file that has not changed for so long is from a killed run: no write takes an hour."""

_PROCESSES = "/proc"
_ENDED = {"Z", "X", "x"}  # a process that has ended and is not waited for yet

_PART = re.compile(r"\.cuemark-(?P<host>[0-9a-f]{8})-(?P<process>\d{1,10})-(?P<start>\d{1,12})-[0-9a-f]{8}\.part")
_PART_WITHOUT_OWNER = re.compile(r"\.cuemark-[0-9a-f]{16}\.part")  # as versions before 0.2 named them


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process: its host, its number there, and when it started, in a unit of the host's own."""

    host: str
    process: int
    start: int

    @property
    def has_ended(self) -> bool:
        """Whether it does not run any more; False if that cannot be found out, as from another host."""
        return self.host == _host() and _has_ended(self.process, self.start)


def own_mark() -> ProcessMark:
    """Return the mark of this process."""
    process = os.getpid()
    return ProcessMark(_host(), process, _own_start(process))


def part_name() -> str:
    """Return a new name for a temporary file of this process."""
    own = own_mark()
    return f".cuemark-{own.host}-{own.process}-{own.start}-{secrets.token_hex(4)}.part"


def remove_abandoned(folder: Path, now: float | None = None) -> None:
    """Remove the temporary files of killed runs from a folder.

    Those of this host's dead processes go at once, all others an hour after their last change (``ABANDONED_S``). Files
    that cannot be removed stay.

    Args:
        folder: need not exist.
        now: seconds since 1970, by the clock of the folder's file system; without it, only those of this host's dead
            processes go.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".cuemark-") and entry.name.endswith(".part"):
                with suppress(OSError):
                    if _is_abandoned(entry, now):
                        Path(entry).unlink()


def _is_abandoned(entry: os.DirEntry[str], now: float | None) -> bool:
    found = _PART.fullmatch(entry.name)
    if not (found or _PART_WITHOUT_OWNER.fullmatch(entry.name)):
        return False
    if found and ProcessMark(found["host"], int(found["process"]), int(found["start"])).has_ended:
        return True
    return now is not None and entry.stat(follow_symlinks=False).st_mtime < now - ABANDONED_S


@cache
def _host() -> str:
    """Return what identifies this host: its name and, on Linux, the namespace of its process numbers.

    Two containers may have one name; their processes do not see each other.
    """
    namespace = 0
    with suppress(OSError):
        namespace = os.stat("/proc/self/ns/pid").st_ino  # noqa: PTH116 -- a fixed name
    return hashlib.sha256(f"{socket.gethostname()} {namespace}".encode()).hexdigest()[:8]


@cache
def _own_start(process: int) -> int:
    """Return the start of this process; the number is given so that a forked process asks for its own."""
    return _start(process) or 0


def _has_ended(process: int, start: int) -> bool:
    """Whether the process that started then does not run any more; False if that cannot be found out."""
    if (now := _start(process)) is not None:
        return now != start
    try:
        os.kill(process, 0)  # asks whether there is such a process, and does nothing to it
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # another user's, which some systems hide
        return False
    return True


def _start(process: int) -> int | None:
    """Return when a process started: a number that stays the same while it runs; None if no such process runs.

    Linux counts from the start of the machine, so the number does not move when the clock is set. It is read directly
    (proc_pid_stat(5), fields 3 and 22): psutil, which other systems need, takes a tenth of a second to import.
    """
    try:
        state, *fields = Path(f"{_PROCESSES}/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return None if state in _ENDED else int(fields[18])
    except OSError:
        return None if Path(f"{_PROCESSES}/self/stat").exists() else _start_elsewhere(process)


def _start_elsewhere(process: int) -> int | None:
    import psutil  # only where there is no /proc  # noqa: PLC0415

    try:
        found = psutil.Process(process)
        return None if found.status() == psutil.STATUS_ZOMBIE else int(found.create_time())
    except psutil.Error:
        return None
