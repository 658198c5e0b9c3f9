"""What was heard, in words: where a language is written without spaces, Whisper gives letters and pieces of words.

Every rule about words (ten unwritten ones are a passage, six that nobody says have no time) then holds for these
languages as for any other. The written text is cut by the same rules; that the two cuts differ in places does no harm,
since the alignment compares letters there (see ``reading.words.normalization``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from pipeline.reading.words.word_breaks import cut_unspaced, is_unspaced
from pipeline.schema import HeardWord, Hearing
from pipeline.times import Ms, Span

PAUSE: Ms = 300
"""No word reaches across so much silence."""


def in_words(hearing: Hearing) -> Hearing:
    """Put the pieces of unspaced scripts together and cut them into words; the same hearing where there are none.

    No letter is lost, and words stay in order of their starts. A word takes the time of its letters: a piece's time is
    shared evenly among those that it has.
    """
    if not any(is_unspaced(word.text) for word in hearing.words):
        return hearing
    words = (word for stretch in _stretches(hearing.words) for word in _cut(stretch))
    return replace(hearing, words=tuple(words))


def _stretches(words: Sequence[HeardWord]) -> Iterator[Sequence[HeardWord]]:
    ends = [at for at, (before, after) in enumerate(pairwise(words), start=1) if not _goes_on(before, after)]
    return (words[start:end] for start, end in pairwise([0, *ends, len(words)]))


def _goes_on(before: HeardWord, after: HeardWord) -> bool:
    """Whether nothing parts the two: no pause, and letters without spaces, a lone mark or the digits of one number."""
    last, first = before.text[-1:], after.text[:1]
    is_mark = unicodedata.category(first or " ").startswith("M")
    close = after.span.start - before.span.end < PAUSE
    return close and (is_unspaced(last + first) or is_mark or (last.isdecimal() and first.isdecimal()))


def _cut(stretch: Sequence[HeardWord]) -> Iterator[HeardWord]:
    parts = cut_unspaced("".join(piece.text for piece in stretch))
    if len(parts) == len(stretch) == 1:
        yield stretch[0]
        return
    letters = [(span, piece.probability) for piece in stretch for span in _letter_spans(piece)]
    edges = accumulate((len(part) for part in parts), initial=0)
    for part, (start, end) in zip(parts, pairwise(edges), strict=True):
        span = letters[start][0].cover(letters[end - 1][0])
        sure = [probability for _, probability in letters[start:end] if probability is not None]
        yield HeardWord(part, span, sum(sure) / len(sure) if sure else None)


def _letter_spans(piece: HeardWord) -> list[Span]:
    """The time of each character; punctuation and marks take none, unless there is nothing else."""
    sizes = [int(character.isalnum()) for character in piece.text]
    edges = list(accumulate(sizes if any(sizes) else [1] * len(sizes), initial=0))
    start, duration = piece.span.start, piece.span.duration
    points = [start + round(duration * edge / edges[-1]) for edge in edges]
    return [Span(a, b) for a, b in pairwise(points)]
