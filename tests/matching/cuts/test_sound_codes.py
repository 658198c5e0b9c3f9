from __future__ import annotations

import numpy as np
import pytest

from pipeline.matching.cuts.sound_codes import BANDS, find_seeds, floored
from tests.matching.cuts.made_levels import encoded_again, made_levels


def test_the_same_sound_gives_pairs() -> None:
    """A recording and its other encoding, 3 s later, give pairs that are 300 frames apart, give or take 5."""
    old = made_levels(30, 1)
    new = np.concatenate([made_levels(3, 2), encoded_again(old, 3)])
    seeds = find_seeds(floored(old), floored(new))

    assert len(seeds.old) > 300
    assert np.mean(np.abs(seeds.new - seeds.old - 300) <= 5) > 0.95
    assert (np.diff(seeds.old) >= 0).all()


def test_another_sound_gives_hardly_any() -> None:
    """Different sounds have few pairs by chance."""
    assert len(find_seeds(made_levels(30, 1), made_levels(30, 2)).old) < 30


@pytest.mark.parametrize("seconds", [0, 0.1, 0.5, 5])
def test_silence_and_short_sound_give_none(seconds: float) -> None:
    """Silence has no codes, and neither has what is too short; nothing fails."""
    silence = np.full((round(seconds * 100), BANDS), -90, np.float32)

    assert len(find_seeds(floored(silence), floored(silence)).old) == 0


def test_levels_are_relative() -> None:
    """The level of a recording does not count, and what is far below the loud parts is one value."""
    levels = made_levels(5, 1)
    quiet = floored(levels - 20)

    assert np.allclose(floored(levels), quiet, atol=1e-4)
    assert quiet.min() >= -50
