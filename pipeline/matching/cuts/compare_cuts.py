"""Compare two cuts of a recording: where each moment of the old one is in the new one."""

from __future__ import annotations

from dataclasses import replace

from pipeline.matching.cuts.cut_edges import find_edges
from pipeline.matching.cuts.fine_offsets import Line, Points, at_rate, fit_lines, measure_offsets, residual_rate
from pipeline.matching.cuts.rough_path import RoughPath, find_rough_path
from pipeline.matching.cuts.sound_codes import FRAME, BandLevels, find_seeds, floored
from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.times import Ms, Span

LEAST_SHARED = 0.2
"""Two cuts of one episode share more of the shorter one. Two episodes of a show share the jingle and the adverts."""

_RATE_ROUNDS = 3
"""How often the rate is corrected by what was measured with it."""


def compare_cuts(old: BandLevels, new: BandLevels, old_duration: Ms, new_duration: Ms) -> TimeMap:
    """Return the map from the old cut to the new one; times are right to about 20 ms, edges mostly to 50 ms.

    The new cut may be slower or faster by up to 5 %, with or without a change of pitch.

    Args:
        old_duration, new_duration: of the recordings, in ms.

    Returns:
        A map without stretches if the two are not cuts of one recording (see ``LEAST_SHARED``).
    """
    old, new = floored(old), floored(new)
    path = find_rough_path(find_seeds(old, new))
    rate, slowed, points = _measured(old, new, path, old_duration)
    lines = fit_lines(points)
    if not lines:
        return TimeMap((), old_duration, new_duration)
    edges = find_edges(slowed, new, lines)
    stretches = _stretches(lines, edges, rate, old_duration, new_duration)
    shared = sum(one.new.duration for one in stretches)
    if shared < LEAST_SHARED * min(old_duration, new_duration):
        stretches = ()
    return TimeMap(stretches, old_duration, new_duration)


def _measured(old: BandLevels, new: BandLevels, path: RoughPath, duration: Ms) -> tuple[float, BandLevels, Points]:
    """Return the rate, the old levels at it, and the offsets that were measured with them."""
    rate = path.rate
    for _ in range(_RATE_ROUNDS):
        slowed = at_rate(old, rate)
        points = measure_offsets(slowed, new, replace(path, old=path.old * rate))
        right = rate * residual_rate(points)
        if abs(right - 1) * duration < FRAME:  # not to be told from the same speed
            right = 1.0
        if abs(right - rate) * duration < FRAME:
            break
        rate = right
    return rate, slowed, points


def _stretches(
    lines: tuple[Line, ...], edges: tuple[tuple[int, int], ...], rate: float, old_duration: Ms, new_duration: Ms
) -> tuple[Stretch, ...]:
    """Return the stretches in ms; each begins where the one before it ended at the earliest."""
    made: list[Stretch] = []
    old_done = new_done = 0
    for line, (first, last) in zip(lines, edges, strict=True):
        by = line.offset * FRAME
        start = max(first * FRAME / rate, (new_done - by) / rate, old_done)
        end = min(last * FRAME / rate, (new_duration - by) / rate, old_duration)
        if end - start < 1:
            continue
        old = Span(round(start), round(end))
        new_start = max(new_done, round(old.start * rate + by))
        new_end = new_start + old.duration if rate == 1 else round(old.end * rate + by)
        new = Span(new_start, max(new_start, min(new_duration, new_end)))
        if rate == 1:
            old = Span(old.start, old.start + new.duration)
        if old.duration and new.duration:
            made.append(Stretch(old, new))
            old_done, new_done = old.end, new.end
    return tuple(made)
