"""The pieces that a transcript of another program consists of, and the turns that they make."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.times import MS_PER_HOUR, Ms, from_seconds

_LABEL = re.compile(r"[\u200e\u200f]?(?:>>\s?)?([^\W\d_][^:\n<>{}]{0,40}):\s+(?=\S)")
_FULL_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,3}")
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", '."', '?"', '!"', ".”", "?”", "!”")
_PARAGRAPH_WORDS = 60
"""Without speakers, a paragraph ends with the first sentence after this number of words: cues are too short."""
_LATEST = 100 * MS_PER_HOUR
"""A typed time has two digits for its hours."""
_SHORTEST, _SLOW, _USUAL = 500, 200, 66
"""Milliseconds: of any piece, and for each character; 15 characters a second is the usual speed of subtitles."""


class ImportedFileError(ValueError):
    """A file cannot be read in its format; the message continues "the file …", ``line`` counts from 1."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason, self.line = reason, line
        super().__init__(f"{reason} (line {line})" if line else reason)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of speech as the format has it: a cue, a segment, a paragraph.

    Attributes:
        speaker: None if the format names none here: the speaker before goes on.
        text: without markup; white space is one space.
        start, end: in ms; None if the format has none.
        cue: the index of the cue that it is in; None if the format has no cues.
        heading: the heading before it, under which a turn begins; None if there is none.
        is_turn: whether a turn begins with it, though the speaker may be the same.
    """

    speaker: str | None
    text: str
    start: Ms | None = None
    end: Ms | None = None
    cue: int | None = None
    heading: str | None = None
    is_turn: bool = False


@dataclass(frozen=True, slots=True)
class ImportedTurn:
    """Neighbouring pieces of one speaker, who is None if not known."""

    speaker: str | None
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The text of all pieces; never empty."""
        return " ".join(piece.text for piece in self.pieces)

    @property
    def start(self) -> Ms | None:
        """The start of its first piece."""
        return self.pieces[0].start

    @property
    def heading(self) -> str | None:
        """The heading before it."""
        return self.pieces[0].heading


def milliseconds(seconds: float | None) -> Ms | None:
    """Return a time in seconds in ms; None for a time that no recording has."""
    if seconds is None or not 0 <= seconds * 1000 < _LATEST:
        return None
    return from_seconds(seconds)


def with_labels(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with names before colons as their speakers, without those that have no text."""
    said = [_without_own_name(piece) for piece in pieces if piece.text or piece.speaker]
    labels = [_LABEL.match(piece.text) if piece.speaker is None else None for piece in said]
    names = [label[1].strip() if label else "" for label in labels]
    speakers = label_names(names)
    found = (
        replace(piece, speaker=name, text=piece.text[label.end() :]) if label and name in speakers else piece
        for piece, name, label in zip(said, names, labels, strict=True)
    )
    return tuple(piece for piece in found if piece.text)


def label_names(names: Sequence[str]) -> frozenset[str]:
    """Return which of the names before colons are speakers'.

    A name is a speaker's if most pieces have one, if it occurs twice, or if it is a full name and the first piece
    begins with a name, too. Any other one may be a sentence that contains a colon.

    Args:
        names: of each piece; empty for one that has none.
    """
    most = sum(map(bool, names)) * 2 > len(names)
    begun = bool(names and names[0])
    return frozenset(
        name for name, number in Counter(names).items() if name and (most or number > 1 or (begun and _is_full(name)))
    )


def starts_with_label(text: str) -> bool:
    """Return whether a text may begin with the name of its speaker."""
    return _LABEL.match(text) is not None


def turns_of(pieces: Sequence[Piece]) -> Iterator[ImportedTurn]:
    """Join pieces to turns: those of one speaker, or what the format has as a turn; else a few sentences each."""
    speaker: str | None = None
    joined: list[Piece] = []
    words = 0
    for piece in pieces:
        begins = piece.is_turn or piece.heading is not None
        full = speaker is None and words >= _PARAGRAPH_WORDS and joined[-1].text.endswith(_SENTENCE_ENDS)
        if joined and (begins or full or (piece.speaker and piece.speaker != speaker)):
            yield ImportedTurn(speaker, tuple(joined))
            joined, words = [], 0
        speaker = piece.speaker or (None if piece.is_turn else speaker)
        joined.append(piece)
        words += len(piece.text.split())
    if joined:
        yield ImportedTurn(speaker, tuple(joined))


def with_ends(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with an end for each that has a start.

    Where the format has none, a piece lasts until the next one begins, and no longer than slow speech does; if none
    begins later, as long as its text takes to read.
    """
    starts = [*(piece.start for piece in pieces), None][1:]
    return tuple(
        replace(piece, end=_end(piece.text, piece.start, after))
        if piece.start is not None and piece.end is None
        else piece
        for piece, after in zip(pieces, starts, strict=True)
    )


def _end(text: str, start: Ms, after: Ms | None) -> Ms:
    if after is not None and after >= start:
        return min(after, start + _SHORTEST + len(text) * _SLOW)
    return start + _SHORTEST + len(text) * _USUAL


def _without_own_name(piece: Piece) -> Piece:
    """Return a piece without the name of its speaker in its text, where a format names it twice (as ASS often does)."""
    name, colon, text = piece.text.partition(":")
    is_own = colon and piece.speaker and name.replace(",", "").split() == piece.speaker.split()
    return replace(piece, text=text.strip()) if is_own else piece


def _is_full(name: str) -> bool:
    return _FULL_NAME.fullmatch(name) is not None and all(part[:1].isupper() for part in name.split())
