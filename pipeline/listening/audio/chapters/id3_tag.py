"""Replace the chapters in the ID3v2 tag of an mp3, and leave all its other frames and all of its sound as they are.

FFmpeg knows only some frames and drops or renames the others (comments, lyrics, web addresses), so its tag is not taken
as a whole. See "ID3v2.3.0" and "ID3v2.4.0 - Main Structure", sections 3 and 4, and "ID3v2 Chapter Frame Addendum".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import regex

CHAPTER_FRAMES = frozenset((b"CHAP", b"CTOC"))

_HEADER = 10
_UNSYNCHRONISED, _EXTENDED, _FOOTER = 0x80, 0x40, 0x10  # flags of a tag
_FRAME_UNSYNCHRONISED, _HAS_LENGTH = 0x02, 0x01  # flags of a frame in ID3v2.4
_FRAME_ID = re.compile(rb"[A-Z0-9]{4}")


MOST_TITLE_BYTES = 120
"""Of a chapter's title in ID3v2.4. FFmpeg reads the sizes of the frames in a chapter as plain numbers, which they are
up to 127 bytes only (section 6.2, synchsafe integers), and leaves out a chapter with a larger one. Two bytes of 127 are
the encoding and the end of the text, and the rest is left free."""

_ELLIPSIS = "…"
_GRAPHEME = regex.compile(r"\X")


class TagError(ValueError):
    """A tag that cannot be changed without a loss; ``str`` of it is the reason, as a clause."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a tag: its name, its two bytes of flags, and its content as it is in the file."""

    name: bytes
    flags: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Tag:
    """An ID3v2 tag: 3 for ID3v2.3 or 4 for ID3v2.4, its frames in order, and the bytes that it takes in the file."""

    version: int
    frames: tuple[Frame, ...]
    size: int


NO_TAG = Tag(3, (), 0)
"""For a file without a tag: ID3v2.3 is what the most players read."""


def read_tag(beginning: bytes) -> Tag:
    """Read the tag at the beginning of a file; ``NO_TAG`` if there is none.

    Unsynchronisation is undone, and extended headers and padding are left out.

    Args:
        beginning: with the whole tag, whose size is ``tag_size``.

    Raises:
        TagError: it is ID3v2.2, which has no chapters, or is damaged.
    """
    if tag_size(beginning) == 0:
        return NO_TAG
    version, flags = beginning[3], beginning[5]
    if version not in {3, 4}:
        raise TagError(f"its tag is ID3v2.{version}, which has no chapters")
    body = beginning[_HEADER : _HEADER + _from_synchsafe(beginning[6:10])]
    if flags & _UNSYNCHRONISED and version == 3:
        body = _synchronised(body)
    if flags & _EXTENDED:
        body = body[_from_synchsafe(body[:4]) if version == 4 else 4 + int.from_bytes(body[:4]) :]
    frames = _frames(body, synchsafe=version == 4)
    if frames is None and version == 4:  # some programs wrote plain sizes there
        frames = _frames(body, synchsafe=False)
    if frames is None:
        raise TagError("its ID3v2 tag is damaged")
    if version == 4:
        frames = [_plain_frame(one, in_all=bool(flags & _UNSYNCHRONISED)) for one in frames]
    return Tag(version, tuple(frames), tag_size(beginning))


def tag_size(beginning: bytes) -> int:
    """Return the number of bytes of the tag at the beginning of a file; 0 if there is none."""
    if not (beginning.startswith(b"ID3") and len(beginning) >= _HEADER):
        return 0
    return _HEADER + _from_synchsafe(beginning[6:10]) + (_HEADER if beginning[5] & _FOOTER else 0)


def chapter_title(title: str, version: int) -> str:
    """Return a chapter's title, shortened with an ellipsis where readers of its version would drop the chapter.

    It is cut between characters as they are seen, so that no letter loses its accent.

    >>> chapter_title("a" * 200, 4) == "a" * 117 + "…", chapter_title("a" * 200, 3) == "a" * 200
    (True, True)
    """
    if version != 4 or len(title.encode()) <= MOST_TITLE_BYTES:
        return title
    room, end = MOST_TITLE_BYTES - len(_ELLIPSIS.encode()), 0
    for found in _GRAPHEME.finditer(title):
        room -= len(found[0].encode())
        if room < 0:
            break
        end = found.end()
    return title[:end].rstrip() + _ELLIPSIS


def write_tag(version: int, frames: Iterable[Frame]) -> bytes:
    """Return a tag with these frames, without padding."""
    body = b"".join(
        one.name
        + (_to_synchsafe(len(one.content)) if version == 4 else len(one.content).to_bytes(4))
        + one.flags
        + one.content
        for one in frames
    )
    return b"ID3" + bytes((version, 0, 0)) + _to_synchsafe(len(body)) + body


def _frames(body: bytes, *, synchsafe: bool) -> list[Frame] | None:
    """Split the body of a tag into frames, up to its padding; None if they do not fit into it."""
    frames: list[Frame] = []
    at = 0
    while at + _HEADER <= len(body) and body[at]:
        size = body[at + 4 : at + 8]
        if not _FRAME_ID.fullmatch(body, at, at + 4) or (synchsafe and max(size) > 0x7F):
            return None
        end = at + _HEADER + (_from_synchsafe(size) if synchsafe else int.from_bytes(size))
        if end > len(body):
            return None
        frames.append(Frame(body[at : at + 4], body[at + 8 : at + _HEADER], body[at + _HEADER : end]))
        at = end
    return frames


def _plain_frame(frame: Frame, *, in_all: bool) -> Frame:
    """Return a frame of ID3v2.4 without unsynchronisation; the length that may precede its content stays right."""
    flags = frame.flags[1]
    if not (in_all or flags & _FRAME_UNSYNCHRONISED):
        return frame
    start = 4 if flags & _HAS_LENGTH else 0
    content = frame.content[:start] + _synchronised(frame.content[start:])
    return Frame(frame.name, bytes((frame.flags[0], flags & ~_FRAME_UNSYNCHRONISED)), content)


def _synchronised(content: bytes) -> bytes:
    return content.replace(b"\xff\x00", b"\xff")


def _from_synchsafe(digits: bytes) -> int:
    """Return a number of which each byte has seven bits."""
    value = 0
    for digit in digits:
        value = value << 7 | digit & 0x7F
    return value


def _to_synchsafe(value: int) -> bytes:
    return bytes(value >> shift & 0x7F for shift in (21, 14, 7, 0))
