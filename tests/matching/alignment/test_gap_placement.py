"""A gap inside a turn moves to the turn's edge if equal words allow it."""

from __future__ import annotations

import pytest

from pipeline.matching.alignment.anchors import Match
from pipeline.matching.alignment.gap_placement import place_gaps
from pipeline.matching.alignment.tokens import Texts, tokenize


def texts_of(turns: str, heard: str) -> Texts:
    """Return the texts of turns that are separated by ``|``, and of a heard line."""
    words = [(word, turn) for turn, text in enumerate(turns.split("|")) for word in text.split()]
    return tokenize([(word,) for word, _ in words], [(word,) for word in heard.split()], [turn for _, turn in words])


@pytest.mark.parametrize(
    ("turns", "heard", "matches", "expected"),
    [
        pytest.param(
            "so | i thought too | yes",
            "so i thought too i thought too yes",
            [(0, 0), (1, 1), (2, 5), (3, 6), (4, 7)],
            [(0, 0), (1, 1), (2, 2), (3, 3), (4, 7)],
            id="to the end",
        ),
        pytest.param(
            "so | i thought too | yes",
            "so i thought and thought too yes",
            [(0, 0), (1, 1), (2, 4), (3, 5), (4, 6)],
            [(0, 0), (1, 1), (2, 4), (3, 5), (4, 6)],
            id="other words between",
        ),
        pytest.param(
            "so | i thought too | yes",
            "so i um i thought too yes",
            [(0, 0), (1, 1), (2, 4), (3, 5), (4, 6)],
            [(0, 0), (1, 3), (2, 4), (3, 5), (4, 6)],
            id="to the start",
        ),
        pytest.param(
            "so i | thought too",
            "so i um thought too",
            [(0, 0), (1, 1), (2, 3), (3, 4)],
            [(0, 0), (1, 1), (2, 3), (3, 4)],
            id="already between turns",
        ),
    ],
)
def test_a_gap_moves_to_the_edge_of_its_turn(
    turns: str, heard: str, matches: list[Match], expected: list[Match]
) -> None:
    """It stays if the words that would be matched instead are not the same."""
    assert place_gaps(texts_of(turns, heard), matches) == expected
