from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.words.han import NUMERALS, SIMPLIFIED, numbers_to_digits


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("二〇二四年", "2024年"),
        ("一九八四", "1984"),
        ("十", "10"),
        ("十二個", "12個"),
        ("二十", "20"),
        ("三百五十", "350"),
        ("一千零一夜", "1001夜"),
        ("两万三千", "23000"),
        ("三萬", "30000"),
        ("3万", "30000"),
        ("一亿二千万", "120000000"),
        ("百科千万", "百科千万"),
        ("2024", "2024"),
        ("茶", "茶"),
    ],
)
def test_numbers(text: str, digits: str) -> None:
    """Years are read digit by digit and amounts by their value; other text stays."""
    assert numbers_to_digits(text) == digits


@given(st.text(alphabet=NUMERALS + "0159年茶 ", max_size=60))
def test_digits_are_no_further_changed(text: str) -> None:
    """Digits stay as they are."""
    assert numbers_to_digits(numbers_to_digits(text)) == numbers_to_digits(text)


def test_simplified_characters_stay() -> None:
    """No character is folded twice, and none to itself."""
    assert len(SIMPLIFIED) > 700
    assert not SIMPLIFIED.keys() & set(SIMPLIFIED.values())
