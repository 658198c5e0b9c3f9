from __future__ import annotations

import numpy as np
import pytest

from pipeline.matching.cuts.fine_offsets import Line, Points, at_rate, fit_lines, measure_offsets, residual_rate
from pipeline.matching.cuts.rough_path import RoughPath
from tests.matching.cuts.made_levels import encoded_again, made_levels


@pytest.mark.parametrize("guess", [280, 300, 325])
def test_offsets_are_measured(guess: float) -> None:
    """From a guess that is off by a quarter of a second, the offset is found to 3 ms."""
    old = made_levels(20, 1)
    new = np.concatenate([made_levels(3, 2), encoded_again(old, 3)])
    path = RoughPath(np.array([200.0, 1_500.0]), np.array([200.0, 1_500.0]) + guess, 1.0)
    points = measure_offsets(old, new, path)

    assert len(points.old) == 17
    assert np.allclose(points.offset, 300, atol=0.3)


def test_another_sound_is_not_measured() -> None:
    """Where the new recording has other sound, no measurement is good enough; nor is there any without a path."""
    path = RoughPath(np.array([500.0]), np.array([500.0]), 1.0)
    nowhere = RoughPath(np.empty(0), np.empty(0), 1.0)
    old = made_levels(20, 1)

    assert len(measure_offsets(old, made_levels(20, 2), path).old) == 0
    assert len(measure_offsets(old, old, nowhere).old) == 0


def test_lines() -> None:
    """Each lasting offset is a line; a single other measurement is dropped, and the line goes on after it."""
    offsets = [5.0, 5.1, 5.0, 80.0, 5.0, 5.1, 40.0, 40.1]

    assert fit_lines(Points(np.arange(0.0, 800.0, 100.0), np.array(offsets))) == (
        Line(0, 500, 5.0),
        Line(600, 700, 40.05),
    )
    assert fit_lines(Points(np.empty(0), np.empty(0))) == ()


def test_the_residual_rate() -> None:
    """A drift within the lines is a factor of the rate; a jump between them is none."""
    at = np.arange(0.0, 40_000.0, 100.0)
    offset = at * 0.0002 + np.where(at < 20_000, 0, 700)

    assert residual_rate(Points(at, offset)) == pytest.approx(1.0002, abs=1e-6)
    assert residual_rate(Points(np.empty(0), np.empty(0))) == 1


@pytest.mark.parametrize("rate", [0.95, 1.0, 1.05])
def test_levels_at_another_rate(rate: float) -> None:
    """Frame k is what was at k / rate."""
    levels = np.repeat(np.arange(1_000, dtype=np.float32)[:, None], 17, axis=1)
    slowed = at_rate(levels, rate)

    assert len(slowed) == int(1_000 * rate)
    assert np.allclose(slowed[:900, 0], np.arange(900) / rate, atol=1e-3)
