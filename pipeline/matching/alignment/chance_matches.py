"""Drop the matches that occurred by chance: isolated words, far from where their neighbours were matched.

Matches that follow each other closely form a group. The jump between two groups is how many more words are between
them in one text than in the other. A passage that the typist left out makes a jump too, so a group after a jump is kept
if it is strong enough: the longer the jump, the more words must agree. So a phrase that happens to be said again an
hour after the typing stops is not matched with the typed one.

No measurement that chose the numbers below is on record. "Benchmark" is what changes in the figures of
``scripts/benchmark_alignment_numbers.py`` if a number is halved or doubled. With the numbers as they are, 88.5 % of the
words of the example episode, typed badly and in part, are found, and 735 starts are sure, of which 35 are off by more
than 0.5 s (nearly all of them where Whisper extends the same "412?" over the pause before it) and none by more than
0.7 s.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from pipeline.matching.alignment.anchors import Match

GROUP_GAP_WORDS = 12
"""Matches with more unmatched words than this between them, in either text, are in different groups. Benchmark: no
change."""

FREE_JUMP_WORDS = 6
"""A jump of up to this many words needs no strength. Benchmark: one sure start fewer with 3, no change with 12."""

STRENGTH_AFTER_FREE_JUMP = 0.4
STRENGTH_PER_DOUBLING = 0.9
"""The strength that a group needs just above a free jump, and what each doubling of the jump adds to it. The chance
that some words agree somewhere grows with the words that are searched, so their proof must grow with the logarithm.
Benchmark: no change by the first number; by the second none with 0.45, and six sure starts fewer with 1.8."""

ENOUGH_STRENGTH = 9.0
"""The strength that is enough for any jump: nine rare words, or about twenty common ones. Benchmark: no change."""

PART_JUMP_WORDS = 1
"""A longer jump inside a turn begins a part that is judged by itself; one filler word is no jump. Benchmark: no
change."""

PART_STRENGTH_PER_DOUBLING = 0.5
"""The strength that a part of a turn needs for each doubling of the jump to the rest of the turn. Benchmark: with 0.25
one sure start is off by more than 1 s; with 1 there are ten sure starts fewer, and the continue time is off by 2.5 s in
place of 0.7 s."""


@dataclass(frozen=True, slots=True)
class WeightedMatch:
    """A match with the turn of its written word and its strength: the word's weight times the similarity, 0 to 1."""

    match: Match
    turn: int
    strength: float


@dataclass(frozen=True, slots=True)
class _Group:
    matches: tuple[WeightedMatch, ...]
    strength: float

    @property
    def first(self) -> WeightedMatch:
        return self.matches[0]

    @property
    def last(self) -> WeightedMatch:
        return self.matches[-1]


def drop_chance_matches(matches: Sequence[WeightedMatch], tokens_per_word: int = 1) -> list[Match]:
    """Return the matches that those around them support.

    Args:
        matches: increasing in both indices.
        tokens_per_word: the factor from words, in which the limits above are given, to tokens.
    """
    groups = _merge_close_groups((_Group((match,), match.strength) for match in matches), tokens_per_word)
    while unsupported := _unsupported_groups(groups, tokens_per_word):
        kept = (group for at, group in enumerate(groups) if at not in unsupported)
        groups = _merge_close_groups(kept, tokens_per_word)
    supported = (match for group in groups for match in group.matches)
    return [
        match.match
        for _, turn in groupby(supported, key=_turn_of)
        for match in _without_weak_ends(list(turn), tokens_per_word)
    ]


def strength_needed(jump: float) -> float:
    """Return the strength that a group needs after a jump of this many words.

    >>> strength_needed(0), strength_needed(10_000)
    (0.0, 9.0)
    """
    if jump <= FREE_JUMP_WORDS:
        return 0.0
    return min(ENOUGH_STRENGTH, STRENGTH_AFTER_FREE_JUMP + STRENGTH_PER_DOUBLING * math.log2(jump / FREE_JUMP_WORDS))


def jump_between(before: Match, after: Match) -> int:
    """Return how many more tokens are between two matches in one text than in the other."""
    return abs((after[0] - before[0]) - (after[1] - before[1]))


def _turn_of(match: WeightedMatch) -> int:
    return match.turn


def _merge_close_groups(groups: Iterable[_Group], tokens_per_word: int) -> list[_Group]:
    limit = GROUP_GAP_WORDS * tokens_per_word
    merged: list[tuple[list[WeightedMatch], float]] = []
    for group in groups:
        (i, j) = group.first.match
        if merged and i - (last := merged[-1][0][-1].match)[0] <= limit and j - last[1] <= limit:
            merged[-1][0].extend(group.matches)
            merged[-1] = (merged[-1][0], merged[-1][1] + group.strength)
        else:
            merged.append((list(group.matches), group.strength))
    return [_Group(tuple(matches), strength) for matches, strength in merged]


def _unsupported_groups(groups: Sequence[_Group], tokens_per_word: int) -> set[int]:
    """Return the groups that are too weak for the smaller of their two jumps and weaker than their neighbours."""
    if len(groups) == 1:  # without a neighbour, the jump from the beginning of both texts counts
        jump = jump_between((0, 0), groups[0].first.match) / tokens_per_word
        return {0} if groups[0].strength < strength_needed(jump) else set()
    jumps = [jump_between(a.last.match, b.first.match) / tokens_per_word for a, b in pairwise(groups)]
    too_weak: dict[int, float] = {}
    for at, group in enumerate(groups):
        sides = jumps[max(0, at - 1) : at + 1]
        if group.strength < strength_needed(min(sides)):
            too_weak[at] = group.strength
    return {
        at
        for at, strength in too_weak.items()
        if strength <= too_weak.get(at - 1, math.inf) and strength < too_weak.get(at + 1, math.inf)
    }


def _without_weak_ends(turn: list[WeightedMatch], tokens_per_word: int) -> list[WeightedMatch]:
    """Drop the ends of a turn that are apart from its strongest part and too weak for that: words of other passages."""
    parts = [[turn[0]]]
    for before, match in pairwise(turn):
        if jump_between(before.match, match.match) > PART_JUMP_WORDS * tokens_per_word:
            parts.append([])
        parts[-1].append(match)
    strengths = [sum(match.strength for match in part) for part in parts]
    first = last = strengths.index(max(strengths))
    while first > 0 and sum(strengths[:first]) >= _part_strength_needed(
        parts[first - 1][-1], parts[first][0], tokens_per_word
    ):
        first -= 1
    while last + 1 < len(parts) and sum(strengths[last + 1 :]) >= _part_strength_needed(
        parts[last][-1], parts[last + 1][0], tokens_per_word
    ):
        last += 1
    return [match for part in parts[first : last + 1] for match in part]


def _part_strength_needed(before: WeightedMatch, after: WeightedMatch, tokens_per_word: int) -> float:
    """Return the strength that a part of a turn needs after the jump between two matches."""
    return PART_STRENGTH_PER_DOUBLING * math.log2(jump_between(before.match, after.match) / tokens_per_word)
