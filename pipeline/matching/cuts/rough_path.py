"""Find the path through two recordings on which they sound alike: in order, with as few jumps as the sound allows.

Pairs of frames with the same code are counted by where they are: in blocks of the old recording, and in bins of how
much later the new one has the sound. Chance pairs are spread over all bins. The path is the chain of blocks, increasing
in both recordings, that explains most pairs; each jump costs some of them. So the jingle that occurs twice, or the
advert that is repeated, is matched where the order puts it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.matching.cuts.sound_codes import FRAMES_PER_SECOND, Seeds

MOST_RATE_CHANGE = 0.055
"""How much faster or slower a cut may be: 5 %, and some room."""

_BLOCK = 2 * FRAMES_PER_SECOND
"""Frames of the old recording in which pairs are counted."""

_BIN = FRAMES_PER_SECOND // 4
"""Frames: the width of a bin. At 5 % more speed the sound moves by 10 frames within a block."""

_LEAST_PAIRS = 4
"""Fewer frames of a block with the same offset are chance."""

_MOST_PAIRS = 20
"""More of them make a block no surer: a steady sound must not outweigh speech."""

_MOST_PLACES = 6
"""So many places of a block are tried: a few repeated adverts. It bounds the time for music that is a loop."""

_JUMP_COST = 30.0
"""What a jump must gain, in pairs."""

_SLACK = FRAMES_PER_SECOND // 5
"""How far, in frames, the offset of a block is from its neighbour's without a jump, at the same speed."""

_LONG_ENOUGH = 20 * FRAMES_PER_SECOND
"""Blocks that far apart say how fast the cut is."""


@dataclass(frozen=True, slots=True)
class RoughPath:
    """Points of the path, increasing in both recordings, in frames; to a tenth of a second or better.

    Attributes:
        old, new: a frame of the old recording, and the one that sounds like it.
        rate: the frames of the new recording for each old one, where both have the same sound.
    """

    old: npt.NDArray[np.float64]
    new: npt.NDArray[np.float64]
    rate: float


def find_rough_path(seeds: Seeds) -> RoughPath:
    """Return the path; it is empty where nothing sounds alike."""
    old, new, weight = _candidates(seeds)
    chain = _best_chain(old, new, weight)
    return RoughPath(old[chain], new[chain], _rate(old[chain], new[chain]))


def _candidates(seeds: Seeds) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return places where a block of the old recording may be, and the number of frames that say so; by block."""
    block, offset = seeds.old // _BLOCK, seeds.new - seeds.old
    lowest = int(offset.min(initial=0))
    found: list[npt.NDArray[np.float64]] = []
    for shift in (0, _BIN // 2):  # two grids of bins, so that no place is at the edge of both
        places = (offset - lowest + shift) // _BIN
        keys, group = np.unique(block * (1 + int(places.max(initial=0))) + places, return_inverse=True)
        order = np.lexsort((seeds.old, group))  # a frame that is paired twice with a place counts once
        again = (np.diff(group[order], prepend=-1) == 0) & (np.diff(seeds.old[order], prepend=-1) == 0)
        counts = np.bincount(group[order][~again], minlength=len(keys)).astype(np.float64)
        pairs = np.bincount(group, minlength=len(keys))
        centre = np.bincount(group, seeds.old, len(keys)) / pairs
        there = np.bincount(group, seeds.new, len(keys)) / pairs
        enough = counts >= _LEAST_PAIRS
        found.append(np.stack([centre, there, np.minimum(counts, _MOST_PAIRS), centre // _BLOCK])[:, enough])
    all_found = np.concatenate(found, axis=1)
    old, new, weight, of_block = all_found[:, np.lexsort((-all_found[2], all_found[3]))]  # by block, the best first
    best = np.arange(len(of_block)) - np.searchsorted(of_block, of_block) < _MOST_PLACES
    return old[best], new[best], weight[best]


def _best_chain(
    old: npt.NDArray[np.float64], new: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Return the candidates of the best chain, in order; quadratic in the number of blocks."""
    score, before = weight.copy(), np.full(len(old), -1, np.int64)
    block = old // _BLOCK
    for at in range(1, len(old)):
        end = int(np.searchsorted(block[:at], block[at]))
        if not end:
            continue
        passed, there = old[at] - old[:end], new[at] - new[:end]
        jump = np.abs(there - passed) > MOST_RATE_CHANGE * passed + _SLACK
        reached = np.where(there > 0, score[:end] - _JUMP_COST * jump, -np.inf)
        best = int(np.argmax(reached))
        if reached[best] > 0:
            score[at], before[at] = reached[best] + weight[at], best
    chain: list[int] = []
    step = int(np.argmax(score)) if len(score) else -1
    while step >= 0:
        chain.append(step)
        step = int(before[step])
    return np.array(chain[::-1], np.int64)


def _rate(old: npt.NDArray[np.float64], new: npt.NDArray[np.float64]) -> float:
    """Return the median rate of blocks that are some way apart and without a jump between them; 1 if there are none."""
    if len(old) < 2:
        return 1.0
    jumps = np.abs(np.diff(new) - np.diff(old)) > MOST_RATE_CHANGE * np.diff(old) + _SLACK
    run = np.concatenate([[0], np.cumsum(jumps)])
    later = np.searchsorted(old, old + _LONG_ENOUGH)
    inside = later < len(old)
    first, last = np.flatnonzero(inside), later[inside]
    same = run[first] == run[last]
    first, last = first[same], last[same]
    return float(np.median((new[last] - new[first]) / (old[last] - old[first]))) if len(first) else 1.0
