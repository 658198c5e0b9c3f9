"""Compare two spellings of names: whether both can be one person's, and how near they are.

One person is "Dr. Ann Holt", "Ann M. Holt", "Ann Holt (host)", "HOLT, ANCHOR" and "Ann H.". A name is split into its
words, without titles, roles, accents and case; the words of two names are then compared.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import IntEnum

import regex
from rapidfuzz import fuzz

MIN_NAME_SIMILARITY = 80
"""Of 100, for a whole name: "Dominic Denicola" is Domenic Denicola, "Daniel" as a whole is not Daniel Shaw."""

MIN_WORD_SIMILARITY = 70
"""Of 100, for each word of it: "Hold" is Holt and "Dominik" is Dominique, but "Chris Park" is not Chris Clark, although
the whole names have 86. Chosen by hand."""

MIN_JOINED_SIMILARITY = 90
"""Of 100, for names that are divided into words differently, without the spaces: "De Nicola", "DeNicola"."""

_SHORT_WORD_LETTERS = 3
MIN_SHORT_WORD_SIMILARITY = 66  # of 100, for two words of three letters, one of them another: "Bob Rai" is Bob Ray
_MIN_LAST_NAME_LETTERS = 6  # of a last name alone with a slip: "Brant" is Wilhelmina Brandt, "Hold" may be a name
_MAX_INITIALS = 4  # letters of "AH", "J.R.R.T."

_MEN = frozenset(
    (
        "mr", "mister", "sir", "lord", "herr", "senor", "monsieur", "signor", "king", "prince",
    )
)  # fmt: skip
_WOMEN = frozenset(
    (
        "mrs", "ms", "miss", "dame", "lady", "frau", "senora", "mme", "madame", "signora", "queen", "princess",
    )
)  # fmt: skip
_TITLES = _MEN.union(
    _WOMEN,
    (
        "mx", "dr", "doctor", "prof", "professor", "rev", "reverend", "hon", "honorable", "honourable", "judge",
        "justice", "senator", "sen", "rep", "representative", "congressman", "congresswoman", "governor", "gov",
        "president", "pres", "secretary", "minister", "mayor", "ambassador", "captain", "capt", "lieutenant", "lt",
        "sergeant", "sgt", "colonel", "col", "general", "gen", "officer", "detective", "chairman", "chairwoman",
        "host", "cohost", "guest", "moderator", "interviewer", "presenter", "narrator", "anchor", "reporter",
        "correspondent", "producer",
    ),
)  # fmt: skip
_SUFFIXES = frozenset(
    (
        "jr", "sr", "ii", "iii", "iv", "phd", "md", "esq", "esquire",
    )
)  # fmt: skip
_NOT_NAMES = frozenset(
    (
        "speaker", "guest", "host", "cohost", "caller", "audience", "member", "members", "man", "woman", "voice",
        "voiceover", "unknown", "unidentified", "interviewer", "interviewee", "narrator", "announcer", "moderator",
        "presenter", "reporter", "anchor", "operator", "student", "teacher", "male", "female", "panelist",
        "panellist", "participant", "attendee", "all", "both", "everyone", "everybody", "crowd", "question", "answer",
        "questioner", "first", "second", "third", "other", "one", "two", "three", "four", "five", "six", "and", "the",
    )
)  # fmt: skip
"""Words that say what a person does, not who it is: two labels of such words are one only if they are equal."""

_PARTICLES = frozenset(
    (
        "al", "ap", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el", "ibn", "la",
        "le", "of", "ten", "ter", "van", "von", "y", "zu",
    )
)  # fmt: skip
"""Words of a name that are written in lower case."""

_BRACKETED = regex.compile(r"[(\[（【](?P<inner>[^()\[\]（）【】]*+)[)\]）】]")
_ROLE = regex.compile(r"[,，、;|]|\s[-–—]\s")
_TOGETHER = r"[;&+/]|\s(?:and|und|et|y|e|en|og|och)\s"
_BETWEEN_PEOPLE = regex.compile(_TOGETHER, regex.IGNORECASE)
_JOINED = regex.compile(rf"[,，、]|{_TOGETHER}", regex.IGNORECASE)  # a comma may also precede a first name or a role
_INITIALS = regex.compile(r"(?:\p{L}\.){1,4}\p{L}?\.?")
_BETWEEN_WORDS = regex.compile(r"[\s\-‐‑_]++")
_AROUND_WORD = '.,;:!?"“”„«»*()[]'


class Nearness(IntEnum):
    """In what way two spellings can be one person's, the surest last."""

    NONE = 0
    LAST_NAME_MISSPELT = 1  # "Brant": Wilhelmina Brandt
    PART = 2  # "Ann", "Holt", "Ann H.", "AH", "Ann Marie Holt": Ann Holt
    MISSPELT = 3  # "Ann Hollt": Ann Holt
    SAME = 4  # "Dr. Ann Holt", "ANN HOLT (HOST)", "Holt, Ann": Ann Holt


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name split for comparison.

    Attributes:
        name: as it is written, without the role; with it if nothing else would be left.
        words: case-folded, without accents, titles and suffixes; at least one unless nothing is written.
        title: the last title before them, case-folded; empty if there is none.
        reversed_words: the words if the comma stands between last and first name; empty without such a comma.
        initials: the letters of a name in capitals that may be initials alone; empty otherwise.
        is_phrase: whether words in lower case are among words with a capital ("As Ann Holt said"), as in no name.
    """

    name: str
    words: tuple[str, ...]
    title: str = ""
    reversed_words: tuple[str, ...] = ()
    initials: str = ""
    is_phrase: bool = False

    @property
    def is_person(self) -> bool:
        """Whether a word of it can be a name: no "Guest", "Speaker A", "Caller 2"."""
        return any(len(word) > 1 and word not in _NOT_NAMES and not word.isdecimal() for word in self.words)


def parse_name(text: str) -> PersonName:
    """Split a name into its parts.

    >>> name = parse_name("Dr. Ann M. Holt (host)")
    >>> name.name, name.title, name.words
    ('Dr. Ann M. Holt', 'dr', ('ann', 'm', 'holt'))
    """
    outside = " ".join(_BRACKETED.sub(_without_letters, text).split())
    head, *tail = _ROLE.split(outside, maxsplit=1)
    own, rest = _words(head), _words(tail[0]) if tail else ()
    without_role = head if len(own) > 1 or outside == head else outside
    words, title = _without_titles(own)
    if not PersonName(text, words).is_person:
        return PersonName(text, _words(text), initials=_initials(text))
    is_reversed = len(words) == 1 and 0 < len(rest) <= 2
    reversed_words = (*rest, *words) if is_reversed else ()
    return PersonName(without_role.strip(), words, title, reversed_words, _initials(text), _is_phrase(head))


def split_joint(text: str) -> tuple[str, ...]:
    """Return the parts of a label that several people share; the label alone if it cannot be divided.

    >>> split_joint("Ann Holt and Bob"), split_joint("Andy")
    (('Ann Holt', 'Bob'), ('Andy',))
    """
    return tuple(part.strip() for part in _JOINED.split(text) if part.strip())


def is_joint(text: str) -> bool:
    """Return whether a label names several people, known or not.

    >>> is_joint("Ann & Bob Ray"), is_joint("AH, BR"), is_joint("Holt, Ann"), is_joint("Ann (Q&A)")
    (True, True, False, False)
    """
    if len(parts := split_joint(text)) > 1 and all(map(_initials, parts)):
        return True
    parts = tuple(_BETWEEN_PEOPLE.split(text))
    return len(parts) > 1 and all(parse_name(part).is_person for part in parts)


def nearness(one: PersonName, other: PersonName) -> tuple[Nearness, float]:
    """Return in what way two names can be one person's, and how similar they are, 0 to 100.

    The order of the two does not matter. Names whose digits differ are different ("Speaker 1", "Speaker 2"), and so are
    those of a man and of a woman ("Mr. Holt", "Mrs. Holt").
    """
    if _digits(one) != _digits(other) or _contradict(one.title, other.title):
        return Nearness.NONE, 0.0
    if _is_same(one, other):
        return Nearness.SAME, 100.0
    similarity = fuzz.ratio(" ".join(one.words), " ".join(other.words))
    if _is_misspelt(one.words, other.words, similarity):
        return Nearness.MISSPELT, similarity
    kind = _kind_of_part(one, other) if one.is_person and other.is_person else Nearness.NONE
    return kind, similarity if kind else 0.0


# --- splitting ---------------------------------------------------------------------------------------------------


def _without_letters(found: regex.Match[str]) -> str:
    """Return a bracket that numbers people ("Caller (2)"), and nothing for a role."""
    return " " if any(map(str.isalpha, found["inner"])) else found[0]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for token in _BETWEEN_WORDS.split(text) for word in _letters_or_word(token))


def _letters_or_word(token: str) -> tuple[str, ...]:
    """Return a token as one folded word, ``J.R.`` as its letters."""
    if _INITIALS.fullmatch(token):
        return tuple(_fold(token.replace(".", "")))
    word = _fold(token.replace(".", "").strip(_AROUND_WORD))
    return (word,) if word else ()


def _fold(text: str) -> str:
    """Return text without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = (c for c in decomposed if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", "".join(plain))


def _without_titles(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    start = next((k for k, word in enumerate(words) if word not in _TITLES), len(words))
    end = len(words)
    while end > start + 1 and words[end - 1] in _SUFFIXES:
        end -= 1
    return words[start:end], words[start - 1] if start else ""


def _is_phrase(text: str) -> bool:
    words = [word for word in _BETWEEN_WORDS.split(text) if word.casefold() not in _PARTICLES and word[:1].isalpha()]
    lower: int = sum(word[0].islower() for word in words)
    return 0 < lower < len(words)


def _initials(text: str) -> str:
    letters = text.replace(".", "").replace(" ", "")
    is_short = 1 < len(letters) <= _MAX_INITIALS and letters.isalpha() and letters.isupper()
    return _fold(letters) if is_short else ""


# --- comparing ---------------------------------------------------------------------------------------------------


def _digits(name: PersonName) -> str:
    return "".join(character for word in name.words for character in word if character.isdecimal())


def _contradict(one: str, other: str) -> bool:
    return (one in _MEN and other in _WOMEN) or (one in _WOMEN and other in _MEN)


def _is_same(one: PersonName, other: PersonName) -> bool:
    if "".join(one.words) == "".join(other.words):
        return bool(one.words)
    is_reordered = one.is_person and len(one.words) > 1 and sorted(one.words) == sorted(other.words)
    return is_reordered or other.words == (one.reversed_words or None) or one.words == (other.reversed_words or None)


def _is_misspelt(one: tuple[str, ...], other: tuple[str, ...], similarity: float) -> bool:
    if _single_letters(one) != _single_letters(other):
        return False
    if len(one) == len(other):
        return similarity >= MIN_NAME_SIMILARITY and all(map(_is_near_word, one, other))
    return fuzz.ratio("".join(one), "".join(other)) >= MIN_JOINED_SIMILARITY


def _single_letters(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if len(word) == 1 and not word.isdecimal()]


def _is_near_word(one: str, other: str) -> bool:
    if one == other:
        return True
    is_short = len(one) == len(other) == _SHORT_WORD_LETTERS
    least = MIN_SHORT_WORD_SIMILARITY if is_short else MIN_WORD_SIMILARITY
    return one[0] == other[0] and fuzz.ratio(one, other) >= least


def _kind_of_part(one: PersonName, other: PersonName) -> Nearness:
    if _is_part(one, other) or _is_part(other, one):
        return Nearness.PART
    is_last_name = _is_misspelt_last_name(one.words, other.words) or _is_misspelt_last_name(other.words, one.words)
    return Nearness.LAST_NAME_MISSPELT if is_last_name else Nearness.NONE


def _is_part(short: PersonName, long: PersonName) -> bool:
    """Return whether the words of one name are words of the other, in order, or their first letters."""
    if len(long.words) > 1 and short.initials == "".join(word[0] for word in long.words):
        return True
    if len(short.words) > len(long.words) or long.is_phrase:
        return False
    whole, rest = 0, iter(long.words)
    for word in short.words:
        found = next((other for other in rest if _is_word_or_initial(word, other)), None)
        if found is None:
            return False
        whole += word == found and len(word) > 1 and word not in _NOT_NAMES
    return whole > 0


def _is_word_or_initial(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])


def _is_misspelt_last_name(alone: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    if len(alone) != 1 or len(whole) < 2:
        return False
    is_long = max(len(alone[0]), len(whole[-1])) >= _MIN_LAST_NAME_LETTERS
    return is_long and _is_near_word(alone[0], whole[-1]) and fuzz.ratio(alone[0], whole[-1]) >= MIN_NAME_SIMILARITY
