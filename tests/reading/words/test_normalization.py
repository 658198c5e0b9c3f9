from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.words.normalization import LETTERS, fold


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("Éclair", ["eclair"]),
        ("Łódź", ["lodz"]),
        ("œuvre", ["oeuvre"]),
        ("שָׁלוֹם", ["שלום"]),
        ("アニメ", ["あ", "に", "め"]),
        ("門開", ["门", "开"]),
        ("हिन्दी", ["हिन्दी"]),
    ],
)
def test_variants_have_one_spelling(word: str, keys: list[str]) -> None:
    """Case, accents, points, kana and traditional characters are folded; marks that are vowels stay."""
    assert list(fold(word)) == keys


@given(st.text(max_size=30))
def test_folding_a_key_gives_that_key(text: str) -> None:
    """Every key is its own folded spelling."""
    keys = [key for word in regex.findall(LETTERS, text) for key in fold(word)]

    assert [list(fold(key)) for key in keys] == [[key] for key in keys]
