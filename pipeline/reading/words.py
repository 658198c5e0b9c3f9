"""Words as they are spoken: the common ground on which a written and a heard word meet.

``0.8.3`` and "zero point eight point three", ``we've`` and "we have", ``net.server._doListen`` and "net dot server dot
do listen" become the same keys. The written and the heard side go through this one function, so what it decides
matters less than that it decides the same for both.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

import regex
from num2words import CONVERTER_CLASSES, num2words

_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})++(?![0-9])(?:\.[0-9]++)*+|[0-9]++(?:\.[0-9]++)*+"
_LETTERS = r"[\p{L}\p{Nl}\p{No}][\p{L}\p{M}\p{Nl}\p{No}]*+"
_INITIALS = r"(?<![\p{L}\p{N}_.])(?:(?:\p{L}\.){2,}+(?![\p{L}\p{N}_])|(?:\p{L}\.)+\p{L}(?![\p{L}\p{M}\p{N}_.]))"
_DOT = r"(?<=[\p{L}\p{M}\p{N}_])\.(?=[\p{L}_])|(?<=\p{L})\.(?=[0-9])|(?<![^\s\"'(\[{])\.(?=[\p{L}_])"
_SIGN = r"&|@(?=[\p{L}\p{N}_])|(?<=[\p{L}\p{N}+])\+|\+(?=[0-9])|(?<=[0-9])\ ?%|(?<=[0-9])\ ?°"

_PIECE = regex.compile(
    rf"""
      (?P<money>[$€£¥](?:{_NUMBER}))
    | (?P<ordinal>[0-9]++(?:st|nd|rd|th|ST|ND|RD|TH)(?!\p{{L}}))
    | (?P<decade>[0-9]++s(?!\p{{L}}))
    | (?P<number>{_NUMBER})
    | (?P<initials>{_INITIALS})
    | (?P<letters>{_LETTERS})
    | (?P<dot>{_DOT})
    | (?P<point>(?<![\p{{L}}\p{{N}}.])\.(?=[0-9]))
    | (?P<hash>\#(?=[0-9]))
    | (?P<sharp>(?<=\p{{L}})\#)
    | (?P<sign>{_SIGN})
    """,
    regex.VERBOSE,
)
_CAMEL = regex.compile(r"(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll}{2})")
_FORMAT = regex.compile(r"\p{Cf}+")
# Within a word an apostrophe is not heard; between digits (5'10) it parts two numbers. U+0027 and what is typed for it.
_APOSTROPHE = regex.compile(r"(?<![0-9])['‘’‛ʹʻʼʽ`´′׳״]|['‘’‛ʹʻʼʽ`´′׳״](?![0-9])")
_CONTRACTION = regex.compile(
    r"(?i)\b(?P<whole>won|can|shan)n?['’]t\b|(?<=\p{L})(?P<end>n['’]t|['’]m|['’]re|['’]ve|['’]ll)\b"
)
_ACCENTS = regex.compile(r"([\p{Latin}\p{Greek}\p{Cyrillic}])\p{Mn}+")
_WORD = regex.compile(_LETTERS)
_OTHER_DIGIT = regex.compile(r"(?![0-9])\p{Nd}")

_SAID: dict[str, dict[str, str]] = {
    "en": {"&": "and", "@": "at", "+": "plus", "%": "percent", "°": "degrees", ".": "dot", "#": "number"}
    | {"decimal point": "point", "sharp": "sharp"}
    | {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"},
}
"""What a sign is called; in a language that is not here a sign is not spoken."""

_CONTRACTED = {"won": "will not", "can": "can not", "shan": "shall not"} | {
    "n't": " not",
    "'m": " am",
    "'re": " are",
    "'ve": " have",
    "'ll": " will",
}
"""English only. What could be two things ("he's", "they'd") stays as it is written."""

_FIRST_YEAR, _LAST_YEAR = 1100, 2099  # "nineteen eighty four", but "one thousand twenty four"
_LONGEST_NUMBER = 9  # digits; a longer one is an identifier that people read digit by digit


@lru_cache(maxsize=1 << 16)
def spoken_keys(text: str, language: str = "en") -> tuple[str, ...]:
    """Fold a text to its words as spoken.

    Each key is made of letters alone (of digits where ``num2words`` does not know the language), in one case, without
    the diacritics of Latin, Greek and Cyrillic. Empty where nothing is said. The keys of the keys are the same keys.

    >>> spoken_keys("0.8.3,")
    ('zero', 'point', 'eight', 'point', 'three')
    >>> spoken_keys("net.server._doListen")
    ('net', 'dot', 'server', 'dot', 'do', 'listen')
    >>> spoken_keys("We've")
    ('we', 'have')
    """
    if language == "en" and ("'" in text or "’" in text):
        text = _CONTRACTION.sub(_in_full, text)
    core = text.lstrip("\"'(").rstrip(".,?!;:\"')").replace("'", "")
    if core.isascii() and core.isalpha() and (core.islower() or core.istitle() or core.isupper()):
        return (core.lower(),)  # nine words in ten, and all that the way below would make of them
    said = _SAID.get(language, {})
    return tuple(
        key
        for found in _PIECE.finditer(_unified(text))
        for key in _SAY[found.lastgroup or "letters"](found[0], language, said)
    )


def _in_full(found: regex.Match[str]) -> str:
    return _CONTRACTED[(found["whole"] or found["end"]).lower().replace("’", "'")]


def _unified(text: str) -> str:
    """The text with one spelling for each apostrophe, digit and compatibility character."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _APOSTROPHE.sub("", _FORMAT.sub("", text)))
        text = _OTHER_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0], found[0])), text)
    return _APOSTROPHE.sub("", text)


def _fold(word: str) -> Iterator[str]:
    """The word in one case and without accents; more than one where its lower case is no single word."""
    if word.isascii():
        yield word.lower()
        return
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word.casefold()).casefold())
    bare = _ACCENTS.sub(r"\1", unicodedata.normalize("NFD", folded))
    yield from _WORD.findall(unicodedata.normalize("NFC", bare))


# --- one speaker for each kind of piece --------------------------------------------------------------------------


def _letters(piece: str, _language: str, _said: dict[str, str]) -> Iterator[str]:
    for part in _CAMEL.sub(" ", piece).split():
        yield from _fold(part)


def _initials(piece: str, _language: str, _said: dict[str, str]) -> Iterator[str]:
    yield from _fold(piece.replace(".", ""))


def _sign(piece: str, _language: str, said: dict[str, str]) -> Iterator[str]:
    if piece.strip() in said:
        yield said[piece.strip()]


def _sharp(_piece: str, language: str, said: dict[str, str]) -> Iterator[str]:
    yield from _sign("sharp", language, said)


def _point(_piece: str, language: str, said: dict[str, str]) -> Iterator[str]:
    yield from _sign("decimal point", language, said)


def _money(piece: str, language: str, said: dict[str, str]) -> Iterator[str]:
    yield from _number(piece[1:], language, said)
    yield from _sign(piece[0], language, said)


def _number(piece: str, language: str, said: dict[str, str]) -> Iterator[str]:
    whole, *decimals = piece.replace(",", "").split(".")
    is_version = len(decimals) > 1
    yield from _whole(whole, language, may_be_year=whole == piece)
    for part in decimals:
        yield from _point(part, language, said)
        for digits in (part,) if is_version else part:
            yield from _whole(digits, language)


def _ordinal(piece: str, language: str, said: dict[str, str]) -> Iterator[str]:
    digits, ending = piece[:-2], piece[-2:]
    if language == "en" and len(digits) <= _LONGEST_NUMBER:
        yield from _spelled(digits, language, "ordinal")
    else:
        yield from _number(digits, language, said)
        yield ending.lower()


def _decade(piece: str, language: str, _said: dict[str, str]) -> Iterator[str]:
    *first, last = _whole(piece[:-1], language, may_be_year=True)
    yield from first
    if last.isdecimal():
        yield from (last, "s")
    else:
        yield last[:-1] + "ies" if last.endswith("y") else last + "s"


def _whole(digits: str, language: str, *, may_be_year: bool = False) -> tuple[str, ...]:
    if language not in CONVERTER_CLASSES:
        return (digits,)
    if len(digits) > _LONGEST_NUMBER or (digits[0] == "0" and len(digits) > 1):
        return tuple(key for digit in digits for key in _spelled(digit, language, "cardinal"))
    is_year = (
        may_be_year
        and language == "en"
        and len(digits) == len(str(_LAST_YEAR))
        and _FIRST_YEAR <= int(digits) <= _LAST_YEAR
    )
    return _spelled(digits, language, "year" if is_year else "cardinal")


@lru_cache(maxsize=1 << 12)
def _spelled(digits: str, language: str, form: str) -> tuple[str, ...]:
    """A number in words; its digits where the language cannot say it in this form."""
    try:
        spelled = num2words(int(digits), lang=language, to=form)
    except (ArithmeticError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError):
        return (digits,)
    words = (key for word in _WORD.findall(_unified(spelled)) for key in _fold(word))
    return tuple(word for word in words if language != "en" or word != "and") or (digits,)


_SAY: dict[str, Callable[[str, str, dict[str, str]], Iterator[str]]] = {
    "money": _money,
    "ordinal": _ordinal,
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
