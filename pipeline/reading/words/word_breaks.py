"""Cut text of scripts without spaces into words: Chinese, Japanese, Thai, Lao, Khmer and Burmese.

ICU's word breaker (Unicode's UAX #29, with dictionaries for these scripts) finds the cuts; punctuation stays with a
word, as in scripts with spaces. The language is not a parameter, so a text is cut in the same way whatever language is
assumed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Literal

import regex
from icu4py.breakers import WordBreaker

from pipeline.reading.words.han import NUMERALS

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー〆"
"""The letters of the scripts that are written without spaces, for a set in a pattern; their digits are included."""

_LETTER = regex.compile(rf"(?!\p{{N}}(?<!〇))[{UNSPACED}]")
_NO_SPACE_BESIDE = regex.compile(rf"[{UNSPACED}\p{{M}}\u3000-\u303f\uff00-\uff9f]")
_WORD_CHARACTER = regex.compile(r"[\p{L}\p{N}]")
_SURROGATE = regex.compile(r"[\ud800-\udfff]")
_ONE_WORD = regex.compile(rf"[{NUMERALS}]{{2}}|[\p{{Katakana}}ー]{{2}}")
_HAN = regex.compile(r"\p{Han}")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")

_Kind = Literal["unspaced", "spaced", "mark"]


def is_unspaced(text: str) -> bool:
    """Return whether the text has a letter of a script without spaces."""
    return not text.isascii() and _LETTER.search(text) is not None


def cut_unspaced(run: str) -> list[str]:
    """Cut a run of characters without white space into words; one word if none of its letters is unspaced.

    Joined, the words are the run. Punctuation stays with the word before it, an opening bracket or quotation mark with
    the word after it; letters of other scripts, digits and the marks between them stay together.

    >>> cut_unspaced("我用Python3。「好」")
    ['我', '用', 'Python3。', '「好」']
    """
    if not is_unspaced(run):
        return [run]
    starts = [0, *_cuts(run), len(run)]
    return [run[start:end] for start, end in pairwise(starts)]


def _cuts(run: str) -> Iterator[int]:
    pieces = list(WordBreaker(_SURROGATE.sub("\ufffd", run), "root"))
    kinds = [_kind(piece) for piece in pieces]
    following = _following_word_kinds(kinds)
    at, word = 0, None  # word: the kind of the current word; None while it has only marks
    for piece, kind, next_word in zip(pieces, kinds, following, strict=True):
        if kind == "mark":
            opens = next_word is not None and unicodedata.category(piece[0]) in {"Ps", "Pi"}
            cuts = opens and word is not None and "unspaced" in {word, next_word}
            word = None if cuts else word
        else:
            cuts = word is not None and "unspaced" in {word, kind} and not _is_one_word(run, at)
            word = kind
        if cuts:
            yield at
        at += len(piece)


def _kind(piece: str) -> _Kind:
    if _LETTER.search(piece):
        return "unspaced"
    return "spaced" if _WORD_CHARACTER.search(piece) else "mark"


def _following_word_kinds(kinds: Iterable[_Kind]) -> list[_Kind | None]:
    """Return for each piece the kind of the next piece that is not a mark."""
    following: list[_Kind | None] = []
    ahead: _Kind | None = None
    for kind in reversed(tuple(kinds)):
        following.append(ahead)
        ahead = ahead if kind == "mark" else kind
    return following[::-1]


def _is_one_word(run: str, at: int) -> bool:
    """Return whether a cut here would split a number in Chinese characters or a katakana word unknown to ICU."""
    return _ONE_WORD.match(run, at - 1) is not None


def join_words(words: Iterable[str]) -> str:
    """Join words with spaces, but without a space next to a letter of an unspaced script.

    >>> join_words(["hello", "world"]), join_words(["今天", "很好。", "谢谢"])
    ('hello world', '今天很好。谢谢')
    """
    last = ""
    parts: list[str] = []
    for word in words:
        adjacent = last[-1:] + word[:1]
        parts += (" ", word) if last and not _NO_SPACE_BESIDE.search(adjacent) else (word,)
        last = word or last
    return "".join(parts)


def letters_in(key: str) -> int:
    """Return how many letters of an alphabet a key is worth, by how long it takes to say and how distinctive it is.

    A Chinese character is a syllable and counts as three, a kana as two.

    >>> letters_in("kettle"), letters_in("好")
    (6, 3)
    """
    if key.isascii():
        return len(key)
    return len(key) + 2 * len(_HAN.findall(key)) + len(_KANA.findall(key))
