"""Look whether a file is longer by its own headers than it is: the end of the download is missing.

mp4 and m4a are boxes with their sizes (ISO/IEC 14496-12, section 4.2); wav, avi and aiff are one chunk with its size.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_HEADER, _LARGE_HEADER = 8, 16

_MAX_BOXES = 10_000
"""More boxes than a file of fragments has in many hours; reading ends there."""

_UNKNOWN_SIZES = frozenset({0, 0xFFFF_FFFF, 0x7FFF_FFFF})
"""A program that writes to a pipe does not know the size."""


def is_cut_off(path: Path) -> bool:
    """Return whether an mp4, wav, avi or aiff file says that it is longer than it is; False for all other files."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(_HEADER)
            if start[4:] == b"ftyp":
                return _has_cut_box(file, size)
    except OSError:
        return False
    order: dict[bytes, bool] = {b"RIFF": False, b"FORM": True}
    if start[:4] not in order:
        return False
    length = int.from_bytes(start[4:], "big" if order[start[:4]] else "little")
    return length not in _UNKNOWN_SIZES and _HEADER + length > size + 1  # 1: the filling byte is often left out


def _has_cut_box(file: BinaryIO, size: int) -> bool:
    at = 0
    for _ in range(_MAX_BOXES):
        file.seek(at)
        header = file.read(_LARGE_HEADER)
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:], "big")
        if at >= size or length == 0:  # 0: to the end of the file, however long that is
            return False
        if length < _HEADER or at + length > size:
            return True
        at += length
    return False
