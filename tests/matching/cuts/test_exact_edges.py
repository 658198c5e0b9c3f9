from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.cuts.exact_edges import REACH, Samples, find_splice, splice_windows, with_splice
from pipeline.matching.cuts.time_map import Stretch
from pipeline.times import Ms, Span
from tests.matching.cuts.made_maps import cut_map

PER_MS = 16
SIZE = 2 * 1_000 * PER_MS


def noise(seed: int, size: int = 2 * SIZE) -> Samples:
    """Sound of which no two parts are alike."""
    return np.random.default_rng(seed).normal(0, 0.1, size).astype(np.float32)


@given(st.integers(SIZE // 4, 3 * SIZE // 4), st.integers(-100, 100), st.integers(-100, 100), st.floats(0.1, 10))
def test_a_planted_splice(at: int, first_lag: int, second_lag: int, gain: float) -> None:
    """The sample is found, at any level, though both offsets are known to a few ms alone, and below other noise."""
    one, two = noise(1), noise(2)
    common = np.concatenate([one[:at], two[at:SIZE]])
    before = gain * np.roll(one, first_lag)[:SIZE] + 0.1 * gain * noise(3)[:SIZE]
    after = gain * np.roll(two, second_lag)[:SIZE] + 0.1 * gain * noise(4)[:SIZE]

    found = find_splice(common, before.astype(np.float32), after.astype(np.float32), PER_MS)
    assert found is not None
    assert abs(found - at) <= 3  # neighbouring samples may be alike by chance


def test_other_sound_has_no_splice() -> None:
    """What does not sound alike, or is silent, says nothing."""
    silent = np.zeros(SIZE, np.float32)

    assert find_splice(noise(1)[:SIZE], noise(2)[:SIZE], noise(3)[:SIZE], PER_MS) is None
    assert find_splice(silent, silent, silent, PER_MS) is None


def test_windows() -> None:
    """What was taken out is between two places of the old recording, what was put in between two of the new one."""
    taken_out = cut_map((0, 60_000, 0), (90_000, 99_000, 60_000), old=99_000, new=69_000).stretches
    put_in = cut_map((0, 60_000, 0), (60_000, 99_000, 90_000), old=99_000, new=129_000).stretches

    assert splice_windows(*taken_out) == (
        (False, Span(60_000 - REACH, 60_000 + REACH)),
        (True, Span(60_000 - REACH, 60_000 + REACH)),
        (True, Span(90_000 - REACH, 90_000 + REACH)),
    )
    assert splice_windows(*put_in) == (
        (True, Span(60_000 - REACH, 60_000 + REACH)),
        (False, Span(60_000 - REACH, 60_000 + REACH)),
        (False, Span(90_000 - REACH, 90_000 + REACH)),
    )


@pytest.mark.parametrize(
    ("one", "following"),
    [
        (Stretch(Span(0, 9_000), Span(0, 9_000)), Stretch(Span(12_000, 20_000), Span(14_000, 22_000))),  # replaced
        (Stretch(Span(0, 500), Span(0, 500)), Stretch(Span(900, 9_000), Span(500, 8_600))),  # too short
        (Stretch(Span(0, 9_000), Span(0, 8_900)), Stretch(Span(12_000, 20_000), Span(8_900, 16_800))),  # other speed
        (Stretch(Span(0, 9_000), Span(0, 9_000)), Stretch(Span(9_000, 20_000), Span(9_000, 20_000))),  # no cut
    ],
)
def test_no_splice(one: Stretch, following: Stretch) -> None:
    """Where something was replaced, where too little is the same, and at another speed, the edges stay."""
    assert splice_windows(one, following) is None


@given(st.integers(-20_000, 40_000))
def test_a_splice_moves_both_edges(later: Ms) -> None:
    """What was kept of both recordings together stays as long; no stretch is empty."""
    cuts = cut_map((0, 10_000, 0), (12_000, 30_000, 10_000), old=30_000, new=28_000)
    one, following = with_splice(cuts, 0, later).stretches

    assert following.old.start - one.old.end == 2_000
    assert one.new.end == following.new.start
    assert min(one.old.duration, following.old.duration) >= 1
    if -10_000 < later < 18_000:
        assert one.old.end == 10_000 + later
