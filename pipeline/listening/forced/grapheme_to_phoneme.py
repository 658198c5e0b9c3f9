"""How a word is pronounced that no dictionary has: by a model of the language's spelling, in the phones of English.

The models are those of g2p2, one for each language; they give the symbols of the International Phonetic Alphabet. The
acoustic models know the phones of English alone, so each symbol becomes the nearest of them, and where another one is
as near, the word has a second pronunciation with it.
"""

from __future__ import annotations

import lzma
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from g2p2 import Model

Pronunciation = tuple[str, ...]
"""The phones of a word, such as ``("HH", "AH", "L", "OW")``, as in the CMU Pronouncing Dictionary, without stress."""

LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("de", "en"), "germanic"),
    **dict.fromkeys(("es", "fr", "it", "pt"), "romance"),
    **dict.fromkeys(("ja", "zh"), "cjk"),
    "he": "semitic",
}
"""The family of each language, in whose package its model is."""

_OF_IPA: Sequence[tuple[str, str]] = (
    ("tʃ", "CH"), ("dʒ", "JH"), ("ts", "T S"), ("dz", "D Z"), ("tɕ", "CH"), ("dʑ", "JH"), ("aɪ", "AY"), ("aʊ", "AW"),
    ("ɔɪ", "OY"), ("ɔʏ", "OY"), ("eɪ", "EY"), ("oʊ", "OW"), ("əʊ", "OW"),
    ("p", "P"), ("b", "B"), ("t", "T"), ("d", "D"), ("k", "K"), ("ɡ", "G"), ("g", "G"), ("c", "K"), ("ɟ", "G Y"),
    ("q", "K"), ("m", "M"), ("n", "N"), ("ɱ", "M"), ("ɲ", "N Y"), ("ŋ", "NG"), ("f", "F"), ("v", "V"), ("β", "V"),
    ("ɸ", "F"), ("θ", "TH"), ("ð", "DH"), ("s", "S"), ("z", "Z"), ("ʃ", "SH"), ("ʒ", "ZH"), ("ʂ", "SH"), ("ʐ", "ZH"),
    ("ɕ", "SH"), ("ʑ", "ZH"), ("ç", "SH"), ("ʝ", "Y"), ("x", "HH"), ("ɣ", "G"), ("χ", "HH"), ("ʁ", "R"), ("ʀ", "R"),
    ("h", "HH"), ("ɦ", "HH"), ("r", "R"), ("ɾ", "D"), ("ɹ", "R"), ("l", "L"), ("ɫ", "L"), ("ʎ", "L Y"), ("j", "Y"),
    ("w", "W"), ("ɥ", "W"), ("ʋ", "V"),
    ("i", "IY"), ("y", "UW"), ("ɨ", "IH"), ("u", "UW"), ("ɪ", "IH"), ("ʏ", "UH"), ("ʊ", "UH"), ("e", "EY"), ("ø", "ER"),
    ("ɵ", "UH"), ("o", "OW"), ("ə", "AH"), ("ɚ", "ER"), ("ɝ", "ER"), ("ɛ", "EH"), ("œ", "ER"), ("ɜ", "ER"), ("ʌ", "AH"),
    ("ɔ", "AO"), ("æ", "AE"), ("ɐ", "AH"), ("a", "AA"), ("ɑ", "AA"), ("ɒ", "AO"),
)  # fmt: skip
"""Symbols of the International Phonetic Alphabet, longer ones first, and the phones nearest to them."""

_AS_NEAR: Mapping[str, str] = {"R": "HH", "EY": "EH", "AA": "AE", "OW": "AO", "ER": "UH"}
"""Phones of other languages than English that may as well be these: a French r is a fricative, vowels are more open."""

_TIE, _NASAL = "\u0361", "\u0303"
"""Marks that join the two symbols of an affricate, and that say that a vowel is nasal: to English, followed by an n."""

_NASALS = ("m", "n", "ŋ", "ɲ")


@lru_cache(maxsize=4)
def _model(language: str) -> Model:
    """Load a model from its package. ``g2p2.phonemize`` would unpack it into a cache, or fetch it from elsewhere."""
    from g2p2 import Model  # noqa: PLC0415 -- few runs need it

    content = lzma.decompress((_package(language) / f"{language}.g2p.xz").read_bytes())
    with tempfile.NamedTemporaryFile(suffix=".g2p") as file:
        file.write(content)
        file.flush()
        return Model.load(file.name)


def _package(language: str) -> Traversable:
    """Return the folder of the models of a language's family."""
    import g2p2_group_cjk  # noqa: PLC0415 -- few runs need them
    import g2p2_group_germanic  # noqa: PLC0415
    import g2p2_group_romance  # noqa: PLC0415
    import g2p2_group_semitic  # noqa: PLC0415

    packages = g2p2_group_cjk, g2p2_group_germanic, g2p2_group_romance, g2p2_group_semitic
    by_family = {package.__name__.rpartition("_")[2]: package for package in packages}
    return files(by_family[LANGUAGES[language]])


def by_spelling(key: str, language: str) -> tuple[Pronunciation, ...]:
    """Return how a word may be pronounced by its spelling; empty if nobody can say it.

    Args:
        key: a word in small letters, perhaps with apostrophes; of English without, as in ``reading.words.spoken_form``.
        language: one of ``LANGUAGES``.
    """
    if not key.replace("'", "").isalpha() or not (phones := arpabet(_model(language).phonemize(key))):
        return ()
    if language == "en":
        return (phones,)
    other = tuple(_AS_NEAR.get(phone, phone) for phone in phones)
    return tuple(dict.fromkeys((phones, other)))


def arpabet(ipa: str) -> Pronunciation:
    """Return the phones of a text in IPA; what no phone is near to is left out, such as marks of stress and length."""
    ipa = unicodedata.normalize("NFD", ipa).replace("c\u0327", "ç").replace(_TIE, "")
    phones: list[str] = []
    at = 0
    while at < len(ipa):
        for symbol, found in _OF_IPA:
            if ipa.startswith(symbol, at):
                phones += found.split()
                at += len(symbol)
                break
        else:
            if ipa[at] == _NASAL and ipa[at + 1 : at + 2] not in _NASALS:
                phones.append("N")
            at += 1
    return tuple(phones)
