"""Paths of results, and whether they may be written: a file that a person made or changed is not replaced unasked.

A result is refused before any listening, and checked again right before writing, because hours may pass in between.
The hash shows whether a file is unchanged: the store has the hash of what cuemark last wrote to each path.
"""

from __future__ import annotations

import difflib
import errno
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryFile

from pipeline.errors import OutputError
from pipeline.files.store import Store
from pipeline.io.atomic import ChangedMeanwhileError, same_file, sha256_file, sha256_of, write_atomic, write_below
from pipeline.io.confined import LinkOutError, real_name
from pipeline.io.part_files import remove_abandoned
from pipeline.io.quoted_path import quote_path

TIMED = ".timed"
"""Before the suffix of a result that would otherwise have the name of the transcript."""


@dataclass(frozen=True, slots=True)
class ResultFolder:
    """The folder that the results of a command are in, and that no link below it may lead out of.

    Attributes:
        given: as the user named it; the paths of results begin with it.
        real: the same without links, followed once: a link that is changed meanwhile moves no result.
    """

    given: Path
    real: Path

    @classmethod
    def at(cls, given: Path) -> ResultFolder:
        """Return the folder with its links followed now."""
        return cls(given, Path(os.path.realpath(given)))

    def real_path(self, result: Path) -> Path:
        """Return the path of a result without links.

        Raises:
            OutputError: a link leads out of the folder.
        """
        try:
            return self.real / real_name(self.real, result.relative_to(self.given))
        except LinkOutError as e:
            where = f"is a link, or is below one, that leads out of the folder, to {e.target}"
            raise OutputError(result, f"{where}; remove the link, or give another --output-dir") from e
        except OSError as e:
            raise _unreadable(result, e) from e


def result_path(audio: Path, folder: Path, suffix: str, transcript: Path | None = None) -> Path:
    """Return the path of the result with ``suffix`` (".srt") for ``audio``: its stem and the suffix, in ``folder``.

    Args:
        transcript: the file that is read; where the result would be that file, its suffix is ".timed.srt". One that
            has another name, and is the same file by a link, is left to ``check_results``.
    """
    path = folder / f"{audio.stem}{suffix}"
    if transcript is None or suffix.startswith(TIMED) or transcript.name.casefold() != path.name.casefold():
        return path
    return folder / f"{audio.stem}{TIMED}{suffix}" if same_file(path, transcript) else path


def check_results(
    folder: ResultFolder, results: Iterable[Path], inputs: Sequence[Path], store: Store, *, overwrite: bool
) -> None:
    """Check that every result may be written to its path, and remove what killed runs left in its folder.

    Raises:
        OutputError: a link leads out of the folder; a result would replace an input, or two results one file; or a file
            that is not byte for byte what cuemark last wrote there, unless ``overwrite``; or its folder cannot be
            written.
    """
    results = tuple(results)
    paths = {path: folder.real_path(path) for path in results}
    _refuse_twins(results)
    for shown, path in paths.items():
        _refuse_input(shown, inputs)
        _refuse_foreign(shown, path, store, overwrite=overwrite)
        _refuse_closed_folder(shown, shown.parent, path.parent)
    for parent in {path.parent for path in paths.values()}:
        remove_abandoned(parent)


def check_in_place(shown: Path, path: Path) -> None:
    """Check that the human's own file can be written, and remove what killed runs left next to it.

    Args:
        shown: its name in messages.
        path: the same without links.

    Raises:
        OutputError: it is read-only, or its folder is.
    """
    if not os.access(path, os.W_OK):
        raise OutputError(shown, "is read-only; make it writable, or leave out --in-place")
    _refuse_closed_folder(shown, path.parent, path.parent)
    remove_abandoned(path.parent)


def write_results(
    folder: ResultFolder,
    contents: Mapping[Path, bytes],
    store: Store,
    *,
    overwrite: bool,
    mode: int,
    last: Mapping[Path, Callable[[], None]] | None = None,
) -> None:
    """Write each result atomically and record its hash; missing folders are created.

    Args:
        mode: the most that a result's mode may permit (see ``most_mode``).
        last: what else is written after them, by its path.

    Raises:
        OutputError: one of the files was changed meanwhile (unless ``overwrite``; nothing is written then), or one
            cannot be written. Then ``written`` and the message say what was written until then, and what was not.
    """
    paths = {path: folder.real_path(path) for path in contents}
    for shown, path in paths.items():
        _refuse_foreign(shown, path, store, overwrite=overwrite)
    steps: dict[Path, Callable[[], None]] = {
        path: _Write(path, paths[path], content, store, folder, overwrite, mode) for path, content in contents.items()
    }
    steps |= last or {}
    done: list[Path] = []
    for path, write in steps.items():
        try:
            write()
        except OutputError as e:
            raise _partly_written(e, done, tuple(steps)) from e
        done.append(path)


def write_in_place(shown: Path, path: Path, read_as: str, content: bytes) -> None:
    """Replace the human's own file, which must still have the SHA-256 ``read_as`` right before.

    Args:
        shown: its name in messages.
        path: the same without links.

    Raises:
        OutputError: it has changed since it was read, or cannot be written; it stays as it is then.
    """
    check_unchanged(shown, path, read_as)
    try:
        write_atomic(path, content, may_replace=lambda present: present == read_as)
    except ChangedMeanwhileError as e:
        raise OutputError(shown, _CHANGED) from e
    except OSError as e:
        raise OutputError(shown, f"cannot be written ({e.strerror})") from e


def check_unchanged(shown: Path, path: Path, read_as: str) -> None:
    """Check that the human's own file is still what was read.

    Raises:
        OutputError: it is not, or it cannot be read.
    """
    try:
        if sha256_file(path) != read_as:
            raise OutputError(shown, _CHANGED)
    except OSError as e:
        raise OutputError(shown, f"cannot be written ({e.strerror})") from e


def other_links(path: Path) -> int:
    """Return the number of other names (hard links) of a file; 0 if that cannot be found out."""
    try:
        return path.stat().st_nlink - 1
    except OSError:
        return 0


def most_mode(source: Path | None) -> int:
    """Return the most that the mode of a result may permit: what its source permits; all if there is no such file.

    So the words of a transcript that only its owner may read are not put into files that everybody may read.
    """
    try:
        return stat.S_IMODE(source.stat().st_mode) if source else 0o666
    except OSError:
        return 0o666


_CHANGED = "was changed while cuemark was listening and is left as it is; run again"
_FOREIGN = "is not as cuemark left it, or not cuemark's; give --overwrite to replace it"


def diff(path: Path, before: str, after: str) -> str:
    """Return the change of a file as a unified diff that ``patch`` accepts; empty if nothing changes."""
    name = quote_path(path)
    lines = difflib.unified_diff(_lines(before), _lines(after), name, name)
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


def _refuse_foreign(shown: Path, path: Path, store: Store, *, overwrite: bool) -> None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as e:
        raise _unreadable(shown, e) from e
    if not stat.S_ISREG(status.st_mode):
        raise OutputError(shown, "is no file, so no result can be written there; give --output-dir")
    if not overwrite and _hash(shown, path) not in store.written(path):
        raise OutputError(shown, _FOREIGN)


def _unreadable(path: Path, error: OSError) -> OutputError:
    if error.errno == errno.ENAMETOOLONG:
        return OutputError(path, "the name is too long for this disk; give the audio a shorter one")
    return OutputError(path, f"cannot be looked at ({error.strerror}); give another --output-dir")


def _refuse_closed_folder(shown: Path, named: Path, existing: Path) -> None:
    """Refuse a folder, ``named`` in messages, that cannot be written or created."""
    while not existing.exists() and existing != existing.parent:
        named, existing = named.parent, existing.parent
    if not existing.is_dir():
        raise OutputError(shown, f"{named} is no folder; give another --output-dir")
    try:
        with TemporaryFile(dir=existing):  # the only reliable test; the file has no name that could be left
            pass
    except OSError as e:
        raise OutputError(shown, f"the folder {named} cannot be written; give another --output-dir") from e


@dataclass(frozen=True, slots=True)
class _Write:
    """Writes one result."""

    shown: Path
    path: Path
    content: bytes
    store: Store
    folder: ResultFolder
    overwrite: bool
    mode: int

    def __call__(self) -> None:
        """Record the new hash, write, record again: after an interruption at any point the record has the file's."""
        new = sha256_of(self.content)
        try:
            self.store.record(self.path, *self.store.written(self.path), new)
            write_below(
                self.folder.real,
                self.path.relative_to(self.folder.real),
                self.content,
                mode=self.mode,
                may_replace=None if self.overwrite else self._is_ours,
            )
        except ChangedMeanwhileError as e:
            raise OutputError(self.shown, _FOREIGN) from e
        except OSError as e:
            raise OutputError(self.shown, f"cannot be written ({e.strerror})") from e
        self.store.record(self.path, new)

    def _is_ours(self, present: str | None) -> bool:
        return present is None or present in self.store.written(self.path) or present == sha256_of(self.content)


def _partly_written(error: OutputError, done: Sequence[Path], planned: Sequence[Path]) -> OutputError:
    """Return the error of one file among several with what was written and what was not."""
    if len(planned) == 1:
        return error
    parts = {"written": done, "not written": [path for path in planned if path not in done]}
    said = (f"{what}: {', '.join(map(quote_path, paths))}" for what, paths in parts.items() if paths)
    return OutputError(error.path, "; ".join((error.reason, *said)), tuple(done))


def _hash(shown: Path, path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError as e:
        raise OutputError(shown, f"cannot be read ({e.strerror}), so it is not known whose it is") from e
