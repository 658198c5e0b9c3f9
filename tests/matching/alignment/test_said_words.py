"""Sentences that nobody says, at the end of a turn, are not taken for what is heard next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.said_words import LONGEST_PAUSE_IN_TAIL_MS, Tail, end_of_tail
from pipeline.schema import HeardWord
from pipeline.times import Span
from tests.matching.word_lists import align_and_time, prose

INTRO = "Welcome to the slow build, our weekly talk about kettles and kernels."
UNSAID = "A gardener sold their winter coats on the way to the market."


def end_of(source: str, said: str) -> int:
    """Return when the first utterance ends, in ms."""
    *_, utterances = align_and_time(source, said)
    span = utterances[0].span
    assert span is not None
    return span.end


def ending(words: str) -> int:
    """Return when some words end that are said first."""
    return 300 * len(words.split())


def test_a_sentence_that_nobody_says_has_no_times() -> None:
    """The turn ends with its last sentence that is said, whatever follows in the sound."""
    transcript, _, _, words, utterances = align_and_time(
        f"**Ann**: {INTRO} {UNSAID}\n", f"{INTRO} There were robots. {prose(1, 60)}"
    )

    assert utterances[0].span == Span(0, ending(INTRO))
    first = len(INTRO.split())
    assert all(words[k].span is None for k in range(first, len(transcript.words)))


def test_a_word_of_it_that_matches_by_chance_changes_nothing() -> None:
    """Of twelve words one is heard too, as the first word of the next sentence."""
    assert end_of(f"**Ann**: {INTRO} {UNSAID}\n", f"{INTRO} A robot came. {prose(1, 60)}") == ending(INTRO)


@pytest.mark.parametrize(
    ("typed", "said", "end"),
    [
        ("Thanks for coming here!", "We are so glad.", "We are so glad."),
        ("A gardener, he said, sold us winter coats", "A gardener sold me a winter coat.", None),
    ],
    ids=["a short sentence in other words", "a sentence of which words are heard"],
)
def test_what_is_said_in_other_words_belongs_to_the_turn(typed: str, said: str, end: str | None) -> None:
    """A few other words, or a sentence of which some words are heard, end the turn."""
    found = end_of(f"**Ann**: {INTRO} {typed}\n", f"{INTRO} {said} {prose(1, 60)}")

    assert found == ending(f"{INTRO} {end or said}")


def test_where_the_heard_sentence_goes_on_so_does_the_turn() -> None:
    """The typist ended a sentence early: what follows is the rest of the same sentence, in other words."""
    said = INTRO.replace("kernels.", "kernels") + " which all of them bought cheaply downtown."

    assert end_of(f"**Ann**: {INTRO} {UNSAID}\n", f"{said} {prose(1, 60)}") > ending(INTRO)


@pytest.mark.parametrize(
    ("heard", "fit"),
    [("Priya Nand came in.", "partial"), ("Somebody else came in.", "not-found")],
    ids=["three of four words", "two of four words"],
)
def test_a_beginning_that_is_said_is_found_whatever_follows_that_nobody_says(heard: str, fit: str) -> None:
    """Of 40 words four are said, and most of these are heard: too few for the whole, enough for its beginning."""
    unsaid = " ".join(f"{UNSAID}" for _ in range(3))
    *_, utterances = align_and_time(
        f"**Ann**: {INTRO}\n\n**Bob**: Priya Nand came in. {unsaid}\n", f"{INTRO} {heard} {prose(1, 60)}"
    )

    assert utterances[1].fit == fit


def heard(*words: tuple[str, int, int]) -> list[HeardWord]:
    """Heard words with their times."""
    return [HeardWord(text, Span(start, end), 0.9) for text, start, end in words]


def test_a_sentence_end_that_comes_too_early_does_not_end_the_turn() -> None:
    """Whisper put it behind a word of no length: the typed ending takes the time that its letters need."""
    said = heard(("was", 1_000, 1_150), ("worse.", 1_150, 1_150), ("My", 1_150, 1_200), ("catalogue", 1_200, 1_900))
    said += heard(("fell", 1_900, 2_100))

    assert end_of_tail(said, 1_000, Tail(usual=2, most=4, needed=700)) == 1_700
    assert end_of_tail(said, 1_000, Tail(usual=2, most=4, needed=200)) == 1_150


def test_neither_does_a_pause_in_a_long_ending() -> None:
    """The typed words go on behind it, if it is not too long; few typed words are not looked for there."""
    said = heard(("Sunday.", 100, 400), *((f"w{n}", 1_400 + 300 * n, 1_700 + 300 * n) for n in range(5)))
    last = heard(("it.", 2_900, 3_100), ("And", 3_100, 3_400))

    assert end_of_tail([*said, *last], 100, Tail(usual=9, most=18, needed=3_000)) == 3_100
    assert end_of_tail([*said, *last], 100, Tail(usual=2, most=4, needed=500)) == 400
    assert end_of_tail([*said, *last][1:], 100, Tail(usual=9, most=18, needed=3_000)) == 3_100
    assert end_of_tail([*said, *last][1:], 100, Tail(usual=2, most=4, needed=500)) == 100


def test_words_without_a_length_do_not_end_the_turn() -> None:
    """Of two voices at once Whisper writes one: the typed ending takes what it needs of what is heard behind."""
    said = heard(*((text, 900, 900) for text in ("can", "take", "a", "complaint.")))
    last = heard(("And", 900, 980), ("the", 980, 1_060), ("robots", 1_060, 1_300), ("complain.", 1_300, 1_900))

    assert end_of_tail([*said, *last], 1_000, Tail(usual=2, most=4, needed=400)) == 1_400
    assert end_of_tail([*said, *last], 1_000, Tail(usual=2, most=4, needed=200)) == 1_200
    assert end_of_tail([*said, *last][1:], 1_000, Tail(usual=2, most=4, needed=400)) == 1_400
    assert end_of_tail([*said, *last], 1_000, Tail(usual=2, most=4, needed=1_200)) == 1_900
    assert end_of_tail(last, 900, Tail(usual=1, most=2, needed=400)) == 1_060
    assert end_of_tail([*said[:1], *last], 900, Tail(usual=1, most=2, needed=400)) == 1_300


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b."]), st.integers(0, 3_000), st.integers(0, 900)), max_size=8),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 4_000),
)
def test_an_ending_is_never_over_a_long_pause(
    lengths: list[tuple[str, int, int]], usual: int, more: int, needed: int
) -> None:
    """It ends between the last match and the last heard word, and before the first pause of more than 2 s."""
    words, at = [], 500
    for text, pause, length in lengths:
        words.append((text, at + pause, at + pause + length))
        at += pause + length
    pauses = [before for before, (_, start, _) in zip([500, *(end for *_, end in words)], words, strict=False)
              if start - before > LONGEST_PAUSE_IN_TAIL_MS]  # fmt: skip

    end = end_of_tail(heard(*words), 500, Tail(usual, usual + more, needed))

    assert 500 <= end <= at
    assert all(end <= pause for pause in pauses)
