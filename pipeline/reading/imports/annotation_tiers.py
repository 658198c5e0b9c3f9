"""Read the tiers of a program for speech research (Praat, ELAN) as the pieces of a transcript.

A tier is what one person says, an interval a turn or a part of one. Other tiers have the same speech again in smaller
parts, which are left out:

    Ann         |so what is it   |      |yes|
    Ann words   |so|  |what|is|it|      |yes|
    Bo                         |a paper |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.reading.imports.pieces import Piece
from pipeline.times import Ms

_SMALLER = re.compile(
    r"(?:^|(?<=[\s_.:-]))(?:phones?|phonemes?|phonetic|segments?|syllables?|syll|mau|kan|ort|tokens?|letters?|chars?)$",
    re.IGNORECASE,
)
"""Names of tiers with smaller parts than words, or with words in another form (as of Praat, MFA and MAUS)."""
_WORDS = re.compile(r"[\s_.:-]*(?:words?|wörter|mots|palabras)$", re.IGNORECASE)
_NO_NAME = re.compile(
    r"(?:default|unknown|text|transcript(?:ion)?|utterances?|sentences?|turns?|speech|tier|trs|silences?|words?)?[\s_-]*\d*",
    re.IGNORECASE,
)
_SILENCE = frozenset({"sil", "sp", "spn", "<sil>", "<p:>", "#", "_", "...", "xxx"})
_WORDS_OF_A_PIECE = 1.5
"""Words of an interval on average, below which the intervals are words."""
_PAUSE = 500
"""Milliseconds between two words of a person, after which another person's may come first."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of a tier.

    Attributes:
        place: by what it is ordered, in ms: its start, else what is guessed from its neighbours.
        start, end: in ms; None if the file has none.
    """

    place: float
    start: Ms | None
    end: Ms | None
    text: str


@dataclass(frozen=True, slots=True)
class AnnotationTier:
    """A tier and its intervals in order of time; ``speaker`` is None if the format does not name one by itself."""

    name: str
    intervals: tuple[Interval, ...]
    speaker: str | None = None


def tier_pieces(tiers: Iterable[AnnotationTier]) -> Iterator[Piece]:
    """Yield what is said in order of time, each piece with the name of its tier as its speaker.

    A tier with a name such as "transcript" or "words" names nobody.
    """
    spoken = _without_repetitions([_spoken(tier) for tier in tiers])
    placed = [
        (place, number, one, speaker_of(tier)) for number, tier in enumerate(spoken) for place, one in _placed(tier)
    ]
    for _, _, one, speaker in sorted(placed, key=lambda entry: entry[:2]):
        yield Piece(speaker, one.text, one.start, one.end)


def speaker_of(tier: AnnotationTier) -> str | None:
    """Return the speaker of a tier; None if its name is none of a person.

    >>> speaker_of(AnnotationTier("Ann Lee - words", ())), speaker_of(AnnotationTier("sentences", ()))
    ('Ann Lee', None)
    """
    name = " ".join((tier.speaker or _WORDS.sub("", tier.name)).split())
    return None if _NO_NAME.fullmatch(name) else name


def _spoken(tier: AnnotationTier) -> AnnotationTier:
    texts = ((one, " ".join(one.text.split())) for one in tier.intervals)
    said = (
        Interval(one.place, one.start, one.end, text) for one, text in texts if text.casefold() not in {"", *_SILENCE}
    )
    return AnnotationTier(tier.name, tuple(said), tier.speaker)


def _without_repetitions(tiers: Sequence[AnnotationTier]) -> list[AnnotationTier]:
    """Leave out tiers that have the speech of others in smaller parts."""
    filled = [tier for tier in tiers if tier.intervals]
    whole = [tier for tier in filled if not _SMALLER.search(tier.name)] or filled
    turns = [tier for tier in whole if not _WORDS.search(tier.name)] or whole
    fewest: dict[str, int] = {}
    for tier in turns:
        number = len(tier.intervals)
        fewest[_letters(tier)] = min(number, fewest.get(_letters(tier), number))
    return [tier for tier in turns if len(tier.intervals) == fewest[_letters(tier)]]


def _letters(tier: AnnotationTier) -> str:
    return "".join(one.text for one in tier.intervals).replace(" ", "").casefold()


def _placed(tier: AnnotationTier) -> Iterator[tuple[float, Interval]]:
    """Yield each interval with its place among those of all tiers; words without a pause between them share one."""
    number = sum(len(one.text.split()) for one in tier.intervals)
    are_words = number < _WORDS_OF_A_PIECE * len(tier.intervals)
    place, until = 0.0, float("-inf")
    for one in tier.intervals:
        if not are_words or one.place > until + _PAUSE:
            place = one.place
        until = one.place if one.end is None else one.end
        yield place, one
