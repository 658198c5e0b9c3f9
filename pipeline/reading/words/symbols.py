"""Names of symbols and number formats in each language."""

from __future__ import annotations

import regex

_ENGLISH = {"&": "and", "@": "at", "+": "plus", "%": "percent", "°": "degrees", ".": "dot", "#": "number"}

SYMBOL_NAMES: dict[str, dict[str, str]] = {
    "en": _ENGLISH
    | {"decimal point": "point", "sharp": "sharp", "$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"},
    "de": {"&": "und", "@": "at", "+": "plus", "%": "Prozent", "°": "Grad", ".": "Punkt", "#": "Nummer"}
    | {"decimal point": "Komma", "$": "Dollar", "€": "Euro", "£": "Pfund", "¥": "Yen"},
    "es": {"&": "y", "@": "arroba", "+": "más", "%": "por ciento", "°": "grados", ".": "punto", "#": "número"}
    | {"decimal point": "coma", "$": "dólares", "€": "euros", "£": "libras", "¥": "yenes"},
    "fr": {"&": "et", "@": "arobase", "+": "plus", "%": "pour cent", "°": "degrés", ".": "point", "#": "numéro"}
    | {"decimal point": "virgule", "$": "dollars", "€": "euros", "£": "livres", "¥": "yens"},
    "it": {"&": "e", "@": "chiocciola", "+": "più", "%": "per cento", "°": "gradi", ".": "punto", "#": "numero"}
    | {"decimal point": "virgola", "$": "dollari", "€": "euro", "£": "sterline", "¥": "yen"},
    "nl": {"&": "en", "@": "at", "+": "plus", "%": "procent", "°": "graden", ".": "punt", "#": "nummer"}
    | {"decimal point": "komma", "$": "dollar", "€": "euro", "£": "pond", "¥": "yen"},
    "pt": {"&": "e", "@": "arroba", "+": "mais", "%": "por cento", "°": "graus", ".": "ponto", "#": "número"}
    | {"decimal point": "vírgula", "$": "dólares", "€": "euros", "£": "libras", "¥": "ienes"},
    "ja": {"decimal point": "点"},
    "yue": {"decimal point": "点"},
    "zh": {"decimal point": "点"},
}
"""What a symbol is called; in a language that is not listed a symbol is not spoken."""

ELISION_LANGUAGES = frozenset(("br", "ca", "fr", "it", "lb", "oc", "tr"))
"""Languages in which an apostrophe separates two words, or a name from its ending: Whisper writes "l" and "homme"."""

ORDINAL_DOT_LANGUAGES = frozenset(("da", "de", "no"))
"""Languages in which a dot after a number makes it an ordinal."""

HUNDREDS_YEAR_LANGUAGES = frozenset(("da", "de", "en", "nl", "no"))
"""Languages in which 1984 is said as nineteen hundred eighty-four, or shorter."""

_COMMA_BEFORE_DECIMALS = frozenset(
    (
        "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl", "hr", "hu", "hy",
        "id", "is", "it", "ka", "kk", "lb", "lt", "lv", "mk", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl",
        "sq", "sr", "sv", "tr", "uk", "uz", "vi",
    )
)  # fmt: skip
_DOTTED_THOUSANDS = regex.compile(r"(?<![\w.,])[0-9]{1,3}(?:\.[0-9]{3})++(?![.]?[0-9])")
_COMMA = regex.compile(r"(?<=[0-9]),(?=[0-9])")


def with_decimal_point(text: str, language: str) -> str:
    """Return the text with its numbers in English notation: no dots between thousands, a point before decimals.

    >>> with_decimal_point("1.000,5 und 0.8.3", "de")
    '1000.5 und 0.8.3'
    """
    if language not in _COMMA_BEFORE_DECIMALS:
        return text
    return _COMMA.sub(".", _DOTTED_THOUSANDS.sub(lambda found: found[0].replace(".", ""), text))
