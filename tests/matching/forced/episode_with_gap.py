"""A transcript with a turn that was not heard between two that were, and what forced alignment finds of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.heard_times import heard_times
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.forced.acceptance import DELAY_MS, MOST_APART_IN_MEAN_MS, ForcedResults
from pipeline.matching.forced.gap_times import LEAST_AHEAD, LEAST_MEAN_FIT
from pipeline.matching.forced.gaps import MOST_BELOW_MEDIAN, cut_gaps, known_times
from pipeline.matching.forced.stretches import Forced, Stretch, cut_into_stretches
from pipeline.reading.transcript import parse
from pipeline.schema import HeardWord, Hearing, TimedUtterance, TimedWord, Transcript
from pipeline.times import Span
from tests.matching.word_lists import make_hearing

SOURCE = """**Ann**: I never expected rabbits under our wooden platform.

**Bob**: Oh no really?

**Ann**: Seven little brown animals chewing every cable.
"""
DOCUMENT = parse(SOURCE)
BOB = DOCUMENT.utterances[1].words
GOOD = -0.2

Found = tuple[tuple[int, int], tuple[int, int], float]
"""Where the first and the second aligner have a word, from the start of the gap, and how well it fits."""


def hear(gap: int, document: Transcript = DOCUMENT) -> Hearing:
    """What Ann says, four words a second, with a gap between her two turns."""
    words: list[HeardWord] = []
    at = 1_000
    for utterance in document.utterances[::2]:
        for k in utterance.words:
            words.append(HeardWord(document.words[k].shown, Span(at, at + 250), 0.9))
            at += 250
        at += gap
    return make_hearing(tuple(words), duration=at)


def fitting(stretch: Stretch, fit: float = GOOD, apart: int = 0) -> Forced:
    """The result of a stretch whose words are said where they were heard."""
    start = stretch.start.start
    spans = tuple(word.heard and word.heard.shift(-start - DELAY_MS) for word in stretch.words)
    phones = tuple(span and span.shift(apart) for span in spans)
    return Forced(start, spans, phones, tuple(None if span is None else fit for span in spans))


def rejecting(stretch: Stretch, words: set[int]) -> Forced:
    """The result of a stretch in which these words are not said where they were heard."""
    good = fitting(stretch)
    fits = [
        fit and fit - MOST_BELOW_MEDIAN - 0.1 if place in words else fit
        for place, fit in zip(stretch.places, good.fits or (), strict=True)
    ]
    return Forced(good.start, good.spans, good.phones, tuple(fits))


class Episode:
    """A transcript, what was heard, and what forced alignment finds."""

    def __init__(self, hearing: Hearing, document: Transcript = DOCUMENT) -> None:
        self.document, self.hearing = document, hearing
        self.alignment = align(document.words, hearing.words, AlignOptions())
        heard = heard_times(document, hearing, self.alignment)
        self.stretches = cut_into_stretches(document, hearing, self.alignment, heard)
        self.results: ForcedResults = tuple((one.without_places(), fitting(one)) for one in self.stretches)

    def gaps(self) -> tuple[Stretch, ...]:
        """The gaps in which something is looked for."""
        return cut_gaps(self.document, self.hearing, self.alignment, self.stretches, self.results)

    def find(self, gap: Stretch, found: Sequence[Found | None]) -> None:
        """Let the aligners find these words in a gap."""
        columns = zip(
            *[(None, None, None) if one is None else (Span(*one[0]), Span(*one[1]), one[2]) for one in found],
            strict=True,
        )
        first, second, fits = (tuple(column) for column in columns)
        self.results = (*self.results, (gap.without_places(), Forced(gap.start.start, first, second, fits)))

    def times(self) -> tuple[tuple[TimedWord, ...], tuple[TimedUtterance, ...]]:
        """The times of words and utterances."""
        forced = known_times(self.document, self.hearing, self.alignment, self.stretches, self.results)
        return assign_times(self.document, self.hearing, self.alignment, forced=forced)


LONG = parse(SOURCE.replace("Oh no really?", "Oh no really did they?"))
SAID = ("Oh", "no", "really", "did", "they")


def misplaced(gap: int, at: int, document: Transcript = LONG, words: tuple[str, ...] = SAID) -> Episode:
    """What Bob says was heard so long after Ann, where both aligners reject it; Ann goes on after the gap."""
    ann = hear(gap, document).words
    first = next(n for n, (one, two) in enumerate(itertools.pairwise(ann), start=1) if two.span.start > one.span.end)
    place = ann[first - 1].span.end + at
    bob = [HeardWord(text, Span(place + 300 * n, place + 300 * n + 300), 0.9) for n, text in enumerate(words)]
    hearing = make_hearing((*ann[:first], *bob, *ann[first:]), duration=ann[-1].span.end)
    episode = Episode(hearing, document)
    rejected = set(document.utterances[1].words)
    episode.results = tuple((one.without_places(), rejecting(one, rejected)) for one in episode.stretches)
    return episode


def found_at(
    search: Stretch, at: int, *, ahead: float = LEAST_AHEAD, fit: float = LEAST_MEAN_FIT, disagreeing: int = 0
) -> tuple[Stretch, Forced]:
    """The result of a search: words of 0.3 s, of which so many are not where the other aligner has them."""
    phones = tuple(Span(300 * n, 300 * n + 300) for n in range(len(search.words)))
    apart = MOST_APART_IN_MEAN_MS + 1
    spans = tuple(span.shift(apart) if n < disagreeing else span for n, span in enumerate(phones))
    return search.without_places(), Forced(at, spans, phones, (fit,) * len(phones), ahead)


def bob_in(episode: Episode) -> tuple[int, bool]:
    """When Bob's turn starts, and whether that is sure."""
    bob = episode.times()[1][1]
    assert bob.span is not None
    return bob.span.start, bob.is_sure
