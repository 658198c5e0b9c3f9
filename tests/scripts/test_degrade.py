"""Turns that are made to overlap, and sounds at another speed, are where they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.listening.audio.recording import RATE
from pipeline.times import Span
from scripts.degrade import Samples, overlapped, stretched


def loudness(samples: Samples, span: Span) -> float:
    """The mean of the magnitudes within a span."""
    return float(np.abs(samples[span.start * RATE // 1_000 : span.end * RATE // 1_000]).mean())


def recording(turns: list[Span], seconds: int) -> Samples:
    """Turns of 0.1, 0.2 and so on, in silence."""
    samples = np.zeros(seconds * RATE, dtype=np.float32)
    for number, turn in enumerate(turns, start=1):
        samples[turn.start * RATE // 1_000 : turn.end * RATE // 1_000] = number / 10
    return samples


def test_a_turn_begins_before_the_end_of_the_one_before_it() -> None:
    """Both are heard while they overlap, each alone elsewhere; a negative overlap is a pause, and silence."""
    turns = [Span(500, 3_500), Span(4_000, 7_000), Span(7_500, 9_000)]

    mixed, placed = overlapped(recording(turns, 10), turns, [0, 1_000, -400])

    assert placed == [Span(500, 3_500), Span(2_500, 5_500), Span(5_900, 7_400)]
    assert loudness(mixed, Span(500, 2_500)) == pytest.approx(0.1)
    assert loudness(mixed, Span(2_500, 3_500)) == pytest.approx(0.3)
    assert loudness(mixed, Span(3_500, 5_500)) == pytest.approx(0.2)
    assert loudness(mixed, Span(5_500, 5_900)) == 0
    assert loudness(mixed, Span(5_900, 7_400)) == pytest.approx(0.3)
    assert len(mixed) == 7_500 * RATE // 1_000


def test_the_first_turn_stays_where_it_is() -> None:
    """A recording of one turn is as it was, without what is behind it; loud turns are not louder than 1."""
    turns = [Span(0, 1_000), Span(1_200, 2_200)]
    loud = np.ones(3 * RATE, dtype=np.float32)

    assert overlapped(loud, turns[:1], [0])[1] == turns[:1]
    assert overlapped(loud, turns, [0, 500])[0].max() == 1


@pytest.mark.parametrize("speed", [0.8, 1.4])
def test_another_speed_keeps_where_sounds_begin_and_end(speed: float) -> None:
    """Bursts of noise with edges of 5 ms are found within 10 ms of where they should be, at 0.2 of their level."""
    spans = [Span(500, 800), Span(1_100, 1_300), Span(1_700, 2_150), Span(2_500, 2_760)]
    random, samples = np.random.default_rng(1), np.zeros(3 * RATE, np.float32)
    for span in spans:
        at = np.arange(span.start * RATE // 1_000, span.end * RATE // 1_000)
        edge = np.minimum(at - at[0], at[-1] - at) / (0.005 * RATE)
        samples[at] = 0.1 * np.minimum(1, edge) * random.normal(size=len(at))

    level = np.sqrt(np.convolve(stretched(samples, speed) ** 2, np.full(32, 1 / 32), "same"))
    changes = np.flatnonzero(np.diff(level > 0.02))

    assert len(level) == round(3 * RATE / speed)
    for span in spans:
        for expected in (span.start / speed, span.end / speed):
            assert np.abs(changes * 1_000 / RATE - expected).min() < 10
