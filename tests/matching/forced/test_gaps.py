"""An utterance that was not heard is looked for in its gap; one that does not fit where it was heard is not sure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.forced.acceptance import DELAY_MS
from pipeline.matching.forced.gaps import (
    AROUND_FEW_WORDS_MS,
    ENDING_MS,
    LEAST_GAP_MS,
    LEAST_SEARCHED_WORDS,
    LONG_ENDING_MS,
    MOST_AWAY_MS,
    MOST_GAP_MS,
)
from pipeline.matching.forced.stretches import Forced
from pipeline.reading.transcript import parse
from pipeline.schema import HeardWord, Transcript
from pipeline.times import Span
from tests.matching.forced.episode_with_gap import (
    BOB,
    DOCUMENT,
    GOOD,
    LONG,
    SAID,
    SOURCE,
    Episode,
    Found,
    bob_in,
    fitting,
    found_at,
    hear,
    misplaced,
    rejecting,
)
from tests.matching.word_lists import make_hearing


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

    start = gap.start.start + 527 + DELAY_MS
    assert utterances[1].span == Span(start, gap.start.start + 1_000 + DELAY_MS)
    assert (utterances[1].fit, utterances[1].is_sure) == ("verbatim", True)
    assert [words[k].timing for k in BOB] == ["forced"] * 3


def test_where_nothing_is_looked_for() -> None:
    """In a gap with room for no word, of two words in a long one, with one aligner, and where no fit is known."""
    assert [len(Episode(hear(gap)).gaps()) for gap in (LEAST_GAP_MS - 20, 1_000)] == [0, 1]
    two = parse(SOURCE.replace("Oh no really?", "Oh really?"))
    assert [len(Episode(hear(gap, two), two).gaps()) for gap in (1_000, MOST_GAP_MS + 20)] == [1, 0]

    episode = Episode(hear(gap=1_000))
    both = tuple((one, Forced(found.start, found.spans, found.phones)) for one, found in episode.results)
    for results in (both, tuple((one, Forced(found.start, found.spans)) for one, found in both)):
        episode.results = results
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


def test_several_words_that_fit_are_better_than_a_single_one() -> None:
    """By their mean: one word of three that others speak over does not count for all of them."""
    document = parse(SOURCE.replace("Oh no really?", "Oh no really?\n\n**Cem**: Wow."))
    episode = Episode(hear(3_000, parse(SOURCE)), document)
    bob, cem = episode.gaps()

    episode.find(
        bob,
        [
            ((1_000, 1_100), (1_000, 1_100), -0.05),
            ((1_100, 1_200), (1_100, 1_200), -0.05),
            ((1_200, 1_500), (1_200, 1_500), -0.9),
        ],
    )
    episode.find(cem, [((1_400, 1_700), (1_400, 1_700), -0.4)])

    assert [one.span is not None for one in episode.times()[1]] == [True, True, False, True]


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


def test_an_utterance_that_was_not_matched_is_searched_where_like_words_are_heard() -> None:
    """In a long gap, within 3 s of them."""
    episode, other = heard_in_gap(LONG, ("ohnorea", "llydidt", "hey"))

    (gap,) = episode.gaps()

    assert (gap.is_search, gap.start.start, gap.end.end) == (
        True,
        other[2].span.start - 3_000,
        other[4].span.end + 3_000,
    )


def test_other_words_in_its_place_do_not_end_a_sentence_that_is_found() -> None:
    """What was misheard there is not what it was matched with, so the next sentence keeps its time."""
    document = parse(SOURCE.replace("Oh no really?", "Oh no really did they. Somebody painted all benches yesterday."))
    misheard = ("ohnorea", "llydidt", "hey.", "sumptuous", "plaid", "tin", "grand", "xylophone.")
    words = hear(20_000, document).words
    at = words[7].span.end + 8_000
    other = [HeardWord(text, Span(at + 300 * n, at + 300 * n + 300), 0.9) for n, text in enumerate(misheard)]
    episode = Episode(make_hearing((*words[:8], *other, *words[8:]), duration=words[-1].span.end), document)
    (search,) = episode.gaps()

    episode.results += (found_at(search, at),)
    times, utterances = episode.times()

    assert all(times[k].span for k in document.utterances[1].words)
    assert utterances[1].span == Span(at + DELAY_MS, other[-1].span.end)


@pytest.mark.parametrize(
    ("typed", "looked_for"),
    [
        ("Oh no really?", [(3, ENDING_MS, False)]),
        ("Somebody painted all the benches. Oh no, really, you?", [(9, LONG_ENDING_MS, True), (4, ENDING_MS, False)]),
        (
            "Somebody painted it. Nobody has ever told the mayor.",
            [(9, LONG_ENDING_MS, True), (6, LONG_ENDING_MS, True)],
        ),
        ("Somebody painted all the benches. Oh really?", [(7, LONG_ENDING_MS, True)]),
        (f"{'Somebody painted all the benches. ' * 3} Oh no really?", [(3, ENDING_MS, False)]),
        (f"{'Somebody painted all the benches. ' * 3} Oh really?", []),
    ],
    ids=[
        "one short sentence",
        "a short last sentence",
        "a longer last sentence",
        "too short a last sentence",
        "too long a turn",
        "too long a turn, too short a last sentence",
    ],
)
def test_an_ending_is_looked_for_behind_the_utterance_before(
    typed: str, looked_for: list[tuple[int, int, bool]]
) -> None:
    """Where nothing like it was heard, all of it and its last sentence: its beginning may be spoken over."""
    document = parse(SOURCE.replace("Oh no really?", typed))
    episode, other = heard_in_gap(document, ("other", "words", "here"))
    before = other[0].span.start - 15_000

    found = [(len(gap.words), gap.start.start, gap.end.end, gap.is_search) for gap in episode.gaps()]

    assert found == [(count, before, before + length, is_search) for count, length, is_search in looked_for]


def test_only_the_next_utterance_is_looked_for_behind_what_is_known() -> None:
    """Many that nobody says are not all looked for in the same seconds, where one would be found by chance."""
    typed = "\n\n**Cem**: ".join(f"Nobody has ever told {name} the mayor." for name in ("Ann", "Bob", "Cem", "Dan"))
    document = parse(SOURCE.replace("Oh no really?", typed))
    episode = Episode(hear(40_000, parse(SOURCE)), document)

    (gap,) = episode.gaps()

    assert gap.places == tuple(document.utterances[1].words)


def test_an_ending_that_is_found_has_times_and_its_beginning_none_that_is_sure() -> None:
    """The end of the turn is then that of its last word; where it begins nobody has heard."""
    document = parse(SOURCE.replace("Oh no really?", "Somebody painted all the benches. Oh no, really, you?"))
    episode = Episode(hear(40_000, document), document)
    whole, gap = episode.gaps()

    episode.find(gap, [((300 * n, 300 * n + 300), (300 * n, 300 * n + 300), GOOD) for n in range(1, 5)])
    _, utterances = episode.times()

    bob = utterances[1]
    assert bob.span is not None
    assert bob.span.end == gap.start.start + 1_500 + DELAY_MS
    assert not bob.is_sure

    at = whole.start.start + 2_000
    episode.results += (found_at(whole, at),)  # which fits less well, but has more words
    bob = episode.times()[1][1]
    assert bob.span == Span(at + DELAY_MS, at + 9 * 300 + DELAY_MS)
    assert bob.is_sure


PARTLY_HEARD = parse(
    """**Ann**: I never expected rabbits under our wooden platform. Somebody painted the benches.

**Bob**: Seven little brown animals chewing every cable.
"""
)
"""Ann's last sentence is not heard."""


def partly_heard(gap: int) -> Episode:
    """Ann is heard up to the last sentence of her turn, and then Bob, after a gap."""
    words = hear(0).words
    moved = [HeardWord(one.text, one.span.shift(gap), one.probability) for one in words[8:]]
    return Episode(make_hearing((*words[:8], *moved), duration=moved[-1].span.end), PARTLY_HEARD)


@pytest.mark.parametrize(("gap", "length"), [(LEAST_GAP_MS - 20, None), (2_000, 2_000), (40_000, ENDING_MS)])
def test_a_last_sentence_that_was_not_heard_is_looked_for(gap: int, length: int | None) -> None:
    """Behind the words of its turn that were, as far as the next turn; found, it is the end of its turn."""
    episode = partly_heard(gap)
    gaps = episode.gaps()
    before = episode.hearing.words[7].span.end

    assert [(one.start.start, one.end.end) for one in gaps] == ([] if length is None else [(before, before + length)])

    for one in gaps:
        assert [word.keys for word in one.words] == [("somebody",), ("painted",), ("the",), ("benches",)]
        episode.find(one, [((300 * n, 300 * n + 300), (300 * n, 300 * n + 300), GOOD) for n in range(1, 5)])
        ann = episode.times()[1][0]
        assert ann.span == Span(episode.hearing.words[0].span.start, before + 1_500 + DELAY_MS)


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
