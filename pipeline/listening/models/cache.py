"""The cache of models: each model in a complete folder, with a record of the hashes of its files.

::

    models/ctranslate2/base/{model.bin, config.json, ..., cuemark.json}
    models/openai/base/{base.pt or base.safetensors, cuemark.json}
    models/pyannote/voices/{segmentation.bin, campplus.pt, cuemark.json}
    models/.fetching/ctranslate2-base/    an incomplete download; models/.fetching/ctranslate2-base.lock

A model is added by renaming a complete folder, under a lock, so parallel runs see either all of it or nothing.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import msgspec

from pipeline.io.atomic import sha256_file, write_atomic
from pipeline.listening.models.catalog import Layout

_RECORD = "cuemark.json"
FileName = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")]
"""A file in the model's own folder."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file at its last check: size in bytes, ``modified`` in ns since 1970, SHA-256 in hexadecimal digits."""

    size: int
    modified: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """The record of a cached model: its files by name, and the source that they came from."""

    origin: str
    files: dict[FileName, FileRecord]

    @property
    def size(self) -> int:
        """The size of all files together, in bytes."""
        return sum(known.size for known in self.files.values())


class DamagedError(Exception):
    """The files of a cached model have changed; ``str`` says which one."""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """The location of one model in the cache; the model need not exist."""

    root: Path
    layout: Layout
    name: str

    @property
    def folder(self) -> Path:
        """The folder of the complete model."""
        return self.root / self.layout / self.name

    @property
    def work(self) -> Path:
        """The folder of an incomplete download."""
        return self.root / ".fetching" / f"{self.layout}-{self.name}"

    @property
    def aside(self) -> Path:
        """The folder of a model that is being removed."""
        return self.work.with_name(f"{self.work.name}.removed")

    @property
    def leftovers(self) -> tuple[Path, ...]:
        """The folders of this model outside its place: what an interrupted download or removal leaves."""
        return self.aside, self.work


def read(entry: CacheEntry, vouched: Mapping[str, str]) -> ModelRecord | None:
    """Return the record of a cached model after a quick check of its files; None if the model is not cached.

    The size of each file is compared. Its content is compared only if its modification time has changed since the last
    check. Then the new time is recorded, if the folder is writable, so a copied model is read completely only once.
    The record proves nothing about a file that is unpickled: ``tensor_files.load_tensors`` compares its content.

    Args:
        vouched: the SHA-256 of the files that are pickles, as the catalog states them, by name.

    Raises:
        DamagedError: a file is missing or its content has changed, or it is a pickle that the catalog does not know.
        PermissionError: a file is not readable.
    """
    record = _load_record(entry)
    if record is None:
        return None
    for name in vouched.keys() & record.files.keys():
        if record.files[name].sha256 != vouched[name]:
            raise DamagedError(f"{entry.folder / name} is not the published file")
    touched = [name for name, known in record.files.items() if _is_touched(entry.folder / name, known)]
    for name in touched:
        _check_hashes(entry.folder / name, {record.files[name].sha256})
    if touched:
        with suppress(OSError):
            write_atomic(entry.folder / _RECORD, msgspec.json.encode(_with_new_times(entry, record)))
    return record


def verify(
    entry: CacheEntry,
    vouched: Mapping[str, str],
    by_source: Mapping[str, Mapping[str, str]],
    report: Callable[[int, int], None],
) -> ModelRecord | None:
    """Read all files of a cached model and compare their hashes; None if the model is not cached.

    Args:
        vouched: the SHA-256 that files must have, whatever the record says, by name.
        by_source: the same of the files that come from one source alone, by source and name.
        report: called with the number of bytes read and the number of all bytes.

    Raises:
        DamagedError: a file is missing, or its hash is not the recorded or not the published one.
        PermissionError: a file is not readable.
    """
    record = _load_record(entry)
    if record is None:
        return None
    report(0, record.size)
    expected = {**by_source.get(record.origin, {}), **vouched}
    for name, known in record.files.items():
        _is_touched(entry.folder / name, known)  # raises an error if the file is missing or has another size
        _check_hashes(entry.folder / name, {known.sha256, expected.get(name, known.sha256)})
    report(record.size, record.size)
    return record


def _load_record(entry: CacheEntry) -> ModelRecord | None:
    """Read the record without checking the files."""
    try:
        return msgspec.json.decode((entry.folder / _RECORD).read_bytes(), type=ModelRecord)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise
    except (ValueError, RecursionError, OSError) as e:  # what msgspec raises is a ValueError too
        raise DamagedError(f"{entry.folder / _RECORD} cannot be read") from e


def _check_hashes(path: Path, hashes: set[str]) -> None:
    """Compute the hash of a file, which must be the only one in ``hashes``."""
    try:
        content = sha256_file(path)
    except PermissionError:
        raise
    except OSError as e:
        raise DamagedError(f"{path} cannot be read ({e.strerror})") from e
    if hashes != {content}:
        raise DamagedError(f"{path} is damaged")


def _is_touched(path: Path, known: FileRecord) -> bool:
    """Return whether the content of a file may have changed, judged by its modification time.

    Raises:
        DamagedError: the file is missing or its size has changed.
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
def locked(entry: CacheEntry) -> Iterator[None]:
    """Lock a model against other runs; waits, with a warning, while another run fetches the same model.

    Raises:
        OSError: the folder cannot be written.
    """
    import filelock  # noqa: PLC0415 -- a model is fetched once, and --help needs none of it

    entry.work.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(entry.work.with_name(f"{entry.work.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        _log.warning("model %s: another run is fetching it; waiting for that", entry.name)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def add(entry: CacheEntry, fetched: Path, origin: str) -> ModelRecord:
    """Move the folder ``fetched`` into the cache, with a record of its files. The caller holds the lock.

    Raises:
        OSError: the folder cannot be written.
    """
    record = ModelRecord(
        origin, {path.name: _file_record(path) for path in sorted(fetched.iterdir()) if path.is_file()}
    )
    (fetched / _RECORD).write_bytes(msgspec.json.encode(record))
    entry.folder.parent.mkdir(parents=True, exist_ok=True)
    fetched.rename(entry.folder)
    shutil.rmtree(entry.work, ignore_errors=True)
    return record


def _file_record(path: Path) -> FileRecord:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    found = path.stat()
    return FileRecord(found.st_size, found.st_mtime_ns, sha256_file(path))


def _with_new_times(entry: CacheEntry, record: ModelRecord) -> ModelRecord:
    """Return the record with the current modification times of the files."""
    now = {name: (entry.folder / name).stat().st_mtime_ns for name in record.files}
    return replace(record, files={name: replace(known, modified=now[name]) for name, known in record.files.items()})


def remove(entry: CacheEntry) -> int:
    """Remove a model and its incomplete downloads; other runs see it vanish in one step. The caller holds the lock.

    Returns:
        The number of bytes that were freed.

    Raises:
        OSError: the folder cannot be written.
    """
    if entry.folder.exists():
        shutil.rmtree(entry.aside, ignore_errors=True)
        entry.folder.rename(entry.aside)
    freed = 0
    for folder in entry.leftovers:
        if folder.exists():
            freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder)
    return freed
