"""Cuts of the example's audio, made for a test, so that the truth is known."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.times import MS_PER_SECOND, Ms, Span
from scripts.benchmark_cuts import Encoding, Samples, sped_up, write
from tests.test_example import FOLDER

EPISODE = FOLDER / "07-the-slow-build.mp3"
OTHER = FOLDER / "08-the-paper-backup.mp3"

INTRO: Ms = 12_340
"""So much is taken off the start of the episode."""

ADVERT_AT: Ms = 144_500
"""Where a minute of the other episode is put in, in the old times: between two sentences."""

ADVERT: Ms = 60_000

SMALL = Encoding(rate=22_050, bits=32_000, gain_db=-20)
"""Another encoder's settings, and a tenth of the level."""


@cache
def samples(path: Path) -> Samples:
    """All of a recording."""
    recording = open_recording(path)
    return recording.read(Span(0, recording.duration)).samples


def advert_in() -> Samples:
    """The episode without its intro, and with a minute of other audio in the middle."""
    old, advert = samples(EPISODE), samples(OTHER)[5 * RATE :][: ADVERT * RATE // MS_PER_SECOND]
    start, middle = (at * RATE // MS_PER_SECOND for at in (INTRO, ADVERT_AT))
    return np.concatenate([old[start:middle], advert, old[middle:]])


def advert_in_time(at: Ms) -> Ms:
    """Where an old time is in ``advert_in``."""
    return at - INTRO + (ADVERT if at >= ADVERT_AT else 0)


def write_cut(path: Path, cut: Samples, encoding: Encoding = SMALL, *, speed: float = 1.0) -> Path:
    """Write a cut as mp3, at another speed if that is given; returns its path."""
    write(path, sped_up(cut, speed, keeps_pitch=False), encoding)
    return path
