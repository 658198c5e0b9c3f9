"""Find the anchors of the alignment: n-grams that occur exactly once in each text, in the same order in both.

Unique n-grams are the idea of patience diff (Bram Cohen), applied to words in place of lines. The longest increasing
subsequence is found by patience sorting in O(n log n) (Schensted, 1961).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

Match = tuple[int, int]
"""The indices of a written and of a heard token that are matched with each other."""


def unique_ngrams(ids: Sequence[int], n: int) -> dict[tuple[int, ...], int]:
    """Return the position of each n-gram that occurs exactly once in ``ids``."""
    first: dict[tuple[int, ...], int] = {}
    repeated: set[tuple[int, ...]] = set()
    for at, gram in enumerate(zip(*(ids[k:] for k in range(n)), strict=False)):
        if gram in first:
            repeated.add(gram)
        else:
            first[gram] = at
    return {gram: at for gram, at in first.items() if gram not in repeated}


def longest_increasing_subsequence(pairs: Sequence[Match]) -> list[Match]:
    """Return the longest subsequence of pairs that increases in both indices.

    Args:
        pairs: in order of the first index, which is unique.

    >>> longest_increasing_subsequence([(0, 5), (1, 1), (2, 2), (3, 9)])
    [(1, 1), (2, 2), (3, 9)]
    """
    tails: list[int] = []
    tail_pairs: list[int] = []
    previous: list[int] = []
    for at, (_, j) in enumerate(pairs):
        pile = bisect_left(tails, j)
        previous.append(tail_pairs[pile - 1] if pile else -1)
        if pile == len(tails):
            tails.append(j)
            tail_pairs.append(at)
        else:
            tails[pile], tail_pairs[pile] = j, at
    chain: list[Match] = []
    at = tail_pairs[-1] if tail_pairs else -1
    while at >= 0:
        chain.append(pairs[at])
        at = previous[at]
    return chain[::-1]


def find_anchors(written: Sequence[int], heard: Sequence[int], n: int) -> list[Match]:
    """Match the tokens of all n-grams that are unique in both texts and in one order.

    Args:
        written, heard: token ids.
        n: the length of the n-grams, in tokens.

    Returns:
        Matches that increase in both indices.
    """
    heard_at = unique_ngrams(heard, n)
    pairs = sorted((i, heard_at[gram]) for gram, i in unique_ngrams(written, n).items() if gram in heard_at)
    matches: list[Match] = []
    for i, j in longest_increasing_subsequence(pairs):
        for k in range(n):
            if not matches or (i + k > matches[-1][0] and j + k > matches[-1][1]):
                matches.append((i + k, j + k))
    return matches
