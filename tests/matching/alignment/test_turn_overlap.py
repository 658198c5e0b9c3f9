"""A turn that may begin under another person's is recognised by its words: too little time, or another sound."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.heard_times import UNTIMED, letters_of
from pipeline.matching.alignment.turn_overlap import (
    LEAST_FIT,
    MOST_PAUSE_IF_UNFIT_MS,
    MOST_PAUSE_IF_UNFOUND_MS,
    MOST_PAUSE_MS,
    SQUEEZED,
    SQUEEZED_FIRST,
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


def overlaps(
    share: float, pause: Ms = 0, source: str = SOURCE, fit: float | None = None, *, is_unfound: bool = False
) -> bool:
    """Return whether the second turn may begin before the first one has ended."""
    transcript = parse(source)
    first, second = transcript.utterances
    return may_overlap(transcript, first, second, times_of(transcript, share, pause), RATE, fit, is_unfound=is_unfound)


@given(share=st.floats(SQUEEZED_FIRST + 0.02, 3), pause=st.integers(0, 2 * MOST_PAUSE_MS))
def test_it_takes_both_no_pause_and_too_little_time(share: float, pause: Ms) -> None:
    """Fast speech alone is none, and neither is an answer that comes at once."""
    if abs(share - SQUEEZED) > 0.02:  # times are whole ms
        assert overlaps(share, pause) == (share < SQUEEZED and pause < MOST_PAUSE_MS)


@given(fit=st.floats(2 * LEAST_FIT, 0), pause=st.integers(0, 2 * MOST_PAUSE_IF_UNFIT_MS))
def test_a_first_word_that_sounds_like_another_takes_a_short_pause(fit: float, pause: Ms) -> None:
    """It is said earlier, and laid where there is room for it; how fast the words are does not matter."""
    assert overlaps(1.0, pause, fit=fit) == (fit < LEAST_FIT and pause < MOST_PAUSE_IF_UNFIT_MS)


@given(pause=st.integers(0, 2 * MOST_PAUSE_IF_UNFOUND_MS), is_unfound=st.booleans())
def test_a_first_word_that_nobody_found_takes_a_short_pause(pause: Ms, is_unfound: bool) -> None:  # noqa: FBT001
    """Its time is only what is left beside the turn before, in which it may have begun."""
    assert overlaps(1.0, pause, is_unfound=is_unfound) == (is_unfound and pause < MOST_PAUSE_IF_UNFOUND_MS)


@given(share=st.floats(0.1, 1), pause=st.integers(0, 2 * MOST_PAUSE_IF_UNFOUND_MS))
def test_a_first_word_in_far_too_little_time_takes_a_short_pause(share: float, pause: Ms) -> None:
    """However long the words around it are."""
    transcript = parse(SOURCE)
    before, second = transcript.utterances
    times, first = times_of(transcript, 1.0, pause), second.words.start
    usual = times[first].span
    assert usual is not None
    short = Span(usual.start, usual.start + round(share * RATE * letters_of(transcript.words[first])))
    times[first] = TimedWord(short, "forced", 0.9)

    is_over = may_overlap(transcript, before, second, times, RATE, None, is_unfound=False)

    if abs(share - SQUEEZED_FIRST) > 0.02 and pause >= MOST_PAUSE_MS:
        assert is_over == (share < SQUEEZED_FIRST and pause < MOST_PAUSE_IF_UNFOUND_MS)


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
    transcript = parse(SOURCE)
    first, second = transcript.utterances
    times = times_of(transcript, 0.3, 0)
    assert may_overlap(transcript, first, second, times, RATE, None, is_unfound=False)

    for k in first.words:
        times[k] = UNTIMED
    assert not may_overlap(transcript, first, second, times, RATE, None, is_unfound=False)
