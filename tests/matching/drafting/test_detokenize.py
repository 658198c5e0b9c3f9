"""Detokenization: an engine's words as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given

from pipeline.matching.drafting.detokenize import detokenize
from pipeline.reading.words.spoken_form import spoken_keys
from tests.factories import heard
from tests.partial_results import heard_texts


def detokenized(said: str) -> list[str]:
    """Return the words of an engine's text, as people write them."""
    return [word.text for word in detokenize(heard(said), "en")]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("from 0 .8 to 0 .9", "from 0.8 to 0.9"),
        ("Miles O 'Hara is here", "Miles O'Hara is here"),
        ("make -j8", "make-j8"),
        ("builder .run and The .Net", "builder.run and The .Net"),
        ("yes [Music] no", "yes no"),
        ("yes [soft music plays on] no (laughs) well ♪ la la ♪", "yes no well"),
        ("a (longer thought in brackets) here", "a (longer thought in brackets) here"),
        ("see [this here and all the rest of it now] then", "see (this here and all the rest of it now) then"),
        ("well . then - so", "well. then so"),
        ("\u200ba\x00b", "\u200ba b"),
    ],
)
def test_pieces_noises_and_marks(said: str, written: str) -> None:
    """Pieces are joined, noises removed, square brackets become round, lone marks vanish or close a word."""
    assert " ".join(detokenized(said)) == written


def test_pieces_with_a_gap_stay_apart() -> None:
    """A word that begins with an apostrophe after a pause is not joined."""
    words = (*heard("rock", 0, 300), *heard("'em", 900, 1_200))

    assert [word.text for word in detokenize(words, "en")] == ["rock", "'em"]


@given(heard_texts())
def test_every_word_is_spoken(said: list[str]) -> None:
    """Whatever was heard, each word has no white space and is spoken, and times stay in order."""
    words = detokenize(heard(" ".join(said)), "en")

    assert all(word.text.split() == [word.text] and spoken_keys(word.text, "en") for word in words)
    assert all("[" not in word.text and "]" not in word.text for word in words)
    assert [word.span for word in words] == sorted(word.span for word in words)
