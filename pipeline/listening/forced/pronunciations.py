"""How words are pronounced, in the phones of the CMU Pronouncing Dictionary, without stress.

Sources, in this order: fillers ("um"), the dictionary that PocketSphinx brings (135,000 entries, variants included),
the letters of an abbreviation, and for all other words their spelling (see ``grapheme_to_phoneme``). Words of other
languages are pronounced by their spelling alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from pipeline.listening.forced.grapheme_to_phoneme import Pronunciation, by_spelling

PHONES = (
    *(
        "AA",
        "AE",
        "AH",
        "AO",
        "AW",
        "AY",
        "B",
        "CH",
        "D",
        "DH",
        "EH",
        "ER",
        "EY",
        "F",
        "G",
        "HH",
        "IH",
        "IY",
        "JH",
        "K",
    ),
    *("L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH"),
)
"""All phones, as in the dictionary and in the acoustic model."""

_FILLERS: Mapping[str, tuple[str, ...]] = {
    "um": ("AH M", "M"),
    "uh": ("AH", "AA"),
    "mm": ("M",),
    "hmm": ("HH M", "M"),
    "mhm": ("M HH M", "AH HH AH"),
    "erm": ("ER M",),
    "er": ("ER",),
}
"""Words that the dictionary lacks, or spells out as abbreviations."""

_LETTERS: Mapping[str, str] = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
    "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
    "y": "W AY", "z": "Z IY",
}  # fmt: skip
"""The names of the letters."""

_MOST_INITIALS = 5
"""A word in capitals of at most this many letters may be said letter by letter: "HTML", but not "WARNING"."""

_MOST_CHARACTERS = 100
"""A longer word is none: an address, or an embedded file. The longest in German dictionaries have 80 letters. The model
of spelling takes longer than a minute for 300,000."""

_VARIANT = re.compile(r"\(\d+\)$")


@lru_cache(maxsize=1)
def dictionary() -> Mapping[str, list[str]]:
    """Return PocketSphinx's dictionary: phones with spaces between them, by words without apostrophes.

    It has 135,000 entries and is read in 0.2 s.
    """
    from pocketsphinx import get_model_path  # noqa: PLC0415 -- heavy, and few runs need it

    entries: dict[str, list[str]] = {}
    for line in Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines():
        word, _, phones = line.partition(" ")
        if not word.isalpha():
            word = _VARIANT.sub("", word).replace("'", "")
        entries.setdefault(word, []).append(phones)
    return entries


def entries_of(key: str) -> tuple[Pronunciation, ...]:
    """Return the entries of a word without apostrophes in the dictionary; empty if it has none."""
    return tuple(dict.fromkeys(map(_split, dictionary().get(key, ()))))


@lru_cache(maxsize=1 << 14)
def pronunciations(key: str, language: str = "en", *, is_abbreviation: bool = False) -> tuple[Pronunciation, ...]:
    """Return all ways in which a word may be pronounced; empty if none is known, or if it is too long for a word.

    Args:
        key: a word as spoken and folded (see ``reading.words.spoken_form``); of other languages than English with its
            accents and apostrophes.
        language: one of ``grapheme_to_phoneme.LANGUAGES``.
        is_abbreviation: whether it is written in capitals, and so may be said letter by letter.

    >>> pronunciations("tomato")
    (('T', 'AH', 'M', 'EY', 'T', 'OW'), ('T', 'AH', 'M', 'AA', 'T', 'OW'))
    """
    if len(key) > _MOST_CHARACTERS:
        return ()
    if language != "en":
        return by_spelling(key, language)
    found = [*map(_split, _FILLERS.get(key, ())), *entries_of(key)]
    if key.isascii() and key.isalpha() and ((is_abbreviation and len(key) <= _MOST_INITIALS) or len(key) == 1):
        found.append(tuple(phone for letter in key for phone in _split(_LETTERS[letter])))
    if not found:
        found = [*_with_ending(key), *by_spelling(key, "en")][:2]
    return tuple(dict.fromkeys(found))


def has_entry(key: str) -> bool:
    """Return whether the English dictionary has a word, so that its pronunciation is no guess.

    Args:
        key: see ``pronunciations``.
    """
    return key in _FILLERS or key in dictionary()


def _split(phones: str) -> Pronunciation:
    return tuple(phones.split())


def _with_ending(key: str) -> Iterator[Pronunciation]:
    """Yield the pronunciation of a word of the dictionary with a possessive or plural "s", which its key runs into."""
    if key.endswith("s"):
        for base in entries_of(key[:-1])[:1]:
            yield (*base, "S" if base[-1] in _VOICELESS else "Z")


_VOICELESS = frozenset(("F", "K", "P", "T", "TH"))
