"""Disfluency removal: speech made readable without changing what is said."""

from __future__ import annotations

import pytest

from pipeline.matching.drafting.disfluency import is_spoken, punctuate_turn, remove_fillers
from tests.factories import heard


@pytest.mark.parametrize(
    ("said", "language", "kept"),
    [
        ("So, um, we moved", "en", "So, we moved"),
        ("Um, and welcome", "en", "And welcome"),
        ("because the, uh, the office", "en", "because the office"),
        ("it looked, um. Younger", "en", "it looked. Younger"),
        ("I think. Uh, I think", "en", "I think. I think"),
        ("Ah, the um", "en", "Ah, the"),
        ("Ähm, das ist äh gut", "de", "Das ist gut"),
        ("um die Ecke", "de", "um die Ecke"),
        ("えーと これは", "ja", "これは"),
        ("um dia bom", "pt", "um dia bom"),
        ("um uh um", "en", ""),
        ("um well", "sw", "um well"),
    ],
)
def test_sounds_of_hesitation(said: str, language: str, kept: str) -> None:
    """Only sounds that are no word of their language are removed, and sentences begin and end as before."""
    assert " ".join(word.text for word in remove_fillers(heard(said), language)) == kept


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("and then we left,", "And then we left."),
        ("iPhone sales rose!", "iPhone sales rose!"),
        ("on a Sunday. because robots", "On a Sunday. Because robots."),
        ("for example, e.g. this", "For example, e.g. this."),
        ("well... then why?", "Well... then why?"),
        ("今天 很好", "今天 很好。"),
        ("วันนี้", "วันนี้"),
        ("he said “no”", "He said “no”"),
    ],
)
def test_sentences(said: str, written: str) -> None:
    """A turn begins with a capital and ends with a full stop, if its script has them."""
    assert " ".join(word.text for word in punctuate_turn(heard(said))) == written


def test_addresses_and_marks_are_not_spoken() -> None:
    """An address and a bare mark are not spoken."""
    assert [is_spoken(text, "en") for text in ("well", "https://example.org", "--", "0.8")] == [
        True,
        False,
        False,
        True,
    ]
