"""Find the recordings that are joined in one file, so that each is read by a demuxer and a decoder of its own.

Ogg files may be put one behind the other: a chain of links (RFC 3533, section 4). mp3, AAC and AC-3 are only frames one
behind the other, and files of several sample rates are joined where advertisements are put before a show. FFmpeg gives
all of them the clock and the rate of the first one::

    advertisement, 44.1 kHz stereo │ show, 22.05 kHz mono │ advertisement …
    └────────── a part ───────────┘└────── a part ───────┘└──
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from itertools import groupby, pairwise
from pathlib import Path

from pipeline.errors import AudioError
from pipeline.listening.audio.parts import ByteRange

_OGG_PAGE, _OGG_HEADER, _FIRST_PAGE_FLAG = b"OggS", 27, 0x02
_CHUNK = 1 << 16

_MAX_PARTS = 2_000
"""A day of web radio with a link for each piece of music has 500 links. Each part is opened by itself, in some ms."""

_STABLE_PACKETS = 10
"""So many frames in a row (a quarter of a second) must have the new format; fewer are damage."""

_RATE_BITS = {
    "mp3": (0x001E0C00, 4),  # MPEG version, layer, and sample rate
    "aac": (0x00003C00, 4),  # the sample rate of an ADTS header
    "ac3": (0x000000C0, 5),
}
"""Formats that are only frames: the bits of a frame's first 4 or 5 bytes that have the sample rate."""

IS_ONLY_FRAMES = frozenset(_RATE_BITS)
"""FFmpeg's names of the formats that can be cut before any frame."""


@dataclass(frozen=True, slots=True)
class Links:
    """The links of an Ogg file, and whether its last page is longer than what is left of the file."""

    ranges: tuple[ByteRange, ...]
    is_cut_off: bool


def ogg_links(path: Path) -> Links:
    """Return the links of an Ogg file: a link starts with the first pages of its streams, after other pages.

    Raises:
        AudioError: there are too many.
        OSError: the file cannot be read.
    """
    starts: list[int] = []
    size, end, after_first_page = path.stat().st_size, 0, False
    for at, end, is_first_page in _ogg_pages(path):  # noqa: B007 -- the end of the last page is needed
        if is_first_page and not after_first_page:
            starts.append(at)
            _check_number(path, len(starts))
        after_first_page = is_first_page
    edges = (0, *starts[1:], None)
    return Links(tuple(ByteRange(one or 0, two) for one, two in pairwise(edges)), end > size)


def frame_ranges(path: Path, bits: Sequence[int], first_bytes: Sequence[int]) -> tuple[ByteRange, ...]:
    """Return the parts of a file that is only frames, by the sample rates of its frames.

    Args:
        bits: ``rate_bits`` of each frame.
        first_bytes: where each frame starts in the file.

    Raises:
        AudioError: there are too many.
    """
    changes = format_changes(bits)
    _check_number(path, len(changes) + 1)
    edges = (0, *(first_bytes[index] for index in changes), None)
    return tuple(ByteRange(one or 0, two) for one, two in pairwise(edges))


def _check_number(path: Path, parts: int) -> None:
    if parts > _MAX_PARTS:
        raise AudioError(path, f"more than {_MAX_PARTS} recordings are joined in it", "export it again as one")


def _ogg_pages(path: Path) -> Iterator[tuple[int, int, bool]]:
    """Yield the start and end of each page, and whether it is the first one of a stream; damage is skipped."""
    with path.open("rb") as file:
        at = 0
        while header := file.read(_OGG_HEADER):
            if len(header) < _OGG_HEADER:
                return
            if not header.startswith(_OGG_PAGE):
                at = _find(file, _OGG_PAGE, at + 1)
                if at < 0:
                    return
                continue
            end = at + _OGG_HEADER + header[26] + sum(file.read(header[26]))
            yield at, end, bool(header[5] & _FIRST_PAGE_FLAG)
            at = file.seek(end)


def _find(file: BufferedReader, mark: bytes, at: int) -> int:
    """Return the next place of ``mark`` from ``at`` on, and move there; -1 if there is none."""
    overlap = len(mark) - 1
    file.seek(at)
    tail = b""
    while chunk := file.read(_CHUNK):
        window = tail + chunk
        if (found := window.find(mark)) >= 0:
            return file.seek(at - len(tail) + found)
        at, tail = at + len(chunk), window[-overlap:]
    return -1


def rate_bits(form: str, packet: memoryview) -> int:
    """Return the part of a frame's header that changes with its sample rate; 0 for a frame that is too short."""
    mask, length = _RATE_BITS[form]
    return int.from_bytes(packet[:length], "big") & mask


def format_changes(bits: Sequence[int]) -> tuple[int, ...]:
    """Return the frames, without the first, from which on the format is another one.

    What cannot be decoded between two formats (tags, an information frame) belongs to the second.

    Args:
        bits: ``rate_bits`` of each frame.

    >>> format_changes([1] * 20 + [3] + [1] * 9 + [7] + [2] * 30)
    (30,)
    """
    changes: list[int] = []
    current: int | None = None
    index = after_current = 0
    for one, frames in groupby(bits):
        count = sum(1 for _ in frames)
        index += count
        if one != current and count >= _STABLE_PACKETS:
            if current is not None:
                changes.append(after_current)
            current = one
        if one == current:
            after_current = index
    return tuple(changes)
