"""Give each written word a time from the piece that it is in, spread evenly over the piece's text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from pipeline.reading.imports.pieces import Piece, with_ends
from pipeline.schema import Transcript
from pipeline.times import Span

_FARTHEST = 200
"""Characters of markup and signs that may lie between two words: what is farther away is another word of the text."""


def word_pieces(transcript: Transcript, pieces: Sequence[Piece]) -> Iterator[tuple[int, int, int]]:
    """Yield for each word the index of its piece, and its first and last character there, half-open.

    Args:
        pieces: what the transcript was made of; at least one.
    """
    starts: list[int] = []
    parts: list[str] = []
    length = 0
    for piece in pieces:
        starts.append(length)
        parts.append(piece.text)
        length += len(piece.text) + 1
    text = " ".join(parts)
    done = 0
    for word in transcript.words:
        found = text.find(word.shown, done, done + len(word.shown) + _FARTHEST)
        at = done if found < 0 else found
        done = at if found < 0 else at + len(word.shown)
        index = bisect_right(starts, min(at, length - 1)) - 1
        first = min(at - starts[index], len(pieces[index].text))
        yield index, first, min(done - starts[index], len(pieces[index].text))


def word_spans(transcript: Transcript, pieces: Sequence[Piece]) -> tuple[Span | None, ...]:
    """Return the time of each word of a transcript; None where its piece has none."""
    return tuple(_span(pieces[index], first, last) for index, first, last in word_pieces(transcript, pieces))


def written_pieces(transcript: Transcript) -> tuple[Piece, ...]:
    """Return a transcript with typed times as pieces: each from one typed time to the next."""
    points = {claim.word: claim.at for claim in transcript.claims}
    begins = sorted({0, *points})
    ends = [*begins[1:], len(transcript.words)]
    found = (
        Piece(None, " ".join(word.shown for word in transcript.words[begin:end]), points.get(begin))
        for begin, end in zip(begins, ends, strict=True)
        if begin < end
    )
    return with_ends(tuple(found))


def turn_pieces(transcript: Transcript) -> tuple[Piece, ...]:
    """Return a transcript as pieces: each turn with its speaker and its typed time."""
    turns = ((turn, [transcript.words[k].shown for k in turn.words]) for turn in transcript.utterances)
    return with_ends(
        tuple(
            Piece(turn.speaker, " ".join(said), turn.claim.at if turn.claim else None) for turn, said in turns if said
        )
    )


def _span(piece: Piece, first: int, last: int) -> Span | None:
    if piece.start is None or piece.end is None:
        return None
    length = max(1, len(piece.text))
    duration = piece.end - piece.start
    return Span(piece.start + duration * first // length, piece.start + duration * last // length)
