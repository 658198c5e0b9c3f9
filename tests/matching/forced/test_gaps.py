"""An utterance that was not heard is found in its gap if both aligners agree, and one that does not fit is not sure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.heard_times import heard_times
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.forced.acceptance import DELAY_MS, MOST_APART_IN_MEAN_MS, ForcedResults
from pipeline.matching.forced.gaps import (
    AROUND_FEW_WORDS_MS,
    LEAST_AHEAD,
    LEAST_FIT,
    LEAST_FIT_ALONE,
    LEAST_GAP_MS,
    LEAST_MEAN_FIT,
    LEAST_SEARCHED_WORDS,
    MOST_AWAY_MS,
    MOST_BELOW_MEDIAN,
    MOST_GAP_MS,
    cut_gaps,
    known_times,
)
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


def test_a_short_answer_that_was_not_heard_is_found_in_its_gap() -> None:
    """Between the words around it; its words are forced and its utterance is sure."""
    episode = Episode(hear(gap=2_000))
    (gap,) = episode.gaps()
    assert gap.places == tuple(BOB)
    assert (gap.end.start - gap.start.start, any(word.optional for word in gap.words)) == (2_000, False)
    assert episode.times()[1][1].span is None

    episode.find(
        gap, [((500, 600), (540, 620), GOOD), ((600, 700), (620, 720), GOOD), ((700, 1_000), (720, 1_000), GOOD)]
    )
    words, utterances = episode.times()

    start = gap.start.start + 530 + DELAY_MS
    assert utterances[1].span == Span(start, gap.start.start + 1_000 + DELAY_MS)
    assert (utterances[1].fit, utterances[1].is_sure) == ("verbatim", True)
    assert [words[k].timing for k in BOB] == ["forced"] * 3


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(((700, 1_000), (720, 1_000), LEAST_FIT - 0.01), id="one word does not fit"),
        pytest.param(((700, 1_000), (801, 1_000), GOOD), id="the aligners disagree"),
        pytest.param(None, id="one word is not found"),
    ],
)
def test_what_does_not_sound_like_it_is_not_found(second: Found | None) -> None:
    """Every word has to fit, and both aligners have to agree on each."""
    episode = Episode(hear(gap=2_000))
    (gap,) = episode.gaps()

    episode.find(gap, [((500, 600), (540, 620), GOOD), ((600, 700), (620, 720), GOOD), second])

    assert episode.times()[1][1].span is None


def test_a_single_word_has_to_fit_better() -> None:
    """It is found by chance more easily than several."""
    document = parse(SOURCE.replace("Oh no really?", "Wow."))
    for fit, found in ((LEAST_FIT_ALONE, True), (LEAST_FIT_ALONE - 0.01, False)):
        episode = Episode(hear(2_000, document), document)
        (gap,) = episode.gaps()
        episode.find(gap, [((500, 700), (500, 700), fit)])
        assert (episode.times()[1][1].span is not None) == found


def test_where_nothing_is_looked_for() -> None:
    """In a gap with room for no word, in a long one, and where there is only one aligner."""
    assert [len(Episode(hear(gap)).gaps()) for gap in (LEAST_GAP_MS - 20, 1_000, MOST_GAP_MS + 20)] == [0, 1, 0]

    episode = Episode(hear(gap=1_000))
    episode.results = tuple((one, Forced(found.start, found.spans)) for one, found in episode.results)
    assert episode.gaps() == ()


def test_of_two_that_overlap_the_better_one_is_found() -> None:
    """What is found is in the order of the text."""
    document = parse(SOURCE.replace("Oh no really?", "Oh no really?\n\n**Cem**: Wow.\n\n**Dan**: Never."))
    kept = parse(SOURCE)
    episode = Episode(hear(3_000, kept), document)
    bob, cem, dan = episode.gaps()
    assert (bob.start, bob.end) == (dan.start, dan.end)

    episode.find(
        bob,
        [
            ((1_000, 1_100), (1_000, 1_100), GOOD),
            ((1_100, 1_200), (1_100, 1_200), GOOD),
            ((1_200, 1_500), (1_200, 1_500), GOOD),
        ],
    )
    episode.find(cem, [((1_400, 1_700), (1_400, 1_700), -0.3)])
    episode.find(dan, [((2_000, 2_300), (2_000, 2_300), -0.4)])

    assert [one.span is not None for one in episode.times()[1]] == [True, True, False, True, True]


def test_an_utterance_that_is_not_said_where_it_was_heard_is_not_sure() -> None:
    """Both aligners reject it there; where it is found in its neighbourhood instead, it is there, and sure."""
    words = hear(3_000).words
    place = words[7].span.end
    heard = [
        HeardWord(text, Span(place + 1_000 + 300 * n, place + 1_300 + 300 * n), 0.9)
        for n, text in enumerate(("Oh", "no", "really"))
    ]
    episode = Episode(make_hearing((*words[:8], *heard, *words[8:]), duration=words[-1].span.end))
    assert episode.times()[1][1].is_sure

    episode.results = tuple((stretch.without_places(), rejecting(stretch, set(BOB))) for stretch in episode.stretches)
    (gap,) = episode.gaps()
    timed = episode.times()[1][1]
    assert timed.span is not None
    assert (timed.span.start, timed.is_sure) == (heard[0].span.start, False)

    episode.find(
        gap,
        [
            ((2_000, 2_100), (2_000, 2_100), GOOD),
            ((2_100, 2_200), (2_100, 2_200), GOOD),
            ((2_200, 2_500), (2_200, 2_500), GOOD),
        ],
    )
    found = episode.times()[1][1]
    assert found.span is not None
    assert (found.span.start, found.is_sure) == (gap.start.start + 2_000 + DELAY_MS, True)


PLACE = st.tuples(st.integers(0, 3_000), st.integers(10, 900)).map(lambda one: (one[0], sum(one)))


@given(st.lists(st.none() | st.tuples(PLACE, PLACE, st.floats(-3, 0)), min_size=3, max_size=3), st.floats(-5, 0))
def test_times_are_in_order_whatever_is_found(found: list[Found | None], fit: float) -> None:
    """Words follow each other without overlap within the recording, and nothing is both not found and timed."""
    episode = Episode(hear(gap=2_000))
    episode.results = tuple((one.without_places(), fitting(one, fit, 200)) for one in episode.stretches)
    for gap in episode.gaps():
        if len(gap.places) == len(found):
            episode.find(gap, found)

    words, utterances = episode.times()

    spans = [one.span for one in words if one.span is not None]
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(0 <= span.start <= span.end <= episode.hearing.duration for span in spans)
    assert all((one.fit == "not-found") == (one.span is None) for one in utterances)


# --- searches -----------------------------------------------------------------------------------------------------

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


def test_a_rejected_passage_is_searched_between_its_neighbours() -> None:
    """In a long gap too, of which at most a minute on each side of its place; found, it is there, and sure."""
    for gap, at in ((20_000, 3_000), (300_000, 150_000)):
        episode = misplaced(gap, at)
        (search,) = episode.gaps()
        place, is_sure = bob_in(episode)
        assert (search.is_search, is_sure) == (True, False)
        assert search.start.start == max(episode.hearing.words[7].span.end, place + 600 - MOST_AWAY_MS)
        assert search.end.end == min(episode.hearing.words[13].span.start, place + 600 + MOST_AWAY_MS)

        episode.results += (found_at(search, search.start.start + 9_000),)

        assert bob_in(episode) == (search.start.start + 9_000 + DELAY_MS, True)


@pytest.mark.parametrize(
    ("ahead", "fit", "disagreeing"),
    [
        pytest.param(LEAST_AHEAD - 0.01, LEAST_MEAN_FIT, 0, id="another place is as good"),
        pytest.param(LEAST_AHEAD, LEAST_MEAN_FIT - 0.01, 0, id="it does not fit"),
        pytest.param(LEAST_AHEAD, LEAST_MEAN_FIT, 2, id="the aligners disagree"),
    ],
)
def test_a_passage_that_is_not_surely_found_stays_unsure(ahead: float, fit: float, disagreeing: int) -> None:
    """It keeps the place at which it was heard, with a low confidence."""
    episode = misplaced(20_000, 3_000)
    before = bob_in(episode)
    (search,) = episode.gaps()

    episode.results += (found_at(search, search.start.start + 9_000, ahead=ahead, fit=fit, disagreeing=disagreeing),)

    assert bob_in(episode) == before == (before[0], False)


def test_few_words_are_not_searched() -> None:
    """Three words are looked for in a gap of 5 s at most."""
    assert LEAST_SEARCHED_WORDS > 3
    assert misplaced(20_000, 3_000, DOCUMENT, SAID[:3]).gaps() == ()


def test_what_is_found_is_not_moved_by_what_is_rejected_before_it() -> None:
    """Two turns are rejected; only the later one is found, before the place of the other, which gives way."""
    document = parse(
        SOURCE.replace("Oh no really?", "Oh no really did they?\n\n**Cem**: Could anybody stop these animals?")
    )
    ann = hear(30_000).words
    place = ann[7].span.end + 15_000
    texts = (*SAID, "Could", "anybody", "stop", "these", "animals")
    both = [HeardWord(text, Span(place + 300 * n, place + 300 * n + 300), 0.9) for n, text in enumerate(texts)]
    episode = Episode(make_hearing((*ann[:8], *both, *ann[8:]), duration=ann[-1].span.end), document)
    rejected = {k for one in document.utterances[1:3] for k in one.words}
    episode.results = tuple((one.without_places(), rejecting(one, rejected)) for one in episode.stretches)
    bob, cem = episode.gaps()
    assert (bob.start, bob.end) != (cem.start, cem.end) or bob.words != cem.words

    episode.results += (found_at(cem, cem.start.start + 5_000),)
    words, utterances = episode.times()

    assert utterances[2].span is not None
    assert (utterances[2].span.start, utterances[2].is_sure) == (cem.start.start + 5_000 + DELAY_MS, True)
    assert not utterances[1].is_sure
    spans = [one.span for one in words if one.span is not None]
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def heard_in_gap(document: Transcript, said: Sequence[str]) -> tuple[Episode, list[HeardWord]]:
    """Put words into the middle of a gap of 40 s; they are the third word of it and the following ones."""
    ann = hear(40_000, document).words
    first = next(n for n, (one, two) in enumerate(itertools.pairwise(ann), start=1) if two.span.start > one.span.end)
    at = ann[first - 1].span.end + 15_000
    other = [
        HeardWord(word, Span(at + 250 * n, at + 250 * n + 250), 0.9)
        for n, word in enumerate(("he", "says", *said, "at", "last"))
    ]
    return Episode(make_hearing((*ann[:first], *other, *ann[first:]), duration=ann[-1].span.end), document), other


@pytest.mark.parametrize(
    ("said", "is_searched"),
    [(("ohnorea", "llydidt", "hey"), True), (("other", "words", "here"), False)],
    ids=["like it", "unlike it"],
)
def test_an_utterance_that_was_not_matched_is_searched_where_like_words_are_heard(
    said: tuple[str, ...],
    is_searched: bool,  # noqa: FBT001 -- the expected value of a case
) -> None:
    """In a long gap, within 3 s of them."""
    episode, other = heard_in_gap(LONG, said)

    assert [gap.is_search for gap in episode.gaps()] == [True] * is_searched
    assert [(gap.start.start, gap.end.end) for gap in episode.gaps()] == [
        (other[2].span.start - 3_000, other[4].span.end + 3_000)
    ] * is_searched


@pytest.mark.parametrize(
    ("typed", "said", "looked_for"),
    [
        ("No rather mice.", ("nora", "therm", "ice"), 3),
        ("Priya Nand, everybody. She sold some of their winter coats.", ("prionnand", "everybo", "dy"), 3),
        ("Everybody.", ("every", "bo", "dy"), None),
    ],
    ids=["few words", "a first sentence", "a single word"],
)
def test_few_words_are_forced_onto_the_words_that_are_like_them(
    typed: str, said: tuple[str, ...], looked_for: int | None
) -> None:
    """Not searched: both aligners have to agree on each of them there. What nobody says may follow."""
    document = parse(SOURCE.replace("Oh no really?", typed))
    episode, other = heard_in_gap(document, said)

    found = [(gap.start.start, gap.end.end, gap.is_search, len(gap.words)) for gap in episode.gaps()]

    sound = (other[2].span.start - AROUND_FEW_WORDS_MS, other[4].span.end + AROUND_FEW_WORDS_MS, False)
    assert found == ([] if looked_for is None else [(*sound, looked_for)])
