"""The text of a file with times as a transcript, and the pieces that its times are of, for an engine to listen for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.errors import TranscriptError
from pipeline.files.timed_file import TimedFile, encoded
from pipeline.files.transcript_file import WrittenFile, read_transcript
from pipeline.files.transcript_import import render_import
from pipeline.io.atomic import sha256_of
from pipeline.reading.imports.pieces import Piece, milliseconds
from pipeline.times import Ms

PIECE_WORDS = 8
"""Words of a report that are one piece: as many as a subtitle has, so that a cut is found as exactly as in these."""


@dataclass(frozen=True, slots=True)
class TimedText:
    """The text of a file.

    Attributes:
        written: as a transcript.
        pieces: of subtitles and reports; empty for a transcript, whose times are typed.
        lasts: how long its recording is, in ms; 0 where the file does not say that.
    """

    written: WrittenFile
    pieces: tuple[Piece, ...] = ()
    lasts: Ms = 0


def read_timed_text(timed: TimedFile) -> TimedText:
    """Return the text of subtitles, of a transcript, or of the report of an alignment.

    Raises:
        TranscriptError: it has no text, or is not what its kind should be.
    """
    if timed.kind != "alignment":
        written = read_transcript(timed.path)
        return TimedText(written, written.imported.pieces if written.imported else ())
    try:
        pieces, lasts = tuple(_pieces(timed.document)), milliseconds(timed.document["audio"]["duration"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as e:
        reason = f"is not what an alignment should be ({type(e).__name__}: {e})"
        raise TranscriptError(timed.path, reason) from e
    if not pieces:
        raise TranscriptError(timed.path, "has no words with times, so there is nothing to listen for")
    content = encoded(timed.text)
    return TimedText(
        WrittenFile(timed.path, render_import(pieces, times=False), sha256_of(content)), pieces, lasts or 0
    )


def _pieces(document: Mapping[str, Any]) -> Iterator[Piece]:
    """Yield a few words at a time of what was found and of what was drafted, by their times."""
    turns = [turn for turn in (*document["utterances"], *document["draft"]) if turn["start"] is not None]
    for turn in sorted(turns, key=lambda one: float(one["start"])):
        if not isinstance(turn["speaker"], str | None):
            raise TypeError("a speaker that is no text")
        words = [word for word in turn["words"] if word["start"] is not None and str(word["text"]).strip()]
        for first in range(0, len(words), PIECE_WORDS):
            some = words[first : first + PIECE_WORDS]
            start, end = milliseconds(some[0]["start"]), milliseconds(some[-1]["end"])
            text = " ".join(" ".join(str(word["text"]).split()) for word in some)
            if start is not None and end is not None and end >= start:
                yield Piece(turn["speaker"], text, start, end)
