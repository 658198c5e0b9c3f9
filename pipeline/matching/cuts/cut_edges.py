"""Find the frame at which two cuts of a recording stop to sound alike, and where they do again."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.matching.cuts.fine_offsets import Line
from pipeline.matching.cuts.sound_codes import FRAMES_PER_SECOND, BandLevels

_ALIKE_DB = 6.0
"""Frames of the same sound differ by less, on average over the bands; others by more."""

_OVERLAP = 3 * FRAMES_PER_SECOND
"""A stretch may end within so many frames before its last measurement: its window reaches over the edge."""

_SMALL_GAP = FRAMES_PER_SECOND // 4
"""Where one cut only has something in between, a shorter rest in the other one is the blur of the edge."""

Edges = tuple[int, int]
"""The first old frame of a stretch, and the one after its last."""

Scores = npt.NDArray[np.float64]


def find_edges(old: BandLevels, new: BandLevels, lines: tuple[Line, ...]) -> tuple[Edges, ...]:
    """Return the edges of each line, in old frames; they are in order and disjoint in both recordings.

    Args:
        old: at the rate of the new recording.
        lines: at least one.
    """
    starts, ends = [_start(old, new, lines[0])], list[int]()
    for before, after in pairwise(lines):
        end, start = _between(old, new, before, after)
        ends.append(end)
        starts.append(start)
    ends.append(_end(old, new, lines[-1]))
    return tuple(zip(starts, ends, strict=True))


def _scores(old: BandLevels, new: BandLevels, line: Line, first: int, last: int) -> Scores:
    """Return how alike the frames [first, last) of the old recording are to the new one on a line; above 0 is alike."""
    from scipy.ndimage import uniform_filter1d  # noqa: PLC0415 -- loaded only to compare recordings

    here = np.arange(first, last)
    there = here + round(line.offset)
    inside = (there >= 0) & (there < len(new))
    difference = old[here] - new[np.clip(there, 0, len(new) - 1)]
    known = inside & (here >= line.first) & (here <= line.last)
    if known.any():
        difference = difference - np.median(difference[known], axis=0)
    score = np.clip(_ALIKE_DB - np.abs(difference).mean(axis=1), -_ALIKE_DB, _ALIKE_DB)
    return np.where(inside, uniform_filter1d(score.astype(np.float64), 5), -np.inf)


def _start(old: BandLevels, new: BandLevels, line: Line) -> int:
    first, last = 0, min(len(old), int(line.first) + _OVERLAP)
    after = _after(_scores(old, new, line, first, last))
    return first + int(len(after) - 1 - np.argmax(after[::-1]))


def _end(old: BandLevels, new: BandLevels, line: Line) -> int:
    first = max(0, int(line.last) - _OVERLAP)
    return first + int(np.argmax(_before(_scores(old, new, line, first, len(old)))))


def _before(scores: Scores) -> Scores:
    """Return for each edge from 0 to all frames the sum of the scores before it."""
    return np.concatenate([[0.0], np.cumsum(scores)])


def _after(scores: Scores) -> Scores:
    """Return for each edge the sum of the scores after it."""
    return np.concatenate([np.cumsum(scores[::-1])[::-1], [0.0]])


def _between(old: BandLevels, new: BandLevels, before: Line, after: Line) -> tuple[int, int]:
    """Return where one stretch ends and the next one starts, in old frames."""
    first, last = max(0, int(before.last) - _OVERLAP), min(len(old), int(after.first) + _OVERLAP)
    ending = _before(_scores(old, new, before, first, last))
    starting = _after(_scores(old, new, after, first, last))
    # What the old cut has more than the new one between the same two sounds, in frames; below 0 the new one has more.
    more = round(before.offset) - round(after.offset)
    least = max(0, more)
    end, start = int(np.argmax(ending)), int(len(starting) - 1 - np.argmax(starting[::-1]))
    if start - end >= least + _SMALL_GAP:
        return first + end, first + start
    # Nothing was put in the place of what was removed, or nothing was removed where something was added: one edge.
    size = max(1, len(ending) - least)
    joint = ending[:size] + starting[least : least + size]
    best = int(np.argmax(joint)) if len(joint) == size else 0
    return first + best, first + best + least
