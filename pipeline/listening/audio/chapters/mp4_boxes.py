"""Put the tags of an MP4 file into a copy of it that FFmpeg has written, and the index where the original has it.

FFmpeg drops what it does not know (free-form tags, a podcast's address, second values, the cover), so the boxes that
have tags are taken from the original as they are. See ISO/IEC 14496-12, sections 4.2 (boxes), 8.7.5 (chunk offsets) and
8.10 (user data).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from mmap import mmap

Bytes = bytes | mmap

_LARGEST_OFFSET = (1 << 32) - 1
_OFFSETS_AT = (b"trak", b"mdia", b"minf", b"stbl")
"""The boxes around the tables of chunk offsets, below ``moov``."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a file: its type, and the places of its start, its content and its end."""

    kind: bytes
    start: int
    content: int
    end: int


def boxes(file: Bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes of a range, one after the other; ends at the first that does not fit into it."""
    while start + 8 <= end:
        size, content = int.from_bytes(file[start : start + 4]), start + 8
        if size == 1 and start + 16 <= end:
            size, content = int.from_bytes(file[start + 8 : start + 16]), start + 16
        elif size == 0:
            size = end - start
        if not content - start <= size <= end - start:
            return
        yield Box(bytes(file[start + 4 : start + 8]), start, content, start + size)
        start += size


def has_index_first(original: Bytes) -> bool:
    """Return whether the index (``moov``) precedes the sound, so that a player need not fetch the end first."""
    kinds = [box.kind for box in boxes(original, 0, len(original))]
    return b"moov" in kinds and b"mdat" in kinds and kinds.index(b"moov") < kinds.index(b"mdat")


def with_tags(made: bytes, original: Bytes) -> bytes:
    """Return a file that FFmpeg has written with the tags of another in place of its own.

    The list of chapters that FFmpeg has put beside the tags (``chpl``) stays.

    Args:
        made: its index is its last box.
        original: where the tags come from; where its index comes first, so does that of the result.
    """
    index = _first(made, 0, len(made), b"moov")
    if index is None or index.end != len(made):
        return made
    moov = _with_tags(made, index, original)
    first = _first(made, 0, len(made), b"ftyp")
    if not has_index_first(original) or first is None or len(made) + len(moov) > _LARGEST_OFFSET:
        return made[: index.start] + moov
    return made[: first.end] + _moved(moov, len(moov)) + made[first.end : index.start]


def _first(file: Bytes, start: int, end: int, kind: bytes) -> Box | None:
    return next((box for box in boxes(file, start, end) if box.kind == kind), None)


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content


def _with_tags(made: bytes, index: Box, original: Bytes) -> bytes:
    """Return the index of ``made`` with the user data and the metadata of the original's."""
    kept = _parts(made, index, lambda kind: kind not in {b"udta", b"meta"})
    own = _first(made, index.content, index.end, b"udta")
    chapters = _parts(made, own, lambda kind: kind == b"chpl")
    source = _first(original, 0, len(original), b"moov")
    user = None if source is None else _first(original, source.content, source.end, b"udta")
    data = _parts(original, user, lambda kind: kind != b"chpl") + chapters
    metadata = _parts(original, source, lambda kind: kind == b"meta")
    return _box(b"moov", kept + (_box(b"udta", data) if data else b"") + metadata)


def _parts(file: Bytes, inside: Box | None, wanted: Callable[[bytes], bool]) -> bytes:
    """Return the boxes of the wanted types directly inside a box, as they are in the file."""
    if inside is None:
        return b""
    return b"".join(file[one.start : one.end] for one in boxes(file, inside.content, inside.end) if wanted(one.kind))


def _moved(moov: bytes, by: int) -> bytes:
    """Return an index whose chunks are so many bytes further on."""
    changed = bytearray(moov)
    for table in _offset_tables(moov, 8, len(moov), _OFFSETS_AT):
        width = 4 if table.kind == b"stco" else 8
        first = table.content + 8  # after version, flags and the number of entries
        for at in range(first, table.end - width + 1, width):
            changed[at : at + width] = (int.from_bytes(changed[at : at + width]) + by).to_bytes(width)
    return bytes(changed)


def _offset_tables(file: bytes, start: int, end: int, path: Sequence[bytes]) -> Iterator[Box]:
    for one in boxes(file, start, end):
        if path and one.kind == path[0]:
            yield from _offset_tables(file, one.content, one.end, path[1:])
        elif not path and one.kind in {b"stco", b"co64"}:
            yield one
