"""Put a gap where it belongs: between two turns, where the same words would let it stand inside one as well.

"That is what I thought too", said twice and typed once, can be matched with its first words in one place and its last
in the other; diff tools know the same freedom as the sliding of a hunk.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.matching.alignment.anchors import Match
from pipeline.matching.alignment.tokens import Texts


def slide(texts: Texts, matches: Sequence[Match]) -> list[Match]:
    """Move each gap of heard words inside a turn to the turn's end or start, where all words between are the same."""
    slid = list(matches)
    for at in range(len(slid) - 1):
        (i, j), (next_i, next_j) = slid[at], slid[at + 1]
        if next_i != i + 1 or next_j <= j + 1 or not texts.inside_turn[next_i]:
            continue
        _to_the_end(texts, slid, at) or _to_the_start(texts, slid, at + 1)
    return slid


def _to_the_end(texts: Texts, matches: list[Match], at: int) -> bool:
    """Match what follows ``at`` in its turn right behind it; False, and nothing changed, where that does not fit."""
    i, j = matches[at]
    size = 0
    while texts.inside_turn[i + 1 + size]:
        if not _follows(texts, matches, at + 1 + size, (i + 1 + size, j + 1 + size)):
            return False
        size += 1
    matches[at + 1 : at + 1 + size] = [(i + k, j + k) for k in range(1, size + 1)]
    return True


def _to_the_start(texts: Texts, matches: list[Match], at: int) -> bool:
    """Match what stands before ``at`` in its turn right before it; likewise False where it does not fit."""
    i, j = matches[at]
    size = 0
    while texts.inside_turn[i - size]:
        if not _follows(texts, matches, at - 1 - size, (i - 1 - size, j - 1 - size)):
            return False
        size += 1
    matches[at - size : at] = [(i - k, j - k) for k in range(size, 0, -1)]
    return True


def _follows(texts: Texts, matches: Sequence[Match], at: int, place: Match) -> bool:
    """Whether the match ``at`` is of the written token of ``place``, whose heard token is the same word."""
    i, j = place
    return (
        0 <= at < len(matches)
        and matches[at][0] == i
        and 0 <= j < len(texts.heard)
        and bool(texts.written.ids[i] == texts.heard.ids[j])
    )
