"""Sentences that nobody says, at the end of a turn, are not taken for what is heard next."""

from __future__ import annotations

import pytest

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
