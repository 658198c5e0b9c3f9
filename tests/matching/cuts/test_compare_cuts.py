from __future__ import annotations

import numpy as np
import pytest

from pipeline.matching.cuts.compare_cuts import compare_cuts
from pipeline.matching.cuts.fine_offsets import at_rate
from pipeline.matching.cuts.sound_codes import FRAME, BandLevels
from pipeline.matching.cuts.time_map import TimeMap
from pipeline.times import Ms
from tests.matching.cuts.made_levels import encoded_again, made_levels

OLD = made_levels(240, 1)
JINGLE = made_levels(12, 5)


def compared(old: BandLevels, new: BandLevels) -> TimeMap:
    """The map between two cuts, the new one encoded again."""
    return compare_cuts(old, encoded_again(new, 9), len(old) * FRAME, len(new) * FRAME)


def moved(cuts: TimeMap, *times: Ms) -> list[Ms | None]:
    """Where old times are in the new cut; None if they were removed."""
    return [None if cuts.stretch_at(at) is None else cuts.place(at) for at in times]


def test_advert_in_and_intro_off() -> None:
    """Times are right to 10 ms on both sides of what was put in, and the parts to 50 ms."""
    new = np.concatenate([OLD[1_500:12_000], made_levels(30, 2), OLD[12_000:]])
    cuts = compared(OLD, new)

    assert moved(cuts, 5_000, 20_000, 110_000, 130_000) == [
        None,
        pytest.approx(5_000, abs=10),
        pytest.approx(95_000, abs=10),
        pytest.approx(145_000, abs=10),
    ]
    (advert,) = (one for one in cuts.added if one.duration > 100)
    assert abs(advert.start - 105_000) <= 50
    assert abs(advert.end - 135_000) <= 50


@pytest.mark.parametrize("rate", [0.95, 0.98, 1.01, 1.05])
def test_another_speed(rate: float) -> None:
    """The rate is found to 10 ms over all of the recording."""
    cuts = compared(OLD, at_rate(OLD, rate))

    assert len(cuts.stretches) == 1
    assert moved(cuts, 10_000, 230_000) == [
        pytest.approx(10_000 * rate, abs=10),
        pytest.approx(230_000 * rate, abs=10),
    ]


def test_a_repeated_jingle_stays_in_order() -> None:
    """A jingle three times in the old cut and twice in the new one: what is left is matched to its own place."""
    old = np.concatenate([JINGLE, OLD[:6_000], JINGLE, OLD[6_000:12_000], JINGLE])
    new = np.concatenate([OLD[:6_000], JINGLE, OLD[6_000:12_000], JINGLE])
    cuts = compared(old, new)

    assert len(cuts.stretches) == 1
    assert moved(cuts, 6_000, 75_000, 90_000) == [None, pytest.approx(63_000, abs=10), pytest.approx(78_000, abs=10)]


def test_another_episode_shares_the_jingle_alone() -> None:
    """Two recordings that share less than a fifth of the shorter one are no cuts of one recording."""
    first, second = (np.concatenate([JINGLE, made_levels(100, seed)]) for seed in (7, 8))

    assert compared(first, second).stretches == ()


@pytest.mark.parametrize("seconds", [0.01, 0.05, 2])
def test_too_short_recordings_share_nothing(seconds: float) -> None:
    """What is too short to be compared has no stretches, and nothing fails."""
    assert compared(made_levels(seconds, 1), OLD).stretches == ()
    assert compared(OLD, made_levels(seconds, 1)).stretches == ()


def test_empty_recordings_share_nothing() -> None:
    """Levels without a frame have no stretches, and nothing fails."""
    nothing = OLD[:0]

    assert compare_cuts(nothing, OLD, 5, 240_000).stretches == ()
    assert compare_cuts(OLD, nothing, 240_000, 5).stretches == ()
    assert compare_cuts(nothing, nothing, 5, 5).stretches == ()
