"""Which matches to believe: words that match by chance stand alone, far from where their neighbours lie.

Matches in close sequence form an island. How many words lie between two islands in one text but not in the other is
the jump between them. A left-out passage makes a jump too, so an island after one is believed as far as it is strong:
the longer the jump, the more words must agree. That is what keeps a phrase which happens to be said again an hour
after the typing stops from being taken for the typed one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.matching.anchors import Match

REACH = 12
"""Matches with more unmatched words than this between them, in either text, are of different islands."""

EASY_JUMP = 6
"""A jump of so few words needs no proof."""

MOST_NEEDED = 9.0
"""Weight that is proof enough for any jump: nine telling words, or some twenty common ones."""


@dataclass(frozen=True, slots=True)
class _Island:
    matches: tuple[Match, ...]
    strength: float


def believable(matches: Sequence[Match], strengths: Sequence[float]) -> list[Match]:
    """Drop the matches that nothing around them supports.

    Args:
        matches: rising in both indices.
        strengths: for each match its word's weight times its similarity.
    """
    islands = _islands(matches, strengths)
    while True:
        doubtful = _doubtful(islands)
        if not doubtful:
            return [match for island in islands for match in _without_loose_ends(island.matches)]
        islands = _joined([island for at, island in enumerate(islands) if at not in doubtful])


def needed(jump: int) -> float:
    """The strength that an island needs after a jump of so many words.

    >>> needed(0), needed(10_000)
    (0.0, 9.0)
    """
    if jump <= EASY_JUMP:
        return 0.0
    return min(MOST_NEEDED, 0.4 + 0.9 * math.log2(jump / EASY_JUMP))


def jump_between(before: Match, after: Match) -> int:
    """How many more words lie between two matches in one text than in the other."""
    return abs((after[0] - before[0]) - (after[1] - before[1]))


def _islands(matches: Sequence[Match], strengths: Sequence[float]) -> list[_Island]:
    return _joined([_Island((match,), strength) for match, strength in zip(matches, strengths, strict=True)])


def _joined(islands: Sequence[_Island]) -> list[_Island]:
    joined: list[tuple[list[Match], float]] = []
    for island in islands:
        (i, j) = island.matches[0]
        if joined and i - joined[-1][0][-1][0] <= REACH and j - joined[-1][0][-1][1] <= REACH:
            joined[-1][0].extend(island.matches)
            joined[-1] = (joined[-1][0], joined[-1][1] + island.strength)
        else:
            joined.append((list(island.matches), island.strength))
    return [_Island(tuple(matches), strength) for matches, strength in joined]


def _doubtful(islands: Sequence[_Island]) -> set[int]:
    """The islands too weak for the smaller of their two jumps and weaker than what they stand between."""
    jumps = [jump_between(a.matches[-1], b.matches[0]) for a, b in itertools.pairwise(islands)]
    lacking: dict[int, float] = {}
    for at, island in enumerate(islands):
        sides = jumps[max(0, at - 1) : at + 1]
        if sides and island.strength < needed(min(sides)):
            lacking[at] = island.strength
    return {
        at
        for at, strength in lacking.items()
        if strength <= lacking.get(at - 1, math.inf) and strength < lacking.get(at + 1, math.inf)
    }


def _without_loose_ends(matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """Cut off a first or last match that lies apart from its island: its time would be another passage's."""
    first, last = 0, len(matches)
    while last - first > 2 and jump_between(matches[first], matches[first + 1]) > EASY_JUMP // 2:
        first += 1
    while last - first > 2 and jump_between(matches[last - 2], matches[last - 1]) > EASY_JUMP // 2:
        last -= 1
    return matches[first:last]
