"""People's files: their hash, whether two names are one file, and a new content in place, whole or not at all.

Nothing here decides what may be written; that is ``outputs``. What is written is either there completely or not there:
the content goes to a new file in the same folder, to the disk, and takes the name in one step.
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
"""A half-written file that nobody has added to for so long is a killed run's: no write takes an hour."""

_CHUNK = 1 << 20
_PART = re.compile(r"\.cuemark-[0-9a-f]{16}\.part")


def legal(name: str) -> str:
    """A name without what UTF-8 cannot hold: on disk, names may have bytes in them that are no text."""
    return name.encode("utf-8", "replace").decode("utf-8")


def sha256_of(content: bytes) -> str:
    """The SHA-256 of ``content`` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, read in pieces.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def same_file(first: Path, second: Path) -> bool:
    """Tell whether writing to one name would, on some system, change what the other name holds.

    True for the same path however it is spelled, for a soft or a hard link, and for names that differ only in case or
    in the Unicode form of their letters: on many disks these are one file, and a folder may move to one of those.
    Neither file needs to exist.
    """
    with suppress(OSError):
        if first.samefile(second):
            return True
    return _folded(first) == _folded(second)


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", os.path.realpath(path)).casefold())


def write_atomic(path: Path, content: bytes, *, private: bool = False) -> None:
    """Put ``content`` at ``path`` in one step: whoever reads, and whatever breaks off, sees the old or the new whole.

    A link is followed and stays a link. A file that is replaced keeps its mode, and its owner where that is allowed. Of
    several writers at once one wins, whole. What killed runs left half written in the folder is removed.

    Args:
        private: nobody but the owner may read it, not even while it is written; whatever mode was there.

    Raises:
        OSError: it cannot be written; nothing has changed then, and nothing is left behind.
    """
    target = Path(os.path.realpath(path))
    fresh = target.with_name(f".cuemark-{secrets.token_hex(8)}.part")
    try:
        with open(fresh, "xb", opener=_open_private if private else None) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            now = os.fstat(file.fileno()).st_mtime  # by the disk's own clock, which may be another machine's
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
    """Remove what runs that were killed long before ``now`` (seconds, as files have it) left half written in a folder.

    What another run may still be writing stays (see ``ABANDONED_S``), and so does whatever cannot be removed.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _PART.fullmatch(entry.name):
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < now - ABANDONED_S:
                        Path(entry).unlink()


def _dress(fresh: Path, like: Path) -> None:
    """Give ``fresh`` the owner and the mode of ``like``, where there is such a file."""
    try:
        old = like.stat()
    except FileNotFoundError:
        return
    with suppress(OSError):
        os.chown(fresh, old.st_uid, old.st_gid)
    fresh.chmod(stat.S_IMODE(old.st_mode))
