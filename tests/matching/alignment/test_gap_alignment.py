"""The alignment by rows finds what a slow reference implementation finds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.gap_alignment import (
    GAP_BETWEEN_TURNS,
    GAP_EXTEND,
    GAP_EXTEND_WITHIN,
    GAP_OPEN,
    GAP_WITHIN_TURN,
    SUBSTITUTE,
    align_gap,
)

Gain = npt.NDArray[np.float32]
Inside = npt.NDArray[np.bool_]


def best_score(gain: Gain, inside: Inside, *, open_start: bool, open_end: bool) -> float:
    """Return the highest score of any matching, each cell computed from every cell before it."""
    rows, columns = gain.shape
    score = np.full((rows + 1, columns + 1), -np.inf)
    for i in range(rows + 1):
        for j in range(columns + 1):
            ways = [-GAP_EXTEND * (i + j)] if open_start else [0.0] if i == j == 0 else []
            if i and j:
                ways.append(score[i - 1, j - 1] + (gain[i - 1, j - 1] if gain[i - 1, j - 1] > 0 else -SUBSTITUTE))
            ways += [score[k, j] - GAP_OPEN - GAP_EXTEND * (i - k) for k in range(i)]
            opened, extended = (GAP_WITHIN_TURN, GAP_EXTEND_WITHIN) if inside[i] else (GAP_BETWEEN_TURNS, GAP_EXTEND)
            ways += [score[i, k] - opened - extended * (j - k) for k in range(j)]
            score[i, j] = max(ways)
    if not open_end:
        return float(score[rows, columns])
    left = np.add.outer(np.arange(rows, -1, -1), np.arange(columns, -1, -1))
    return float((score - GAP_EXTEND * left).max())


@st.composite
def regions(draw: st.DrawFn) -> tuple[Gain, Inside]:
    """Draw a small region: a few words of each text, some of which are similar, in turns."""
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 9))
    values = st.sampled_from([0.0, 0.0, 0.0, 0.2, 0.5, 1.0])
    cells = draw(st.lists(values, min_size=rows * columns, max_size=rows * columns))
    inside = draw(st.lists(st.booleans(), min_size=rows + 1, max_size=rows + 1))
    return np.array(cells, dtype=np.float32).reshape(rows, columns), np.array(inside)


@pytest.mark.parametrize("open_start", [False, True])
@pytest.mark.parametrize("open_end", [False, True])
@given(region=regions())
def test_the_matching_has_the_best_score(region: tuple[Gain, Inside], open_start: bool, open_end: bool) -> None:  # noqa: FBT001
    """With only the chosen matches allowed, the best score is still the best of all."""
    gain, inside = region
    matches = align_gap(gain, inside, open_start=open_start, open_end=open_end)
    chosen = np.zeros_like(gain)
    for i, j in matches:
        chosen[i, j] = gain[i, j]

    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(matches))
    assert best_score(chosen, inside, open_start=open_start, open_end=open_end) == pytest.approx(
        best_score(gain, inside, open_start=open_start, open_end=open_end), abs=1e-4
    )


def test_an_empty_side_has_no_matches() -> None:
    """With nothing written or nothing heard there is no match."""
    assert align_gap(np.zeros((0, 5), np.float32), np.zeros(1, np.bool_), open_start=False, open_end=False) == []
    assert align_gap(np.zeros((5, 0), np.float32), np.zeros(6, np.bool_), open_start=True, open_end=True) == []


def test_a_common_word_among_others_is_not_worth_two_gaps() -> None:
    """A single match at another position than its neighbours is not made if it is weak, and made if it is strong."""
    weak, strong = np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32)
    weak[1, 3], strong[1, 3] = 0.2, 1.0
    one_turn = np.array([False, True, True, True, False])

    assert align_gap(weak, one_turn, open_start=False, open_end=False) == []
    assert align_gap(strong, one_turn, open_start=False, open_end=False) == [(1, 3)]
