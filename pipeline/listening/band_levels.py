"""Measure the level of a recording in a few frequency bands, a hundred times a second."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import RATE, SAMPLES_PER_MS, Recording
from pipeline.matching.cuts.sound_codes import BANDS, FRAME, BandLevels
from pipeline.progress import Progress, Step, silent
from pipeline.times import Ms, Span

_WINDOW: Ms = 32
"""Each frame is measured over so many ms, the centre at its time."""

_SIZE = _WINDOW * SAMPLES_PER_MS

_PIECE: Ms = 120_000
"""So much audio is decoded at once: 60 MB with its spectra."""

_LOWEST_HZ, _HIGHEST_HZ = 250.0, 4_000.0
"""Centres of the outer bands: what a telephone and the lowest bit rates keep."""


def read_band_levels(recording: Recording, name: str, progress: Progress = silent) -> BandLevels:
    """Return the levels of a recording in dB, one frame each ``FRAME`` ms from 0 on.

    Memory is 7 kB for each second of the recording.

    Args:
        name: of the recording, for the progress.

    Raises:
        AudioError: the file can no longer be read.
    """
    levels = np.empty((recording.duration // FRAME, BANDS), np.float32)
    for start in range(0, recording.duration, _PIECE):
        end = min(start + _PIECE, recording.duration)
        first, last = start // FRAME, min(-(-end // FRAME), len(levels))
        levels[first:last] = _levels(_samples(recording, Span(start, end)), last - first)
        progress(Step(f"listening to {name}", end, recording.duration, "ms"))
    return levels


def _samples(recording: Recording, span: Span) -> npt.NDArray[np.float32]:
    """Return the samples of a span with half a window more on both sides, silent outside of the recording."""
    half = _WINDOW // 2
    wider = Span(max(0, span.start - half), span.end + half)
    samples = recording.read(wider).samples
    before = (half - (span.start - wider.start)) * SAMPLES_PER_MS
    size = (span.duration + _WINDOW) * SAMPLES_PER_MS
    return np.pad(samples, (before, max(0, size - before - len(samples))))


def _levels(samples: npt.NDArray[np.float32], number: int) -> BandLevels:
    from scipy import fft  # noqa: PLC0415 -- loaded only to compare recordings

    windows = np.lib.stride_tricks.sliding_window_view(samples, _SIZE)[:: FRAME * SAMPLES_PER_MS][:number]
    spectra = fft.rfft(windows * np.hanning(_SIZE).astype(np.float32), axis=1)
    power = np.square(spectra.real) + np.square(spectra.imag)  # (number, _SIZE // 2 + 1)
    return np.asarray(10 * np.log10(power @ _bands() + 1e-9), np.float32)  # 1e-9: no log of 0


@cache
def _bands() -> npt.NDArray[np.float32]:
    """Return triangular weights, equally wide on a logarithmic scale; shape (_SIZE // 2 + 1, BANDS)."""
    centres = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, BANDS)
    width = np.log(centres[1] / centres[0])
    frequencies = np.maximum(np.fft.rfftfreq(_SIZE, 1 / RATE), 1.0)
    distance = np.abs(np.log(frequencies[:, None] / centres)) / width
    # A bin is wider than a low band: at least the bins that are next to its centre count.
    near = 1 - np.abs(frequencies[:, None] - centres) / (RATE / _SIZE)
    return np.asarray(np.maximum(np.maximum(1 - distance, near), 0), np.float32)
