"""Atomic writes: a file has either its old or its new content. Also hashes, and whether two names are one file.

Nothing here decides what may be written; ``files.results`` does. New content goes to a temporary file in the same
folder, is flushed to the disk, and replaces the old file by one rename. Folders are opened once and files are named
relative to them, so that a link that is put somewhere on the way meanwhile changes nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.io.confined import opened_folder, real_name
from pipeline.io.part_files import part_name, remove_abandoned

MayReplace = Callable[[str | None], bool]
"""Whether a file with this SHA-256 may be replaced; None where there is no file."""

_CHUNK = 1 << 20
_MOST_TRIES = 5
"""How often a file that others create at the same moment is looked at again."""


def legal(name: str) -> str:
    """Return a name without characters that UTF-8 cannot encode: names on disk may have bytes that are not text."""
    return name.encode("utf-8", "replace").decode("utf-8")


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read in chunks.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return _sha256_of_stream(file)


def _sha256_of_stream(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(_CHUNK):
        digest.update(piece)
    return digest.hexdigest()


class ChangedMeanwhileError(Exception):
    """The file that was to be replaced may not be replaced any more: another program has changed or created it."""


def same_file(first: Path, second: Path) -> bool:
    """Return whether writing to one name would, on some system, change the file of the other name.

    True for the same path however it is spelled, for a symbolic or hard link, and for names that differ only in case or
    in their Unicode normalization form: many file systems treat these as one name. Neither file needs to exist.
    """
    with suppress(OSError):
        if first.samefile(second):
            return True
    return _folded(first) == _folded(second)


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", os.path.realpath(path)).casefold())


def write_atomic(path: Path, content: bytes, *, private: bool = False, may_replace: MayReplace | None = None) -> None:
    """Replace the content of ``path``, which the user has named: a link is followed and stays a link.

    See ``write_below``; the file's owner, mode and extended attributes stay where the system permits that.

    Args:
        private: only the owner may read the file, even while it is written, whatever its mode was.
        may_replace: as in ``write_below``.

    Raises:
        OSError: it cannot be written; nothing has changed then, and no temporary file is left.
        ChangedMeanwhileError: ``may_replace`` says no; the same.
    """
    target = Path(os.path.realpath(path))
    write_below(target.parent, target.name, content, mode=0o600 if private else None, may_replace=may_replace)


def create_atomic(path: Path, content: bytes, *, private: bool = False) -> None:
    """Create a file with this content; nothing that is there is replaced, not even a link that leads nowhere.

    Raises:
        FileExistsError: something has this name.
        OSError: its folder does not exist, or it cannot be written; no temporary file is left.
    """
    folder = path.parent.resolve(strict=True)
    remove_abandoned(folder)
    if os.path.lexists(folder / path.name):
        raise FileExistsError(path)
    try:
        write_below(folder, path.name, content, mode=0o600 if private else None, may_replace=lambda old: old is None)
    except ChangedMeanwhileError as e:
        raise FileExistsError(path) from e


def write_below(
    folder: Path,
    name: str | Path,
    content: bytes,
    *,
    mode: int | None = None,
    folder_mode: int | None = None,
    may_replace: MayReplace | None = None,
    parts_on_top: bool = False,
) -> None:
    """Replace a file below a folder atomically: a reader sees the old or the new content, also after a crash.

    Links below the folder may not lead out of it. Missing folders are created. If several processes write at once, one
    of them wins. Temporary files of killed runs are removed.

    Args:
        folder: a path without links, as ``os.path.realpath`` returns it.
        name: relative to ``folder``.
        mode: the most that the file's mode may permit; its owner may read and write it in any case. A new file gets no
            more than the umask leaves, and a file that is replaced no more than it had. None keeps the mode, and the
            extended attributes, of a file that is replaced.
        folder_mode: of folders that are created; None for the usual one.
        may_replace: is asked right before the rename; without it, whatever is there is replaced.
        parts_on_top: whether the temporary file is in ``folder`` itself, where the next run finds it; the folders below
            must be on the same disk.

    Raises:
        LinkOutError: a link leads out of the folder.
        OSError: it cannot be written; nothing has changed then, and no temporary file is left.
        ChangedMeanwhileError: ``may_replace`` says no; the same.
    """
    *below, last = real_name(folder, name).parts
    with (
        opened_folder(folder, below, folder_mode) as target,
        opened_folder(folder, () if parts_on_top else below, folder_mode) as parts,
    ):
        part = part_name()
        try:
            now = _write_part(parts, part, content, _Old(target, last), mode)
            _put(parts, part, _Old(target, last), may_replace)
        finally:
            with suppress(OSError):
                os.unlink(part, dir_fd=parts)
    remove_abandoned(folder if parts_on_top else folder.joinpath(*below), now)


@dataclass(frozen=True, slots=True)
class _Old:
    """The file that is replaced: a name in an opened folder. There may be none."""

    folder: int
    name: str

    def status(self) -> os.stat_result | None:
        """Return its owner, mode and the like; None if there is no file."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def open(self) -> int:
        """Open it for reading, but not through a link, and without waiting where it is a pipe."""
        return os.open(self.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self.folder)

    def sha256(self) -> str | None:
        """Return the hash of its content; None if there is no file."""
        try:
            file = self.open()
        except FileNotFoundError:
            return None
        with os.fdopen(file, "rb") as source:
            return _sha256_of_stream(source)


def _write_part(folder: int, name: str, content: bytes, old: _Old, mode: int | None) -> float:
    """Write a new file with the mode that the old one's place asks for; returns its time, by the disk's clock."""
    before = old.status()
    first_mode = 0o600 if before else (0o666 if mode is None else mode & 0o666) | 0o600
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, first_mode, dir_fd=folder)
    try:
        _write_all(file, content)
        _set_mode(file, before, mode)
        if before and mode is None:
            _copy_extended_attributes(old, file)
        os.fsync(file)
        return os.fstat(file).st_mtime
    finally:
        os.close(file)


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def _set_mode(file: int, before: os.stat_result | None, mode: int | None) -> None:
    """Give a new file the owner and the mode of the old one, or what ``mode`` leaves of it."""
    if before is None:
        os.fchmod(file, stat.S_IMODE(os.fstat(file).st_mode) | 0o600)  # a umask may take even that
        return
    try:
        os.fchown(file, before.st_uid, before.st_gid)
    except OSError:
        with suppress(OSError):  # a member of the group writes the file of another member
            os.fchown(file, -1, before.st_gid)
    old_mode = stat.S_IMODE(before.st_mode)
    os.fchmod(file, old_mode if mode is None else (old_mode & mode) | 0o600)


def _copy_extended_attributes(old: _Old, file: int) -> None:
    """Copy tags, access lists and the like, as far as the system has them and permits it (Linux alone, in Python)."""
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        source = old.open()
        try:
            for name in os.listxattr(source):
                with suppress(OSError):
                    os.setxattr(file, name, os.getxattr(source, name))
        finally:
            os.close(source)


def _put(parts: int, part: str, old: _Old, may_replace: MayReplace | None) -> None:
    """Give the temporary file its name, after a last look at what has it now."""
    for _ in range(_MOST_TRIES):
        if may_replace is None:
            break
        present = old.sha256()
        if not may_replace(present):
            raise ChangedMeanwhileError(old.name)
        if present is not None:
            break
        try:
            os.link(part, old.name, src_dir_fd=parts, dst_dir_fd=old.folder, follow_symlinks=False)
        except FileExistsError:  # another program was quicker: look again
            continue
        except OSError:  # a disk without hard links
            break
        return
    else:
        raise ChangedMeanwhileError(old.name)
    os.replace(part, old.name, src_dir_fd=parts, dst_dir_fd=old.folder)
