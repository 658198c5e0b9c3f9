"""A stretch of sound with the words that are forced onto it as the aligners get them: by their phones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pipeline.listening.forced.grammar_aligner import Unit
from pipeline.listening.forced.pronunciations import has_entry, pronunciations
from pipeline.matching.forced.stretches import Stretch
from pipeline.times import Ms, Span


@dataclass(frozen=True, slots=True)
class PronouncedStretch:
    """A stretch and one unit for each key of its words that has a pronunciation.

    Looking the pronunciations up needs a dictionary and a model of spelling, which take half a second to load; forcing
    needs neither.

    Attributes:
        stretch: with its words.
        units: what is forced.
        of_unit: the index of the word of each unit.
        heard: when each unit was heard; None for all but the first of a word, and for a word that was not heard.
        guessed: of a comparison, of each word whether its pronunciation is a guess that no dictionary has; else empty.
    """

    stretch: Stretch
    units: tuple[Unit, ...]
    of_unit: tuple[int, ...]
    heard: tuple[Ms | None, ...]
    guessed: tuple[bool, ...]

    @classmethod
    def of(cls, stretch: Stretch) -> Self:
        """Look up how the words of a stretch are pronounced."""
        found = [
            (Unit(ways, word.optional), number, word.heard.start if word.heard and not place else None)
            for number, word in enumerate(stretch.words)
            for place, key in enumerate(word.keys)
            if (ways := pronunciations(key, stretch.language, is_abbreviation=word.is_abbreviation))
        ]
        units, of_unit, heard = zip(*found, strict=True) if found else ((), (), ())
        compared = stretch.words if stretch.is_comparison else ()
        guessed = tuple(not all(map(has_entry, word.keys)) for word in compared)
        return cls(stretch, units, of_unit, heard, guessed)

    @property
    def num_words(self) -> int:
        """How many words the stretch has."""
        return len(self.stretch.words)

    def spans(self, found: Sequence[Span | None]) -> tuple[Span | None, ...]:
        """Return when each word is said, given when each unit is."""
        spans: list[Span | None] = [None] * self.num_words
        for number, span in zip(self.of_unit, found, strict=True):
            if span is not None:
                before = spans[number]
                spans[number] = span if before is None else before.cover(span)
        return tuple(spans)

    def fits(self, found: Sequence[float | None]) -> tuple[float | None, ...]:
        """Return how well each word fits, given how well each unit does: as the worst of its units."""
        fits: list[float | None] = [None] * self.num_words
        for number, fit in zip(self.of_unit, found, strict=True):
            if fit is not None:
                before = fits[number]
                fits[number] = round(fit if before is None else min(before, fit), 3)
        return tuple(fits)
