"""The store: results of listening on disk, so that changes of the text or of the outputs need no new listening.

The key of a result is a hash of everything that it depends on, so an entry is never out of date. An entry contains the
hash of its own bytes: a damaged one is discarded and computed again. Each is written atomically, so concurrent or
killed processes do no harm; nothing is locked. An entry's modification time is the time of its last use. The store
also has, for each file that cuemark wrote, the hash of what it wrote there.

What is said in an episode, and how its voices sound, is private: entries can be read by their owner alone. Only in a
folder that exists and that its group may write, they have the group's mode of that folder, so that a team can share it.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.io.atomic import sha256_of, write_below
from pipeline.io.confined import is_shared
from pipeline.io.part_files import remove_abandoned
from pipeline.schema import HeardWord

T = TypeVar("T")
_log = logging.getLogger(__name__)
_HASH_LENGTH = 64
_ENTRY_FOLDER, _ENTRY = re.compile("[0-9a-f]{2}"), re.compile("[0-9a-f]{62}")

RECORDS = "written"
"""The stage of the records of written files. They protect files that people changed."""


def key_of(*parts: object) -> str:
    """Return the key of a result: the SHA-256 of everything that it depends on, in order.

    ``parts`` are values that msgspec encodes: strings, numbers, None, tuples, dictionaries, frozen dataclasses.
    """
    return sha256_of(msgspec.json.encode(parts, order="deterministic"))


def default_folder() -> Path:
    """Return the folder of the store: ``CUEMARK_STORE``, else a folder in the user's cache."""
    if named := os.environ.get("CUEMARK_STORE"):
        return Path(named)
    import platformdirs  # late: few runs need it, and it costs a part of the time that --help takes  # noqa: PLC0415

    return Path(platformdirs.user_cache_dir("cuemark")) / "store"


@dataclass(frozen=True, slots=True)
class Holding:
    """The entries of one stage.

    Attributes:
        size: bytes.
        oldest: the last use of the entry that has been unused for the longest time, in seconds since 1970.
        newest: the last use of the entry that was used most recently.
    """

    stage: str
    number: int
    size: int
    oldest: float
    newest: float


@dataclass(frozen=True, slots=True)
class Cleared:
    """The number of removed entries, their size in bytes, and the number of entries that could not be removed."""

    number: int
    size: int
    stuck: int


@dataclass(frozen=True, slots=True)
class _Target:
    """Where and how entries are written: the folder with its links followed once, and the modes that it asks for."""

    folder: Path
    mode: int
    folder_mode: int

    @classmethod
    def of(cls, folder: Path) -> _Target:
        real = Path(os.path.realpath(folder))
        if is_shared(real):
            group = stat.S_IMODE(real.stat().st_mode)
            return cls(real, 0o600 | group & 0o060, group)
        return cls(real, 0o600, 0o700)

    def write(self, name: Path, content: bytes) -> None:
        write_below(self.folder, name, content, mode=self.mode, folder_mode=self.folder_mode, parts_on_top=True)


@dataclass(slots=True)
class Store:
    """Results on disk, below ``folder``, which need not exist.

    If the store cannot be used, everything is computed again, and one warning says so.

    Attributes:
        relisten: whether stored results are ignored and replaced.
    """

    folder: Path
    relisten: bool = False
    _complained: bool = field(default=False, init=False, repr=False)
    _target: _Target | None = field(default=None, init=False, repr=False)

    def load(self, stage: str, key: str, kind: type[T]) -> T | None:
        """Return the result of ``stage`` with ``key``; None if there is none, it is damaged, or ``relisten`` is set."""
        return None if self.relisten else self._read(self._entry(stage, key), kind)

    def save(self, stage: str, key: str, value: object) -> None:
        """Store ``value``, which msgspec must be able to encode, as the result of ``stage`` with ``key``."""
        self._write(self._entry(stage, key), value)

    def windows(self, key: str) -> Windows:
        """Return a store for the words of single windows of the hearing ``key``, so that a killed run can continue."""
        return Windows(self, key)

    def written(self, path: Path) -> frozenset[str]:
        """Return the hashes of ``path`` if only cuemark has written it; empty if cuemark never did.

        There are two after a run that was interrupted between recording the new hash and writing the file.
        """
        return frozenset(self._read(self._entry(RECORDS, _place(path)), tuple[str, ...]) or ())

    def record(self, path: Path, *hashes: str) -> None:
        """Record that the file at ``path`` has, or is about to have, one of these SHA-256 hashes."""
        self._write(self._entry(RECORDS, _place(path)), hashes)

    def holdings(self) -> tuple[Holding, ...]:
        """Return the entries of each stage, by name; empty if the folder does not exist.

        Raises:
            OSError: the folder cannot be read.
        """
        found: dict[str, list[os.stat_result]] = {}
        for folder_of_entries in self._entry_folders():
            found.setdefault(folder_of_entries.parent.name, []).extend(stat for _, stat in _entries(folder_of_entries))
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
        """Remove the results that were not used for ``unused_s`` seconds, by default all of them.

        Only entries are removed: other files in the folder stay, and so do temporary files of another run.

        Args:
            records: whether the records of written files are removed by the same rule. Without its record a file counts
                as changed by a person and is replaced only with ``--overwrite``.

        Raises:
            OSError: the folder cannot be read.
        """
        now = time.time()
        sizes, stuck = list[int](), 0
        remove_abandoned(self.folder, now)
        for folder_of_entries in self._entry_folders():
            remove_abandoned(folder_of_entries, now)  # where earlier versions put them
            if folder_of_entries.parent.name == RECORDS and not records:
                continue
            for entry, status in _entries(folder_of_entries):
                if unused_s and status.st_mtime > now - unused_s:
                    continue
                try:
                    entry.unlink(missing_ok=True)
                    sizes.append(status.st_size)
                except OSError:
                    stuck += 1
        return Cleared(len(sizes), sum(sizes), stuck)

    def remove(self, stage: str, kind: type[T], unwanted: Callable[[T], bool]) -> Cleared:
        """Remove the results of a stage that are unwanted, and those that cannot be read.

        Raises:
            OSError: the folder cannot be read.
        """
        sizes, stuck = list[int](), 0
        for folder_of_entries in self._entry_folders():
            for entry, status in _entries(folder_of_entries) if folder_of_entries.parent.name == stage else ():
                try:
                    value = _decoded(entry.read_bytes(), kind)
                    if value is None or unwanted(value):
                        entry.unlink()
                        sizes.append(status.st_size)
                except FileNotFoundError:  # another process has removed it
                    continue
                except OSError:
                    stuck += 1
        return Cleared(len(sizes), sum(sizes), stuck)

    def _entry_folders(self) -> Iterator[Path]:
        """Yield the folders that contain entries: ``<stage>/<the first two digits of their keys>``."""
        for stage in _folders(self.folder):
            yield from (
                folder_of_entries
                for folder_of_entries in _folders(stage)
                if _ENTRY_FOLDER.fullmatch(folder_of_entries.name)
            )

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
            self._target = self._target or _Target.of(self.folder)
            self._target.write(entry.relative_to(self.folder), sha256_of(payload).encode() + payload)
        except OSError as e:
            self._complain(e)

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            _log.warning("%s: the store cannot be used (%s); going on without it", self.folder, error.strerror)
        self._complained = True


@dataclass(frozen=True, slots=True)
class Windows:
    """The words of single windows, stored as soon as they are heard (``listening.transcribe.windows.WindowStore``)."""

    store: Store
    listening: str

    def load(self, key: str) -> tuple[HeardWord, ...] | None:
        """Return the words heard in the window ``key``; None if it was not heard yet."""
        return self.store.load("window", key_of(self.listening, key), tuple[HeardWord, ...])

    def save(self, key: str, words: tuple[HeardWord, ...]) -> None:
        """Store the words heard in the window ``key``."""
        self.store.save("window", key_of(self.listening, key), words)


def _decoded(content: bytes, kind: type[T]) -> T | None:
    """Return the value of an entry; None if it is damaged."""
    claimed, payload = content[:_HASH_LENGTH], content[_HASH_LENGTH:]
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):  # RecursionError: nested too deeply
        if claimed == sha256_of(payload).encode():
            return msgspec.msgpack.decode(payload, type=kind)
    return None


def _place(path: Path) -> str:
    return sha256_of(os.fsencode(os.path.realpath(path)))


def _touch(entry: Path) -> None:
    """Set the time of an entry's last use to now; without permission it stays older."""
    with suppress(OSError):
        os.utime(entry)


def _discard(entry: Path) -> None:
    """Warn that an entry is damaged, and remove it so that it can be computed again."""
    _log.warning("%s: this entry of the store is damaged; computing it again", entry)
    with suppress(OSError):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _folders(folder: Path) -> list[Path]:
    """Return the subfolders, in order; empty if the folder does not exist. Links are not followed."""
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


def _entries(folder_of_entries: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield what looks like an entry, with its size and times, without what another run removes meanwhile."""
    with os.scandir(folder_of_entries) as entries:
        candidates = [entry for entry in entries if _ENTRY.fullmatch(entry.name)]
    for entry in candidates:
        with suppress(FileNotFoundError):
            if entry.is_file(follow_symlinks=False):
                yield Path(entry), entry.stat(follow_symlinks=False)
