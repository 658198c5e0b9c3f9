"""Detect the end of a sentence, as people and Whisper punctuate it."""

from __future__ import annotations

import regex

CLOSING_MARKS = "\"'”’»›)]}*」』】〉》〕）］"
OPENING_MARKS = "\"'“‘«‹([{*¿¡「『【〈《〔（［"
"""Quotation marks, brackets and emphasis around words."""

_FULL_STOPS = ".!?…"
_WIDE_STOPS = "。｡！？؟۔।॥።፧။៕։"
_STOP = regex.compile(rf"[{_FULL_STOPS}{_WIDE_STOPS}]++[{regex.escape(CLOSING_MARKS)}]*+$")
_ABBREVIATIONS = frozenset(["mr", "mrs", "ms", "dr", "st", "vs", "prof", "jr", "sr", "inc", "e.g", "i.e", "approx"])


def sentence_stop(word: str) -> str:
    """Return the stop that a word ends with, closing quotes and brackets included; empty if there is none.

    Dots of hesitation and the dot of an abbreviation are stops too; see ``ends_sentence``.

    >>> sentence_stop("done.”"), sentence_stop("done,")
    ('.”', '')
    """
    found = _STOP.search(word)
    return found[0] if found else ""


def has_sentence_stop(word: str) -> bool:
    """Return whether a word ends with a sentence stop, whatever follows.

    >>> has_sentence_stop("Dr."), has_sentence_stop("done,")
    (True, False)
    """
    return bool(sentence_stop(word))


def ends_sentence(word: str, following: str | None = None) -> bool:
    """Return whether a sentence ends with a word: it has a stop, and not one of an abbreviation, initial or hesitation.

    Args:
        following: the next word, by which "so... maybe" and "J. Smith" are recognised; None if it is not known.

    >>> ends_sentence("done.", "Next"), ends_sentence("Dr.", "Ranney"), ends_sentence("well...", "maybe")
    (True, False, False)
    """
    bare = word.rstrip(CLOSING_MARKS)
    if not has_sentence_stop(bare):
        return False
    if bare[-1] in _WIDE_STOPS:
        return True
    if following is not None and following.lstrip(OPENING_MARKS)[:1].islower():
        return False
    stem = bare.rstrip(".").lstrip(OPENING_MARKS).lower()
    is_initial = following is not None and len(stem) == 1 and stem.isalpha()
    return bare[-1] != "." or not (stem in _ABBREVIATIONS or is_initial)
