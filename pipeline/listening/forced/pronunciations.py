"""How English words are pronounced, in the phones of the CMU Pronouncing Dictionary, without stress.

Sources, in this order: fillers ("um"), the dictionary that PocketSphinx brings (135,000 entries, variants included),
the letters of an abbreviation, and for all other words a grapheme-to-phoneme model (``g2p2``), whose IPA is converted
to the nearest phones of the dictionary.
"""

from __future__ import annotations

import lzma
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from g2p2 import Model

Pronunciation = tuple[str, ...]
"""The phones of a word, such as ``("HH", "AH", "L", "OW")``."""

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

_VARIANT = re.compile(r"\(\d+\)$")


@lru_cache(maxsize=1)
def _dictionary() -> Mapping[str, tuple[Pronunciation, ...]]:
    """Return the dictionary of PocketSphinx: 135,000 entries, read in 0.3 s."""
    from pocketsphinx import get_model_path  # noqa: PLC0415 -- heavy, and few runs need it

    entries: dict[str, list[Pronunciation]] = {}
    with Path(get_model_path("en-us/cmudict-en-us.dict")).open(encoding="utf-8") as file:
        for line in file:
            word, *phones = line.split()
            entries.setdefault(_VARIANT.sub("", word).replace("'", ""), []).append(tuple(phones))
    return {word: tuple(dict.fromkeys(variants)) for word, variants in entries.items()}


@lru_cache(maxsize=1 << 14)
def pronunciations(key: str, *, is_abbreviation: bool = False) -> tuple[Pronunciation, ...]:
    """Return all ways in which a word may be pronounced; empty if none is known.

    Args:
        key: a word as spoken and folded (see ``reading.words.spoken_form``).
        is_abbreviation: whether it is written in capitals, and so may be said letter by letter.

    >>> pronunciations("tomato")
    (('T', 'AH', 'M', 'EY', 'T', 'OW'), ('T', 'AH', 'M', 'AA', 'T', 'OW'))
    """
    found = [*map(_split, _FILLERS.get(key, ())), *_dictionary().get(key, ())]
    if key.isascii() and key.isalpha() and ((is_abbreviation and len(key) <= _MOST_INITIALS) or len(key) == 1):
        found.append(tuple(phone for letter in key for phone in _split(_LETTERS[letter])))
    if not found:
        found = [*_with_ending(key), *_by_model(key)][:2]
    return tuple(dict.fromkeys(found))


def _split(phones: str) -> Pronunciation:
    return tuple(phones.split())


def _with_ending(key: str) -> Iterator[Pronunciation]:
    """Yield the pronunciation of a word of the dictionary with a possessive or plural "s", which its key runs into."""
    if key.endswith("s"):
        for base in _dictionary().get(key[:-1], ())[:1]:
            yield (*base, "S" if base[-1] in _VOICELESS else "Z")


_VOICELESS = frozenset(("F", "K", "P", "T", "TH"))


# --- words that no dictionary has ---------------------------------------------------------------------------------

_OF_IPA: Sequence[tuple[str, str]] = (
    ("tʃ", "CH"), ("dʒ", "JH"), ("aɪ", "AY"), ("aʊ", "AW"), ("ɔɪ", "OY"), ("eɪ", "EY"), ("oʊ", "OW"), ("əʊ", "OW"),
    ("ɑ", "AA"), ("æ", "AE"), ("ʌ", "AH"), ("ə", "AH"), ("ɔ", "AO"), ("ɒ", "AO"), ("ɛ", "EH"), ("ɜ", "ER"),
    ("ɚ", "ER"), ("ɝ", "ER"), ("e", "EY"), ("ɪ", "IH"), ("i", "IY"), ("o", "OW"), ("ʊ", "UH"), ("u", "UW"),
    ("a", "AA"), ("b", "B"), ("d", "D"), ("ð", "DH"), ("f", "F"), ("ɡ", "G"), ("g", "G"), ("h", "HH"), ("j", "Y"),
    ("k", "K"), ("l", "L"), ("ɫ", "L"), ("m", "M"), ("n", "N"), ("ŋ", "NG"), ("p", "P"), ("ɹ", "R"), ("r", "R"),
    ("s", "S"), ("ʃ", "SH"), ("t", "T"), ("ɾ", "D"), ("θ", "TH"), ("v", "V"), ("w", "W"), ("z", "Z"), ("ʒ", "ZH"),
)  # fmt: skip
"""Symbols of the International Phonetic Alphabet, longer ones first, and the phones nearest to them."""

_TIE = "\u0361"
"""Joins the two symbols of an affricate, in some words only."""


@lru_cache(maxsize=1)
def _model() -> Model:
    """Load the model from its package. ``g2p2.phonemize`` would unpack it into a cache, or fetch it from elsewhere."""
    import g2p2_group_germanic  # noqa: PLC0415 -- few runs need it
    from g2p2 import Model  # noqa: PLC0415 -- the same

    content = lzma.decompress((files(g2p2_group_germanic) / "en.g2p.xz").read_bytes())
    with tempfile.NamedTemporaryFile(suffix=".g2p") as file:
        file.write(content)
        file.flush()
        return Model.load(file.name)


def _by_model(key: str) -> Iterator[Pronunciation]:
    if key.isalpha() and (phones := _arpabet(_model().phonemize(key))):
        yield phones


def _arpabet(ipa: str) -> Pronunciation:
    """Return the phones of a text in IPA; what no phone is near to is left out, such as marks of stress and length."""
    ipa = ipa.replace(_TIE, "")
    phones: list[str] = []
    at = 0
    while at < len(ipa):
        for symbol, phone in _OF_IPA:
            if ipa.startswith(symbol, at):
                phones.append(phone)
                at += len(symbol)
                break
        else:
            at += 1
    return tuple(phones)
