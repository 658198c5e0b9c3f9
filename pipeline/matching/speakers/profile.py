"""A show's voice book: how its people sound, learned from episodes whose transcripts have labels.

These are the values. ``matching.speakers.profile_updates`` changes them, ``matching.speakers.recognition`` compares
voices with them, and ``files.voice_books`` stores them. An embedding identifies a person, so this is biometric data: no
result and no document contains one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from pipeline.schema import VoiceExample
from pipeline.times import Ms

MAX_NAME_LENGTH = 200
_NO_TEXT = {"Cc", "Cs", "Zl", "Zp"}
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(name: str) -> str:
    r"""A name as a book may hold it: in one Unicode form, in one line, not endless; empty where nothing is left.

    >>> clean_name(" Cafe\u0301\nAnn ")
    'Café Ann'
    """
    seen = "".join(" " if unicodedata.category(mark) in _NO_TEXT or mark in _BIDI else mark for mark in name)
    return unicodedata.normalize("NFC", " ".join(seen.split()))[:MAX_NAME_LENGTH].strip()


@dataclass(frozen=True, slots=True, order=True)
class EpisodeEnrolment:
    """What one episode has taught of one person.

    Attributes:
        audio: the SHA-256 of the episode's audio; ``episode`` its name for people.
        examples: in order of time.
    """

    audio: str
    episode: str
    examples: tuple[VoiceExample, ...]

    @property
    def ms(self) -> Ms:
        """How much speech it is."""
        return sum(example.ms for example in self.examples)


class Voice(msgspec.Struct, frozen=True, order=True, rename={"enrolments": "lessons"}):
    """A person, and what each episode has taught of how that sounds, ordered by ``audio``, one lesson for each."""

    name: str
    enrolments: tuple[EpisodeEnrolment, ...]


@dataclass(frozen=True, slots=True)
class VoiceBook:
    """The voices of one show.

    Attributes:
        weights: the SHA-256 of the model that all its vectors were made with; None while there are none.
        voices: ordered by name, one for each.
        forgotten: names that are not to be learned again.
        renamed: whom a name means that labels still use, by its folded form (``reading.labels.forms.fold_name``).
    """

    show: str
    weights: str | None = None
    voices: tuple[Voice, ...] = ()
    forgotten: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
