"""Find to the sample where one cut leaves the sound of the other: a splice, between two stretches at the same speed.

At a splice only one recording has something in between; the other one has the end of one stretch and the start of the
next one without a pause. Around it, that recording is first the same as the other one before what was put in or taken
out, and then the same as the other one after it::

    common   aaaaaaaaaaaabbbbbbbbbbbb
    before   aaaaaaaaaaaaxxxxxxxxxxxx
    after    yyyyyyyyyyyybbbbbbbbbbbb
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.times import Ms, Span

Samples = npt.NDArray[np.float32]

REACH: Ms = 2_000
"""So much sound on either side of an edge is compared. Edges by their levels were off by 0.4 s at most, in a pause."""

LEAST_REACH: Ms = 600
"""Shorter stretches have too little sound to compare."""

_MOST_BETWEEN: Ms = 20
"""What both recordings have in a gap between two stretches may be so much if it is a splice: two frames."""

_MOST_LAG: Ms = 12
"""How exact the offsets are, with a reserve."""

_SAME_RATE = 1e-4
"""At another speed samples are not the same; a measured rate that is so near to 1 shifts them by 0.2 ms in a window."""

_ALIKE = 0.5
"""Samples of the same sound correlate above that, also through a codec at 24 kbit/s; others hardly do at all."""


def find_splice(common: Samples, before: Samples, after: Samples, per_ms: int) -> int | None:
    """Return how many samples ``common`` is like ``before``; from there on it is like ``after``.

    Args:
        common, before, after: float32, of the same length; the splice is near the middle.
        per_ms: samples in a ms.

    Returns:
        None if the outer quarters do not sound alike.
    """
    quarter = len(common) // 4
    first = _aligned(common, before, slice(0, quarter), _MOST_LAG * per_ms)
    second = _aligned(common, after, slice(len(common) - quarter, len(common)), _MOST_LAG * per_ms)
    if first is None or second is None:
        return None
    cost = np.square(common - first, dtype=np.float64) - np.square(common - second, dtype=np.float64)
    return int(np.argmin(np.concatenate([[0.0], np.cumsum(cost)])))


def _aligned(common: Samples, other: Samples, part: slice, most: int) -> Samples | None:
    """Return ``other`` moved and scaled so that a part of it fits ``common`` best; None if it does not fit."""
    from scipy.signal import fftconvolve  # noqa: PLC0415 -- loaded only to compare recordings

    wanted = common[part]
    padded = np.pad(other, most)
    around = padded[part.start : part.stop + 2 * most]
    products = fftconvolve(around, wanted[::-1], mode="valid")  # one for each lag from -most to most
    lag = int(np.argmax(products))
    found = around[lag : lag + len(wanted)]
    own, others = float(np.dot(found, found)), float(np.dot(wanted, wanted))
    if own <= 0 or others <= 0 or products[lag] < _ALIKE * np.sqrt(own * others):
        return None
    moved = padded[lag : lag + len(other)]
    return np.asarray(moved * np.float32(products[lag] / own), np.float32)


# --- the map -----------------------------------------------------------------------------------------------------


def splice_windows(one: Stretch, following: Stretch) -> tuple[tuple[bool, Span], ...] | None:
    """Return where the three sounds of a splice are: whether in the old recording, and the span; None if it is none.

    Returns:
        The windows of what ``find_splice`` compares: common, before and after.
    """
    removed, added = following.old.start - one.old.end, following.new.start - one.new.end
    if max(abs(one.rate - 1), abs(following.rate - 1)) > _SAME_RATE:
        return None
    reach = min(REACH, one.old.duration, following.old.duration)
    if reach < LEAST_REACH or min(removed, added) > _MOST_BETWEEN or max(removed, added) <= _MOST_BETWEEN:
        return None
    edges = [(True, one.old.end), (True, following.old.start)], [(False, one.new.end), (False, following.new.start)]
    longer, shorter = edges if removed > added else edges[::-1]
    return tuple((is_old, Span(at - reach, at + reach)) for is_old, at in (shorter[0], longer[0], longer[1]))


def with_splice(cuts: TimeMap, index: int, later: Ms) -> TimeMap:
    """Return the map with the splice after the stretch of an index so many ms later; both stretches keep some sound."""
    one, following = cuts.stretches[index : index + 2]
    later = min(max(later, 1 - one.old.duration), following.old.duration - 1)
    moved = (
        Stretch(Span(one.old.start, one.old.end + later), Span(one.new.start, one.new.end + later)),
        Stretch(
            Span(following.old.start + later, following.old.end), Span(following.new.start + later, following.new.end)
        ),
    )
    return replace(cuts, stretches=(*cuts.stretches[:index], *moved, *cuts.stretches[index + 2 :]))
