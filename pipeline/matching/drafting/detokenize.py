"""Detokenization: an engine's words as people write them, with pieces joined and noises and stray marks removed.

Whisper splits what people write as one word (``0`` ``.8``, ``O`` ``'Hara``), and puts what is not speech in brackets
(``[Music]``, ``♪``). In a transcript, square brackets are the editor's, so heard ones become round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import regex

from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import HeardWord
from pipeline.times import Ms, Span

MAX_NOISE_WORDS = {"[": 6, "♪": 6, "♫": 6, "(": 3, "*": 3}
"""By the opening mark: up to this many words are a description of noise; more are speech with stray brackets. Chosen by
hand."""

MAX_PIECE_GAP_MS: Ms = 60
"""Pieces of one word follow each other without a pause; a gap up to this is the engine's rounding. Chosen by hand."""

_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}\ufeff]")
_NOISE_ENDS = regex.compile(r"[\])*♪♫][.,!?]?$")
_MUSIC = regex.compile(r"[♪♫♬♩]")
_SQUARE = str.maketrans("[]", "()")
_PIECE = regex.compile(r"(?P<point>\.[\p{Ll}\p{N}])|(?P<mark>['’]\p{L}|-[\p{L}\p{N}])")
_BEFORE_POINT = regex.compile(r"[\p{Ll}\p{N}]$")
_BEFORE_MARK = regex.compile(r"[\p{L}\p{N}]$")


def detokenize(words: Sequence[HeardWord], language: str) -> tuple[HeardWord, ...]:
    """Return the words without noises, one for each that people write.

    Each word has a letter, a digit or a spoken sign, and no white space. Times and order stay; a joined word has the
    span of all its pieces and the lowest of their probabilities.

    >>> [word.text for word in detokenize([HeardWord("0", Span(0, 9)), HeardWord(".8", Span(9, 20))], "en")]
    ['0.8']
    """
    clean = (part for word in _without_noises(words) for part in _parts(word))
    return tuple(_join_pieces(clean, language))


def split_time_by_letters(texts: Sequence[str], heard: Sequence[HeardWord]) -> Iterator[HeardWord]:
    """Divide the time of heard words among other texts, in proportion to their letters.

    Each new word has the lowest probability of the heard ones.
    """
    span = heard[0].span.cover(heard[-1].span)
    edges = list(accumulate((max(1, len(text)) for text in texts), initial=0))
    points = [span.start + round(span.duration * edge / edges[-1]) for edge in edges]
    for text, (start, end) in zip(texts, pairwise(points), strict=True):
        yield HeardWord(text, Span(start, end), min_probability(heard))


def min_probability(heard: Iterable[HeardWord]) -> float | None:
    """Return the lowest probability of the words, 0..1; None if the engine gave none."""
    known = [word.probability for word in heard if word.probability is not None]
    return min(known, default=None)


def _without_noises(words: Sequence[HeardWord]) -> Iterator[HeardWord]:
    at = 0
    while at < len(words):
        end = _noise_end(words, at)
        if end == at:
            yield words[at]
        at = max(end, at + 1)


def _noise_end(words: Sequence[HeardWord], start: int) -> int:
    """Return the end of the description of noise that starts with this word; ``start`` if it is a normal word."""
    text = words[start].text
    longest = MAX_NOISE_WORDS.get(text[:1], 0)
    for at in range(start + (len(text) == 1), min(len(words), start + longest)):
        if _NOISE_ENDS.search(words[at].text):
            return at + 1
    return start


def _parts(word: HeardWord) -> Iterator[HeardWord]:
    text = _MUSIC.sub("", _CONTROL.sub(" ", word.text)).translate(_SQUARE)
    parts = text.split()
    if parts == [word.text]:
        yield word
    elif parts:
        yield from split_time_by_letters(parts, [word])


def _join_pieces(words: Iterable[HeardWord], language: str) -> Iterator[HeardWord]:
    """Join pieces to the word before, and marks that are not spoken (a lone dash), or drop them."""
    last: HeardWord | None = None
    for word in words:
        if last is not None and _is_piece_of(last, word):
            last = HeardWord(last.text + word.text, last.span.cover(word.span), min_probability((last, word)))
        elif not spoken_keys(word.text, language):
            last = last and _with_mark(last, word.text)
        else:
            if last is not None:
                yield last
            last = word
    if last is not None:
        yield last


def _is_piece_of(last: HeardWord, word: HeardWord) -> bool:
    """Return whether a word follows another without a gap and continues it: ``.8``, ``'s``, ``-x``."""
    found = _PIECE.match(word.text)
    if found is None or word.span.start - last.span.end > MAX_PIECE_GAP_MS:
        return False
    return (_BEFORE_POINT if found["point"] else _BEFORE_MARK).search(last.text) is not None


def _with_mark(word: HeardWord, mark: str) -> HeardWord:
    """Append a separate punctuation mark to the word before if it ends a clause or sentence there; drop any other."""
    closes = mark[0] in ".,!?…" and word.text[-1].isalnum()
    return replace(word, text=word.text + mark) if closes else word
