"""A word's spelling gives its phones, in the nearest ones of English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.forced.grapheme_to_phoneme import LANGUAGES, arpabet, by_spelling
from pipeline.listening.forced.pronunciations import PHONES


@pytest.mark.parametrize(
    ("language", "word", "phones"),
    [
        ("en", "kubernetes", "K UW B AH R N EH T IY Z"),
        ("de", "straße", "SH T R AA S AH"),
        ("fr", "l'hôpital", "L OW P IY T AA L"),
        ("fr", "bonjour", "B AO N ZH UW R"),
        ("es", "niño", "N IY N Y OW"),
        ("it", "l'amico", "L AA M IY K OW"),
        ("pt", "não", "N AH N W N"),
    ],
)
def test_words_of_each_language(language: str, word: str, phones: str) -> None:
    """Accents and apostrophes count; the first way is the nearest, and none has a phone that no model knows."""
    ways = by_spelling(word, language)

    assert " ".join(ways[0]) == phones
    assert {phone for way in ways for phone in way} <= set(PHONES)


def test_a_second_way_has_what_is_as_near() -> None:
    """A French r is a fricative in one and an English r in the other; English itself needs no second way."""
    assert by_spelling("bonjour", "fr")[1][-1] == "HH"
    assert len(by_spelling("kubernetes", "en")) == 1


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_what_is_no_word_has_no_phones(language: str) -> None:
    """Digits, signs, nothing and letters of another script are never an error."""
    for text in ("", "'", "42", "c++", "!", "漢字", "word7"):
        assert {phone for way in by_spelling(text, language) for phone in way} <= set(PHONES)
    assert by_spelling("42", language) == ()


@given(st.text(alphabet="pbtdkɡmnŋfvθðszʃʒhɹljwiɪeɛaɑɔoʊuʌəœøyˈː\u0303\u0361 ", max_size=20))
def test_any_ipa_gives_phones(ipa: str) -> None:
    """Marks of stress and length are left out; no symbol is an error."""
    assert set(arpabet(ipa)) <= set(PHONES)


def test_affricates_and_nasal_vowels() -> None:
    """Joined or not, an affricate is one phone; a nasal vowel is followed by n, once."""
    assert arpabet("t\u0361ʃ") == arpabet("tʃ") == ("CH",)
    assert arpabet("bɔ\u0303") == ("B", "AO", "N")
    assert arpabet("bɔ\u0303n") == ("B", "AO", "N")
    assert arpabet("ç") == ("SH",)
