"""The folder in which models are kept: each in a finished folder with a record of what its files have to be.

::

    models/ctranslate2/base/{model.bin, config.json, ..., cuemark.json}
    models/openai/base/{base.pt, cuemark.json}
    models/pyannote/voices/{segmentation.bin, campplus.pt, cuemark.json}
    models/.fetching/ctranslate2-base/    what is not finished; models/.fetching/ctranslate2-base.lock

A model comes here by the renaming of a whole folder, under a lock, so several runs at once see it whole or not at all.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import filelock
import msgspec

from pipeline.io.atomic import sha256_file, write_atomic
from pipeline.listening.models.catalog import Layout

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

    @property
    def size(self) -> int:
        """Bytes, all files together."""
        return sum(known.size for known in self.files.values())


class DamagedError(Exception):
    """A kept model is not what was put there; ``str`` says which file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one model is kept."""

    root: Path
    layout: Layout
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

    A file's size is compared; its content only where it was touched since it was checked, and then the new time is
    noted, if the folder can be written, so that a model that was copied here is read through once.

    Raises:
        DamagedError: a file is gone or has another content.
        PermissionError: it may not be read.
    """
    record = _load(place)
    if record is None:
        return None
    touched = [name for name, known in record.files.items() if _is_touched(place.folder / name, known)]
    for name in touched:
        _check(place.folder / name, {record.files[name].sha256})
    if touched:
        with suppress(OSError):
            write_atomic(place.folder / _RECORD, msgspec.json.encode(_looked_at(place, record)))
    return record


def verify(place: Place, expected: Mapping[str, Mapping[str, str]], tell: Callable[[int, int], None]) -> Record | None:
    """Read the whole of a kept model; None where it is not kept.

    Args:
        expected: the SHA-256 that files must have whatever was noted when they came, by source and name.
        tell: called with the bytes that were read and those that there are.

    Raises:
        DamagedError: a file is gone or has another content than it had when it came, or than it must have.
        PermissionError: it may not be read.
    """
    record = _load(place)
    if record is None:
        return None
    tell(0, record.size)
    published = expected.get(record.origin, {})
    for name, known in record.files.items():
        _is_touched(place.folder / name, known)  # refuses what is gone or has another size
        _check(place.folder / name, {known.sha256, published.get(name, known.sha256)})
    tell(record.size, record.size)
    return record


def _load(place: Place) -> Record | None:
    """The record as it was written; the files are not looked at."""
    try:
        return msgspec.json.decode((place.folder / _RECORD).read_bytes(), type=Record)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise
    except (msgspec.MsgspecError, OSError) as e:
        raise DamagedError(f"{place.folder / _RECORD} cannot be read") from e


def _check(path: Path, hashes: set[str]) -> None:
    """Read a file to its end, which must give each of these hashes."""
    try:
        content = sha256_file(path)
    except PermissionError:
        raise
    except OSError as e:
        raise DamagedError(f"{path} cannot be read ({e.strerror})") from e
    if hashes != {content}:
        raise DamagedError(f"{path} is damaged")


def _is_touched(path: Path, known: FileRecord) -> bool:
    """Tell whether a file may have another content than it had.

    Raises:
        DamagedError: it has, or it is gone.
    """
    try:
        now = path.stat()
    except PermissionError:
        raise
    except OSError as e:
        raise DamagedError(f"{path} is gone") from e
    if now.st_size != known.size:
        raise DamagedError(f"{path} is damaged")
    return now.st_mtime_ns != known.modified


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


def _looked_at(place: Place, record: Record) -> Record:
    """The record with the times that the files have now."""
    now = {name: (place.folder / name).stat().st_mtime_ns for name in record.files}
    return replace(record, files={name: replace(known, modified=now[name]) for name, known in record.files.items()})


def remove(place: Place) -> int:
    """Take a model away in one step, with all that was fetched of it and not finished; to be called under the lock.

    Returns:
        The bytes that are free now.

    Raises:
        OSError: the folder cannot be written.
    """
    aside = place.work.with_name(f"{place.work.name}.removed")
    if place.folder.exists():
        shutil.rmtree(aside, ignore_errors=True)
        place.folder.rename(aside)
    freed = 0
    for folder in (aside, place.work):
        if folder.exists():
            freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder)
    return freed
