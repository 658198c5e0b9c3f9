"""Place the sound of a file on one timeline, from the timestamps and lengths of its packets or frames. Pure.

Timestamps are the file's own and can be wrong: they are rounded, they have gaps where something was lost, they jump or
restart where recordings were joined. Players play on through all of it::

    timestamps   0 ▆▆▆▆▆▆ 6      8 ▆▆▆▆ 12             360000 ▆▆▆▆
    placed       0 ▆▆▆▆▆▆ 6 ···· 8 ▆▆▆▆ 12▆▆▆▆ 16                    ···· silence: lost, or never sent
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int64]
"""Positions or lengths in samples, shape (num_packets,)."""

JITTER_S = 0.02
"""A smaller difference between a timestamp and the end of the audio before it is rounding, not a gap.

Containers round timestamps (Matroska to 1 ms). Shorter than an mp3 frame (26 ms at 44.1 kHz), so one lost frame counts.
"""

MAX_GAP_S = 3_600
"""A longer gap is a damaged timestamp: no show has an hour of silence in it, and each hour would be listened to."""

_MAX_SILENT_SHARE = 0.9
"""If more of a long recording is gaps, all gaps are damage. A guest who says little still has a tenth of sound."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where packets are placed.

    Attributes:
        at: the position of each packet, in samples.
        end: the end of the last one.
        closed: how many gaps were closed because they are too long to be true.
    """

    at: Samples
    end: int
    closed: int = 0


def is_increasing(nominal: Samples) -> bool:
    """Return whether each timestamp is later than the one before: only then can a file be searched by time."""
    return bool(np.all(np.diff(nominal) > 0))


def place(nominal: Samples, sizes: Samples, rate: int) -> Placement:
    """Place packets with increasing timestamps one after the other.

    Rounding is removed: packets whose timestamps differ by less than ``JITTER_S`` from the end of the one before follow
    it directly. Other gaps remain, unless they are so long that the timestamps must be damaged.

    Args:
        nominal: the timestamps, in samples.
        sizes: the lengths of the packets, in samples.
        rate: samples a second.
    """
    placed = _place(nominal, sizes, rate, MAX_GAP_S)
    silence = placed.end - int(placed.at[0]) - int(sizes.sum())
    longest = max(MAX_GAP_S * rate, (placed.end - int(placed.at[0])) * _MAX_SILENT_SHARE)
    return _place(nominal, sizes, rate, 0) if silence > longest else placed


def _place(nominal: Samples, sizes: Samples, rate: int, max_gap_s: float) -> Placement:
    ends = nominal + sizes
    breaks = np.flatnonzero(nominal[1:] != ends[:-1]) + 1
    jitter, max_gap = JITTER_S * rate, max_gap_s * rate
    shifts = np.zeros(len(breaks) + 1, np.int64)  # of each run of packets without a break: position - timestamp
    shift = base = closed = 0  # base is the shift without rounding
    for index, packet in enumerate(breaks.tolist()):
        end = int(ends[packet - 1]) + shift
        gap = int(nominal[packet]) + base - end
        if abs(gap) <= jitter:
            shift = end - int(nominal[packet])
        elif gap > max_gap:
            shift = base = end - int(nominal[packet])
            closed += 1
        else:
            shift = base
        shifts[index + 1] = shift
    runs = np.diff(np.concatenate(([0], breaks, [len(nominal)])))
    at = nominal + np.repeat(shifts, runs)
    return Placement(at, int(np.max(at + sizes)), closed)
