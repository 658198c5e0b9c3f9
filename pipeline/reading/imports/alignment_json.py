"""Read cuemark's own JSON (``cuemark.alignment/1``): its turns as the pieces of a transcript, with their words' times.

What ``finish`` and ``draft`` wrote is read in its place among the turns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import msgspec

from pipeline.reading.imports.pieces import ImportedFileError, Piece, milliseconds
from pipeline.schema import Fit, TimedUtterance, TimedWord
from pipeline.times import Ms, Span

SCHEMA = "cuemark.alignment/1"


class _Timed(msgspec.Struct):
    start: float | None = None
    end: float | None = None
    text: str = ""
    confidence: float = 0.0

    @property
    def span(self) -> Span | None:
        """The time in ms; None for one that no recording has."""
        start, end = milliseconds(self.start), milliseconds(self.end)
        return Span(start, end) if start is not None and end is not None and start <= end else None


class _Word(_Timed):
    timing: Literal["forced", "heard", "interpolated"] | None = None


class _Turn(_Timed):
    section: str | None = None
    speaker: str | None = None
    heard_speaker: str | None = None
    fit: Fit = "verbatim"
    words: list[_Word] = []


class _Audio(msgspec.Struct):
    path: str = ""
    sha256: str = ""
    duration: float | None = None


class _Document(msgspec.Struct):
    audio: _Audio = msgspec.field(default_factory=_Audio)
    utterances: list[_Turn] = []
    draft: list[_Turn] = []


class _Head(msgspec.Struct):
    schema: str = ""


@dataclass(frozen=True, slots=True)
class AlignedTurn:
    """A turn of the alignment.

    Attributes:
        section: the heading that it is under; None if there is none.
        words: each with its text and its time.
    """

    speaker: str | None
    section: str | None
    text: str
    timed: TimedUtterance
    words: tuple[tuple[str, TimedWord], ...]


@dataclass(frozen=True, slots=True)
class AlignmentFile:
    """What the JSON of an alignment has.

    Attributes:
        audio: the path of the recording, ``sha256`` its hash, ``duration`` in ms.
    """

    audio: str
    sha256: str
    duration: Ms
    turns: tuple[AlignedTurn, ...]


def is_alignment(source: str) -> bool:
    """Return whether JSON says that it is an alignment of cuemark."""
    try:
        return msgspec.json.decode(source, type=_Head).schema == SCHEMA
    except (msgspec.DecodeError, RecursionError):
        return False


def read_alignment(source: str) -> AlignmentFile:
    """Read the JSON of an alignment.

    Raises:
        ImportedFileError: its fields are not those of ``cuemark.alignment/1``.
    """
    try:
        document = msgspec.json.decode(source, type=_Document)
    except (msgspec.DecodeError, RecursionError) as e:
        raise ImportedFileError(f"says that it is {SCHEMA}, but is not ({e})") from e
    turns = tuple(_turn(one) for one in _with_drafts(document) if one.text.strip())
    return AlignmentFile(document.audio.path, document.audio.sha256, milliseconds(document.audio.duration) or 0, turns)


def alignment_pieces(source: str) -> Iterator[Piece]:
    """Yield the turns of an alignment as pieces, one each.

    Raises:
        ImportedFileError: as ``read_alignment``.
    """
    section: str | None = None
    for turn in read_alignment(source).turns:
        span = turn.timed.span
        heading = turn.section if turn.section != section else None
        section = turn.section
        yield Piece(
            turn.speaker,
            " ".join(turn.text.split()),
            span.start if span else None,
            span.end if span else None,
            heading=heading,
            is_turn=True,
        )


def _with_drafts(document: _Document) -> list[_Turn]:
    """Return the turns with those that were drafted behind the last one that begins before them."""
    latest = list(accumulate((turn.start or 0.0 for turn in document.utterances), max))
    turns = list(document.utterances)
    for number, draft in enumerate(sorted(document.draft, key=lambda one: one.start or 0.0)):
        place = bisect_right(latest, draft.start or 0.0)
        draft.section = document.utterances[place - 1].section if place else None
        draft.confidence = 1.0
        turns.insert(place + number, draft)
    return turns


def _turn(turn: _Turn) -> AlignedTurn:
    words = tuple(
        (word.text, TimedWord(word.span, word.timing if word.span else None, word.confidence)) for word in turn.words
    )
    timed = TimedUtterance(turn.span, turn.confidence if turn.span else 0.0, turn.fit, turn.heard_speaker)
    return AlignedTurn(turn.speaker, turn.section, turn.text, timed, words)
