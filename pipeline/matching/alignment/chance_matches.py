"""Which matches to believe: words that match by chance stand alone, far from where their neighbours lie.

Matches in close sequence form an island. How many words lie between two islands in one text but not in the other is
the jump between them. A left-out passage makes a jump too, so an island after one is believed as far as it is strong:
the longer the jump, the more words must agree. That is what keeps a phrase which happens to be said again an hour
after the typing stops from being taken for the typed one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from pipeline.matching.alignment.anchors import Match

REACH = 12
"""Matches with more unmatched words than this between them, in either text, are of different islands."""

EASY_JUMP = 6
"""A jump of so few words needs no proof."""

MOST_NEEDED = 9.0
"""Weight that is proof enough for any jump: nine telling words, or some twenty common ones."""


LOOSE_JUMP = 1
"""A longer jump inside a turn makes parts of it that are judged by themselves: a filler word is no jump."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A match, the turn that its written word belongs to, and what it tells: its word's weight times its similarity."""

    match: Match
    turn: int
    strength: float


@dataclass(frozen=True, slots=True)
class _Island:
    parts: tuple[Evidence, ...]
    strength: float

    @property
    def first(self) -> Evidence:
        return self.parts[0]

    @property
    def last(self) -> Evidence:
        return self.parts[-1]


def believable(evidence: Sequence[Evidence], grain: int = 1) -> list[Match]:
    """Drop the matches that nothing around them supports; ``evidence`` rises in both indices of its matches.

    Args:
        grain: tokens that make a word; all lengths above are in words.
    """
    islands = _joined((_Island((part,), part.strength) for part in evidence), grain)
    while doubtful := _doubtful(islands, grain):
        islands = _joined((island for at, island in enumerate(islands) if at not in doubtful), grain)
    kept = (part for island in islands for part in island.parts)
    return [part.match for _, turn in groupby(kept, key=_turn) for part in _without_loose_ends(list(turn), grain)]


def needed(jump: float) -> float:
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


def _turn(part: Evidence) -> int:
    return part.turn


def _joined(islands: Iterable[_Island], grain: int) -> list[_Island]:
    reach = REACH * grain
    joined: list[tuple[list[Evidence], float]] = []
    for island in islands:
        (i, j) = island.first.match
        if joined and i - (last := joined[-1][0][-1].match)[0] <= reach and j - last[1] <= reach:
            joined[-1][0].extend(island.parts)
            joined[-1] = (joined[-1][0], joined[-1][1] + island.strength)
        else:
            joined.append((list(island.parts), island.strength))
    return [_Island(tuple(parts), strength) for parts, strength in joined]


def _doubtful(islands: Sequence[_Island], grain: int) -> set[int]:
    """The islands too weak for the smaller of their two jumps and weaker than what they stand between."""
    if len(islands) == 1:  # nothing else to stand by: the beginning of both texts is
        return {0} if islands[0].strength < needed(jump_between((0, 0), islands[0].first.match) / grain) else set()
    jumps = [jump_between(a.last.match, b.first.match) / grain for a, b in pairwise(islands)]
    lacking: dict[int, float] = {}
    for at, island in enumerate(islands):
        sides = jumps[max(0, at - 1) : at + 1]
        if island.strength < needed(min(sides)):
            lacking[at] = island.strength
    return {
        at
        for at, strength in lacking.items()
        if strength <= lacking.get(at - 1, math.inf) and strength < lacking.get(at + 1, math.inf)
    }


def _without_loose_ends(turn: list[Evidence], grain: int) -> list[Evidence]:
    """Cut off what lies apart from the strongest part of its turn and is too weak for that: another passage's words."""
    parts = [[turn[0]]]
    for before, part in pairwise(turn):
        if jump_between(before.match, part.match) > LOOSE_JUMP * grain:
            parts.append([])
        parts[-1].append(part)
    strengths = [sum(part.strength for part in chunk) for chunk in parts]
    first = last = strengths.index(max(strengths))
    while first > 0 and sum(strengths[:first]) >= _needed_inside(parts[first - 1][-1], parts[first][0], grain):
        first -= 1
    while last + 1 < len(parts) and sum(strengths[last + 1 :]) >= _needed_inside(
        parts[last][-1], parts[last + 1][0], grain
    ):
        last += 1
    return [part for chunk in parts[first : last + 1] for part in chunk]


def _needed_inside(before: Evidence, after: Evidence, grain: int) -> float:
    """The strength that a part of a turn needs to be believed so far from the rest of it."""
    return 0.5 * math.log2(jump_between(before.match, after.match) / grain)
