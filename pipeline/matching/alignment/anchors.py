"""Where two texts surely meet: n-grams that each of them says just once, in the order of both.

Unique n-grams are the idea of patience diff (Bram Cohen) carried from lines to words; the longest increasing chain is
found by patience sorting in O(n log n) (Schensted, 1961).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

Match = tuple[int, int]
"""Indices of a written and of a heard token that are taken for the same."""


def unique_ngrams(ids: Sequence[int], n: int) -> dict[tuple[int, ...], int]:
    """Where each n-gram stands that occurs exactly once in ``ids``."""
    first: dict[tuple[int, ...], int] = {}
    repeated: set[tuple[int, ...]] = set()
    for at, gram in enumerate(zip(*(ids[k:] for k in range(n)), strict=False)):
        if gram in first:
            repeated.add(gram)
        else:
            first[gram] = at
    return {gram: at for gram, at in first.items() if gram not in repeated}


def longest_chain(pairs: Sequence[Match]) -> list[Match]:
    """The longest run of pairs that rises in both indices; ``pairs`` come in order of the first, which is unique.

    >>> longest_chain([(0, 5), (1, 1), (2, 2), (3, 9)])
    [(1, 1), (2, 2), (3, 9)]
    """
    tails: list[int] = []
    tail_pairs: list[int] = []
    previous: list[int] = []
    for at, (_, j) in enumerate(pairs):
        place = bisect_left(tails, j)
        previous.append(tail_pairs[place - 1] if place else -1)
        if place == len(tails):
            tails.append(j)
            tail_pairs.append(at)
        else:
            tails[place], tail_pairs[place] = j, at
    chain: list[Match] = []
    at = tail_pairs[-1] if tail_pairs else -1
    while at >= 0:
        chain.append(pairs[at])
        at = previous[at]
    return chain[::-1]


def anchor(written: Sequence[int], heard: Sequence[int], n: int) -> list[Match]:
    """Match the tokens of all n-grams that are unique in both texts and in one order; rises in both indices."""
    there = unique_ngrams(heard, n)
    pairs = sorted((i, there[gram]) for gram, i in unique_ngrams(written, n).items() if gram in there)
    matches: list[Match] = []
    for i, j in longest_chain(pairs):
        for k in range(n):
            if not matches or (i + k > matches[-1][0] and j + k > matches[-1][1]):
                matches.append((i + k, j + k))
    return matches
