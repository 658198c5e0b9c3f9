"""The folder in which models are kept: each in a finished folder with a record of what its files have to be.

::

    models/ctranslate2/base/{model.bin, config.json, ..., cuemark.json}
    models/openai/base/{base.pt, cuemark.json}
    models/.fetching/ctranslate2-base/    what is not finished; models/.fetching/ctranslate2-base.lock

A model comes here by the renaming of a whole folder, under a lock, so several runs at once see it whole or not at all.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import msgspec

from pipeline.files import sha256_file

_RECORD = "cuemark.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file was when it was checked; ``modified`` in ns since 1970."""

    size: int
    modified: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """A kept model: its files by name, and the source that they came from."""

    origin: str
    files: dict[str, FileRecord]


class DamagedError(Exception):
    """A kept model is not what was put there; ``str`` says which file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one model is kept."""

    root: Path
    layout: str
    name: str

    @property
    def folder(self) -> Path:
        """The finished folder; it need not exist."""
        return self.root / self.layout / self.name

    @property
    def work(self) -> Path:
        """The folder for what is not finished."""
        return self.root / ".fetching" / f"{self.layout}-{self.name}"


def read(place: Place) -> Record | None:
    """Read the record of a kept model after a look at its files; None where it is not kept.

    A file's size is compared; its content only where it was touched since it was checked.

    Raises:
        DamagedError: a file is gone or has another content.
    """
    try:
        record = msgspec.json.decode((place.folder / _RECORD).read_bytes(), type=Record)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (msgspec.MsgspecError, OSError) as e:
        raise DamagedError(f"{place.folder / _RECORD} cannot be read") from e
    for name, known in record.files.items():
        if not _is_sound(place.folder / name, known):
            raise DamagedError(f"{place.folder / name} is damaged")
    return record


def _is_sound(path: Path, known: FileRecord) -> bool:
    try:
        now = path.stat()
        if now.st_size != known.size:
            return False
        return now.st_mtime_ns == known.modified or sha256_file(path) == known.sha256
    except OSError:
        return False


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Hold a model's place against other runs; waits, and says so, while another one fetches the same model.

    Raises:
        OSError: the folder cannot be written.
    """
    place.work.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(place.work.with_name(f"{place.work.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        _log.warning("model %s: another run is fetching it; waiting for that", place.name)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def finish(place: Place, fetched: Path, origin: str) -> Record:
    """Keep the files of the folder ``fetched``, which is given away; to be called under the lock.

    Raises:
        OSError: the folder cannot be written.
    """
    record = Record(origin, {path.name: _record(path) for path in sorted(fetched.iterdir()) if path.is_file()})
    (fetched / _RECORD).write_bytes(msgspec.json.encode(record))
    place.folder.parent.mkdir(parents=True, exist_ok=True)
    fetched.rename(place.folder)
    shutil.rmtree(place.work, ignore_errors=True)
    return record


def _record(path: Path) -> FileRecord:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    found = path.stat()
    return FileRecord(found.st_size, found.st_mtime_ns, sha256_file(path))


def remove(place: Place) -> None:
    """Take a damaged model away in one step.

    Raises:
        OSError: the folder cannot be written.
    """
    aside = place.work.with_name(f"{place.work.name}.damaged")
    shutil.rmtree(aside, ignore_errors=True)
    place.folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)
