"""Describe how a name is written, so that the names of one file can be compared with each other.

A file writes its names in one or two ways: in full (``Ann Lee``), by the first name, in capitals, as initials. A phrase
before a colon that is written in another way is probably no name.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import regex

from pipeline.reading.words.word_breaks import is_unspaced

NameShape = Literal["full-name", "one-word", "capitals", "initials", "numbered", "uncased", "other"]

_MAX_WORDS = 4  # of a name without marks
_MAX_ROLE_WORDS = 8  # of what follows a name and a comma: "CHIEF MEDICAL CORRESPONDENT"
_MAX_UNSPACED_LETTERS = 12  # letters of a name that is written without spaces
_ROLE = regex.compile(r"(?P<name>[^,，]+?)(?:[,，][ \t]*+|[ \t](?P<dash>[-–—]{1,2}+)[ \t])(?P<role>\S.*)$")

_TITLE_WORD = regex.compile(
    r"(?:dr|mr|mrs|ms|prof|professor|sir|dame|rev|sen|rep|gov|judge|justice|president|herr|frau|m|mme)\.?",
    regex.IGNORECASE,
)
_TITLE = regex.compile(rf"(?:{_TITLE_WORD.pattern}\s+)++(?=\S)", regex.IGNORECASE)
WITH_BRACKETS = regex.compile(r"(?P<name>[^()]*[^()\s])\s*\((?P<inner>[^()]++)\)")
"""A name with a role, a remark or its initials in brackets."""

NAME_START = r"(?:[0-9]{1,4}(?=\p{L}[\p{L}\p{Nd}]{2,20}+[ \xa0\u202f]?[:：]))?+\p{L}"
"""The first letter of a name before a colon, with digits before it if it is one word that begins so (``0xB10C``).

At least three characters follow the digits, which ``2nd``, ``10am`` and ``100mb`` do not have.
"""

_IN_BRACKETS = regex.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_PARTICLES = frozenset(
    (
        "al", "and", "ap", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "et", "ibn",
        "la", "le", "of", "ten", "ter", "the", "und", "van", "von", "y", "zu", "&", "+",
    )
)  # fmt: skip
_BETWEEN_WORDS = regex.compile(r"[\s,/]+")
_PLACEHOLDER = regex.compile(
    r"(?:(?:unknown|unidentified|male|female|new|audience|crowd|multiple|first|second|third|remote)[\s_-]+)?"
    r"(?:speakers?|interviewer|interviewee|host|co-?host|guest|voice|audience|moderator|narrator|announcer|caller"
    r"|participant|attendee|questioner|operator|everyone|everybody|all|both|man|woman|male|female|student|reporter"
    r"|person|sprecher|intervenant|locutor|hablante|voix|stimme)(?:[\s_-]+members?)?[\s_-]*+(?:#?\p{Nd}{1,3}|[A-Z])?",
    regex.IGNORECASE,
)
_NUMBERED = regex.compile(r"\p{L}+[\s_-]?\p{Nd}{1,3}")
_INITIALS = regex.compile(r"\p{Lu}{1,3}|(?:\p{Lu}\.\s?){1,3}")
_CASED = regex.compile(r"[\p{Lu}\p{Ll}\p{Lt}]")
_NAME_WORD = regex.compile(r"(?:\p{Lu}|[\p{Ll}]{1,3}['’\p{Lu}]\p{Lu}?|['’]\p{Lu})[\p{L}\p{M}\p{Nd}'’._-]*+")


def is_placeholder(name: str) -> bool:
    """Return whether a name stands for a person whose name is not given: ``Speaker 1``, ``Audience``, ``All``.

    >>> is_placeholder("SPEAKER_00"), is_placeholder("Audience Member"), is_placeholder("Ann")
    (True, True, False)
    """
    return _PLACEHOLDER.fullmatch(name) is not None


@lru_cache(maxsize=1 << 10)  # the names of a long transcript and its phrases before a colon
def name_shape(name: str) -> NameShape:
    """Return how a name is written, its title and what is in brackets left out.

    >>> [name_shape(name) for name in ("Dr. Ann Lee", "Ann", "ANN LEE", "AL", "Speaker 1", "李雷", "And so")]
    ['full-name', 'one-word', 'capitals', 'initials', 'numbered', 'uncased', 'other']
    """
    bare = _TITLE.sub("", _IN_BRACKETS.sub("", name), count=1).strip()
    if not _CASED.search(bare):
        return "uncased" if any(character.isalpha() for character in bare) else "other"
    if is_placeholder(bare) or _NUMBERED.fullmatch(bare):
        return "numbered"
    return "initials" if _INITIALS.fullmatch(bare) else _shape_of_words(bare)


def has_own_initials(name: str) -> bool:
    """Return whether a name in full has the first letters of its words in brackets.

    >>> has_own_initials("Ann Lee (AL)"), has_own_initials("Ann Lee (ABC)")
    (True, False)
    """
    found = WITH_BRACKETS.fullmatch(name)
    if found is None or name_shape(name) != "full-name":
        return False
    return found["inner"] == "".join(word[0] for word in _BETWEEN_WORDS.split(found["name"]) if word).upper()


def _shape_of_words(name: str) -> NameShape:
    words = [word for word in _BETWEEN_WORDS.split(name) if word]
    capitalized = [_NAME_WORD.fullmatch(word) is not None for word in words]
    if not words or not capitalized[0] or not capitalized[-1]:
        return "other"
    if not all(has or word.casefold() in _PARTICLES for has, word in zip(capitalized, words, strict=True)):
        return "other"
    if name.upper() == name:
        return "capitals"
    return "full-name" if len(words) > 1 else "one-word"


def count_name_words(name: str) -> int:
    """Return how many words a name has, without its titles, particles and what is in brackets.

    >>> count_name_words("Prof. Dr. Bernd von Müller (host)")
    2
    """
    words = _IN_BRACKETS.sub("", name).split()
    return sum(word.casefold() not in _PARTICLES and not _TITLE_WORD.fullmatch(word) for word in words)


def is_short(name: str) -> bool:
    """Return whether a name is short enough to be one without marks around it."""
    if is_unspaced(name):
        return len(name) <= _MAX_UNSPACED_LETTERS
    return count_name_words(name) <= _MAX_WORDS


def split_role(text: str) -> tuple[str, str]:
    """Separate a name from the role that follows it after a comma or a dash; the role is empty if there is none.

    After a dash it is one only if it is written as a name is or begins with such a word as "host".

    >>> split_role("HANNA WEIR, ANCHOR"), split_role("Ann Lee - Host"), split_role("Well, I think")
    (('HANNA WEIR', 'ANCHOR'), ('Ann Lee', 'Host'), ('Well, I think', ''))
    """
    found = _ROLE.match(text)
    if found is None or len(found["role"].split()) > _MAX_ROLE_WORDS:
        return text, ""
    name, role = found["name"].strip(), found["role"]
    is_whole = name_shape(name) in {"capitals", "full-name"}
    if found["dash"]:
        says_what = is_placeholder(role.split()[0])
        is_role = (is_whole and is_name_like(role)) or (says_what and is_name_like(name))
    else:
        is_role = is_whole
    return (name, role) if is_role else (text, "")


def is_name_like(name: str) -> bool:
    """Return whether a name is written as names are: each word with a capital, or in letters without case."""
    return name_shape(name) != "other"
