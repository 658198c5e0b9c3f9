from __future__ import annotations

import numpy as np
import pytest

from pipeline.matching.cuts.rough_path import find_rough_path
from pipeline.matching.cuts.sound_codes import Seeds


def seeds(*parts: tuple[int, int, int], rate: float = 1.0, step: int = 10) -> Seeds:
    """Pairs of frames from (first old frame, its end, new frame of the first)."""
    pairs = [(at, to + round((at - first) * rate)) for first, end, to in parts for at in range(first, end, step)]
    old, new = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
    return Seeds(old, new)


def test_two_offsets() -> None:
    """A part that was put in makes a jump, and the path is increasing on both sides of it."""
    path = find_rough_path(seeds((0, 6_000, 500), (6_000, 12_000, 9_500)))

    assert path.rate == 1
    assert set(np.round(path.new - path.old)) == {500, 3_500}
    assert (np.diff(path.old) > 0).all()
    assert (np.diff(path.new) > 0).all()


@pytest.mark.parametrize("rate", [0.95, 0.99, 1.0, 1.02, 1.05])
def test_the_rate(rate: float) -> None:
    """A constant speed is found to a thousandth."""
    assert find_rough_path(seeds((0, 30_000, 700), rate=rate)).rate == pytest.approx(rate, abs=1e-3)


def test_a_jingle_is_matched_in_order() -> None:
    """A jingle that occurs at the start and at the end of both is matched to its own place each time."""
    jingle = [(0, 1_000, 0), (0, 1_000, 20_000), (20_000, 21_000, 0), (20_000, 21_000, 20_000)]
    path = find_rough_path(seeds((1_000, 20_000, 1_000), *jingle))

    assert np.allclose(path.new - path.old, 0)
    assert path.old[-1] > 20_000


def test_the_same_speech_in_another_order_is_matched_once() -> None:
    """Where two halves changed places, the longer one is the path: it never goes back."""
    path = find_rough_path(seeds((0, 8_000, 4_000), (8_000, 12_000, 0)))

    assert np.allclose(path.new - path.old, 4_000)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_chance_pairs_are_no_path(number: int) -> None:
    """No pairs, or a few that lie together by chance, are no path."""
    path = find_rough_path(seeds(*[(k * 10, k * 10 + 1, 50 + k * 10) for k in range(number)]))

    assert (len(path.old), path.rate) == (0, 1.0)
