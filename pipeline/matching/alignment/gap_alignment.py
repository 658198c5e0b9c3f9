"""Align the words between two anchors: the best matching in order, by dynamic programming.

This is a global alignment with affine gaps (Gotoh, 1982). A matched word gains its weight. A gap costs once for being
opened and almost nothing for its length, so one long left-out passage is cheap, and words scattered over it are
expensive. Two different words may be substituted for each other. Each row is computed as a whole by numpy:
O(rows * columns) operations.

The costs are in units of the weight of a word that is said once, which is 1; the most common words have 0.2.

For the origin of the numbers and what "benchmark" means, see ``chance_matches``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.matching.alignment.anchors import Match

GAP_OPEN = 0.55
"""The cost of a gap of written words. It is more than a common word's weight, so a single "the" among other words is
not worth the two gaps around it. Benchmark: with 0.275 the anchor share of another episode increases from 45 % to 65 %,
which is no longer refused; with 1.1 the continue time is off by 1.1 s in place of 0.7 s."""

GAP_BETWEEN_TURNS = 0.45
GAP_WITHIN_TURN = 0.7
"""The cost of a gap of heard words. What is heard and not written is more often between two turns than inside one; so
of a repeated word, the occurrence in its own turn is matched. Benchmark: with 0.225 between turns, one sure start is
off by more than 1 s; with 1.4 within a turn, there are 56 sure starts fewer, and the continue time is off by 2.5 s."""

SUBSTITUTE = 0.3
"""The cost of one word in the place of another. It is less than two gaps, because most of what is misheard is at the
right position. Benchmark: 0.2 % of the words fewer with 0.15 or 0.6."""

GAP_EXTEND = 0.0003
GAP_EXTEND_WITHIN = 0.01
"""The cost for each word of a gap. It makes the nearer of two equal matchings win (the first of two jingles), and is
small enough that a long left-out passage stays cheap. Passages that are left out inside a turn are short. Benchmark: at
most one sure start more."""

_START, _DIAGONAL, _UP, _LEFT = range(4)
_NEVER = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class _Traceback:
    """The step that led to each cell's best score; arrays have the shape (num_written + 1, num_heard + 1).

    Attributes:
        step: uint8, one of the four codes above.
        up: int32, the row in which the gap of written words was opened.
        left: int32, the column in which the gap of heard words was opened.
        best: the cell at which the best path ends.
    """

    step: npt.NDArray[np.uint8]
    up: npt.NDArray[np.int32]
    left: npt.NDArray[np.int32]
    best: Match


def align_gap(
    gain: npt.NDArray[np.float32], inside_turn: npt.NDArray[np.bool_], *, open_start: bool, open_end: bool
) -> list[Match]:
    """Match rows with columns so that the gains, less the costs of the gaps, are highest.

    Args:
        gain: float32, shape (num_written, num_heard): what a match of the two gains; 0 if they cannot match.
        inside_turn: bool, shape (num_written + 1,): whether the position before each written word, and after the last,
            is inside a turn.
        open_start: whether the region begins both texts; then a gap before its first match costs no opening.
        open_end: whether it ends both texts; then the same holds after its last match.

    Returns:
        Pairs of a row and a column, increasing in both.
    """
    if 0 in gain.shape:
        return []
    opening = np.where(inside_turn, np.float32(GAP_WITHIN_TURN), np.float32(GAP_BETWEEN_TURNS))
    extending = np.where(inside_turn, np.float32(GAP_EXTEND_WITHIN), np.float32(GAP_EXTEND))
    path = _best_path(_score(gain, opening, extending, open_start=open_start, open_end=open_end))
    return [(i, j) for i, j in path if gain[i, j] > 0]


def _score(
    gain: npt.NDArray[np.float32],
    opening: npt.NDArray[np.float32],
    extending: npt.NDArray[np.float32],
    *,
    open_start: bool,
    open_end: bool,
) -> _Traceback:
    """Score all cells.

    Args:
        gain: as in ``align_gap``.
        opening: float32, shape (num_written + 1,): the cost of opening a gap of heard words after ``i`` written ones.
        extending: float32, shape (num_written + 1,): the cost of each word of such a gap.
        open_start: as in ``align_gap``, and so is ``open_end``.
    """
    rows, columns = gain.shape
    positions = np.arange(columns + 1, dtype=np.int32)
    across = positions * np.float32(GAP_EXTEND)
    lengths = {one.item(): positions * one for one in np.unique(extending)}
    gained = np.where(gain > 0, gain, np.float32(-SUBSTITUTE))
    step = np.zeros((rows + 1, columns + 1), dtype=np.uint8)
    up_from = np.zeros((rows + 1, columns + 1), dtype=np.int32)
    left_from = np.zeros((rows + 1, columns + 1), dtype=np.int32)
    up = np.full(columns + 1, _NEVER, dtype=np.float32)
    best = np.full(columns + 1, _NEVER, dtype=np.float32)
    left = np.full(columns + 1, _NEVER, dtype=np.float64)
    rises = np.ones(columns + 1, dtype=np.bool_)
    best_cell, best_score = (rows, columns), _NEVER
    for i in range(rows + 1):
        current = np.full(columns + 1, _NEVER, dtype=np.float32)
        if i:
            opened = best - GAP_OPEN
            up_from[i] = up_from[i - 1]
            np.copyto(up_from[i], i - 1, where=opened >= up)
            up = np.maximum(opened, up) - np.float32(GAP_EXTEND)
            current, step[i] = up.copy(), _UP
            diagonal = best[:-1] + gained[i - 1]
            better = diagonal >= current[1:]
            np.copyto(current[1:], diagonal, where=better)
            np.copyto(step[i, 1:], _DIAGONAL, where=better)
        if open_start:
            start = -(across + i * GAP_EXTEND)
            better = start > current
            np.copyto(current, start, where=better, casting="same_kind")
            np.copyto(step[i], _START, where=better)
        elif i == 0:
            current[0] = 0.0
        length = lengths[extending[i].item()]
        level = current + length
        peak = np.maximum.accumulate(level)
        np.greater(level[1:], peak[:-1], out=rises[1:])
        np.maximum.accumulate(positions[:-1] * rises[:-1], out=left_from[i, 1:])
        np.subtract(peak[:-1], opening[i], out=left[1:])
        left[1:] -= length[1:]
        better = left > current
        np.copyto(current, left, where=better, casting="same_kind")
        np.copyto(step[i], _LEFT, where=better)
        best = current
        if open_end:
            total = best - (across[::-1] + (rows - i) * GAP_EXTEND)
            j = int(total.argmax())
            if total[j] > best_score:
                best_cell, best_score = (i, j), total[j]
    return _Traceback(step, up_from, left_from, best_cell)


def _best_path(traceback: _Traceback) -> list[Match]:
    """Return the diagonal steps of the best path, matches and substitutions alike."""
    i, j = traceback.best
    matches: list[Match] = []
    while i or j:
        step = traceback.step[i, j]
        if step == _DIAGONAL:
            i, j = i - 1, j - 1
            matches.append((i, j))
        elif step == _UP:
            i = int(traceback.up[i, j])
        elif step == _LEFT:
            j = int(traceback.left[i, j])
        else:
            break
    return matches[::-1]
