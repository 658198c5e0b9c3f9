"""A turn that may begin under another person's is recognised by its words: too little time, or another sound."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.heard_times import UNTIMED, ForcedTime, letters_of
from pipeline.matching.alignment.turn_overlap import (
    FEWEST_WITHOUT_LENGTH,
    FIRST_WORDS,
    LEAST_FIT,
    MOST_AFTER_HEARD_MS,
    MOST_PAUSE_IF_SQUEEZED_MS,
    MOST_PAUSE_IF_UNFIT_MS,
    MOST_PAUSE_IF_UNFOUND_MS,
    MOST_PAUSE_MS,
    SQUEEZED,
    SQUEEZED_BEGINNING,
    SQUEEZED_FIRST,
    UNFOUND_WORDS,
    may_overlap,
)
from pipeline.reading.transcript import parse
from pipeline.schema import TimedWord, Transcript
from pipeline.times import Ms, Span

RATE = 60.0
"""The ms that a letter takes elsewhere in the recording."""

SOURCE = "**Ann**: And now let the fans spin.\n\n**Bob**: This episode is brought to you by a lantern.\n"


def times_of(transcript: Transcript, share: float, pause: Ms) -> list[TimedWord]:
    """Let all words take this share of the time that they need, with a pause before the second turn."""
    second = transcript.utterances[1].words.start
    ends = list(itertools.accumulate(round(share * RATE * letters_of(word)) for word in transcript.words))
    starts = [0, *ends[:-1]]
    return [
        TimedWord(Span(start, end).shift(pause if k >= second else 0), "forced", 0.9)
        for k, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def forced_times(transcript: Transcript, fit: float = 0.0) -> dict[int, ForcedTime]:
    """Let forced alignment have found all words, the first of the second turn with this fit."""
    first = transcript.utterances[1].words.start
    return {k: ForcedTime(Span(0, 0), fit=fit if k == first else 0.0) for k in range(len(transcript.words))}


def overlaps(
    share: float,
    pause: Ms = 0,
    source: str = SOURCE,
    fit: float = 0.0,
    change: Callable[[list[TimedWord], list[TimedWord], int], None] = lambda *_: None,
) -> bool:
    """Return whether the second turn may begin before the first one has ended.

    ``change`` gets the times of all words, those as they were heard, and the index of the turn's first word.
    """
    transcript = parse(source)
    before, second = transcript.utterances
    times = times_of(transcript, share, pause)
    heard = list(times)
    change(times, heard, second.words.start)
    return may_overlap(transcript, before, second, times, heard, forced_times(transcript, fit), RATE)


def short(times: list[TimedWord], k: int, share: float) -> None:
    """Let a word take this share of its time, from where it starts."""
    span = times[k].span
    assert span is not None
    times[k] = replace(times[k], span=Span(span.start, span.start + round(share * span.duration)))


@given(share=st.floats(0.1, 3), pause=st.integers(0, 2 * MOST_PAUSE_MS))
def test_it_takes_both_no_pause_and_too_little_time(share: float, pause: Ms) -> None:
    """Fast speech alone is none, nor an answer that comes at once; at twice the speed the pause may be longer."""
    if abs(share - SQUEEZED) > 0.02 and abs(share - SQUEEZED_BEGINNING) > 0.02:  # times are whole ms
        is_squeezed = share < SQUEEZED and pause < MOST_PAUSE_MS
        assert overlaps(share, pause) == (is_squeezed or share < SQUEEZED_BEGINNING)


@given(fit=st.floats(2 * LEAST_FIT, 0), pause=st.integers(0, 2 * MOST_PAUSE_IF_UNFIT_MS))
def test_a_first_word_that_sounds_like_another_takes_a_short_pause(fit: float, pause: Ms) -> None:
    """It is said earlier, and laid where there is room for it; how fast the words are does not matter."""
    assert overlaps(1.0, pause, fit=fit) == (fit < LEAST_FIT and pause < MOST_PAUSE_IF_UNFIT_MS)


@given(pause=st.integers(0, 2 * MOST_PAUSE_IF_UNFOUND_MS), is_unfound=st.booleans())
def test_a_first_word_that_nobody_found_takes_a_short_pause(pause: Ms, is_unfound: bool) -> None:  # noqa: FBT001
    """Its time is only what is left beside the turn before, in which it may have begun."""

    def unfound(times: list[TimedWord], _: list[TimedWord], first: int) -> None:
        if is_unfound:
            times[first] = replace(times[first], timing="interpolated", confidence=0.0)

    assert overlaps(1.0, pause, change=unfound) == (is_unfound and pause < MOST_PAUSE_IF_UNFOUND_MS)


@given(pause=st.integers(0, 5_000), number=st.integers(0, 3))
def test_two_first_words_that_nobody_found_take_no_pause(pause: Ms, number: int) -> None:
    """One alone does not do it after a long pause."""

    def unfound(times: list[TimedWord], _: list[TimedWord], first: int) -> None:
        for k in range(first, first + number):
            times[k] = replace(times[k], timing="interpolated", confidence=0.0)

    is_near = number == 1 and pause < MOST_PAUSE_IF_UNFOUND_MS
    assert overlaps(1.0, pause, change=unfound) == (number >= UNFOUND_WORDS or is_near)


@given(share=st.floats(0.1, 1), pause=st.integers(MOST_PAUSE_MS, 2 * MOST_PAUSE_IF_UNFOUND_MS))
def test_a_first_word_in_far_too_little_time_takes_a_short_pause(share: float, pause: Ms) -> None:
    """However long the words around it are."""
    found = overlaps(1.0, pause, change=lambda times, _, first: short(times, first, share))

    if abs(share - SQUEEZED_FIRST) > 0.02:
        assert found == (share < SQUEEZED_FIRST and pause < MOST_PAUSE_IF_UNFOUND_MS)


@given(
    share=st.floats(SQUEEZED_FIRST + 0.02, 1),
    pause=st.integers(MOST_PAUSE_IF_UNFOUND_MS, 2 * MOST_PAUSE_IF_SQUEEZED_MS),
)
def test_a_beginning_in_too_little_time_takes_a_pause(share: float, pause: Ms) -> None:
    """Three words that are squeezed together say more than one."""

    def squeezed(times: list[TimedWord], _: list[TimedWord], first: int) -> None:
        for k in range(first, first + FIRST_WORDS):
            short(times, k, share)

    if abs(share - SQUEEZED_BEGINNING) > 0.02:
        expected = share < SQUEEZED_BEGINNING and pause < MOST_PAUSE_IF_SQUEEZED_MS
        assert overlaps(1.0, pause, change=squeezed) == expected


@given(pause=st.integers(0, 2 * MOST_PAUSE_IF_SQUEEZED_MS), number=st.integers(0, 4))
def test_words_that_whisper_heard_in_no_time_take_a_pause(pause: Ms, number: int) -> None:
    """Two of the first four; where forced alignment has laid them does not matter."""

    def in_no_time(_: list[TimedWord], heard: list[TimedWord], first: int) -> None:
        for k in range(first, first + number):
            short(heard, k, 0.0)

    expected = number >= FEWEST_WITHOUT_LENGTH and pause < MOST_PAUSE_IF_SQUEEZED_MS
    assert overlaps(1.0, pause, change=in_no_time) == expected


@given(late=st.integers(0, 2 * MOST_AFTER_HEARD_MS), pause=st.integers(2 * MOST_AFTER_HEARD_MS, 9_000))
def test_a_first_word_that_was_heard_long_before_takes_no_pause(late: Ms, pause: Ms) -> None:
    """One of the two places is wrong."""

    def earlier(_: list[TimedWord], heard: list[TimedWord], first: int) -> None:
        span = heard[first].span
        assert span is not None
        heard[first] = replace(heard[first], span=span.shift(-late))

    assert overlaps(1.0, pause, change=earlier) == (late > MOST_AFTER_HEARD_MS)


@pytest.mark.parametrize(
    ("label", "expected"),
    [("**Ann**: ", False), ("**Bob**: ", True), ("****: ", True)],
    ids=["same", "other", "unknown"],
)
def test_nobody_speaks_over_themselves(label: str, expected: bool) -> None:  # noqa: FBT001 -- the expected value of a case
    """A turn of the same speaker begins when the one before has ended; who is not known may be another person."""
    assert overlaps(0.3, source=SOURCE.replace("**Bob**: ", label)) == expected


def test_words_without_a_time_do_not_count() -> None:
    """A turn whose words all lack one tells nothing."""

    def untimed(times: list[TimedWord], _: list[TimedWord], first: int) -> None:
        times[:first] = [UNTIMED] * first

    assert overlaps(0.3)
    assert not overlaps(0.3, change=untimed)


def test_without_forced_alignment_only_words_on_both_sides_tell() -> None:
    """Whisper's times are not exact enough for the length of one word, and words that it did not hear are many."""
    transcript = parse(SOURCE)
    before, second = transcript.utterances
    times = [replace(word, timing="interpolated") for word in times_of(transcript, 1.0, 0)]
    squeezed = times_of(transcript, 0.3, MOST_PAUSE_MS)

    assert not may_overlap(transcript, before, second, times, [UNTIMED] * len(times), {}, RATE)
    assert not may_overlap(transcript, before, second, squeezed, squeezed, {}, RATE)
    assert may_overlap(transcript, before, second, times_of(transcript, 0.3, 0), squeezed, {}, RATE)
