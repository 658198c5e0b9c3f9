"""What is installed: the packages beside cuemark, and cuemark's own files."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pipeline


def installed_state() -> tuple[tuple[str, ...], tuple[tuple[str, int, int], ...]]:
    """Return what changes when a package is installed, replaced or removed, or when a file of cuemark is edited.

    That is what is in the folders of packages (each has a folder with its name and version), and for each of cuemark's
    own files its path, its time of change in nanoseconds, and its size in bytes.
    """
    folders = {Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")}
    packages = sorted(package.name for folder in folders if folder.is_dir() for package in folder.iterdir())
    return tuple(packages), tuple(sorted(_files(Path(pipeline.__file__).parent)))


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry))
            elif not entry.name.endswith(".pyc"):
                found = entry.stat(follow_symlinks=False)  # an editor's lock is a link to nowhere
                yield entry.path, found.st_mtime_ns, found.st_size
