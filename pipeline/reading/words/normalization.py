"""Fold the variants of a word to one spelling: those that are written differently and pronounced the same.

Case, accents and ligatures of alphabets; the points of Hebrew and Arabic, which few write; variants of Arabic letters
(the folding that Arabic search engines use); hiragana and katakana; the most common traditional and simplified Chinese
characters. The marks of Indian scripts and of Thai are vowels and stay. A word of a script without spaces gives one key
for each letter with its marks, because engines differ in how they cut such a text into words, but not in its letters.
Korean syllables are decomposed, so that one wrong letter is not a wrong syllable.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

from pipeline.reading.words.han import SIMPLIFIED
from pipeline.reading.words.word_breaks import UNSPACED

LETTERS = r"[\p{L}\p{Nl}\p{No}][\p{L}\p{M}\p{Nl}\p{No}]*+"
"""A run of letters with their marks, as a pattern."""

_ACCENTS = regex.compile(r"([\p{Latin}\p{Greek}\p{Cyrillic}])\p{Mn}+")
_POINTS = regex.compile(r"[\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u093c]+")
"""Hebrew points and cantillation, Arabic vowel signs and tatweel, the dot under a Hindi letter."""
_HANGUL = regex.compile(r"[\uac00-\ud7a3]+")
_PART = regex.compile(rf"[{UNSPACED}]\p{{M}}*+|(?:(?![{UNSPACED}])[\p{{L}}\p{{M}}\p{{Nl}}\p{{No}}])++")
_WORD = regex.compile(LETTERS)

_SAME_LETTERS = str.maketrans(
    SIMPLIFIED
    | {chr(katakana): chr(katakana - 0x60) for katakana in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
    | {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ı": "i",
    }  # letters that do not decompose into one with an accent
    | {"ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ۃ": "ه", "ھ": "ه", "ە": "ه"}
    | {"ँ": "ं"}  # Hindi: one nasal sign for the other
)


def fold(word: str) -> Iterator[str]:
    """Yield the keys of a run of letters: its folded spelling; several if its script has no spaces.

    Folding a key yields that key alone.

    >>> list(fold("Éclair")), list(fold("カメラ")), list(fold("שָׁלוֹם"))
    (['eclair'], ['か', 'め', 'ら'], ['שלום'])
    """
    if word.isascii():
        yield word.lower()
        return
    for part in _PART.findall(_unify_spelling(word)):
        yield from _WORD.findall(_HANGUL.sub(_decompose, part))


def _unify_spelling(word: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word.casefold()).casefold())
    bare = _POINTS.sub("", _ACCENTS.sub(r"\1", unicodedata.normalize("NFD", folded)))
    return unicodedata.normalize("NFC", bare).translate(_SAME_LETTERS)


def _decompose(syllables: regex.Match[str]) -> str:
    return unicodedata.normalize("NFD", syllables[0])
