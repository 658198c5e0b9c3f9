"""Fit typed times to measured ones, piece by piece: a constant offset, steps between offsets, and one rate.

The offset of a time is how much later it is said than typed. Times that are right have an offset near 0, a longer
introduction adds a constant to all, an advert that was put in is a step, and another playing speed is a rate, of all
times or of those of some pieces:

    offset
      31 s                       .  .  .  .     a step: from here on, all are off by one constant
       9 s           .                          a single error, in no piece
       0 s  .  .  .     .  .  .                 right

Times are in the order of the document. The fit has the fewest exceptions: each time that fits no piece costs 1, each
piece and the rate have a price of their own, and the cheapest explanation is found by dynamic programming. This is
penalised change-point detection (Killick et al., 2012) with a bounded loss (Fearnhead and Rigaill, 2019), over the few
lines that three times or more have in common. ``scripts/benchmark_typed_times.py`` tries other prices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

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
"""As much as two pieces, for the rate and for each change to or from it: a few errors at one end can fit a line by
chance, and with each change at the price of a piece runs of a rate followed the noise of long, imprecise files."""

_MOST_OFFSETS = 64
"""The offsets that are tried, those of most times first. A recording has fewer cuts; it bounds the time."""

_OFFSET_SPACING_MS = 500
"""In so many ms one offset is tried, that of most times; the piece then has the median of its own times."""

_PARTS = (8, 4, 2)
"""Pairs of times for a rate are this part of the file apart. Half of it alone finds a tenth fewer planted rates, and
an eighth is for files with several steps; further distances find no more."""

_WINDOWS = ((0.0, 1.0), (0.0, 0.5), (0.5, 1.0), (0.25, 0.75))
"""The parts of the times in which a rate is looked for: it may begin or end in the middle of the file."""

_SLOPE_SPACING = 0.0005
"""Of rates that are nearer to each other one is tried: what is left is found by least squares."""

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


class _Line(NamedTuple):
    """Times from the index ``start`` to ``end``: their offset where the clock is zero, in ms, and their rate less 1."""

    start: int
    end: int
    offset: float
    slope: float


@dataclass(frozen=True, slots=True)
class _Fit:
    """One explanation of all times: its price, the runs of one line each, and the rate less 1 of those with a rate."""

    price: float
    runs: tuple[_Line, ...]
    slope: float


def fit_time_pieces(typed: Sequence[Ms], measured: Sequence[Ms]) -> tuple[TimePiece, ...]:
    """Return the pieces of the cheapest explanation, in order; the times before the first one are in none.

    A piece that is off has at least ``FEWEST_OFFSET_TIMES`` times within ``OFFSET_TOLERANCE_MS`` of its offset, and
    neighbouring pieces of one rate differ by at least ``LEAST_DRIFT_MS``. There is no piece where fewer times than that
    are off.

    >>> fit_time_pieces([0, 10_000, 20_000, 30_000, 40_000], [0, 10_000, 50_000, 60_000, 70_000])
    (TimePiece(start=2, origin=20000, by=30000, rate=1.0),)
    >>> fit_time_pieces([1_000_000 * k for k in range(6)], [1_010_000 * k for k in range(6)])
    (TimePiece(start=0, origin=0, by=0, rate=1.01),)
    """
    at, offset = np.array(typed, np.float64), np.array(measured, np.float64) - np.array(typed, np.float64)
    if np.count_nonzero(np.abs(offset) >= LEAST_DRIFT_MS) < FEWEST_OFFSET_TIMES:
        return ()
    steady = _fit(at, offset, 0.0)
    if steady and steady.price <= _PIECE_PRICE + _RATE_PRICE:  # nothing with a rate is cheaper
        return tuple(_pieces(steady, at, offset))
    fits = [fit for slope in _slopes(at, offset) if (fit := _fit(at, offset, slope))]
    with_rate = [_refine(min(fits, key=lambda fit: fit.price), at, offset)] if fits else []
    explained = [*([steady] if steady else []), *(fit for fit in with_rate if _is_supported(fit, at, offset))]
    return tuple(_pieces(min(explained, key=lambda fit: fit.price), at, offset)) if explained else ()


def _slopes(at: Array, offset: Array) -> list[float]:
    """Return rates less 1 to begin with: the median over pairs of times of a window that are a part of it apart.

    Far pairs are exact, and near ones have few steps between them.
    """
    tried: list[float] = []
    for first, last in _WINDOWS:
        window = slice(round(first * len(at)), round(last * len(at)))
        x, y = at[window], offset[window]
        for lag in sorted({max(1, len(x) // part) for part in _PARTS}):
            apart = x[lag:] - x[:-lag]
            later = apart > 0
            if later.any():
                slope = float(np.median((y[lag:] - y[:-lag])[later] / apart[later]))
                is_new = all(abs(slope - other) >= _SLOPE_SPACING for other in tried)
                if 0 < abs(slope) <= MAX_RATE_CHANGE and is_new:
                    tried.append(slope)
    return tried


def _refine(fit: _Fit, at: Array, offset: Array) -> _Fit:
    """Return the fit with its rate by least squares within its pieces, if that is cheaper.

    A rate from pairs of times is off by a few parts in a thousand; a second round finds no more planted rates.
    """
    inside = [(at[k] - at[k].mean(), offset[k] - offset[k].mean()) for k in _with_rate(fit, at, offset) if len(k)]
    spread = sum(float(x @ x) for x, _ in inside)
    again = _fit(at, offset, sum(float(x @ y) for x, y in inside) / spread) if spread else None
    return again if again and again.price < fit.price else fit


def _is_supported(fit: _Fit, at: Array, offset: Array) -> bool:
    """Return whether a rate explains five times or more and makes a difference that matters in each of its runs."""
    inside = _with_rate(fit, at, offset)
    if any(len(k) < FEWEST_OFFSET_TIMES or abs(fit.slope) * np.ptp(at[k]) < LEAST_DRIFT_MS for k in inside):
        return False
    return sum(map(len, inside)) >= FEWEST_RATE_TIMES and abs(fit.slope) <= MAX_RATE_CHANGE


def _with_rate(fit: _Fit, at: Array, offset: Array) -> list[NDArray[np.intp]]:
    """Return for each run that has a rate the indices of its times that fit."""
    return [_members(run, at, offset) for run in fit.runs if run.slope]


def _members(run: _Line, at: Array, offset: Array) -> NDArray[np.intp]:
    """Return the indices of the times of a run that fit."""
    left = offset[run.start : run.end] - run.slope * at[run.start : run.end]
    members: NDArray[np.intp] = run.start + np.flatnonzero(np.abs(left - run.offset) < LEAST_DRIFT_MS)
    return members


def _fit(at: Array, offset: Array, slope: float) -> _Fit | None:
    """Return the cheapest way to give each time a line, steady or of one rate; None if no three have one in common."""
    lines = [(one, of) for one in dict.fromkeys((0.0, slope)) for of in _common_offsets(offset - one * at)]
    if not any(one == slope for one, _ in lines):
        return None
    slopes, offsets = np.array(lines, np.float64).T
    away = offset[:, None] - slopes * at[:, None] - offsets  # shape (times, lines)
    prices = np.minimum((away / LEAST_DRIFT_MS) ** 2, 1.0)
    is_other = np.abs(offsets[:, None] - offsets) >= LEAST_DRIFT_MS
    change = np.where(is_other, _PIECE_PRICE, np.inf)
    change[slopes[:, None] != slopes] = _RATE_PRICE
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
    runs = tuple(
        _Line(start, end, float(offsets[chosen[start]]), float(slopes[chosen[start]])) for start, end in pairwise(edges)
    )
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
    before: _Line | None = None
    for run in fit.runs:
        inside = _members(run, at, offset)
        if not len(inside):
            continue
        left = offset[inside] - run.slope * at[inside]
        middle = float(np.sort(left)[len(left) // 2])
        first = inside[np.abs(left - middle) < LEAST_DRIFT_MS][0]
        origin = float(at[first])
        by = middle + run.slope * origin
        support = np.count_nonzero(np.abs(left - middle) <= OFFSET_TOLERANCE_MS)
        is_off = bool(run.slope) or abs(by) >= LEAST_DRIFT_MS
        continues = before is not None and before.slope == run.slope and abs(middle - before.offset) < LEAST_DRIFT_MS
        if (is_off and support < FEWEST_OFFSET_TIMES) or continues:
            continue
        before = run._replace(offset=middle)
        yield TimePiece(int(first), round(origin), round(by), 1.0 + run.slope)
