"""Where a reader's eye may rest: how bad it is to end a line or a subtitle between two words.

After a sentence is best, after a clause good, before a conjunction or preposition fair; worst is to leave an article,
a pronoun or an auxiliary hanging, or to part a first name from its last (the line treatment of Netflix's Timed Text
Style Guide). The tables are English; other languages have punctuation alone.
"""

from __future__ import annotations

SENTENCE, CLAUSE, OPENER, PLAIN, NAME, HANGING = 0.0, 1.0, 2.0, 3.0, 5.0, 6.0
"""What an end costs, from the best place to the worst."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLOSERS = "\"'”’»›)]}*」』】〉》〕）］"
_OPENERS = "\"'“‘«‹([{*¿¡「『【〈《〔（［"
_FULL_STOPS = frozenset(".!?…")
_WIDE_STOPS = frozenset("。｡！？؟۔।॥။።፧។៕։")
_CLAUSE_ENDS = frozenset(",;:—–،؛、､，；：၊፣፤")
_ABBREVIATIONS = _words("mr mrs ms dr st vs prof jr sr inc e.g i.e approx")

_PREPOSITIONS = _words(
    "about above across after against along among around as at before behind between by during for from in inside "
    "into like near of on onto over per since than through to toward towards under until upon via with "
    "within without"
)
_CONJUNCTIONS = _words(
    "although and because but if nor or so that though unless what when where whether which while who whose why yet"
)
_DETERMINERS = _words("a an each every his her its my no our some the their these this those very your")
_AUXILIARIES = _words(
    "am are be been being can can't could couldn't did didn't do does doesn't don't had has have is isn't may might "
    "must not shall should shouldn't was wasn't were weren't will won't would wouldn't"
)
_PRONOUNS = _words(
    "he he's i i'd i'll i'm i've it it's she she's they they're they've we we'll we're we've you you'll you're you've"
)
_HANGING = _PREPOSITIONS | _CONJUNCTIONS | _DETERMINERS | _AUXILIARIES | _PRONOUNS
_GOOD_STARTS = _PREPOSITIONS | _CONJUNCTIONS


def ends_sentence(left: str, right: str | None) -> bool:
    """Whether a sentence ends with ``left``, where ``right`` is the word that follows.

    >>> ends_sentence("done.", "Next"), ends_sentence("Dr.", "Ranney"), ends_sentence("well...", "maybe")
    (True, False, False)
    """
    bare = left.rstrip(_CLOSERS)
    if not bare or bare[-1] not in _FULL_STOPS | _WIDE_STOPS:
        return False
    if bare[-1] in _WIDE_STOPS or right is None:
        return True
    if right.lstrip(_OPENERS)[:1].islower():
        return False
    stem = bare.rstrip(".").lstrip(_OPENERS).lower()
    return bare[-1] != "." or not (stem in _ABBREVIATIONS or (len(stem) == 1 and stem.isalpha()))


def break_cost(left: str, right: str, *, english: bool) -> float:
    """What it costs to part ``left`` from ``right``: 0 after a sentence, up to 6 where a word is left hanging.

    >>> break_cost("sponsors,", "we", english=True), break_cost("the", "show", english=True)
    (1.0, 6.0)
    """
    if ends_sentence(left, right):
        return SENTENCE
    bare = left.rstrip(_CLOSERS)
    if bare.endswith("--") or (bare and bare[-1] in _CLAUSE_ENDS | _FULL_STOPS):
        return CLAUSE
    if not english:
        return PLAIN
    if _folded(left) in _HANGING:
        return HANGING
    if _is_name(left) and _is_name(right):
        return NAME
    return OPENER if _folded(right) in _GOOD_STARTS else PLAIN


def _folded(word: str) -> str:
    return word.strip(_OPENERS + _CLOSERS + ".,!?").replace("’", "'").lower()


def _is_name(word: str) -> bool:
    return word.lstrip(_OPENERS)[:1].isupper() and _folded(word) not in _HANGING
