"""The human's transcript as it lies on disk: text to the byte, or one line that says what the file is instead."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import TranscriptError
from pipeline.files import sha256_of

LARGEST = 64 * 1024 * 1024
"""Bytes. Three hours of speech are a fifth of a megabyte of text; what is larger is some other file."""

_PROBE = 4096
_SAVE_AS_TEXT = "save the text as Markdown or plain text in UTF-8"
_OTHER_KINDS = (
    (b"%PDF", "is a PDF document"),
    (b"PK\x03\x04", "is a Word or other zipped document"),
    (b"\xd0\xcf\x11\xe0", "is an old Word document"),
    (b"{\\rtf", "is a rich text (RTF) document"),
    (codecs.BOM_UTF16_LE, "is UTF-16 text"),
    (codecs.BOM_UTF16_BE, "is UTF-16 text"),
)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A transcript's file: ``source.encode()`` gives back its bytes, whose SHA-256 is ``sha256``."""

    path: Path
    source: str
    sha256: str


def read_transcript(path: Path, audio: Path) -> WrittenFile:
    """Read a transcript, with its byte order mark and line endings as they are.

    Args:
        audio: what is to be listened to; looked into only to tell whether the two were swapped.

    Raises:
        TranscriptError: it is missing, no file, too large, no text, or not in UTF-8.
    """
    content = _content(path)
    if b"\0" in content[:_PROBE] and _is_text(audio):
        raise TranscriptError(path, f"is no text, but {audio} is: give the audio first, then the transcript")
    for beginning, kind in _OTHER_KINDS:
        if content.startswith(beginning):
            raise TranscriptError(path, f"{kind}; {_SAVE_AS_TEXT}")
    if b"\0" in content:
        raise TranscriptError(path, f"is no text; {_SAVE_AS_TEXT}")
    return WrittenFile(path, _decode(path, content), sha256_of(content))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError as e:
        raise TranscriptError(path, "there is no such file; check the name and the folder") from e
    except IsADirectoryError as e:
        raise TranscriptError(path, "this is a folder, not a transcript; give the file") from e
    except OSError as e:
        raise TranscriptError(path, f"cannot be read ({e.strerror})") from e
    if len(content) > LARGEST:
        raise TranscriptError(path, "is too large for a transcript (more than 64 MB)")
    return content


def _decode(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as e:
        line = content.count(b"\n", 0, e.start) + 1
        raise TranscriptError(path, f"byte 0x{content[e.start]:02x} is not UTF-8; {_SAVE_AS_TEXT}", line) from e


def _is_text(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            beginning = file.read(_PROBE)
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except (OSError, UnicodeDecodeError):
        return False
    return b"\0" not in beginning and bool(beginning)
