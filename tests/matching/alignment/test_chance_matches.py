"""Matches that nothing around them supports are dropped; strong groups are kept after any jump."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.anchors import Match
from pipeline.matching.alignment.chance_matches import (
    WeightedMatch,
    drop_chance_matches,
    jump_between,
    strength_needed,
)


def run(i: int, j: int, length: int, strength: float = 1.0, turn: int = 0) -> list[WeightedMatch]:
    """Return matches of words in a row, from written ``i`` and heard ``j`` on."""
    return [WeightedMatch((i + k, j + k), turn, strength) for k in range(length)]


def indices(matches: list[WeightedMatch]) -> list[Match]:
    """Return the matches without their weights."""
    return [match.match for match in matches]


def test_a_single_match_far_from_all_others_is_dropped() -> None:
    """The passages before and after it are kept."""
    before, after = run(0, 0, 20), run(30, 2_030, 20, turn=2)

    assert drop_chance_matches([*before, *run(25, 900, 1, turn=1), *after]) == indices([*before, *after])


def test_a_strong_group_after_a_long_jump_is_kept() -> None:
    """Nine rare words are enough for any jump; three are not."""
    before = run(0, 0, 20)
    nine, three = run(20, 5_000, 9, turn=1), run(20, 5_000, 3, turn=1)

    assert drop_chance_matches([*before, *nine]) == indices([*before, *nine])
    assert drop_chance_matches([*before, *three]) == indices(before)


def test_a_weak_end_of_a_turn_is_dropped() -> None:
    """A common word of the turn that is matched ten words away is of another passage."""
    turn = run(0, 0, 10)

    assert drop_chance_matches([*turn, *run(10, 20, 1, strength=0.2)]) == indices(turn)
    assert drop_chance_matches([*turn, *run(10, 11, 1, strength=0.2)]) == [*indices(turn), (10, 11)]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 300), st.floats(0.01, 1)), max_size=30))
def test_matches_are_dropped_and_never_added(steps: list[tuple[int, int, float]]) -> None:
    """What is kept is a part of the matches, in the same order."""
    matches, i, j = [], 0, 0
    for step_i, step_j, strength in steps:
        i, j = i + step_i, j + step_j
        matches.append(WeightedMatch((i, j), i // 10, strength))

    kept = drop_chance_matches(matches)

    assert [match for match in indices(matches) if match in set(kept)] == kept


@given(st.lists(st.floats(0, 100_000), min_size=2))
def test_a_longer_jump_needs_no_less_strength(jumps: list[float]) -> None:
    """The strength is from 0 to 9."""
    needed = [strength_needed(jump) for jump in sorted(jumps)]

    assert all(a <= b for a, b in pairwise(needed))
    assert 0 <= needed[0] <= needed[-1] <= 9


def test_a_jump_is_the_difference_of_the_words_between() -> None:
    """It is the same whichever text has more."""
    assert jump_between((0, 0), (5, 15)) == jump_between((0, 0), (15, 5)) == 10
