"""Detect the script of a transcript, which says something about its language before the audio is transcribed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import regex

LATIN = "Latin"

_LETTER = regex.compile(
    r"(?P<Latin>\p{Latin})|(?P<Greek>\p{Greek})|(?P<Cyrillic>\p{Cyrillic})|(?P<Armenian>\p{Armenian})"
    r"|(?P<Georgian>\p{Georgian})|(?P<Hebrew>\p{Hebrew})|(?P<Arabic>\p{Arabic})|(?P<Devanagari>\p{Devanagari})"
    r"|(?P<Bengali>\p{Bengali})|(?P<Tamil>\p{Tamil})|(?P<Telugu>\p{Telugu})|(?P<Thai>\p{Thai})|(?P<Khmer>\p{Khmer})"
    r"|(?P<Korean>\p{Hangul})|(?P<Japanese>[\p{Hiragana}\p{Katakana}])|(?P<Chinese>\p{Han})|(?P<other>\p{L})"
)
_MAX_LETTERS = 10_000
"""So many letters are enough to decide, however long the text is."""

_MIN_KANA_SHARE = 0.1
"""Japanese is written with Chinese characters too; a Chinese text has a smaller share of kana than this."""


def main_script(texts: Iterable[str]) -> str | None:
    """Name the script of most letters, or the language that has it alone; None if there are no letters.

    Scripts have Unicode's names.

    >>> main_script(["Привет, it's", "Анна"]), main_script(["1, 2"])
    ('Cyrillic', None)
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(found.lastgroup or "other" for found in _LETTER.finditer(text))
        if counts.total() > _MAX_LETTERS:
            break
    if counts["Japanese"] > _MIN_KANA_SHARE * counts.total():
        return "Japanese"
    return next(iter(counts.most_common(1)), (None, 0))[0]
