from __future__ import annotations

import pytest

from pipeline.writing.break_cost import (
    CLAUSE_COST,
    HANGING_COST,
    NAME_COST,
    OPENER_COST,
    PLAIN_COST,
    SENTENCE_COST,
    break_cost,
)


@pytest.mark.parametrize(
    ("left", "right", "cost"),
    [
        ("show.", "There", SENTENCE_COST),
        ("line,", "we", CLAUSE_COST),
        ("Jeremy", "--", PLAIN_COST),
        ("--", "I'm", CLAUSE_COST),
        ("so...", "maybe", CLAUSE_COST),
        ("started", "because", OPENER_COST),
        ("server", "has", PLAIN_COST),
        ("Daniel", "Shaw", NAME_COST),
        ("the", "show", HANGING_COST),
        ("I’m", "happy", HANGING_COST),
        ("of", "Node", HANGING_COST),
    ],
)
def test_the_place_decides_what_a_break_costs(left: str, right: str, cost: float) -> None:
    """Sentence, clause, conjunction, plain, name and hanging word are ranked in that order."""
    assert break_cost(left, right, english=True) == cost


def test_other_languages_have_punctuation_alone() -> None:
    """The German "in" or "an" is not read as an English word that must not end a line."""
    costs = [break_cost(left, "Haus", english=False) for left in ("an", "Daniel", "ja,", "gut.")]

    assert costs == [PLAIN_COST, PLAIN_COST, CLAUSE_COST, SENTENCE_COST]
