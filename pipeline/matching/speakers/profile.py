"""A show's voice book: the voices of its people, learned from episodes whose transcripts have labels.

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
"""Code points of a name; far more than names have, so that a label cannot fill the book."""

_NOT_TEXT_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(name: str) -> str:
    r"""Return a name as a book may contain it: NFC, one line, ``MAX_NAME_LENGTH`` at most; empty if nothing is left.

    >>> clean_name(" Cafe\u0301\nAnn ")
    'Café Ann'
    """
    visible = "".join(
        " " if unicodedata.category(character) in _NOT_TEXT_CATEGORIES or character in _BIDI_CONTROLS else character
        for character in name
    )
    return unicodedata.normalize("NFC", " ".join(visible.split()))[:MAX_NAME_LENGTH].strip()


@dataclass(frozen=True, slots=True, order=True)
class EpisodeEnrolment:
    """What one episode teaches of one person's voice.

    Attributes:
        audio: the SHA-256 of the episode's audio.
        episode: the episode's name, for people.
        examples: in order of time.
    """

    audio: str
    episode: str
    examples: tuple[VoiceExample, ...]

    @property
    def ms(self) -> Ms:
        """The length of the speech in all examples."""
        return sum(example.ms for example in self.examples)


class Voice(msgspec.Struct, frozen=True, order=True, rename={"enrolments": "lessons"}):
    """A person and what each episode teaches of that voice: one enrolment for each episode, ordered by ``audio``."""

    name: str
    enrolments: tuple[EpisodeEnrolment, ...]


@dataclass(frozen=True, slots=True)
class VoiceBook:
    """The voices of one show.

    Attributes:
        weights: the SHA-256 of the model that computed all embeddings; None while there are none.
        voices: ordered by name, one for each name.
        forgotten: names that must not be learned again.
        renamed: the name that replaces a label's name, by its folded form (``reading.labels.forms.fold_name``).
    """

    show: str
    weights: str | None = None
    voices: tuple[Voice, ...] = ()
    forgotten: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
