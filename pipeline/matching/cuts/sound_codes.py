"""Find moments that sound alike in two recordings, by short binary codes of their spectrum.

The codes are those of J. Haitsma and T. Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR 2002), section 4:
a bit is the sign of how the difference of two neighbouring bands changes with time. Level, equalisation and a lossy
codec hardly change it. The bands are wider and the codes fewer than there, so that 5 % more speed changes few bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.times import MS_PER_SECOND, Ms

FRAME: Ms = 10
"""The distance of two frames."""

FRAMES_PER_SECOND = MS_PER_SECOND // FRAME

BANDS = 17
"""The number of frequency bands: one more than the bits of a code."""

BandLevels = npt.NDArray[np.float32]
"""Levels in dB, shape (num_frames, BANDS), one frame each ``FRAME`` ms; the reference does not matter."""

_RANGE_DB = 50.0
"""Levels more than so far below the loud ones are noise of the codec and are set to one value."""

_SMOOTHING, _CHANGE, _SECOND = 31, 14, 40
"""In frames: over how long levels are averaged (as in the paper), over which time their change is measured, and how far
the two halves of a code are apart."""

_STEP = 4
"""One frame in so many of the old recording is looked up."""

_UNSURE_BITS = 3
"""So many of the bits that change most easily are tried both ways, one at a time (section 4.3 of the paper)."""

_LEAST_CHANGE_DB = 0.4
"""A frame whose bands change less than that, on average, is silence or a steady tone: its bits are noise."""

_MOST_PLACES = 12
"""A code that occurs more often in the new recording says nothing of where it is."""

_HALF_OF_64 = 32

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Seeds:
    """Pairs of frames with the same code: ``old[k]`` sounds like ``new[k]``; ordered by ``old``."""

    old: npt.NDArray[np.int64]
    new: npt.NDArray[np.int64]


def floored(levels: BandLevels) -> BandLevels:
    """Return levels relative to the loud frames of the recording, in dB, none below ``-_RANGE_DB``."""
    if not len(levels):
        return levels
    loud = np.percentile(levels.max(axis=1), 90)
    return np.asarray(np.maximum(levels - np.float32(loud), np.float32(-_RANGE_DB)), np.float32)


def find_seeds(old: BandLevels, new: BandLevels) -> Seeds:
    """Return the pairs of frames that have the same code in both recordings, right ones and chance ones."""
    there, at_new = _codes(new, 1, variants=False)
    order = np.argsort(there, kind="stable")
    there, at_new = there[order], at_new[order]
    wanted, at_old = _codes(old, _STEP, variants=True)
    first = np.searchsorted(there, wanted, side="left")
    number = np.searchsorted(there, wanted, side="right") - first
    number[number > _MOST_PLACES] = 0
    index = np.repeat(np.arange(len(wanted)), number)
    within = np.arange(len(index)) - np.repeat(np.cumsum(number) - number, number)
    pairs = np.unique((at_old[index] << _HALF_OF_64) | at_new[first[index] + within])  # as one number: sorted faster
    return Seeds(pairs >> _HALF_OF_64, pairs & ((1 << _HALF_OF_64) - 1))


def _codes(levels: BandLevels, step: int, *, variants: bool) -> tuple[Codes, npt.NDArray[np.int64]]:
    """Return codes and the frame of each: one each ``step`` frames, and with ``variants`` those with one other bit."""
    changes = _changes(levels)
    if len(changes) <= _SECOND:
        return np.empty(0, np.uint32), np.empty(0, np.int64)
    both = np.concatenate([changes[:-_SECOND], changes[_SECOND:]], axis=1)[::step]  # (num_codes, 32)
    frames = np.arange(len(both), dtype=np.int64) * step
    distinct = np.abs(both).reshape(len(both), 2, -1).mean(axis=2).min(axis=1) >= _LEAST_CHANGE_DB
    both, frames = both[distinct], frames[distinct]
    weights = np.left_shift(np.uint32(1), np.arange(both.shape[1], dtype=np.uint32))
    codes = np.asarray(((both > 0) * weights).sum(axis=1), np.uint32)
    if not variants or not len(codes):
        return codes, frames
    unsure = np.argpartition(np.abs(both), _UNSURE_BITS, axis=1)[:, :_UNSURE_BITS]
    flipped = np.bitwise_xor(codes[:, None], weights[unsure])
    return np.concatenate([codes, flipped.ravel()]), np.concatenate([frames, np.repeat(frames, _UNSURE_BITS)])


def _changes(levels: BandLevels) -> npt.NDArray[np.float32]:
    """Return how the difference of neighbouring bands changes, in dB; shape (num_frames - _CHANGE, BANDS - 1)."""
    from scipy.ndimage import uniform_filter1d  # noqa: PLC0415 -- loaded only to compare recordings

    if len(levels) <= _CHANGE:
        return np.empty((0, BANDS - 1), np.float32)
    smooth = uniform_filter1d(levels, _SMOOTHING, axis=0, mode="nearest")
    across = np.diff(smooth, axis=1)
    return np.asarray(across[_CHANGE:] - across[:-_CHANGE], np.float32)
