"""Packets are placed one after the other, whatever their timestamps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.timeline import JITTER_S, MAX_GAP_S, is_increasing, place

RATE = 1_000
sizes = st.lists(st.integers(5, 40), min_size=2, max_size=50).map(lambda each: np.array(each, np.int64))


def _starts(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate(([0], np.cumsum(lengths)[:-1]))


@given(sizes, st.integers(-500, 500), st.data())
def test_rounding_is_removed(lengths: np.ndarray, start: int, data: st.DataObject) -> None:
    """Packets whose timestamps are rounded follow each other without gap or overlap."""
    exact = _starts(lengths) + start
    off = data.draw(st.lists(st.integers(-2, 2), min_size=len(lengths), max_size=len(lengths)))
    rounded = exact + np.array(off)
    rounded[0] = start

    placement = place(rounded, lengths, RATE)

    assert placement.at.tolist() == exact.tolist()
    assert placement.end == start + lengths.sum()


@given(sizes, st.integers(1, 49), st.integers(round(JITTER_S * RATE) + 1, MAX_GAP_S * RATE))
def test_gaps_remain(lengths: np.ndarray, packet: int, gap: int) -> None:
    """A gap that can be true is kept."""
    packet = min(packet, len(lengths) - 1)
    nominal = _starts(lengths) + np.where(np.arange(len(lengths)) >= packet, gap, 0)

    assert place(nominal, lengths, RATE).at.tolist() == nominal.tolist()


@given(sizes, st.integers(1, 49), st.integers(MAX_GAP_S * RATE + 1, 10**12))
def test_gaps_of_hours_are_closed(lengths: np.ndarray, packet: int, gap: int) -> None:
    """A gap that cannot be true is closed, and counted."""
    packet = min(packet, len(lengths) - 1)
    nominal = _starts(lengths) + np.where(np.arange(len(lengths)) >= packet, gap, 0)

    placement = place(nominal, lengths, RATE)

    assert placement.at.tolist() == _starts(lengths).tolist()
    assert placement.closed == 1


def test_many_gaps_are_damage() -> None:
    """If there is an hour of gaps with hardly any sound between them, all gaps are closed."""
    lengths = np.full(99, 20)
    nominal = np.arange(99) * (MAX_GAP_S * RATE - 1)

    placement = place(nominal, lengths, RATE)

    assert placement.end == lengths.sum()
    assert placement.closed == 98


def test_the_track_of_a_silent_guest_keeps_its_gaps() -> None:
    """Two hours with a tenth of sound, as a recorder writes that leaves out silence, keep their length."""
    lengths = np.full(60, 13 * RATE)
    nominal = np.arange(60) * 120 * RATE

    assert place(nominal, lengths, RATE).at.tolist() == nominal.tolist()


@given(st.lists(st.integers(), max_size=9))
def test_increasing_is_strict(stamps: list[int]) -> None:
    """Equal timestamps are not increasing."""
    assert is_increasing(np.array(stamps, object)) == all(a < b for a, b in pairwise(stamps))
