"""Names below a folder that no link leads out of.

A folder that the user names may be a link. The names that cuemark derives below it may lead through links too, but not
out of it: the folder may come from a stranger, and a link in it could lead to any file of the user's. ``real_name``
checks that before any work. ``opened_folder`` then opens folder by folder without following links, so a link that is
put there after the check is not followed either.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_FOLDER = os.O_DIRECTORY | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)
"""How a folder is opened in which files are only created and renamed; with ``O_PATH`` it need not be readable."""

_USUAL = 0o777  # the umask takes from it what the user does not want

_REASON = "a link leads out of the folder"


class LinkOutError(OSError):
    """A name below a folder leads out of it through a link; ``target`` is where it leads."""

    def __init__(self, path: Path, target: Path) -> None:
        self.target = target
        super().__init__(errno.ELOOP, _REASON, os.fspath(path))


def real_name(folder: Path, name: str | Path) -> Path:
    """Return ``name``, relative to ``folder``, with the links in it followed; it need not exist.

    Args:
        folder: a path without links, as ``os.path.realpath`` returns it.

    Raises:
        LinkOutError: a link, which may be dangling, leads out of the folder.
    """
    target = Path(os.path.realpath(folder / name))
    if target == folder or not target.is_relative_to(folder):
        raise LinkOutError(folder / name, target)
    return target.relative_to(folder)


@contextmanager
def opened_folder(folder: Path, below: Sequence[str] = (), mode: int | None = None) -> Iterator[int]:
    """Open a folder below ``folder``, for ``dir_fd``, and create what is missing; no link below ``folder`` is followed.

    Args:
        below: the names of the folders on the way.
        mode: of folders that are created; None for the usual one.

    Raises:
        OSError: one cannot be created or opened, or is a link.
    """
    folder.mkdir(mode=_USUAL if mode is None else mode, parents=True, exist_ok=True)
    descriptor = os.open(folder, _FOLDER)
    try:
        for name in below:
            inner = _open_or_create(descriptor, name, mode)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def make_folders(folder: Path, name: str | Path, mode: int | None = None) -> Path:
    """Create the folder ``name`` below ``folder``, if it is missing, and return its path; no link is followed.

    Raises:
        OSError: it cannot be created or opened, or is a link.
    """
    with opened_folder(folder, Path(name).parts, mode):
        return folder / name


def is_shared(folder: Path) -> bool:
    """Whether a folder exists and its group may write in it: it is set up for several people."""
    try:
        return bool(folder.stat().st_mode & stat.S_IWGRP)
    except OSError:
        return False


def open_without_link(path: str, flags: int) -> int:
    """Open a file, but not through a link with its name: an ``opener`` for ``open``.

    Raises:
        OSError: it cannot be opened, or is a link.
    """
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)


def refuse_link(path: Path) -> None:
    """Refuse a link where a file of ours may be.

    Raises:
        LinkOutError: there is one.
    """
    if path.is_symlink():
        raise LinkOutError(path, path.readlink())


def _open_or_create(folder: int, name: str, mode: int | None) -> int:
    with suppress(FileNotFoundError):
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    with suppress(FileExistsError):
        os.mkdir(name, _USUAL if mode is None else mode, dir_fd=folder)
        if mode is not None and mode & 0o077:  # a folder for a group, from which the umask has taken what it needs
            os.chmod(name, mode, dir_fd=folder)
    return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
