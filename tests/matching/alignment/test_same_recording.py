"""The anchor share is how much of each written turn is said."""

from __future__ import annotations

import pytest

from pipeline.matching.alignment.anchors import Match
from pipeline.matching.alignment.same_recording import anchor_share
from pipeline.matching.alignment.tokens import Texts, tokenize


def texts_of(turns: list[str], heard: str) -> Texts:
    """Return the texts of written turns and of a heard line."""
    words = [(word, turn) for turn, text in enumerate(turns) for word in text.split()]
    return tokenize([(word,) for word, _ in words], [(word,) for word in heard.split()], [turn for _, turn in words])


def letters(first: int, number: int = 10) -> str:
    """Return different words."""
    return " ".join(f"word{k}" for k in range(first, first + number))


def test_a_text_that_is_said_as_written_has_the_share_1() -> None:
    """All of its n-grams are found."""
    text = letters(0)

    assert anchor_share(texts_of([text], text), [(k, k) for k in range(10)], 5) == 1.0


def test_a_text_of_which_nothing_is_said_has_the_share_0() -> None:
    """As much is heard as written, but nothing matches."""
    assert anchor_share(texts_of([letters(0)], letters(50)), [], 5) == 0.0


def test_too_few_unique_ngrams_give_no_share() -> None:
    """Ten different words have eight n-grams."""
    text = letters(0)
    matches = [(k, k) for k in range(10)]

    assert anchor_share(texts_of([text], text), matches, 8) == 1.0
    assert anchor_share(texts_of([text], text), matches, 9) is None


def test_a_few_ngrams_of_a_turn_count_for_all_of_it() -> None:
    """Two of the ten n-grams that begin in the first turn are found, and none of the eight of the second turn."""
    turns = [letters(0), letters(20)]
    matches = [(k, k) for k in range(4)]

    assert anchor_share(texts_of(turns, f"{letters(0, 4)} {letters(60, 16)}"), matches, 5) == pytest.approx(10 / 18)


def test_a_turn_that_is_cut_out_of_the_audio_does_not_count() -> None:
    """It counts if as much is heard in its place as is written."""
    turns = [letters(0), letters(20), letters(40)]
    start: list[Match] = [(k, k) for k in range(10)]
    cut_out = texts_of(turns, f"{letters(0)} {letters(40)}")
    replaced = texts_of(turns, f"{letters(0)} {letters(60)} {letters(40)}")

    assert anchor_share(cut_out, [*start, *((20 + k, 10 + k) for k in range(10))], 5) == 1.0
    assert anchor_share(replaced, [*start, *((20 + k, 20 + k) for k in range(10))], 5) == pytest.approx(18 / 28)
