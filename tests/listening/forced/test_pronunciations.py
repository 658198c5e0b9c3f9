"""Every word that can be said has phones of the acoustic model."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.forced.pronunciations import PHONES, has_entry, pronunciations


def said(key: str, *, is_abbreviation: bool = False) -> list[str]:
    """The pronunciations of a word, each as one string."""
    return [" ".join(way) for way in pronunciations(key, is_abbreviation=is_abbreviation)]


@pytest.mark.parametrize(
    ("key", "ways"),
    [
        ("either", ["IY DH ER", "AY DH ER"]),  # the dictionary has both
        ("dont", ["D OW N T", "D OW N"]),  # keys have no apostrophe
        ("um", ["AH M", "M"]),
        ("r", ["AA R"]),
        ("kettles", ["K EH T AH L Z"]),
    ],
)
def test_words_of_the_dictionary(key: str, ways: list[str]) -> None:
    """Has all variants of the dictionary; fillers have their own."""
    assert said(key) == ways


def test_an_abbreviation_may_be_said_by_its_letters() -> None:
    """Where it is written in capitals and is not long."""
    assert said("npm", is_abbreviation=True) == ["EH N P IY EH M"]
    assert said("it", is_abbreviation=True)[-1] == "AY T IY"
    assert "AY T IY" not in said("it")
    assert said("warning", is_abbreviation=True) == said("warning")


def test_a_plural_is_its_word_with_an_s() -> None:
    """A word that the dictionary has without its "s" keeps its pronunciation."""
    assert said("terabytes")[0].endswith("B AY T S")
    assert said("yaks")[0] == "Y AE K S"


def test_other_words_are_said_as_a_model_says() -> None:
    """A name that no dictionary has is pronounced, with one phone for an affricate."""
    assert said("kubernetes") == ["K UW B AH R N EH T IY Z"]
    assert said("zhordge")
    assert said("okjodge")[0].endswith("JH")


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_too_long_for_a_word_has_none(language: str) -> None:
    """The model of spelling is not asked: it would take minutes."""
    assert pronunciations("a" * 300_000, language) == ()
    assert pronunciations("rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz", language) != ()


def test_a_guess_is_told_from_an_entry() -> None:
    """The dictionary and the fillers have entries; what is said by its spelling has none."""
    assert [key for key in ("kettle", "um", "kubernetes", "42", "") if has_entry(key)] == ["kettle", "um"]


@pytest.mark.parametrize("key", ["", "今日", "42", "...", "שלום"])
def test_what_is_no_english_word_has_none(key: str) -> None:
    """Other scripts and digits have no pronunciation."""
    assert said(key) == []


@given(st.text(string.ascii_lowercase, min_size=1, max_size=20), st.booleans())
def test_every_word_of_letters_has_phones(key: str, is_abbreviation: bool) -> None:  # noqa: FBT001 -- drawn
    """Whatever is typed, there are phones, and the acoustic model has each."""
    ways = pronunciations(key, is_abbreviation=is_abbreviation)

    assert ways
    assert all(way and set(way) <= set(PHONES) for way in ways)
