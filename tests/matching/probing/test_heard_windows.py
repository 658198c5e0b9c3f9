"""Where windows are in the text."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.matching.probing.heard_windows import HeardWindow, aligned_from, hearing_of, placements
from pipeline.reading.transcript import parse
from pipeline.times import Span
from tests.matching.probing.made_episode import heard, made_turns, text_of


@given(st.integers(0, 50), st.integers(0, 40_000))
@settings(max_examples=15)
def test_a_window_of_the_typed_part_is_typed(seed: int, start: int) -> None:
    """And its last match is near its end; one of another episode is not."""
    turns, other = made_turns(random.Random(seed), 400), made_turns(random.Random(seed + 100), 400)
    transcript, hearing = parse(text_of(turns)), heard(turns)
    words = tuple(word for word in hearing.words if start <= word.span.start < start + 15_000)
    others = tuple(word for word in heard(other).words if start <= word.span.start < start + 15_000)
    window = HeardWindow(Span(start, start + 15_000), (), words, "en")

    (found,) = placements(transcript, [window], hearing.duration)
    (wrong,) = placements(transcript, [HeardWindow(window.span, (), others, "en")], hearing.duration)

    assert found.kind == "typed"
    assert found.last is not None
    assert abs(hearing.words.index(words[-1]) - found.last.word) <= 6  # the last ones may be misheard
    assert 0 <= words[-1].span.end - found.last.at <= 6_000
    assert wrong.kind in {"untyped", "unsure"}


def test_a_window_with_hardly_a_word_says_nothing() -> None:
    """Music and pauses are neither typed nor untyped."""
    turns = made_turns(random.Random(1), 200)
    words = heard(turns).words[:3]

    (found,) = placements(parse(text_of(turns)), [HeardWindow(Span(0, 15_000), (), words, "en")], 60_000)

    assert found.kind == "silent"


def test_windows_are_one_hearing() -> None:
    """Of the language of the first one; without windows there is an empty hearing."""
    words = heard(made_turns(random.Random(1), 60)).words
    windows = [
        HeardWindow(Span(0, 5_000), (Span(0, 4_000),), words[:4], "de"),
        HeardWindow(Span(5_000, 9_000), (), words[4:6], "en"),
    ]

    hearing = hearing_of(windows, 10_000)

    assert (hearing.language, hearing.duration, hearing.speech) == ("de", 10_000, (Span(0, 4_000),))
    assert [word.span for word in hearing.words] == [word.span for word in words[:6]]
    assert hearing_of([], 10_000).words == ()


@given(st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=15)
def test_an_alignment_from_some_words_on_tiles_both_texts(word: int, heard_word: int) -> None:
    """What is before them matches nothing."""
    turns = made_turns(random.Random(2), 80)
    transcript, hearing = parse(text_of(turns)), heard(turns)

    pairings = aligned_from(transcript, hearing, word, heard_word).pairings

    assert [k for one in pairings for k in one.written] == list(range(len(transcript.words)))
    assert [k for one in pairings for k in one.heard] == list(range(len(hearing.words)))
    assert all(one.score == 0 for one in pairings if one.written.start < word or one.heard.start < heard_word)
