"""Paths of results, and whether they may be written: a file that a person made or changed is not replaced unasked.

A result is refused before any listening, and checked again right before writing, because hours may pass in between.
The hash shows whether a file is unchanged: the store has the hash of what cuemark last wrote to each path.
"""

from __future__ import annotations

import difflib
import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryFile

from pipeline.errors import OutputError
from pipeline.files.store import Store
from pipeline.io.atomic import same_file, sha256_file, sha256_of, write_atomic


def result_path(audio: Path, folder: Path, suffix: str) -> Path:
    """Return the path of the result with ``suffix`` (".srt") for ``audio``: its stem and the suffix, in ``folder``."""
    return folder / f"{audio.stem}{suffix}"


def check_results(results: Iterable[Path], inputs: Sequence[Path], store: Store, *, overwrite: bool) -> None:
    """Check that every result may be written to its path.

    Raises:
        OutputError: a result would replace an input, or two results one file; or a file that is not byte for byte what
            cuemark last wrote there, unless ``overwrite``; or its folder cannot be written.
    """
    results = tuple(results)
    _refuse_twins(results)
    for path in results:
        _refuse_input(path, inputs)
        _refuse_foreign(path, store, overwrite=overwrite)
        _refuse_closed_folder(path)


def check_in_place(path: Path) -> None:
    """Check that the human's own file can be written.

    Raises:
        OutputError: it is read-only, or its folder is.
    """
    if not os.access(path, os.W_OK):
        raise OutputError(path, "is read-only; make it writable, or leave --in-place away")
    _refuse_closed_folder(Path(os.path.realpath(path)))


def write_results(contents: Mapping[Path, bytes], store: Store, *, overwrite: bool) -> None:
    """Write each result atomically and record its hash; missing folders are created.

    Raises:
        OutputError: one of the files was changed meanwhile (unless ``overwrite``; nothing is written then), or one
            cannot be written.
    """
    for path in contents:
        _refuse_foreign(path, store, overwrite=overwrite)
    for path, content in contents.items():
        _write_one(path, content, store)


def write_in_place(path: Path, read_as: str, content: bytes) -> None:
    """Replace the human's own file, which must still have the SHA-256 ``read_as``.

    Raises:
        OutputError: it has changed since it was read, or cannot be written; it stays as it is then.
    """
    try:
        if sha256_file(path) != read_as:
            raise OutputError(path, "was changed while cuemark was listening and is left as it is; run again")
        write_atomic(path, content)
    except OSError as e:
        raise OutputError(path, f"cannot be written ({e.strerror})") from e


def diff(path: Path, before: str, after: str) -> str:
    """Return the change of a file as a unified diff that ``patch`` accepts; empty if nothing changes."""
    lines = difflib.unified_diff(_lines(before), _lines(after), str(path), str(path))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Split into lines with their endings; only a line feed ends a line, as in ``patch``."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _refuse_twins(results: Sequence[Path]) -> None:
    for first, second in combinations(results, 2):
        if same_file(first, second):
            raise OutputError(second, f"is the same file as {first}; remove the link, or give --output-dir")


def _refuse_input(path: Path, inputs: Sequence[Path]) -> None:
    for source in inputs:
        if same_file(path, source):
            raise OutputError(path, f"is the input {source} itself, or would be on some disks; give --output-dir")


def _refuse_foreign(path: Path, store: Store, *, overwrite: bool) -> None:
    if not _exists(path):
        return
    if not path.is_file():
        raise OutputError(path, "is no file, so no result can be written there; give --output-dir")
    if not overwrite and _hash(path) not in store.written(path):
        raise OutputError(path, "is not as cuemark left it, or not cuemark's; give --overwrite to replace it")


def _refuse_closed_folder(path: Path) -> None:
    """Refuse a folder that cannot be written or created."""
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise OutputError(path, f"{folder} is no folder; give another --output-dir")
    try:
        with TemporaryFile(dir=folder):  # the only reliable test; the file has no name that could be left
            pass
    except OSError as e:
        raise OutputError(path, f"the folder {folder} cannot be written; give another --output-dir") from e


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as e:
        if e.errno == errno.ENAMETOOLONG:
            raise OutputError(path, "the name is too long for this disk; give the audio a shorter one") from e
        raise OutputError(path, f"cannot be looked at ({e.strerror}); give another --output-dir") from e


def _write_one(path: Path, content: bytes, store: Store) -> None:
    """Record the new hash, write, record again: after an interruption at any point the record has the file's hash."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        store.record(path, *store.written(path), sha256_of(content))
        write_atomic(path, content)
    except OSError as e:
        raise OutputError(path, f"cannot be written ({e.strerror})") from e
    store.record(path, sha256_of(content))


def _hash(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError as e:
        raise OutputError(path, f"cannot be read ({e.strerror}), so it is not known whose it is") from e
