"""Words where nobody writes spaces: Chinese, Japanese, Thai, Lao, Khmer and Burmese text cut by Unicode's rules.

ICU's word breaker (UAX #29, with dictionaries for these scripts) cuts; what it calls punctuation stays with a word, as
it does where spaces part words. The cut does not ask for the language, so that a text is cut the same way whatever it
is taken for.
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
"""The letters of the scripts that are written without spaces, for a set in a pattern; digits of theirs are in it."""

_LETTER = regex.compile(rf"(?!\p{{N}}(?<!〇))[{UNSPACED}]")
_ALSO_JOINED = regex.compile(rf"[{UNSPACED}\p{{M}}\u3000-\u303f\uff00-\uff9f]")
_WORD_CHARACTER = regex.compile(r"[\p{L}\p{N}]")
_SURROGATE = regex.compile(r"[\ud800-\udfff]")
_ONE = regex.compile(rf"[{NUMERALS}]{{2}}|[\p{{Katakana}}ー]{{2}}")
_LONG = regex.compile(r"\p{Han}")
_SYLLABLE = regex.compile(r"[\p{Hiragana}\p{Katakana}]")

_Kind = Literal["unspaced", "spaced", "mark"]


def is_unspaced(text: str) -> bool:
    """Whether a letter of a script without spaces is in the text."""
    return not text.isascii() and _LETTER.search(text) is not None


def cut_unspaced(run: str) -> list[str]:
    """Cut a run of characters without white space into words; one word where none of its letters is unspaced.

    Joined, the words are the run. Punctuation stays with the word before it, an opening bracket or quotation mark with
    the word after it; letters of other scripts, digits and what stands between them stay together.

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
    following = _following_words(kinds)
    at, word = 0, None  # the kind of the word that is being gathered; None while it has marks alone
    for piece, kind, next_word in zip(pieces, kinds, following, strict=True):
        if kind == "mark":
            opens = next_word is not None and unicodedata.category(piece[0]) in {"Ps", "Pi"}
            cuts = opens and word is not None and "unspaced" in {word, next_word}
            word = None if cuts else word
        else:
            cuts = word is not None and "unspaced" in {word, kind} and not _is_one(run, at)
            word = kind
        if cuts:
            yield at
        at += len(piece)


def _kind(piece: str) -> _Kind:
    if _LETTER.search(piece):
        return "unspaced"
    return "spaced" if _WORD_CHARACTER.search(piece) else "mark"


def _following_words(kinds: Iterable[_Kind]) -> list[_Kind | None]:
    """For each piece the kind of the next one that is no mark."""
    following: list[_Kind | None] = []
    ahead: _Kind | None = None
    for kind in reversed(tuple(kinds)):
        following.append(ahead)
        ahead = ahead if kind == "mark" else kind
    return following[::-1]


def _is_one(run: str, at: int) -> bool:
    """Whether a cut here would part a number in Chinese characters or a foreign word in katakana, unknown to ICU."""
    return _ONE.match(run, at - 1) is not None


def join_words(words: Iterable[str]) -> str:
    """Write words one after the other: with a space between two, but none beside a letter of an unspaced script.

    >>> join_words(["hello", "world"]), join_words(["今天", "很好。", "谢谢"])
    ('hello world', '今天很好。谢谢')
    """
    joined = ""
    parts: list[str] = []
    for word in words:
        beside = joined[-1:] + word[:1]
        parts += (" ", word) if joined and not _ALSO_JOINED.search(beside) else (word,)
        joined = word or joined
    return "".join(parts)


def letters_in(key: str) -> int:
    """How many letters of an alphabet a key is worth: what one takes to say, and to tell from others.

    A Chinese character is a syllable and counts as three, a kana as two.

    >>> letters_in("kettle"), letters_in("好")
    (6, 3)
    """
    if key.isascii():
        return len(key)
    return len(key) + 2 * len(_LONG.findall(key)) + len(_SYLLABLE.findall(key))
