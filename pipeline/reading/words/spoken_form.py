"""Convert words to their spoken form, in which written and heard words are compared.

``0.8.3`` and "zero point eight point three", ``we've`` and "we have", ``net.server._doListen`` and "net dot server dot
do listen" have the same keys. Written and heard words are converted by this one function, so what it decides matters
less than that it decides the same for both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain

import regex
from num2words import CONVERTER_CLASSES, num2words

from pipeline.reading.words.han import numbers_to_digits
from pipeline.reading.words.normalization import LETTERS, fold
from pipeline.reading.words.symbols import (
    ELISION_LANGUAGES,
    HUNDREDS_YEAR_LANGUAGES,
    ORDINAL_DOT_LANGUAGES,
    SYMBOL_NAMES,
    with_decimal_point,
)

_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})++(?![0-9])(?:\.[0-9]++)*+|[0-9]++(?:\.[0-9]++)*+"


def _piece_pattern(letter: str, mark: str, number: str, letters: str) -> str:
    """Return the pattern of what a word is made of, for some sets of characters; ``letters`` is a run of letters."""
    initials = (
        rf"(?<![{letter}{number}_.])(?:(?:[{letter}]\.){{2,}}+(?![{letter}{number}_])"
        rf"|(?:[{letter}]\.)+[{letter}](?![{letter}{mark}{number}_.]))"
    )
    dot = (
        rf"(?<=[{letter}{mark}{number}_])\.(?=[{letter}_])|(?<=[{letter}])\.(?=[0-9])"
        rf"|(?<![^\s\"'(\[{{])\.(?=[{letter}_])"
    )
    sign = (
        rf"&|@(?=[{letter}{number}_])|(?<=[{letter}{number}+])\+|\+(?=[0-9])|(?<=[0-9])\ ?[%°€£]"
        rf"|^[%€£](?=[^{letter}{number}]*+$)"
    )
    return rf"""
      (?P<money>[$€£¥](?:{_NUMBER}))
    | (?P<ordinal>[0-9]++(?:st|nd|rd|th|ST|ND|RD|TH)(?![{letter}]))
    | (?P<dotted>(?<![^\s(])[0-9]{{1,2}}\.(?!\S))
    | (?P<decade>[0-9]++s(?![{letter}]))
    | (?P<number>{_NUMBER})
    | (?P<initials>{initials})
    | (?P<letters>{letters})
    | (?P<dot>{dot})
    | (?P<point>(?<![{letter}{number}.])\.(?=[0-9]))
    | (?P<hash>\#(?=[0-9]))
    | (?P<sharp>(?<=[{letter}])\#)
    | (?P<sign>{sign})
    """


_PIECE = regex.compile(_piece_pattern(r"\p{L}", r"\p{M}", r"\p{N}", LETTERS), regex.VERBOSE)
_ASCII_PIECE = re.compile(_piece_pattern("A-Za-z", "", "0-9", "[A-Za-z]++"), re.VERBOSE | re.ASCII)
"""The same for a text of ASCII alone; the module re is three times faster."""

_CAMEL = regex.compile(r"(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll}{2})")
_FORMAT = regex.compile(r"\p{Cf}+")
# Within a word an apostrophe is silent; between digits (5'10) it separates two numbers. U+0027 and its variants.
_APOSTROPHE = regex.compile(r"(?<![0-9])['‘’‛ʹʻʼʽ`´′׳״]|['‘’‛ʹʻʼʽ`´′׳״](?![0-9])")
_CONTRACTION = regex.compile(
    r"(?i)\b(?P<whole>won|can|shan)n?['’]t\b|(?<=\p{L})(?P<end>n['’]t|['’]m|['’]re|['’]ve|['’]ll)\b"
)
_ELIDED = regex.compile(r"(?<=[\p{L}\p{M}])['‘’‛ʼ´](?=\p{L})")
_GERSHAYIM = regex.compile(
    r"(?<=[\p{Hebrew}\p{M}])[\"“”„](?=\p{Hebrew})"
)  # ״, which most people type as a quotation mark
_WORD = regex.compile(LETTERS)
_OTHER_DIGIT = regex.compile(r"(?![0-9])\p{Nd}")

_CONTRACTED = {"won": "will not", "can": "can not", "shan": "shall not"} | {
    "n't": " not",
    "'m": " am",
    "'re": " are",
    "'ve": " have",
    "'ll": " will",
}
"""English only. Contractions with two meanings ("he's", "they'd") stay as they are written."""

_FIRST_YEAR, _LAST_YEAR = 1100, 2099  # "nineteen eighty four", but "one thousand twenty four"
_LONGEST_NUMBER = 9  # digits; a longer one is an identifier that people read digit by digit

_BY_DIGIT = frozenset(("ja", "yue", "zh"))
"""Languages that write numbers with characters as often as with digits; both become digits, one key for each."""

_NUM2WORDS_CODES = {"kk": "kz", "nn": "no"}
"""What num2words calls a language, if it is not Whisper's code."""


@lru_cache(maxsize=1 << 16)
def spoken_keys(text: str, language: str = "en") -> tuple[str, ...]:
    """Fold a text to its words as spoken.

    Each key consists of letters (of digits if ``num2words`` does not know the language), folded to one spelling (see
    ``normalization``). The result is empty if nothing is spoken. The keys of the keys are the same keys.

    >>> spoken_keys("0.8.3,")
    ('zero', 'point', 'eight', 'point', 'three')
    >>> spoken_keys("net.server._doListen")
    ('net', 'dot', 'server', 'dot', 'do', 'listen')
    >>> spoken_keys("We've")
    ('we', 'have')
    >>> spoken_keys("二〇二四年", "zh") == spoken_keys("2024年", "zh")
    True
    """
    if language == "en" and ("'" in text or "’" in text):
        text = _CONTRACTION.sub(_expand_contraction, text)
    if language in ELISION_LANGUAGES:
        text = _ELIDED.sub(" ", text)
    core = text.lstrip("\"'(").rstrip(".,?!;:\"')").replace("'", "")
    if core.isascii() and core.isalpha() and (core.islower() or core.istitle() or core.isupper()):
        return (core.lower(),)  # a shortcut for nine words in ten, with the same result
    text = with_decimal_point(_unify_characters(text, language), language)
    pieces = (_ASCII_PIECE if text.isascii() else _PIECE).finditer(text)
    return tuple(
        chain.from_iterable(_keys_of_piece(found.lastgroup or "letters", found[0], language) for found in pieces)
    )


def _expand_contraction(found: regex.Match[str]) -> str:
    return _CONTRACTED[(found["whole"] or found["end"]).lower().replace("’", "'")]


def _unify_characters(text: str, language: str) -> str:
    """Return the text with one spelling for each apostrophe, digit and compatibility character."""
    if not text.isascii():
        text = _GERSHAYIM.sub("", text)
        text = unicodedata.normalize("NFKC", _APOSTROPHE.sub("", _FORMAT.sub("", text)))
        text = _OTHER_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0], found[0])), text)
        text = numbers_to_digits(text) if language in _BY_DIGIT else text
    return _APOSTROPHE.sub("", text)


# --- one function for each kind of piece -------------------------------------------------------------------------


@lru_cache(maxsize=1 << 12)  # words with signs in them have few different pieces
def _keys_of_piece(kind: str, piece: str, language: str) -> tuple[str, ...]:
    return tuple(_KEYS_OF[kind](piece, language, SYMBOL_NAMES.get(language, {})))


def _letters(piece: str, _language: str, _symbols: dict[str, str]) -> Iterator[str]:
    for part in (piece,) if piece.isascii() and piece.islower() else _CAMEL.sub(" ", piece).split():
        yield from fold(part)


def _initials(piece: str, _language: str, _symbols: dict[str, str]) -> Iterator[str]:
    yield from fold(piece.replace(".", ""))


def _sign(piece: str, _language: str, symbols: dict[str, str]) -> Iterator[str]:
    for word in symbols.get(piece.strip(), "").split():
        yield from fold(word)


def _dotted(piece: str, language: str, symbols: dict[str, str]) -> Iterator[str]:
    """Yield an ordinal, or the number at a sentence's end: a lone number with a dot is more often an ordinal."""
    if language in ORDINAL_DOT_LANGUAGES:
        yield from _spell_out(piece[:-1], language, "ordinal")
    else:
        yield from _number(piece[:-1], language, symbols)


def _sharp(_piece: str, language: str, symbols: dict[str, str]) -> Iterator[str]:
    yield from _sign("sharp", language, symbols)


def _point(_piece: str, language: str, symbols: dict[str, str]) -> Iterator[str]:
    yield from _sign("decimal point", language, symbols)


def _money(piece: str, language: str, symbols: dict[str, str]) -> Iterator[str]:
    yield from _number(piece[1:], language, symbols)
    yield from _sign(piece[0], language, symbols)


def _number(piece: str, language: str, symbols: dict[str, str]) -> Iterator[str]:
    whole, *decimals = piece.replace(",", "").split(".")
    is_version = len(decimals) > 1
    yield from _whole(whole, language, may_be_year=whole == piece)
    for part in decimals:
        yield from _point(part, language, symbols)
        for digits in (part,) if is_version else part:
            yield from _whole(digits, language)


def _ordinal(piece: str, language: str, symbols: dict[str, str]) -> Iterator[str]:
    digits, ending = piece[:-2], piece[-2:]
    if language == "en" and len(digits) <= _LONGEST_NUMBER:
        yield from _in_words(digits, language, "ordinal")
    else:
        yield from _number(digits, language, symbols)
        yield ending.lower()


def _decade(piece: str, language: str, _symbols: dict[str, str]) -> Iterator[str]:
    *first, last = _whole(piece[:-1], language, may_be_year=True)
    yield from first
    if last.isdecimal() or language != "en":
        yield from (last, "s")
    else:
        yield last[:-1] + "ies" if last.endswith("y") else last + "s"


def _whole(digits: str, language: str, *, may_be_year: bool = False) -> tuple[str, ...]:
    if language in _BY_DIGIT:
        return tuple(digits)
    if _NUM2WORDS_CODES.get(language, language) not in CONVERTER_CLASSES:
        return (digits,)
    if len(digits) > _LONGEST_NUMBER or (digits[0] == "0" and len(digits) > 1):
        return tuple(key for digit in digits for key in _spell_out(digit, language, "cardinal"))
    is_year = (
        may_be_year
        and language in HUNDREDS_YEAR_LANGUAGES
        and len(digits) == len(str(_LAST_YEAR))
        and _FIRST_YEAR <= int(digits) <= _LAST_YEAR
    )
    return _spell_out(digits, language, "year") if is_year else _in_words(digits, language, "cardinal")


def _in_words(digits: str, language: str, form: str) -> tuple[str, ...]:
    """Return a number in words; an English one is put together from groups of three digits.

    num2words takes about 60 µs for a number, which is too long for a text of nothing but different numbers.
    """
    *groups, last = f"{int(digits):,}".split(",")
    if language != "en" or not groups or (form == "ordinal" and not int(last)):
        return _spell_out(digits, language, form)
    scales = ("million", "thousand")[-len(groups) :]
    words = [
        word
        for group, scale in zip(groups, scales, strict=True)
        if int(group)
        for word in (*_spell_out(str(int(group)), language, "cardinal"), scale)
    ]
    return (*words, *(_spell_out(str(int(last)), language, form) if int(last) else ()))


@lru_cache(maxsize=1 << 12)
def _spell_out(digits: str, language: str, form: str) -> tuple[str, ...]:
    """Return a number in words; its digits if the language cannot express it in this form."""
    try:
        spelled = num2words(int(digits), lang=_NUM2WORDS_CODES.get(language, language), to=form)
    except (ArithmeticError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError):
        return (digits,)
    words = (key for word in _WORD.findall(_unify_characters(spelled, language)) for key in fold(word))
    return tuple(word for word in words if language != "en" or word != "and") or (digits,)


_KEYS_OF: dict[str, Callable[[str, str, dict[str, str]], Iterator[str]]] = {
    "money": _money,
    "ordinal": _ordinal,
    "dotted": _dotted,
    "decade": _decade,
    "number": _number,
    "initials": _initials,
    "letters": _letters,
    "dot": _sign,
    "point": _point,
    "hash": _sign,
    "sharp": _sharp,
    "sign": _sign,
}
