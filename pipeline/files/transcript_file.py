"""Reading a transcript file: its text to the byte, or one line that says what the file is instead.

A file in a format of another program is converted to Markdown (see ``transcript_import``).
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import TranscriptError
from pipeline.files.imported_file import DOCUMENTS, Imported, imported_kind
from pipeline.io.atomic import sha256_of
from pipeline.io.file_types import PROBE, RECORDING, TEXT, Family, Kind, kind_of, kind_of_file, utf_8
from pipeline.io.path_hints import explain
from pipeline.reading.imports.pieces import ImportedFileError
from pipeline.reading.markup.whitespace import count_lines, split_lines

LARGEST = 2 * 1024 * 1024
"""Bytes. Three hours of speech are a fifth of a megabyte of text, so a larger file is some other file."""

MOST_LINES = 100_000
"""Lines: twenty characters each in the largest file. Reading takes 10 to 30 µs for each line, whatever is in it."""

LARGEST_IMPORT = 32 * 1024 * 1024
"""Bytes. JSON with the time of each word takes about 300 bytes for a word: three hours are some 10 MB."""

_SAVE_AS_TEXT = "save the text as Markdown or plain text in UTF-8"
_AUDIO_FIRST = "give the audio first, then the transcript"
_WHAT_TO_DO = {
    Family.SUBTITLES: "give the transcript that people type, as Markdown or plain text",
    Family.LIST: "give the transcript that people type, as Markdown or plain text",
}


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A transcript's file.

    Attributes:
        source: its text, so that ``source.encode()`` returns its bytes; of an imported file the Markdown made of it.
        sha256: the hash of the file's bytes.
        imported: what the file has, if it is in a format of another program; such a file is never written into.
    """

    path: Path
    source: str
    sha256: str
    imported: Imported | None = None


def read_transcript(path: Path, audio: Path | None = None) -> WrittenFile:
    """Read a transcript, with its byte order mark and line endings as they are, or as Markdown if it is imported.

    Args:
        audio: the audio file, if there is one; it is inspected only to find out whether the two were swapped.

    Raises:
        TranscriptError: it is missing, no file, too large, too long, no text, not in UTF-8, or the audio itself.
    """
    _check_file(path, audio)
    content = _content(path)
    if imported := imported_kind(content, path.name):
        return _import(path, content, imported)
    kind = kind_of(content[:PROBE])
    if kind is RECORDING:
        raise TranscriptError(path, _instead_of_text(audio))
    if kind and kind is not TEXT:
        raise TranscriptError(path, f"is {kind.words}; {_WHAT_TO_DO.get(kind.family, _SAVE_AS_TEXT)}")
    source = _decode(path, content)
    _check_size(path, content, source)
    return WrittenFile(path, source, sha256_of(content))


def refuse_import(written: WrittenFile, what: str) -> None:
    """Refuse to write into a file of another program.

    Args:
        what: what would write into it, as the start of a sentence.

    Raises:
        TranscriptError: the file is imported.
    """
    if written.imported is not None:
        reason = f"is {written.imported.kind.words}, and {what} only Markdown and plain text"
        raise TranscriptError(written.path, f"{reason}; convert it first: cuemark convert {written.path.name} FILE.md")


def _import(path: Path, content: bytes, kind: Kind) -> WrittenFile:
    from pipeline.files.transcript_import import as_markdown, import_document, import_text  # noqa: PLC0415 -- heavy

    try:
        imported = import_document(content) if kind in DOCUMENTS else import_text(_decode(path, utf_8(content)), kind)
    except ImportedFileError as e:
        raise TranscriptError(path, e.reason, e.line) from e
    source = as_markdown(imported)
    _check_size(path, source.encode(), source)
    return WrittenFile(path, source, sha256_of(content), imported)


def _check_size(path: Path, content: bytes, source: str) -> None:
    if len(content) > LARGEST:
        raise TranscriptError(path, _too_large(LARGEST))
    if count_lines(source) > MOST_LINES:
        raise TranscriptError(path, f"has too many lines for a transcript (more than {MOST_LINES:,})")


def _too_large(limit: int) -> str:
    return f"is too large for a transcript (more than {limit // 1024**2} MB)"


def _check_file(path: Path, audio: Path | None) -> None:
    """Refuse anything but a regular file: reading from a pipe could wait for ever."""
    try:
        mode = path.stat().st_mode
        same = audio is not None and audio.exists() and path.samefile(audio)
    except (FileNotFoundError, NotADirectoryError) as e:
        raise TranscriptError(path, explain(path)) from e
    except OSError as e:
        raise TranscriptError(path, f"cannot be read ({e.strerror})") from e
    if stat.S_ISDIR(mode):
        raise TranscriptError(path, "this is a folder, not a transcript; give the file")
    if not stat.S_ISREG(mode):
        raise TranscriptError(path, "this is a pipe or a device, not a file; save the text as a file first")
    if same:
        raise TranscriptError(path, f"is given as the audio and as the transcript; {_AUDIO_FIRST}")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
            if imported_kind(content, path.name):
                content += file.read(LARGEST_IMPORT + 1 - len(content))
    except OSError as e:
        raise TranscriptError(path, f"cannot be read ({e.strerror})") from e
    limit = LARGEST_IMPORT if imported_kind(content, path.name) else LARGEST
    if len(content) > limit:
        raise TranscriptError(path, _too_large(limit))
    return content


def _instead_of_text(audio: Path | None) -> str:
    other = kind_of_file(audio) if audio else None
    if other and other is not RECORDING:
        return f"is a recording, but {audio} is {other.words}; {_AUDIO_FIRST}"
    return "is a recording, not a transcript; give what was typed, as Markdown or plain text"


def _decode(path: Path, content: bytes) -> str:
    try:
        source = content.decode("utf-8")
    except UnicodeDecodeError as e:
        if b"\0" in content[:PROBE]:
            raise TranscriptError(path, f"is no text; {_SAVE_AS_TEXT}") from e
        byte = content[e.start : e.start + 1]
        letter = byte.decode("cp1252", "ignore")
        meant = f" (it is “{letter}” in Windows-1252)" if letter else ""
        reason = f"byte 0x{byte.hex()} is not UTF-8{meant}; {_SAVE_AS_TEXT}"
        raise TranscriptError(path, reason, _line(content, e.start)) from e
    if "\0" in source:
        line = _line(content, content.index(b"\0"))
        raise TranscriptError(path, f"this line has a NUL byte, which text never has; {_SAVE_AS_TEXT}", line)
    return source


def _line(content: bytes, place: int) -> int:
    """Return the line, counted from 1, of a byte before which everything is UTF-8."""
    return len(split_lines(content[:place].decode("utf-8")))
