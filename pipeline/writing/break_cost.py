"""The cost of ending a line or a subtitle between two words.

The end of a sentence costs least, then that of a clause, then the place before a conjunction or preposition. Most
costly is a line that ends with an article, a pronoun or an auxiliary, or between a first and a last name (the line
treatment of Netflix's Timed Text Style Guide). The word tables are English; other languages use punctuation alone.
"""

from __future__ import annotations

from functools import lru_cache

from pipeline.reading.words.sentence_end import CLOSING_MARKS, OPENING_MARKS, ends_sentence, has_sentence_stop

SENTENCE_COST, CLAUSE_COST, OPENER_COST, PLAIN_COST, NAME_COST, HANGING_COST = 0.0, 1.0, 2.0, 3.0, 5.0, 6.0
"""The costs of a line end, from the best place to the worst. The order is the guide's; no measurement chose the
distances between the numbers."""


def _word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLAUSE_ENDS = frozenset(",;:—–،؛、､，；：၊፣፤")

_PREPOSITIONS = _word_set(
    "about above across after against along among around as at before behind between by during for from in inside "
    "into like near of on onto over per since than through to toward towards under until upon via with "
    "within without"
)
_CONJUNCTIONS = _word_set(
    "although and because but if nor or so that though unless what when where whether which while who whose why yet"
)
_DETERMINERS = _word_set("a an each every his her its my no our some the their these this those very your")
_AUXILIARIES = _word_set(
    "am are be been being can can't could couldn't did didn't do does doesn't don't had has have is isn't may might "
    "must not shall should shouldn't was wasn't were weren't will won't would wouldn't"
)
_PRONOUNS = _word_set(
    "he he's i i'd i'll i'm i've it it's she she's they they're they've we we'll we're we've you you'll you're you've"
)
_NOT_AT_LINE_END = _PREPOSITIONS | _CONJUNCTIONS | _DETERMINERS | _AUXILIARIES | _PRONOUNS
_LINE_STARTS = _PREPOSITIONS | _CONJUNCTIONS


@lru_cache(maxsize=1 << 14)  # each is asked for by the cuts and by the lines
def break_cost(left: str, right: str, *, english: bool) -> float:
    """Return the cost of a line end between two words: 0 after a sentence, up to 6 if a word must not end a line.

    >>> break_cost("sponsors,", "we", english=True), break_cost("the", "show", english=True)
    (1.0, 6.0)
    """
    if ends_sentence(left, right):
        return SENTENCE_COST
    bare = left.rstrip(CLOSING_MARKS)
    if has_sentence_stop(left) or bare.endswith("--") or bare[-1:] in _CLAUSE_ENDS:
        return CLAUSE_COST
    if not english:
        return PLAIN_COST
    if _folded(left) in _NOT_AT_LINE_END:
        return HANGING_COST
    if _is_name(left) and _is_name(right):
        return NAME_COST
    return OPENER_COST if _folded(right) in _LINE_STARTS else PLAIN_COST


def _folded(word: str) -> str:
    return word.strip(OPENING_MARKS + CLOSING_MARKS + ".,!?").replace("’", "'").lower()


def _is_name(word: str) -> bool:
    return word.lstrip(OPENING_MARKS)[:1].isupper() and _folded(word) not in _NOT_AT_LINE_END
