"""Measure to a few milliseconds how much later the new cut has a sound, along a rough path, and where that changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.matching.cuts.rough_path import RoughPath
from pipeline.matching.cuts.sound_codes import FRAMES_PER_SECOND, BandLevels

_HALF = 3 * FRAMES_PER_SECOND // 2
"""Half the window that is compared, in frames: 3 s have a few words, so no other place fits as well."""

_REACH = 35
"""How far from the rough path, in frames, the place is looked for: it is known to a quarter of a second."""

_EVERY = FRAMES_PER_SECOND
"""Frames between two measurements."""

LEAST_CORRELATION = 0.6
"""Windows of the same sound correlate above that, also through a codec at 32 kbit/s."""

_SAME_OFFSET = 2.0
"""Frames: measurements of one stretch differ by less; a cut moves the sound by more."""

_FEWEST_POINTS = 2
"""A single measurement that differs from its neighbours is chance."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where a stretch of the old recording is in the new one: ``old + offset`` in frames, from ``first`` to ``last``.

    Attributes:
        first, last: old frames at which it was measured.
        offset: in frames, to a tenth of one.
    """

    first: float
    last: float
    offset: float


@dataclass(frozen=True, slots=True)
class Points:
    """Measurements: old frames, and how many frames later the new recording has them; ordered."""

    old: npt.NDArray[np.float64]
    offset: npt.NDArray[np.float64]


def at_rate(levels: BandLevels, rate: float) -> BandLevels:
    """Return levels as they are when the recording is slowed down by ``rate``: frame k is the old one at k / rate."""
    if rate == 1:
        return levels
    places = np.arange(int(len(levels) * rate)) / rate
    below = np.minimum(places.astype(np.int64), len(levels) - 1)
    part = np.asarray(places - below, np.float32)[:, None]
    return np.asarray(levels[below] * (1 - part) + levels[np.minimum(below + 1, len(levels) - 1)] * part, np.float32)


def measure_offsets(old: BandLevels, new: BandLevels, path: RoughPath) -> Points:
    """Measure the offset each second along the path.

    Args:
        old: at the rate of the new recording (see ``at_rate``), as is ``path.old``.

    Returns:
        The measurements that correlate well. Between two points of the path with different offsets, both are tried.
    """
    found: list[tuple[float, float]] = []
    if not len(path.old):
        return Points(np.empty(0), np.empty(0))
    offsets = path.new - path.old
    for at in range(_HALF, len(old) - _HALF, _EVERY):
        right = int(np.searchsorted(path.old, at))
        near = {round(offsets[k]) for k in (right - 1, right) if 0 <= k < len(offsets)}
        best = max((_correlate(old, new, at, guess) for guess in sorted(near)), default=(0.0, 0.0))
        if best[0] >= LEAST_CORRELATION:
            found.append((at, best[1]))
    points = np.array(found, np.float64).reshape(-1, 2)
    return Points(points[:, 0], points[:, 1])


def _correlate(old: BandLevels, new: BandLevels, at: int, guess: int) -> tuple[float, float]:
    """Return the best correlation of the window around ``at`` near a guessed offset, and that offset, in frames."""
    first = at + guess - _HALF - _REACH
    start, end = max(0, first), min(len(new), first + 2 * (_HALF + _REACH))
    if end - start < 2 * _HALF + 3:
        return 0.0, 0.0
    window = _centred(old[at - _HALF : at + _HALF])
    there = new[start:end]
    places = np.lib.stride_tricks.sliding_window_view(there, 2 * _HALF, axis=0)  # (num_lags, BANDS, 2 * _HALF)
    products = np.tensordot(places, window, axes=([2, 1], [0, 1]))
    ones = np.concatenate([np.zeros((1, there.shape[1])), np.cumsum(there, axis=0, dtype=np.float64)])
    squares = np.concatenate([np.zeros((1, there.shape[1])), np.cumsum(np.square(there, dtype=np.float64), axis=0)])
    total = ones[2 * _HALF :] - ones[: -2 * _HALF]
    variance = (squares[2 * _HALF :] - squares[: -2 * _HALF] - np.square(total) / (2 * _HALF)).sum(axis=1)
    norm = np.sqrt(np.maximum(variance, 1e-6) * max(1e-6, float(np.square(window).sum())))
    correlation = products / norm
    peak = int(np.argmax(correlation))
    return float(correlation[peak]), start - (at - _HALF) + peak + _vertex(correlation, peak)


def _centred(levels: BandLevels) -> BandLevels:
    """Return levels without the mean of each band, so that level and equalisation do not count."""
    return np.asarray(levels - levels.mean(axis=0), np.float32)


def _vertex(values: npt.NDArray[np.float64], peak: int) -> float:
    """Return where the parabola through a peak and its neighbours is highest, from -0.5 to 0.5 around it."""
    if not 0 < peak < len(values) - 1:
        return 0.0
    left, middle, right = values[peak - 1 : peak + 2]
    bend = left - 2 * middle + right
    return float(0.5 * (left - right) / bend) if bend < 0 else 0.0


def residual_rate(points: Points) -> float:
    """Return by how much the rate is to be multiplied: 1 + the slope of the offsets within stretches."""
    runs = [run for run in _runs(points) if run.stop - run.start >= 10]  # shorter ones say little of the slope
    above = below = 0.0
    for run in runs:
        at = points.old[run] - points.old[run].mean()
        above += float((at * (points.offset[run] - points.offset[run].mean())).sum())
        below += float(np.square(at).sum())
    return 1 + above / below if below else 1.0


def fit_lines(points: Points) -> tuple[Line, ...]:
    """Return the stretches with one offset each, in order; neighbours with the same offset are one."""
    lines: list[Line] = []
    for run in _runs(points):
        if run.stop - run.start < _FEWEST_POINTS:
            continue
        line = Line(points.old[run.start], points.old[run.stop - 1], float(np.median(points.offset[run])))
        if lines and abs(lines[-1].offset - line.offset) <= _SAME_OFFSET:
            near = np.abs(points.offset - line.offset) <= _SAME_OFFSET
            joined = near & (points.old >= lines[-1].first) & (points.old <= line.last)
            line = Line(lines[-1].first, line.last, float(np.median(points.offset[joined])))
            lines.pop()
        lines.append(line)
    return tuple(lines)


def _runs(points: Points) -> tuple[slice, ...]:
    """Return runs of measurements whose offsets hardly change from one to the next."""
    if not len(points.old):
        return ()
    breaks = np.flatnonzero(np.abs(np.diff(points.offset)) > _SAME_OFFSET) + 1
    edges = [0, *breaks.tolist(), len(points.old)]
    return tuple(slice(a, b) for a, b in pairwise(edges))
