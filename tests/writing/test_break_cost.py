from __future__ import annotations

import pytest

from pipeline.writing.break_cost import CLAUSE, HANGING, NAME, OPENER, PLAIN, SENTENCE, break_cost, ends_sentence


@pytest.mark.parametrize(
    ("left", "right", "ends"),
    [
        ("show.", "There", True),
        ("0.8?", "What", True),
        ("“Really!”", "“No.”", True),
        ("(yes.)", "And", True),
        ("です。", "次", True),
        ("done.", None, True),
        ("no.", "And", True),
        ("so...", "maybe", False),
        ("Dr.", "Ranney", False),
        ("J.", "Smith", False),
        ("e.g.", "Clock", False),
        ("node.js", "is", False),
        ("well", "then", False),
        ("--", "And", False),
    ],
)
def test_a_sentence_ends_at_its_stop_and_not_at_an_abbreviation(left: str, right: str | None, ends: bool) -> None:  # noqa: FBT001
    """Tells a full stop from an abbreviation, an initial and dots of hesitation."""
    assert ends_sentence(left, right) is ends


@pytest.mark.parametrize(
    ("left", "right", "cost"),
    [
        ("show.", "There", SENTENCE),
        ("line,", "we", CLAUSE),
        ("Jeremy", "--", PLAIN),
        ("--", "I'm", CLAUSE),
        ("so...", "maybe", CLAUSE),
        ("started", "because", OPENER),
        ("server", "has", PLAIN),
        ("Daniel", "Shaw", NAME),
        ("the", "show", HANGING),
        ("I’m", "happy", HANGING),
        ("of", "Node", HANGING),
    ],
)
def test_the_place_decides_what_a_break_costs(left: str, right: str, cost: float) -> None:
    """Ranks sentence, clause, conjunction, plain, name and hanging word in that order."""
    assert break_cost(left, right, english=True) == cost


def test_other_languages_have_punctuation_alone() -> None:
    """Does not take the German "in" or "an" for something that must not end a line."""
    costs = [break_cost(left, "Haus", english=False) for left in ("an", "Daniel", "ja,", "gut.")]

    assert costs == [PLAIN, PLAIN, CLAUSE, SENTENCE]
