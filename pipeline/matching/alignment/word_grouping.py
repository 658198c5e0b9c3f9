"""Group what was heard into words: in a language without spaces, Whisper returns letters and pieces of words.

Every rule about words then holds for these languages as for any other: ten untranscribed words are a passage, six that
are not heard have no times. The written text is cut by the same rules. If the two cuts differ in places, it does no
harm, because the alignment compares letters there (see ``reading.words.normalization``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from pipeline.reading.words.word_breaks import cut_unspaced, is_unspaced
from pipeline.schema import HeardWord, Hearing
from pipeline.times import Ms, Span

PAUSE_BETWEEN_WORDS_MS: Ms = 300
"""No word extends across a silence of this length. Chosen without a measurement on record."""


def group_into_words(hearing: Hearing) -> Hearing:
    """Join the pieces of scripts without spaces and cut them into words.

    No letter is lost, and words stay in order of their starts. A word takes the time of its letters: the time of a
    piece is shared equally among the letters that it has.

    Returns:
        The same object if nothing is in such a script.
    """
    if not any(is_unspaced(word.text) for word in hearing.words):
        return hearing
    words = (word for pieces in _connected_pieces(hearing.words) for word in _cut_into_words(pieces))
    return replace(hearing, words=tuple(words))


def _connected_pieces(words: Sequence[HeardWord]) -> Iterator[Sequence[HeardWord]]:
    ends = [at for at, (before, after) in enumerate(pairwise(words), start=1) if not _are_connected(before, after)]
    return (words[start:end] for start, end in pairwise([0, *ends, len(words)]))


def _are_connected(before: HeardWord, after: HeardWord) -> bool:
    """Return whether two pieces may be of one word: no pause, and unspaced letters, a mark or digits of a number."""
    last, first = before.text[-1:], after.text[:1]
    is_mark = unicodedata.category(first or " ").startswith("M")
    is_close = after.span.start - before.span.end < PAUSE_BETWEEN_WORDS_MS
    return is_close and (is_unspaced(last + first) or is_mark or (last.isdecimal() and first.isdecimal()))


def _cut_into_words(pieces: Sequence[HeardWord]) -> Iterator[HeardWord]:
    words = cut_unspaced("".join(piece.text for piece in pieces))
    if len(words) == len(pieces) == 1:
        yield pieces[0]
        return
    letters = [(span, piece.probability) for piece in pieces for span in _letter_spans(piece)]
    edges = accumulate((len(word) for word in words), initial=0)
    for word, (start, end) in zip(words, pairwise(edges), strict=True):
        span = letters[start][0].cover(letters[end - 1][0])
        known = [probability for _, probability in letters[start:end] if probability is not None]
        yield HeardWord(word, span, sum(known) / len(known) if known else None)


def _letter_spans(piece: HeardWord) -> list[Span]:
    """Return the time of each character; punctuation and marks take none, unless the piece has nothing else."""
    sizes = [int(character.isalnum()) for character in piece.text]
    edges = list(accumulate(sizes if any(sizes) else [1] * len(sizes), initial=0))
    start, duration = piece.span.start, piece.span.duration
    points = [start + round(duration * edge / edges[-1]) for edge in edges]
    return [Span(a, b) for a, b in pairwise(points)]
