"""Move a gap to the edge of a turn if equal words allow it to be inside the turn as well.

"That is what I thought too", said twice and typed once, can be matched with its first words in one place and its last
words in the other. Diff tools have the same freedom when they slide a hunk.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.matching.alignment.anchors import Match
from pipeline.matching.alignment.tokens import Texts


def place_gaps(texts: Texts, matches: Sequence[Match]) -> list[Match]:
    """Move each gap of heard words inside a turn to the turn's end or start, if all words between are the same."""
    placed = list(matches)
    for at in range(len(placed) - 1):
        (i, j), (next_i, next_j) = placed[at], placed[at + 1]
        if next_i != i + 1 or next_j <= j + 1 or not texts.inside_turn[next_i]:
            continue
        _move_to_turn_end(texts, placed, at) or _move_to_turn_start(texts, placed, at + 1)
    return placed


def _move_to_turn_end(texts: Texts, matches: list[Match], at: int) -> bool:
    """Match the rest of the turn directly after match ``at``; return False and change nothing if it does not fit."""
    i, j = matches[at]
    size = 0
    while texts.inside_turn[i + 1 + size]:
        if not _can_move(texts, matches, at + 1 + size, (i + 1 + size, j + 1 + size)):
            return False
        size += 1
    matches[at + 1 : at + 1 + size] = [(i + k, j + k) for k in range(1, size + 1)]
    return True


def _move_to_turn_start(texts: Texts, matches: list[Match], at: int) -> bool:
    """Match the start of the turn directly before match ``at``; return False and change nothing if it does not fit."""
    i, j = matches[at]
    size = 0
    while texts.inside_turn[i - size]:
        if not _can_move(texts, matches, at - 1 - size, (i - 1 - size, j - 1 - size)):
            return False
        size += 1
    matches[at - size : at] = [(i - k, j - k) for k in range(size, 0, -1)]
    return True


def _can_move(texts: Texts, matches: Sequence[Match], at: int, target: Match) -> bool:
    """Return whether match ``at`` is of the written token of ``target``, and its heard token is the same word."""
    i, j = target
    return (
        0 <= at < len(matches)
        and matches[at][0] == i
        and 0 <= j < len(texts.heard)
        and bool(texts.written.ids[i] == texts.heard.ids[j])
    )
