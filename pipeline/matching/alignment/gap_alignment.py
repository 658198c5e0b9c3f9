"""The stretch between two anchors: the best in-order matching of its words, by dynamic programming.

A global alignment with affine gaps (Gotoh, 1982): a matched word earns its weight, a gap costs once for being opened
and next to nothing for its length, so one long left-out passage is cheap and words scattered over it are dear. Two
words that differ may stand in each other's place. Each row is computed as a whole: O(rows * columns) of numpy's work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.matching.alignment.anchors import Match

GAP_OPEN = 0.55
"""More than a common word's weight: a lone "the" in the middle of other words is not worth two gaps."""

GAP_BETWEEN_TURNS = 0.45
GAP_WITHIN_TURN = 0.7
"""What is heard and not written more often lies between two turns than inside one: a repeated word goes to its own."""

SUBSTITUTE = 0.3
"""A word in the place of another costs less than two gaps: most of what is misheard stands in its right place."""

GAP_EXTEND = 0.0003
GAP_EXTEND_WITHIN = 0.01
"""For each word of a gap: makes the nearer of two equal places win (the jingle where it is first said) and no left-out
passage too dear; inside a turn passages that are left out are short."""

_STOP, _DIAGONAL, _UP, _LEFT = range(4)
_NEVER = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class _Table:
    """How each cell's best score came about; shapes (rows + 1, columns + 1).

    ``came`` is one of the four codes; ``up`` and ``left`` tell the row or column where the gap was opened.
    """

    came: npt.NDArray[np.uint8]
    up: npt.NDArray[np.int32]
    left: npt.NDArray[np.int32]
    best: Match


def fill(
    gain: npt.NDArray[np.float32], inside_turn: npt.NDArray[np.bool_], *, open_start: bool, open_end: bool
) -> list[Match]:
    """Match rows with columns so that the gains, less the gaps' costs, are highest.

    Args:
        gain: float32, shape (num_written, num_heard): what a match of the two earns; 0 where they cannot match.
        inside_turn: bool, shape (num_written + 1,): whether the place before each written word, and after the last,
            is inside a turn.
        open_start: the region is the texts' beginning: what is skipped before its first match costs no opening.
        open_end: the same for their end.

    Returns:
        Pairs of a row and a column, rising in both.
    """
    if 0 in gain.shape:
        return []
    opening = np.where(inside_turn, np.float32(GAP_WITHIN_TURN), np.float32(GAP_BETWEEN_TURNS))
    extending = np.where(inside_turn, np.float32(GAP_EXTEND_WITHIN), np.float32(GAP_EXTEND))
    path = _trace(_score(gain, opening, extending, open_start=open_start, open_end=open_end))
    return [(i, j) for i, j in path if gain[i, j] > 0]


def _score(
    gain: npt.NDArray[np.float32],
    opening: npt.NDArray[np.float32],
    extending: npt.NDArray[np.float32],
    *,
    open_start: bool,
    open_end: bool,
) -> _Table:
    """Score all cells; ``opening[i]`` and ``extending[i]`` are what a gap of heard words costs after ``i`` written."""
    rows, columns = gain.shape
    places = np.arange(columns + 1, dtype=np.int32)
    across = places * np.float32(GAP_EXTEND)
    came = np.zeros((rows + 1, columns + 1), dtype=np.uint8)
    up_from = np.zeros((rows + 1, columns + 1), dtype=np.int32)
    left_from = np.zeros((rows + 1, columns + 1), dtype=np.int32)
    up = np.full(columns + 1, _NEVER, dtype=np.float32)
    best = np.full(columns + 1, _NEVER, dtype=np.float32)
    best_cell, best_score = (rows, columns), _NEVER
    for i in range(rows + 1):
        here = np.full(columns + 1, _NEVER, dtype=np.float32)
        if i:
            opened = best - GAP_OPEN
            fresh = opened >= up
            up_from[i] = np.where(fresh, i - 1, up_from[i - 1])
            up = np.maximum(opened, up) - np.float32(GAP_EXTEND)
            here, came[i] = up.copy(), _UP
            diagonal = best[:-1] + np.where(gain[i - 1] > 0, gain[i - 1], -SUBSTITUTE)
            better = diagonal >= here[1:]
            here[1:][better], came[i, 1:][better] = diagonal[better], _DIAGONAL
        if open_start:
            start = -(across + i * GAP_EXTEND)
            better = start > here
            here[better], came[i][better] = start[better], _STOP
        elif i == 0:
            here[0] = 0.0
        length = places * extending[i]
        level = here + length
        peak = np.maximum.accumulate(level)
        rises = np.concatenate(([True], level[1:] > peak[:-1]))
        origin = np.maximum.accumulate(np.where(rises, places, 0)).astype(np.int32)
        left = np.concatenate(([_NEVER], peak[:-1])) - opening[i] - length
        better = left > here
        here[better], came[i][better] = left[better], _LEFT
        left_from[i, 1:] = origin[:-1]
        best = here.astype(np.float32)
        if open_end:
            total = best - (across[::-1] + (rows - i) * GAP_EXTEND)
            j = int(total.argmax())
            if total[j] > best_score:
                best_cell, best_score = (i, j), total[j]
    return _Table(came, up_from, left_from, best_cell)


def _trace(table: _Table) -> list[Match]:
    """The diagonal steps of the best path, matches and substitutions alike."""
    i, j = table.best
    matches: list[Match] = []
    while i or j:
        came = table.came[i, j]
        if came == _DIAGONAL:
            i, j = i - 1, j - 1
            matches.append((i, j))
        elif came == _UP:
            i = int(table.up[i, j])
        elif came == _LEFT:
            j = int(table.left[i, j])
        else:
            break
    return matches[::-1]
