"""A forced time is taken near to where the word was heard, or beside a word that was taken."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.heard_times import ForcedTime
from pipeline.matching.forced.acceptance import DELAY_MS, NOISY_BELOW_DB, accepted_times, forced_times, vote
from pipeline.matching.forced.stretches import Forced, ForcedWord, Stretch
from pipeline.times import Span

Placed = tuple[int | None, ForcedWord]


def word(written: int | None, heard: int | None = None) -> Placed:
    """A word that was heard at a time, or not heard at all."""
    span = None if heard is None else Span(heard, heard + 200)
    return written, ForcedWord(("w",), is_abbreviation=False, heard=span, optional=span is None)


def stretch(words: list[Placed]) -> Stretch:
    """A stretch of these words."""
    places, forced = zip(*words, strict=True)
    return Stretch(Span(10_000, 10_000), Span(13_000, 13_000), forced, places)


def starts(words: list[Placed], *found: tuple[int, int] | None) -> dict[int, int]:
    """The starts that are taken, before the constant delay."""
    spans = tuple(None if one is None else Span(*one) for one in found)
    times = accepted_times(stretch(words), Forced(10_000, spans))
    return {k: time.span.start - DELAY_MS for k, time in times.items()}


def test_a_time_near_the_heard_one_is_taken() -> None:
    """600 ms are near, more are not; times are from the start of the stretch."""
    words = [word(4, 10_000), word(5, 11_000), word(6, 12_000)]

    assert starts(words, (0, 300), (450, 700), (1_400, 1_500)) == {4: 10_000, 5: 10_450, 6: 11_400}
    assert starts(words, (0, 300), (390, 700), (2_601, 2_800)) == {4: 10_000}


def test_a_word_that_was_not_heard_is_taken_beside_one_that_is() -> None:
    """From either side, and word by word; not across a gap in which others may speak."""
    words = [word(1), word(2), word(3, 11_000), word(4), word(5)]

    assert starts(words, (400, 600), (700, 950), (1_000, 1_200), (1_500, 1_600), (1_901, 2_000)) == {
        1: 10_400,
        2: 10_700,
        3: 11_000,
        4: 11_500,
    }


def test_a_word_that_is_left_out_has_no_time() -> None:
    """Neither has a heard word that is not written, nor a word beside one that is not taken."""
    words = [word(1), word(2, 11_000), word(None, 11_300), word(3)]

    assert starts(words, None, (1_000, 1_200), (1_300, 1_400), (1_400, 1_500)) == {2: 11_000, 3: 11_400}
    assert starts(words, (800, 990), (2_000, 2_200), None, (2_200, 2_300)) == {}


def test_what_was_forced_serves_wherever_its_words_are_now() -> None:
    """A stretch whose words were moved in the transcript has the same times; one with other words has none."""
    before, moved = stretch([word(1, 10_100), word(2, 10_500)]), stretch([word(8, 10_100), word(9, 10_500)])
    other = stretch([word(1, 10_100), word(2, 10_500), word(3, 10_800)])
    results = ((before.without_places(), Forced(10_000, (Span(110, 300), Span(520, 700)))),)

    assert {k: time.span.start for k, time in forced_times([moved], results).items()} == {8: 10_117, 9: 10_527}
    assert forced_times([other], results) == {}


def voted(
    heard: int | None, first: tuple[int, int] | None, second: tuple[int, int] | None, range_db: float | None = None
) -> ForcedTime | None:
    """The time of one word that two aligners found, without the constant delay, from the start of the stretch."""
    spans = [tuple(None if one is None else Span(*one) for one in ((0, 50), found)) for found in (first, second)]
    words = stretch([word(1, 10_000), word(2, heard)])
    time = accepted_times(words, Forced(10_000, spans[0], spans[1], range_db=range_db)).get(2)
    return None if time is None else ForcedTime(time.span.shift(-10_000 - DELAY_MS), time.apart)


def test_two_aligners_vote() -> None:
    """Near to each other they give a mean, else the one nearer to where the word was heard; one alone is taken."""
    assert voted(10_500, (400, 700), (500, 740)) == ForcedTime(Span(467, 710), 100)
    assert voted(10_600, (400, 700), (520, 740)) == ForcedTime(Span(520, 740), 120)
    assert voted(10_400, (400, 700), (520, 740)) == ForcedTime(Span(400, 700), 120)
    assert voted(10_400, (400, 700), None) == voted(10_400, None, (400, 700)) == ForcedTime(Span(400, 700))
    assert voted(10_400, None, None) is None


@pytest.mark.parametrize("range_db", [NOISY_BELOW_DB, 45.0, None])
def test_in_quiet_each_aligner_counts_for_what_it_hears_better(range_db: float | None) -> None:
    """The classifier for starts, PocketSphinx for ends; without a measured range as well."""
    assert voted(10_400, (400, 700), (440, 900), range_db) == ForcedTime(Span(427, 750), 40)
    assert voted(10_400, (400, 700), (520, 740), range_db) == ForcedTime(Span(400, 700), 120)


def test_in_noise_the_classifier_counts_most() -> None:
    """There PocketSphinx begins a word late and ends it early, and it is wrong where the two disagree."""
    noisy = NOISY_BELOW_DB - 0.1

    assert voted(10_400, (400, 700), (440, 900), noisy) == ForcedTime(Span(432, 860), 40)
    assert voted(10_400, (400, 700), (520, 740), noisy) == ForcedTime(Span(520, 740), 120)
    assert voted(10_400, (400, 700), None, noisy) == ForcedTime(Span(400, 700))


@given(st.integers(0, 900), st.integers(0, 900), st.integers(1, 300), st.integers(1, 300), st.none() | st.floats(0, 60))
def test_a_vote_is_between_the_two(first: int, second: int, short: int, long: int, range_db: float | None) -> None:
    """Neither edge is outside of what the aligners found, whatever the noise, and a word keeps half of its length."""
    found = [Span(first, first + short), Span(second, second + long)]

    time = vote(found, range_db)

    assert time is not None
    assert min(first, second) <= time.span.start <= max(first, second)
    assert min(one.end for one in found) <= time.span.end <= max(one.end for one in found)
    assert time.span.duration >= min(short, long) / 2 - 1


@given(
    st.lists(st.tuples(st.integers(100, 400), st.integers(-50, 50)), min_size=1, max_size=6), st.none() | st.just(10.0)
)
def test_words_that_touch_do_not_overlap(words: list[tuple[int, int]], range_db: float | None) -> None:
    """Each starts where the vote has it: the end of the one before, which is weighted otherwise, gives way."""
    edges = [0, *itertools.accumulate(length for length, _ in words)]
    later = [edge + apart for edge, apart in zip(edges, (0, *(apart for _, apart in words)), strict=True)]
    first, second = ([Span(*pair) for pair in itertools.pairwise(some)] for some in (edges, later))

    spoken = stretch([word(k, 10_000 if k == 0 else None) for k in range(len(words))])
    times = accepted_times(spoken, Forced(10_000, tuple(first), tuple(second), range_db=range_db))

    assert list(times) == list(range(len(words)))  # also those that were not heard: each is beside the one before
    alone = [vote(pair, range_db) for pair in zip(first, second, strict=True)]
    assert [time.span.start - 10_000 - DELAY_MS for time in times.values()] == [one.span.start for one in alone if one]
    assert all(one.span.end <= two.span.start for one, two in itertools.pairwise(times.values()))


def test_two_that_agree_may_move_a_word_further() -> None:
    """Whisper put it into the music before; one alone, or two that disagree, may not move it that far."""
    assert voted(10_400, (4_000, 4_300), (4_060, 4_300)) == ForcedTime(Span(4_040, 4_300), 60)
    assert voted(10_400, (4_000, 4_300), None) is None
    assert voted(10_400, (4_000, 4_300), (4_200, 4_300)) is None
    assert voted(10_400, (6_500, 6_600), (6_510, 6_600)) is None


def test_a_word_that_was_not_heard_has_both_votes() -> None:
    """Where they disagree, it is where the classifier has it, which is less confused by noise."""
    assert voted(None, (100, 300), (140, 300)) == ForcedTime(Span(127, 300), 40)
    assert voted(None, (100, 300), (210, 300)) == ForcedTime(Span(210, 300), 110)
