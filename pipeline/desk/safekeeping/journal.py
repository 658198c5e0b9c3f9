"""The journal of a document in the desk: every accepted edit is on the disk before the page gets an answer.

A journal is a file of JSON lines: a header with the text that the edits begin from, then one line for each batch of
updates. A line counts once its line feed is there: what a killed process leaves of its last line is ignored, and what a
full disk leaves of one is cut off at once. After a save the file begins again with the saved text. So the text can
always be made again from the journal alone.

What people type is private: the file can be read by its owner alone.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from pipeline.errors import JournalError
from pipeline.io.atomic import write_below

_log = logging.getLogger(__name__)

_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading a damaged line raises: a line that was torn within a character is not UTF-8."""

_YEAR_10_000 = 253_402_300_800_000  # in ms since 1970: no later time can be shown


class Header(msgspec.Struct, frozen=True):
    """What the edits of a journal begin from.

    Attributes:
        path: of the document.
        sha256: of the bytes that the document's file had; None if there was no file.
        source: the text that the edits begin from.
        version: of the format, which is the desk's own: no schema of it is published.
    """

    path: str
    sha256: str | None
    source: str
    version: Literal[1] = 1


class Batch(msgspec.Struct, frozen=True):
    """Updates that were accepted together, as the page sent them; ``at`` is in ms since 1970."""

    at: Annotated[int, msgspec.Meta(ge=0, lt=_YEAR_10_000)]
    updates: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a journal holds; ``size`` is the number of its bytes that are whole lines."""

    header: Header
    batches: tuple[Batch, ...]
    size: int

    @property
    def changes(self) -> int:
        """The number of updates."""
        return sum(len(batch.updates) for batch in self.batches)

    @property
    def last(self) -> str | None:
        """The time of the last update, as ISO 8601 writes it."""
        if not self.batches:
            return None
        return datetime.fromtimestamp(self.batches[-1].at / 1_000, UTC).isoformat(timespec="seconds")


def read_journal(path: Path) -> Kept | None:
    """Read a journal; None if there is none. One whose first line is damaged is moved aside, with a warning.

    Raises:
        JournalError: it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as e:
        raise JournalError(path, f"cannot be read ({e.strerror})") from e
    head, end, rest = content.partition(b"\n")
    try:
        header = msgspec.json.decode(head, type=Header)
    except _UNREADABLE:
        aside = path.with_name(f"{path.name}.damaged")
        _log.warning("%s: the journal is damaged; it is kept as %s", path, aside)
        with suppress(OSError):
            path.replace(aside)
        return None
    batches, size = _whole_batches(rest)
    return Kept(header, batches, len(head) + len(end) + size)


def _whole_batches(lines: bytes) -> tuple[tuple[Batch, ...], int]:
    """Return the batches before the first line that is torn or damaged, and the length of their lines."""
    found: list[Batch] = []
    at = 0
    while (end := lines.find(b"\n", at)) >= 0:
        try:
            found.append(msgspec.json.decode(lines[at:end], type=Batch))
        except _UNREADABLE:
            break
        at = end + 1
    return tuple(found), at


@dataclass(slots=True)
class Journal:
    """A journal that is being written.

    Attributes:
        path: of the journal; its folder has no links in it.
    """

    path: Path
    _file: int
    _size: int
    _before_last: int = field(default=0, init=False)
    _torn: bool = field(default=False, init=False)

    @classmethod
    def begin(cls, path: Path, header: Header) -> Journal:
        """Begin a journal, in place of the one that is there, which stays if that fails.

        Raises:
            JournalError: it cannot be written.
        """
        line = msgspec.json.encode(header) + b"\n"
        try:
            write_below(path.parent, path.name, line, mode=0o600, folder_mode=0o700)
            return cls(path, _open(path), len(line))
        except OSError as e:
            raise JournalError(path, f"cannot be written ({e.strerror})") from e

    @classmethod
    def go_on(cls, path: Path, kept: Kept) -> Journal:
        """Go on with a journal that was read, without the torn line at its end.

        Raises:
            JournalError: it cannot be written.
        """
        try:
            file = _open(path)
            os.ftruncate(file, kept.size)
        except OSError as e:
            raise JournalError(path, f"cannot be written ({e.strerror})") from e
        return cls(path, file, kept.size)

    @property
    def is_in_place(self) -> bool:
        """Whether the file that is written is the one at its path: another one may have taken its place."""
        try:
            return os.path.samestat(os.fstat(self._file), self.path.stat())
        except OSError:
            return False

    def append(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Write a batch of updates; it is on the disk when this returns.

        Raises:
            JournalError: it cannot be written, as on a full disk; the journal is as it was before.
        """
        line = msgspec.json.encode({"at": time.time_ns() // 1_000_000, "updates": updates}) + b"\n"
        try:
            self._mend()
            self._torn = True
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError as e:
            with suppress(OSError):
                self._mend()
            raise JournalError(self.path, f"cannot be written ({e.strerror})") from e
        self._torn = False
        self._before_last, self._size = self._size, self._size + len(line)

    def take_back(self) -> None:
        """Remove the batch that was appended last.

        Raises:
            JournalError: that is not possible.
        """
        self._size, self._torn = self._before_last, True
        try:
            self._mend()
            os.fsync(self._file)
        except OSError as e:
            raise JournalError(self.path, f"cannot be written ({e.strerror})") from e

    def close(self, *, remove: bool) -> None:
        """Close the file, and remove it if everything in it was saved."""
        with suppress(OSError):
            os.close(self._file)
        if remove:
            self.path.unlink(missing_ok=True)

    def _mend(self) -> None:
        """Cut off what a failed write has left."""
        if self._torn:
            os.ftruncate(self._file, self._size)
            self._torn = False


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
