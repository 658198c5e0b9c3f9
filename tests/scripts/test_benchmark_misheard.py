"""Words are replaced where they are said to be, by words that are as they are said to be."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.listening.forced.pronunciations import pronunciations
from pipeline.matching.misheard import Misheard
from pipeline.reading.transcript import parse
from pipeline.schema import Run
from pipeline.times import Span
from scripts import benchmark_misheard
from scripts.benchmark_misheard import (
    APART,
    KINDS,
    Outcome,
    names_replaced,
    phones_apart,
    replacements,
    row,
    with_words_replaced,
)

COMMON = ("beetle", "causal", "casual", "garden", "kettles", "metal", "pardon", "settle", "thunder", "window")
SOURCE = (
    "**Garden Kettle**: The kettle stands beside that window, and Philomena has a casual look at our garden.\n\n"
    "**Philomena**: Some kettle was below the thunder."
)


def test_what_a_word_is_replaced_by() -> None:
    """It sounds or is spelt like it, or neither; it is no form of it, and never sounds the same."""
    alike = replacements("kettle", "sounds alike", COMMON)
    assert {"beetle", "settle"} <= set(alike)
    assert {"kettles", "thunder", "window"}.isdisjoint(alike)
    assert replacements("casual", "spelt alike", COMMON) == ["causal"]
    assert replacements("kettle", "any other word", COMMON) == [
        "causal",
        "casual",
        "garden",
        "pardon",
        "thunder",
        "window",
    ]
    assert replacements("at", "any other word", COMMON) == []
    assert phones_apart(pronunciations("right"), pronunciations("write")) == 0


@pytest.fixture(autouse=True)
def few_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of all entries of the dictionary, which take seconds."""
    monkeypatch.setattr(benchmark_misheard, "_names", lambda: ("filomena", "melamine", "wilhelmina"))
    replacements.cache_clear()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_the_places_are_those_of_the_replacements(kind: str, seed: int) -> None:
    """Without them the text is what it was; labels stay, and no two are side by side."""
    text, replaced = with_words_replaced(SOURCE, kind, COMMON, seed, every=4)

    original = text
    for one in reversed(replaced):
        assert original.startswith(one.typed, one.at)
        original = original[: one.at] + one.said + original[one.at + len(one.typed) :]
    assert original == SOURCE
    assert 1 <= len(replaced) <= len(SOURCE.split()) // 4
    assert text.startswith("**Garden Kettle**:")
    assert all(after.at - before.at >= APART // 2 for before, after in pairwise(replaced))


def test_a_name_is_replaced_alike_everywhere() -> None:
    """But not in a label, nor a word that is written in small letters elsewhere."""
    source = f"{SOURCE} Philomena likes it. Kettle on."

    text, replaced = names_replaced(source, seed=1)

    assert [one.said for one in replaced] == ["Philomena", "Philomena"]
    assert len({one.typed for one in replaced}) == 1
    assert text.count("Philomena") == source.count("Philomena") - 2


def test_a_row_counts_what_is_found() -> None:
    """In all, and what is sure; what was not replaced also per 1,000 words."""
    sure, less = (Misheard(Run(0, 1), "x", Span(0, 1), confidence) for confidence in (0.95, 0.7))

    line = row("a text", [Outcome(parse(""), 400, 3, (sure, less), (less,)), Outcome(parse(""), 100, 0, (), (sure,))])

    assert line.split() == ["a", "text", "500", "3", "2", "1", "2", "1", "4.0"]
