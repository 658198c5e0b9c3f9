"""Fit typed times to measured ones, piece by piece: a constant offset, steps between offsets, and one rate for all.

The offset of a time is how much later it is said than typed. Times that are right have an offset near 0, a longer
introduction adds a constant to all, an advert that was put in is a step, and another playing speed is a rate:

    offset
      31 s                       .  .  .  .     a step: from here on, all are off by one constant
       9 s           .                          a single error, in no piece
       0 s  .  .  .     .  .  .                 right

Times are in the order of the document. The fit has the fewest exceptions: each time that fits no piece costs 1, each
piece and the rate have a price of their own, and the cheapest explanation is found by dynamic programming. This is
penalised change-point detection (Killick et al., 2012) with a bounded loss (Fearnhead and Rigaill, 2019), over the few
offsets that three times or more have in common. ``scripts/benchmark_typed_times.py`` tries other prices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.times import Ms

LEAST_DRIFT_MS: Ms = 2_000
"""A typed time that differs by at least this from the measured one has drifted; less is a person's rounding."""

OFFSET_TOLERANCE_MS: Ms = 1_000
FEWEST_OFFSET_TIMES = 3
"""At least three typed times that one constant explains to within a second on either side are one piece."""

FEWEST_RATE_TIMES = 5
"""A rate needs five times. Of 400 made files of six times, two in five of them wrong, 2 have a rate by chance if three
times are enough, 1 with four, none with five."""

MAX_RATE_CHANGE = 0.25
"""A rate is from 0.75 to 1.25. Known causes stay within 9 %: 48 kHz played at 44.1, film at 25 pictures a second."""

_PIECE_PRICE = 1.1
"""In exceptions. A run in the middle needs two changes. Three times that are off alike cost 3 as exceptions and at most
0.75 as a piece; two cost 2 and are to stay single errors. So the price is between 1 and 1.125."""

_RATE_PRICE = 2.2
"""As much as two pieces: a few errors at one end can fit a line by chance."""

_MOST_OFFSETS = 64
"""The offsets that are tried, those of most times first. A recording has fewer cuts; it bounds the time."""

_OFFSET_SPACING_MS = 500
"""In so many ms one offset is tried, that of most times; the piece then has the median of its own times."""

_PARTS = (8, 4, 2)
"""Pairs of times for a rate are this part of the file apart. Half of it alone finds a tenth fewer planted rates, and
an eighth is for files with several steps; further distances find no more."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TimePiece:
    """Times from one index on, until the next piece, that need the same correction.

    Attributes:
        start: the index of its first time, which fits.
        origin: this time as typed, in ms.
        by: what is to be added to it, in ms.
        rate: the recording's seconds for each typed second.
    """

    start: int
    origin: Ms
    by: Ms
    rate: float = 1.0

    def shift(self, typed: Ms) -> Ms:
        """Return what is to be added to a typed time, in ms."""
        return self.by + round((self.rate - 1) * (typed - self.origin))


@dataclass(frozen=True, slots=True)
class _Fit:
    """One explanation of all times: its price, the runs of one offset each, and the rate less 1 for all."""

    price: float
    runs: tuple[tuple[int, int, float], ...]  # start, end, offset in ms
    slope: float


def fit_time_pieces(typed: Sequence[Ms], measured: Sequence[Ms]) -> tuple[TimePiece, ...]:
    """Return the pieces of the cheapest explanation, in order; the times before the first one are in none.

    A piece that is off has at least ``FEWEST_OFFSET_TIMES`` times within ``OFFSET_TOLERANCE_MS`` of its offset, and
    neighbouring pieces differ by at least ``LEAST_DRIFT_MS``. There is no piece where fewer times than that are off.

    >>> fit_time_pieces([0, 10_000, 20_000, 30_000, 40_000], [0, 10_000, 50_000, 60_000, 70_000])
    (TimePiece(start=2, origin=20000, by=30000, rate=1.0),)
    >>> fit_time_pieces([1_000_000 * k for k in range(6)], [1_010_000 * k for k in range(6)])
    (TimePiece(start=0, origin=0, by=0, rate=1.01),)
    """
    at, offset = np.array(typed, np.float64), np.array(measured, np.float64) - np.array(typed, np.float64)
    if np.count_nonzero(np.abs(offset) >= LEAST_DRIFT_MS) < FEWEST_OFFSET_TIMES:
        return ()
    fits = [fit for slope in _slopes(at, offset) if (fit := _fit(at, offset, slope))]
    with_rate = [_refine(min(fits, key=lambda fit: fit.price), at, offset)] if fits else []
    steady = _fit(at, offset, 0.0)
    explained = [*([steady] if steady else []), *(fit for fit in with_rate if _is_supported(fit, at, offset))]
    return tuple(_pieces(min(explained, key=lambda fit: fit.price), at, offset)) if explained else ()


def _slopes(at: Array, offset: Array) -> Iterator[float]:
    """Yield rates less 1 to begin with: the median over pairs of times that are a part of the file apart.

    Far pairs are exact, and near ones have few steps between them.
    """
    for lag in sorted({max(1, len(at) // part) for part in _PARTS}):
        apart = at[lag:] - at[:-lag]
        later = apart > 0
        if later.any():
            slope = float(np.median((offset[lag:] - offset[:-lag])[later] / apart[later]))
            if 0 < abs(slope) <= MAX_RATE_CHANGE:
                yield slope


def _refine(fit: _Fit, at: Array, offset: Array) -> _Fit:
    """Return the fit with its rate by least squares within its pieces, if that is cheaper.

    A rate from pairs of times is off by a few parts in a thousand; a second round finds no more planted rates.
    """
    inside = [(at[k] - at[k].mean(), offset[k] - offset[k].mean()) for k in _members(fit, at, offset) if len(k)]
    spread = sum(float(x @ x) for x, _ in inside)
    again = _fit(at, offset, sum(float(x @ y) for x, y in inside) / spread) if spread else None
    return again if again and again.price < fit.price else fit


def _is_supported(fit: _Fit, at: Array, offset: Array) -> bool:
    """Return whether a rate explains five times or more and makes a difference that matters."""
    inside = [k for k in _members(fit, at, offset) if len(k) >= FEWEST_OFFSET_TIMES]
    length = sum(float(np.ptp(at[k])) for k in inside)
    enough = sum(map(len, inside)) >= FEWEST_RATE_TIMES
    return enough and abs(fit.slope) <= MAX_RATE_CHANGE and abs(fit.slope) * length >= LEAST_DRIFT_MS


def _members(fit: _Fit, at: Array, offset: Array) -> list[NDArray[np.intp]]:
    """Return for each run the indices of its times that fit."""
    left = offset - fit.slope * at
    return [start + np.flatnonzero(np.abs(left[start:end] - of) < LEAST_DRIFT_MS) for start, end, of in fit.runs]


def _fit(at: Array, offset: Array, slope: float) -> _Fit | None:
    """Return the cheapest way to give each time one of the offsets; None if no three times have one in common."""
    left = offset - slope * at
    offsets = _common_offsets(left)
    if not len(offsets):
        return None
    prices = np.minimum(((left[:, None] - offsets) / LEAST_DRIFT_MS) ** 2, 1.0)  # shape (times, offsets)
    apart = np.abs(offsets[:, None] - offsets)
    change = np.where(apart >= LEAST_DRIFT_MS, _PIECE_PRICE, np.inf)
    np.fill_diagonal(change, 0.0)
    total, back = prices[0], np.zeros(prices.shape, np.intp)
    for k in range(1, len(prices)):
        through = total[:, None] + change
        back[k] = through.argmin(axis=0)
        total = through.min(axis=0) + prices[k]
    chosen = [int(total.argmin())]
    for k in range(len(prices) - 1, 0, -1):
        chosen.append(int(back[k, chosen[-1]]))
    chosen.reverse()
    edges = [0, *(k for k in range(1, len(chosen)) if chosen[k] != chosen[k - 1]), len(chosen)]
    runs = tuple((start, end, float(offsets[chosen[start]])) for start, end in pairwise(edges))
    price = float(total.min()) + _PIECE_PRICE + (_RATE_PRICE if slope else 0.0)
    return _Fit(price, runs, slope)


def _common_offsets(left: Array) -> Array:
    """Return offsets that at least ``FEWEST_OFFSET_TIMES`` times have in common, ascending, float64, in ms."""
    ordered = np.sort(left)
    counts = np.searchsorted(ordered, ordered + OFFSET_TOLERANCE_MS, side="right")
    counts -= np.searchsorted(ordered, ordered - OFFSET_TOLERANCE_MS)
    most = np.lexsort((-counts, ordered // _OFFSET_SPACING_MS))  # by place, those of most times first
    _, first = np.unique(ordered[most] // _OFFSET_SPACING_MS, return_index=True)
    common = most[first][counts[most[first]] >= FEWEST_OFFSET_TIMES]
    kept = common[np.argsort(-counts[common], kind="stable")[:_MOST_OFFSETS]]
    offsets: Array = np.sort(ordered[kept])
    return offsets


def _pieces(fit: _Fit, at: Array, offset: Array) -> Iterator[TimePiece]:
    """Yield the pieces of a fit; a run that too few times support continues the piece before it."""
    before: float | None = None
    for inside in _members(fit, at, offset):
        if not len(inside):
            continue
        left = offset[inside] - fit.slope * at[inside]
        middle = float(np.sort(left)[len(left) // 2])
        first = inside[np.abs(left - middle) < LEAST_DRIFT_MS][0]
        origin = float(at[first])
        by = middle + fit.slope * origin
        support = np.count_nonzero(np.abs(left - middle) <= OFFSET_TOLERANCE_MS)
        is_off = bool(fit.slope) or abs(by) >= LEAST_DRIFT_MS
        if (is_off and support < FEWEST_OFFSET_TIMES) or (before is not None and abs(middle - before) < LEAST_DRIFT_MS):
            continue
        before = middle
        yield TimePiece(int(first), round(origin), round(by), 1.0 + fit.slope)
