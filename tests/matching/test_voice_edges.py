"""Where two people speak at once, turns begin and end with their voices."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.voice_edges import with_voice_edges
from pipeline.schema import TimedUtterance, Turn
from pipeline.times import Ms, Span
from tests.matching.word_lists import align_and_time, prose

A, B, C = prose(31, 40), prose(32, 40), prose(33, 40)
"""Three turns of 12 s each."""

TYPED = f"**Ann**: {A}\n\n**Bob**: {B}\n\n**Cid**: {C}\n"

FOUND = align_and_time(TYPED, f"{A} {B} {C}")
"""The changes of speaker are placed at 12 s and at 24 s."""


def turns(*spans: tuple[Ms, Ms, str]) -> tuple[Turn, ...]:
    """Return the turns of voices."""
    return tuple(Turn(Span(start, end), voice) for start, end, voice in spans)


def edged(voices: tuple[Turn, ...], *unsure: int) -> tuple[TimedUtterance, ...]:
    """Return the utterances by the voices; those of these indices are not sure before."""
    transcript, _, _, words, utterances = FOUND
    before = [replace(one, confidence=0.4) if k in unsure else one for k, one in enumerate(utterances)]
    return with_voice_edges(transcript, words, before, voices)


def spans(utterances: tuple[TimedUtterance, ...]) -> list[tuple[Ms, Ms]]:
    """Return their spans."""
    return [(one.span.start, one.span.end) for one in utterances if one.span]


def test_without_overlap_nothing_changes() -> None:
    """Voices that follow one another say nothing new, wherever they change."""
    utterances = FOUND[-1]

    assert edged(()) == utterances
    assert edged(turns((0, 11_000, "0"), (11_000, 26_000, "1"), (26_500, 36_000, "2"))) == utterances


def test_turns_end_and_unsure_ones_begin_with_their_voices() -> None:
    """Ann goes on for 1.2 s while Bob speaks, who has begun before she is placed to end; Cid's start is not sure."""
    voices = turns((0, 13_200, "0"), (11_900, 24_700, "1"), (22_800, 36_000, "2"))

    assert spans(edged(voices, 2)) == [(0, 13_200), (12_000, 24_700), (22_800, 36_000)]


def test_it_is_not_asked_whose_voice_it_is() -> None:
    """Clusters are often confused where two people speak at once; the edges are the same."""
    voices = turns((0, 13_200, "2"), (11_900, 24_700, "0"), (22_800, 36_000, "2"))

    assert spans(edged(voices, 2)) == [(0, 13_200), (12_000, 24_700), (22_800, 36_000)]


def test_a_sure_start_gives_way_to_a_voice_and_is_not_sure_then() -> None:
    """Bob's voice begins 1.5 s before his words were placed, and goes on until them."""
    bob = edged(turns((0, 12_500, "0"), (10_500, 24_000, "1")))[1]

    assert bob.span == Span(10_500, 24_000)
    assert not bob.is_sure


@pytest.mark.parametrize(
    "bob",
    [
        [(11_750, 24_000, "1")],  # near the start
        [(10_500, 11_000, "1"), (12_000, 24_000, "1")],  # done before it
        [(8_000, 24_000, "1")],  # too early
    ],
)
def test_a_sure_start_stays_where_no_voice_speaks_against_it(bob: list[tuple[Ms, Ms, str]]) -> None:
    """Short words of others and of the background are no start of the turn."""
    assert edged(turns((0, 12_500, "0"), *bob))[1] == FOUND[-1][1]


def test_a_sure_start_stays_if_the_voice_may_be_of_what_is_typed_before_it() -> None:
    """Bob's words were not found: the voice that begins before Cid's first word may be his."""
    transcript, _, _, words, utterances = align_and_time(TYPED, f"{A} {C}")
    voices = turns((0, 12_500, "0"), (10_500, 24_000, "1"))

    assert with_voice_edges(transcript, words, utterances, voices)[2] == utterances[2]


@pytest.mark.parametrize(
    "ann",
    [
        [(0, 11_800, "0")],  # before her last word was found
        [(0, 12_000, "0"), (13_000, 13_400, "0")],  # she has stopped, and says a word later
        [(0, 16_000, "0")],  # too far behind her last word
    ],
)
def test_a_turn_ends_with_no_other_voice(ann: list[tuple[Ms, Ms, str]]) -> None:
    """The voice must have begun before the end of the words, and end near it."""
    voices = sorted(turns(*ann, (11_500, 24_000, "1")), key=lambda turn: turn.span.start)

    assert edged(tuple(voices))[0] == FOUND[-1][0]


def test_turns_of_one_speaker_are_not_told_apart_by_voices() -> None:
    """Who goes on under the same label does not speak over himself."""
    transcript, _, _, words, utterances = align_and_time(TYPED.replace("Bob", "Ann"), f"{A} {B} {C}")
    voices = turns((0, 13_200, "0"), (11_900, 24_000, "1"))

    assert with_voice_edges(transcript, words, utterances, voices)[:2] == utterances[:2]


def test_of_several_edges_that_counts_which_fits_the_words() -> None:
    """Cid's words are squeezed: they need 1.5 s more than they have, so he begins about 1.5 s earlier."""
    transcript, _, _, words, utterances = FOUND
    first = transcript.utterances[2].words.start
    squeezed = list(words)
    for number, k in enumerate(range(first, first + 10)):
        squeezed[k] = replace(words[k], span=Span(24_000 + 150 * number, 24_150 + 150 * number))
    for k in range(first + 10, len(words)):
        span = words[k].span
        assert span is not None
        squeezed[k] = replace(words[k], span=span.shift(-1_500))
    before = [*utterances[:2], replace(utterances[2], confidence=0.4)]
    voices = turns((0, 12_000, "0"), (12_000, 25_500, "1"), (21_400, 21_700, "2"), (22_600, 36_000, "2"))

    made = with_voice_edges(transcript, squeezed, before, (*voices, *turns((23_900, 36_000, "3"))))

    assert made[2].span is not None
    assert made[2].span.start == 22_600


def test_the_last_turn_ends_with_its_voice() -> None:
    """As the continue point does."""
    voices = turns((0, 24_000, "0"), (24_000, 37_100, "1"), (35_000, 60_000, "0"))

    assert spans(edged(voices))[-1] == (24_000, 37_100)


moments = st.integers(min_value=0, max_value=40_000)
voices_of = st.lists(
    st.tuples(moments, st.integers(min_value=20, max_value=15_000), st.sampled_from("0123")), max_size=12
).map(lambda drawn: tuple(Turn(Span(at, at + length), voice) for at, length, voice in sorted(drawn)))


@given(voices=voices_of, unsure=st.sets(st.integers(min_value=0, max_value=2)))
def test_utterances_grow_and_stay_in_order(voices: tuple[Turn, ...], unsure: set[int]) -> None:
    """Whatever the voices are, no utterance becomes shorter or surer, and starts and ends stay in order."""
    before = [one.span for one in FOUND[-1] if one.span]
    made = edged(voices, *unsure)
    after = [one.span for one in made if one.span]

    assert all(new.start <= old.start and new.end >= old.end for old, new in zip(before, after, strict=True))
    assert all(new.confidence <= old.confidence for old, new in zip(FOUND[-1], made, strict=True))
    assert all(one.start <= other.start and one.end <= other.end for one, other in pairwise(after))
