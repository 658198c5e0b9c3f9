"""Atomic writes: a file has either its old or its new content. Also hashes, and whether two names are one file.

Nothing here decides what may be written; ``files.results`` does. New content goes to a temporary file in the same
folder, is flushed to the disk, and replaces the old file by one rename.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import unicodedata
from contextlib import suppress
from pathlib import Path

ABANDONED_S = 3_600
"""A temporary file that has not changed for so long is from a killed run: no write takes an hour."""

_CHUNK = 1 << 20
_PART = re.compile(r"\.cuemark-[0-9a-f]{16}\.part")


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
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


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


def write_atomic(path: Path, content: bytes, *, private: bool = False) -> None:
    """Replace the content of ``path`` atomically: a reader sees the old or the new content, also after a crash.

    A link is followed and stays a link. A replaced file keeps its mode, and its owner if the system allows that. If
    several processes write at once, one of them wins. Temporary files of killed runs in the folder are removed.

    Args:
        private: only the owner may read the file, even while it is written, whatever its mode was.

    Raises:
        OSError: it cannot be written; nothing has changed then, and no temporary file is left.
    """
    target = Path(os.path.realpath(path))
    fresh = target.with_name(f".cuemark-{secrets.token_hex(8)}.part")
    try:
        with open(fresh, "xb", opener=_open_private if private else None) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            now = os.fstat(file.fileno()).st_mtime  # by the clock of the file system, which may be on another machine
        _dress(fresh, target)
        if private:
            fresh.chmod(0o600)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    remove_abandoned(target.parent, now)


def _open_private(path: str, how: int) -> int:
    return os.open(path, how, 0o600)


def remove_abandoned(folder: Path, now: float) -> None:
    """Remove the temporary files in a folder of runs that were killed long before ``now`` (seconds since 1970).

    Files that another run may still be writing stay (see ``ABANDONED_S``), and so do files that cannot be removed.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _PART.fullmatch(entry.name):
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < now - ABANDONED_S:
                        Path(entry).unlink()


def _dress(fresh: Path, like: Path) -> None:
    """Give ``fresh`` the owner and the mode of ``like``, if that file exists."""
    try:
        old = like.stat()
    except FileNotFoundError:
        return
    with suppress(OSError):
        os.chown(fresh, old.st_uid, old.st_gid)
    fresh.chmod(stat.S_IMODE(old.st_mode))
