"""The type of a file by its first bytes, in a volunteer's words. Name and suffix do not count: they can be wrong.

A transcript's type decides how it is read; any other one is used for messages only.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

PROBE = 4096
"""The number of bytes from the start of a file that are needed."""


class Family(Enum):
    """Groups of file types for which the advice is the same."""

    SOUND = auto()
    DOCUMENT = auto()
    SUBTITLES = auto()
    ENCODING = auto()
    PAGE = auto()
    LIST = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Kind:
    """A file type; ``words`` continue a sentence after "is"."""

    words: str
    family: Family


RECORDING = Kind("a recording", Family.SOUND)
TEXT = Kind("text", Family.OTHER)
JSON = Kind("JSON", Family.OTHER)
PAGE = Kind("a web page (HTML)", Family.PAGE)
VTT = Kind("a file of subtitles (VTT)", Family.SUBTITLES)
SRT = Kind("a file of subtitles (SRT)", Family.SUBTITLES)
ASS = Kind("a file of subtitles (ASS)", Family.SUBTITLES)
DOCX = Kind("a Word document (DOCX)", Family.DOCUMENT)
ZIPPED = Kind("a Word or other zipped document", Family.DOCUMENT)
"""A zipped file that does not say at its start what it is."""
TEXTGRID = Kind("a TextGrid of Praat", Family.OTHER)
EAF = Kind("a document of ELAN (EAF)", Family.OTHER)
FEED = Kind("a podcast's feed (RSS)", Family.LIST)

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIP = b"PK\x03\x04"
_BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    *((start, RECORDING) for start in (b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"caff", b"#!AMR", b"0&\xb2u")),
    *((b"\xff" + sync, RECORDING) for sync in (b"\xfb", b"\xfa", b"\xf3", b"\xf2", b"\xf1", b"\xf9")),
    (b"%PDF", Kind("a PDF document", Family.DOCUMENT)),
    (b"\xd0\xcf\x11\xe0", Kind("an old Word document", Family.DOCUMENT)),
    (b"{\\rtf", Kind("a rich text (RTF) document", Family.DOCUMENT)),
    (b"\x89PNG", Kind("a picture", Family.OTHER)),
    (b"\xff\xd8\xff", Kind("a picture", Family.OTHER)),
    (b"GIF8", Kind("a picture", Family.OTHER)),
    (b"ooBinaryFile", Kind("a binary file of Praat", Family.OTHER)),
    (b"\x1f\x8b", Kind("a packed (gzip) file", Family.OTHER)),
    *((mark, Kind("UTF-32 text", Family.ENCODING)) for mark in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)),
    *((mark, Kind("UTF-16 text", Family.ENCODING)) for mark in _UTF_16),
)
_FURTHER_IN: tuple[tuple[int, bytes, Kind], ...] = (
    (4, b"ftyp", RECORDING),
    (8, b"WAVE", RECORDING),
    (8, b"AVI ", RECORDING),
    (8, b"AIFF", RECORDING),
    (8, b"AIFC", RECORDING),
    (8, b"WEBP", Kind("a picture", Family.OTHER)),
    (0, b"RIFF", RECORDING),
)
_INSIDE_ZIPPED: tuple[tuple[bytes, Kind], ...] = (
    (b"application/vnd.oasis.opendocument.text", Kind("an OpenDocument (ODT) document", Family.DOCUMENT)),
    (b"application/epub+zip", Kind("an e-book (EPUB)", Family.DOCUMENT)),
    (b"[Content_Types].xml", DOCX),
    (b"word/", DOCX),
    (b"", ZIPPED),
)
_WRITTEN: tuple[tuple[re.Pattern[bytes], Kind], ...] = (
    (re.compile(rb"WEBVTT(?:\s|\Z)"), VTT),
    (re.compile(rb"(?:\d{1,6}\s{1,4})?\d{1,2}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->"), SRT),
    (re.compile(rb"\[Script Info\]"), ASS),
    (re.compile(rb'(?:File type ?= ?)?"ooTextFile(?: short)?"\s{1,9}(?:Object class ?= ?)?"TextGrid"'), TEXTGRID),
    (re.compile(rb"#EXTM3U|\[playlist\]"), Kind("a playlist", Family.LIST)),
    (re.compile(rb"(?:<\?xml[^>]{0,200}>\s{0,9})?<(?:!doctype html|html)[\s>]", re.IGNORECASE), PAGE),
    (re.compile(rb"(?:<\?xml[^>]{0,200}>\s{0,9})?<tt[\s>:]"), Kind("a file of subtitles (TTML)", Family.SUBTITLES)),
    (re.compile(rb"(?:<\?xml[^>]{0,200}>\s{0,9})?<ANNOTATION_DOCUMENT[\s/>]"), EAF),
    (re.compile(rb"<\?xml[\s\S]{0,999}?<rss[\s>]|<rss[\s>]"), FEED),
    (re.compile(rb"<\?xml\s"), Kind("XML", Family.OTHER)),
    (re.compile(rb'\{\s{0,99}"[^"\n]{0,99}"\s{0,9}:'), JSON),
)  # fmt: skip


def kind_of(beginning: bytes) -> Kind | None:
    """Return the type of a file that begins with these bytes; None if it is unknown.

    Plain text and Markdown are ``TEXT``: UTF-8 without a zero byte.
    """
    if beginning.startswith(_ZIP):
        return next(kind for name, kind in _INSIDE_ZIPPED if name in beginning)
    if beginning.startswith(_UTF_16) and _kind_of_text(utf_8(beginning[:PROBE])) is TEXTGRID:
        return TEXTGRID
    for start, kind in _BEGINNINGS:
        if beginning.startswith(start):
            return kind
    for place, mark, kind in _FURTHER_IN:
        if beginning[place:].startswith(mark):
            return kind
    return _kind_of_text(beginning[:PROBE])


def utf_8(content: bytes) -> bytes:
    """Return text in UTF-16, which Praat writes, in UTF-8; any other text as it is. What is no text is replaced."""
    return content.decode("utf-16", "replace").encode() if content.startswith(_UTF_16) else content


def kind_of_file(path: Path) -> Kind | None:
    """Return the type of a file, as ``kind_of``; None also if the file cannot be read."""
    try:
        with path.open("rb") as file:
            return kind_of(file.read(PROBE))
    except OSError:
        return None


def _kind_of_text(beginning: bytes) -> Kind | None:
    text = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    for pattern, kind in _WRITTEN:
        if pattern.match(text):
            return kind
    if b"\0" in beginning:
        wide = any(beginning[place:PROBE:2].count(0) > len(beginning) / 3 for place in (0, 1))
        return Kind("UTF-16 text", Family.ENCODING) if wide else None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return None
    return TEXT if text else None
