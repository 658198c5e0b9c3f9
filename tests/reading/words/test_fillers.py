"""Hesitation sounds are distinguished from words, in each language by its own list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.words.fillers import FILLERS, bare, is_filler


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("Um,", "en", True),
        ("“UH…”", "en", True),
        ("umbrella", "en", False),
        ("um", "de", False),
        ("Ähm.", "de", True),
        ("…", "en", False),
        ("um", "xx", False),
    ],
)
def test_a_hesitation_sound_is_told_whatever_surrounds_it(word: str, language: str, expected: bool) -> None:  # noqa: FBT001 -- the expected value of a case
    """Capitals and punctuation do not count; "um" is a word in German."""
    assert is_filler(word, language) == expected


@given(language=st.sampled_from(sorted(FILLERS)), edges=st.text("“”.,!?… -", max_size=4))
def test_punctuation_never_changes_it(language: str, edges: str) -> None:
    """Each sound of a language is one with any punctuation around it, and that is what is cut off."""
    for filler in FILLERS[language]:
        assert is_filler(f"{edges}{filler}{edges}", language)
        assert bare(f"{edges}{filler}{edges}") == filler
