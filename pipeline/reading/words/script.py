"""The letters that a transcript is written in: what they say of its language before anybody has listened."""

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
_MOST_LETTERS = 10_000
"""So many are enough to tell, however long the text is."""

_JAPANESE_FROM = 0.1
"""Japanese is written with Chinese characters, too; of a Chinese text not even this share is kana."""


def main_script(texts: Iterable[str]) -> str | None:
    """Name the script that most letters are of, Unicode's or the language's that has it alone; None without letters.

    >>> main_script(["Привет, it's", "Анна"]), main_script(["1, 2"])
    ('Cyrillic', None)
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(found.lastgroup or "other" for found in _LETTER.finditer(text))
        if counts.total() > _MOST_LETTERS:
            break
    if counts["Japanese"] > _JAPANESE_FROM * counts.total():
        return "Japanese"
    return next(iter(counts.most_common(1)), (None, 0))[0]
