"""The store of stages: what was heard once is not listened to again, however often the text or the outputs change.

A result is kept under a key made of everything that it depends on, so nothing in the store is ever out of date; it is
only there or not. An entry carries the hash of its own bytes: one that was damaged is made anew, never believed. Each
is written in one step, so that two processes at once, or one that is killed, leave nothing wrong behind; no process
waits for another, and nothing is ever locked. An entry's time of change is that of its last use. Beside the results
the store remembers, for each file that cuemark wrote, the hash of what it wrote there.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.io.atomic import remove_abandoned, sha256_of, write_atomic
from pipeline.schema import HeardWord

T = TypeVar("T")
_log = logging.getLogger(__name__)
_HASH_LENGTH = 64
_SHELF, _ENTRY = re.compile("[0-9a-f]{2}"), re.compile("[0-9a-f]{62}")

RECORDS = "written"
"""The stage of the records of written files. They hold nothing that was heard, and protect what people changed."""


def key_of(*parts: object) -> str:
    """The key of a result: the SHA-256 of all that it depends on, in order.

    ``parts`` are values that msgspec encodes: strings, numbers, None, tuples, dictionaries, frozen dataclasses.
    """
    return sha256_of(msgspec.json.encode(parts, order="deterministic"))


def default_folder() -> Path:
    """The folder of the store: ``CUEMARK_STORE``, else a folder in the user's cache."""
    if named := os.environ.get("CUEMARK_STORE"):
        return Path(named)
    import platformdirs  # late: few runs need it, and it costs a part of the time that --help takes  # noqa: PLC0415

    return Path(platformdirs.user_cache_dir("cuemark")) / "store"


@dataclass(frozen=True, slots=True)
class Holding:
    """What the store holds of one stage.

    Attributes:
        size: bytes.
        oldest: when the entry was used, in seconds since 1970, that nobody has used for the longest time.
        newest: the same of the one that was used last.
    """

    stage: str
    number: int
    size: int
    oldest: float
    newest: float


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many entries were removed, how many bytes they had, and how many were to go and could not be removed."""

    number: int
    size: int
    stuck: int


@dataclass(slots=True)
class Store:
    """Results on disk, below ``folder``, which need not exist.

    A store that cannot be used is no reason to stop: everything is made anew then, and the log says so once.

    Attributes:
        relisten: whether results are made anew, and replaced, where they are there already.
    """

    folder: Path
    relisten: bool = False
    _complained: bool = field(default=False, init=False, repr=False)

    def load(self, stage: str, key: str, kind: type[T]) -> T | None:
        """The result of ``stage`` under ``key``; None where there is none, it is damaged, or ``relisten`` is set."""
        return None if self.relisten else self._read(self._entry(stage, key), kind)

    def save(self, stage: str, key: str, value: object) -> None:
        """Keep ``value``, which msgspec must be able to encode, as the result of ``stage`` under ``key``."""
        self._write(self._entry(stage, key), value)

    def windows(self, key: str) -> Windows:
        """A place for the words of single windows of the listening ``key``, so that a killed run goes on."""
        return Windows(self, key)

    def written(self, path: Path) -> frozenset[str]:
        """The hashes that the file at ``path`` may have if nobody but cuemark has written it; empty if it never did.

        There are two only after a run that broke off between saying what it would write and having written it.
        """
        return frozenset(self._read(self._entry(RECORDS, _place(path)), tuple[str, ...]) or ())

    def record(self, path: Path, *hashes: str) -> None:
        """Remember that the file at ``path`` has, or is about to have, one of these SHA-256 hashes."""
        self._write(self._entry(RECORDS, _place(path)), hashes)

    def holdings(self) -> tuple[Holding, ...]:
        """What there is of each stage, by name; nothing where the folder is not there yet.

        Raises:
            OSError: the folder cannot be read.
        """
        found: dict[str, list[os.stat_result]] = {}
        for shelf in self._shelves():
            found.setdefault(shelf.parent.name, []).extend(stat for _, stat in _entries(shelf))
        return tuple(
            Holding(
                stage,
                number=len(stats),
                size=sum(stat.st_size for stat in stats),
                oldest=min(stat.st_mtime for stat in stats),
                newest=max(stat.st_mtime for stat in stats),
            )
            for stage, stats in sorted(found.items())
            if stats
        )

    def clear(self, *, unused_s: float = 0, records: bool = False) -> Cleared:
        """Remove the results that nobody has used for ``unused_s`` seconds, by default all of them.

        Only entries go: whatever else lies in the folder stays, and so does what another run is about to write.

        Args:
            records: whether the records of written files go by the same rule. Without its record a file that cuemark
                wrote is taken for somebody else's, and replaced only with ``--overwrite``.

        Raises:
            OSError: the folder cannot be read.
        """
        now = time.time()
        sizes, stuck = list[int](), 0
        for shelf in self._shelves():
            remove_abandoned(shelf, now)
            if shelf.parent.name == RECORDS and not records:
                continue
            for entry, stat in _entries(shelf):
                if unused_s and stat.st_mtime > now - unused_s:
                    continue
                try:
                    entry.unlink(missing_ok=True)
                    sizes.append(stat.st_size)
                except OSError:
                    stuck += 1
        return Cleared(len(sizes), sum(sizes), stuck)

    def remove(self, stage: str, kind: type[T], unwanted: Callable[[T], bool]) -> Cleared:
        """Remove the results of a stage that are unwanted, and those of which nobody can tell any more.

        Raises:
            OSError: the folder cannot be read.
        """
        sizes, stuck = list[int](), 0
        for shelf in self._shelves():
            for entry, stat in _entries(shelf) if shelf.parent.name == stage else ():
                try:
                    value = _decoded(entry.read_bytes(), kind)
                    if value is None or unwanted(value):
                        entry.unlink()
                        sizes.append(stat.st_size)
                except FileNotFoundError:  # gone meanwhile, as it should be
                    continue
                except OSError:
                    stuck += 1
        return Cleared(len(sizes), sum(sizes), stuck)

    def _shelves(self) -> Iterator[Path]:
        """The folders that hold entries: ``<stage>/<the first two digits of their keys>``."""
        for stage in _folders(self.folder):
            yield from (shelf for shelf in _folders(stage) if _SHELF.fullmatch(shelf.name))

    def _entry(self, stage: str, key: str) -> Path:
        return self.folder / stage / key[:2] / key[2:]

    def _read(self, entry: Path, kind: type[T]) -> T | None:
        try:
            content = entry.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as e:
            if isinstance(e, IsADirectoryError | PermissionError) and os.path.lexists(entry):
                _discard(entry)
            else:
                self._complain(e)
            return None
        value = _decoded(content, kind)
        if value is None:
            _discard(entry)
        else:
            _touch(entry)
        return value

    def _write(self, entry: Path, value: object) -> None:
        payload = msgspec.msgpack.encode(value)
        try:
            entry.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(entry, sha256_of(payload).encode() + payload)
        except OSError as e:
            self._complain(e)

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            _log.warning("%s: the store cannot be used (%s); going on without it", self.folder, error.strerror)
        self._complained = True


@dataclass(frozen=True, slots=True)
class Windows:
    """The words of single windows, kept as soon as they are heard (``listening.transcribe.windows.WindowStore``)."""

    store: Store
    listening: str

    def load(self, key: str) -> tuple[HeardWord, ...] | None:
        """The words heard in the window ``key``; None where it was not listened to yet."""
        return self.store.load("window", key_of(self.listening, key), tuple[HeardWord, ...])

    def save(self, key: str, words: tuple[HeardWord, ...]) -> None:
        """Keep the words heard in the window ``key``."""
        self.store.save("window", key_of(self.listening, key), words)


def _decoded(content: bytes, kind: type[T]) -> T | None:
    """What an entry holds; None where it is damaged."""
    claimed, payload = content[:_HASH_LENGTH], content[_HASH_LENGTH:]
    with suppress(msgspec.MsgspecError, ValueError):
        if claimed == sha256_of(payload).encode():
            return msgspec.msgpack.decode(payload, type=kind)
    return None


def _place(path: Path) -> str:
    return sha256_of(os.fsencode(os.path.realpath(path)))


def _touch(entry: Path) -> None:
    """Make now the time of an entry's last use; where that is not allowed, it looks older than it is."""
    with suppress(OSError):
        os.utime(entry)


def _discard(entry: Path) -> None:
    """Say that an entry is not what was written there, and make room for it to be made anew, whatever it is."""
    _log.warning("%s: this entry of the store is damaged; making it anew", entry)
    with suppress(OSError):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder, in order; none where it does not exist. Links are not followed."""
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


def _entries(shelf: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """What looks like an entry on a shelf, with its size and times; what another run removes meanwhile is left out."""
    with os.scandir(shelf) as entries:
        candidates = [entry for entry in entries if _ENTRY.fullmatch(entry.name)]
    for entry in candidates:
        with suppress(FileNotFoundError):
            if entry.is_file(follow_symlinks=False):
                yield Path(entry), entry.stat(follow_symlinks=False)
