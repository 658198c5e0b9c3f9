"""Read transcripts in JSON: of openai-whisper, WhisperX, the Podcasting 2.0 namespace, Rev, oTranscribe and cuemark.

The fields tell the formats apart, since all of them are called ``.json``; fields that are not read may be anything. A
text is plain, so that what looks like a tag is text; oTranscribe alone has HTML in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from pipeline.reading.imports.alignment_json import alignment_pieces, is_alignment
from pipeline.reading.imports.html_blocks import block_pieces
from pipeline.reading.imports.pieces import ImportedFileError, Piece, milliseconds

_BYTE = re.compile(r"\(byte ([0-9]+)\)")
_KNOWN = "a transcript of Whisper, WhisperX, the Podcasting 2.0 namespace, Rev or oTranscribe"


class _Segment(msgspec.Struct):
    """A segment of Whisper (``start``, ``text``) or of the namespace (``startTime``, ``body``)."""

    start: float | None = None
    end: float | None = None
    text: str = ""
    start_time: float | None = msgspec.field(default=None, name="startTime")
    end_time: float | None = msgspec.field(default=None, name="endTime")
    body: str = ""
    speaker: str | int | None = None


class _Element(msgspec.Struct):
    value: str = ""
    ts: float | None = None
    end_ts: float | None = None


class _Monologue(msgspec.Struct):
    speaker: str | int | None = None
    speaker_name: str | None = None
    elements: list[_Element] = []


class _Document(msgspec.Struct):
    segments: list[_Segment] | None = None
    monologues: list[_Monologue] | None = None
    text: str | None = None
    media: str | None = None


def read_json(source: str) -> Iterator[Piece]:
    """Return the pieces of a transcript in JSON.

    Raises:
        ImportedFileError: it is no JSON, or not a transcript that is known.
    """
    if is_alignment(source):
        return alignment_pieces(source)
    try:
        document = msgspec.json.decode(source, type=_Document)
    except msgspec.ValidationError as e:
        raise ImportedFileError(f"is JSON, but not {_KNOWN} ({e})") from e
    except (msgspec.DecodeError, RecursionError) as e:
        place = _BYTE.search(str(e))
        content = source.encode("utf-8", "replace")
        line = content.count(b"\n", 0, int(place[1])) + 1 if place else None
        raise ImportedFileError("is broken JSON: it ends too early or has a character that is not allowed", line) from e
    if document.segments is not None:
        return map(_segment_piece, document.segments)
    if document.monologues is not None:
        return _monologue_pieces(document.monologues)
    if document.text is not None and document.media is not None:
        return block_pieces(document.text)
    raise ImportedFileError(f"is JSON, but not {_KNOWN} (no segments)")


def _segment_piece(segment: _Segment) -> Piece:
    start = segment.start if segment.start_time is None else segment.start_time
    end = segment.end if segment.end_time is None else segment.end_time
    return _piece(segment.speaker, segment.body or segment.text, start, end)


def _monologue_pieces(monologues: list[_Monologue]) -> Iterator[Piece]:
    for one in monologues:
        times = [element for element in one.elements if element.ts is not None]
        text = "".join(element.value for element in one.elements)
        start, end = (times[0].ts, times[-1].end_ts) if times else (None, None)
        yield _piece(one.speaker_name or one.speaker, text, start, end)


def _piece(speaker: str | int | None, text: str, start: float | None, end: float | None) -> Piece:
    name = f"Speaker {speaker}" if isinstance(speaker, int) else " ".join((speaker or "").split())
    begin, finish = milliseconds(start), milliseconds(end)
    ordered = finish if begin is not None and finish is not None and finish >= begin else None
    return Piece(name or None, " ".join(text.split()), begin, ordered)
