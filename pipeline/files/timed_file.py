"""Reading a file whose times are to be changed: subtitles, a transcript, an alignment, chapters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from pipeline.errors import TranscriptError
from pipeline.files.transcript_file import read_transcript, refuse_import
from pipeline.io.path_hints import explain

LARGEST = 64 * 1024 * 1024
"""Bytes. The report of ten hours, with the time of each word, is a third of it."""

TimedKind = Literal["subtitles", "markdown", "alignment", "chapters"]

_SUBTITLES = {".srt", ".vtt"}
_TEXTS = {".md", ".markdown", ".mdown", ".txt"}
_DOUBLE_SUFFIXES = (".timed.md", ".finished.md", ".draft.md", ".chapters.json", ".chapters.vtt")
_SCHEMA = "cuemark.alignment/1"


@dataclass(frozen=True, slots=True)
class TimedFile:
    """A file with times.

    Attributes:
        text: with bytes that are not UTF-8 as lone surrogates, so that they can be written back (``encoded``).
        document: what is in it, if it is JSON; empty otherwise.
        suffix: what the name of its like ends with: ``.srt``, ``.chapters.json``.
    """

    path: Path
    kind: TimedKind
    text: str
    document: Mapping[str, Any]
    suffix: str


def encoded(text: str) -> bytes:
    """Return a text that was read by ``read_timed_file`` as bytes."""
    return text.encode("utf-8", "surrogateescape")


def read_timed_file(path: Path) -> TimedFile:
    """Read a file with times; what it is decide its suffix and, for JSON, its content.

    Raises:
        TranscriptError: it is missing, too large, of another kind, or not what its suffix says.
    """
    suffix = path.suffix.casefold()
    if suffix in _TEXTS:
        written = read_transcript(path)
        refuse_import(written, "under this name cuemark takes")
        return TimedFile(path, "markdown", written.source, {}, _result_suffix(path))
    if suffix not in _SUBTITLES | {".json"}:
        raise TranscriptError(
            path, "its times cannot be changed; give an .srt, .vtt, .md, .json or .chapters.json file"
        )
    text = _text(path)
    if suffix in _SUBTITLES:
        return TimedFile(path, "subtitles", text, {}, _result_suffix(path))
    document, kind = _document(path, text)
    return TimedFile(path, kind, text, document, _result_suffix(path))


def _result_suffix(path: Path) -> str:
    """Return the suffix of the result; that of a transcript says that it has times, and is not the human's own file."""
    name = path.name.casefold()
    double = next((end for end in _DOUBLE_SUFFIXES if name.endswith(end)), None)
    if double:
        return double
    return ".timed.md" if path.suffix.casefold() in _TEXTS else path.suffix.casefold()


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            reason = "this is no file" if path.exists() else explain(path)
            raise TranscriptError(path, reason)
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as e:
        raise TranscriptError(path, f"cannot be read ({e.strerror})") from e
    if len(content) > LARGEST:
        raise TranscriptError(path, f"is too large (more than {LARGEST // 1024**2} MB)")
    if b"\0" in content:
        raise TranscriptError(path, "is no text in UTF-8 (it may be UTF-16); save it in UTF-8")
    return content.decode("utf-8", "surrogateescape")


def _document(path: Path, text: str) -> tuple[Mapping[str, Any], TimedKind]:
    try:
        document = msgspec.json.decode(encoded(text.removeprefix("\ufeff")))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise TranscriptError(path, f"is no JSON ({e})") from e
    if isinstance(document, dict) and document.get("schema") == _SCHEMA:
        return document, "alignment"
    if isinstance(document, dict) and isinstance(document.get("chapters"), list):
        return document, "chapters"
    raise TranscriptError(path, f"is neither the JSON of an alignment ({_SCHEMA}) nor of chapters (Podcasting 2.0)")
