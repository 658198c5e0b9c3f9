"""Anchors are unique n-grams in the same order in both texts."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.anchors import find_anchors, longest_increasing_subsequence, unique_ngrams

IDS = st.lists(st.integers(0, 5), max_size=20)


def test_an_ngram_that_occurs_twice_is_not_unique() -> None:
    """Only those that occur once have a position."""
    assert unique_ngrams([1, 2, 3, 1, 2, 4], 2) == {(2, 3): 1, (3, 1): 2, (2, 4): 4}
    assert unique_ngrams([1, 2], 3) == {}


@given(st.permutations(range(7)))
def test_no_increasing_subsequence_is_longer(order: list[int]) -> None:
    """The result increases in both indices, and as long a one is the longest of all subsequences."""
    pairs = list(enumerate(order))

    found = longest_increasing_subsequence(pairs)

    increasing = [
        size
        for size in range(len(pairs) + 1)
        if any(all(a[1] < b[1] for a, b in pairwise(chosen)) for chosen in combinations(pairs, size))
    ]
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(found))
    assert len(found) == max(increasing)


@given(IDS, IDS, st.integers(1, 4))
def test_anchors_match_equal_tokens_in_order(written: list[int], heard: list[int], n: int) -> None:
    """They increase in both indices."""
    anchors = find_anchors(written, heard, n)

    assert all(written[i] == heard[j] for i, j in anchors)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(anchors))


def test_a_phrase_that_is_heard_twice_is_no_anchor() -> None:
    """The unique phrase after it is one."""
    assert find_anchors([1, 2, 7, 8], [1, 2, 1, 2, 7, 8], 2) == [(1, 3), (2, 4), (3, 5)]
