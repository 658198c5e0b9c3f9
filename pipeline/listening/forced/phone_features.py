"""The input of the phone classifier: the output of Whisper's encoder, and log mel bands around each frame.

The encoder (arXiv:2212.04356) has learned to tell sounds apart, every 20 ms and blurred; the mel bands have the edges
of the sounds, every 10 ms. Frame ``k`` is centred on ``(k + 0.5) * FRAME``.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import RATE, SAMPLES_PER_MS
from pipeline.times import Ms

FRAME: Ms = 10
"""The time from one frame to the next."""

ENCODED_FRAME: Ms = 20
"""The same of the encoder's output."""

BANDS = 40
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 7_600.0
_WINDOW = 25 * SAMPLES_PER_MS
_FFT = 512

CONTEXT = (-9, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 9)
"""The frames whose mel bands are a frame's input, from its own: 180 ms, dense where the edge is."""

_FLOOR = 1e-7
"""Added to each power, so that digital silence has a logarithm; far below any microphone's noise."""

_SCALE = 3.0
"""Log powers without their mean are divided by this, so that they are of the size of the encoder's output."""


def phone_features(
    samples: npt.NDArray[np.float32], encoded: npt.NDArray[np.float32], later: Ms = 0
) -> npt.NDArray[np.float32]:
    """Return the features of each frame, shape (num_samples // 160, width + ``BANDS`` * len(``CONTEXT``)).

    Args:
        samples: at ``RATE``, float32 in -1..1, shape (num_samples,).
        encoded: the encoder's output for them, shape (num_encoded, width); what is beyond the samples is not used.
        later: how much later than what was encoded the samples start.
    """
    bands = _log_mel(samples)
    count = len(bands)
    at = np.clip(np.arange(count)[:, None] + np.array(CONTEXT), 0, max(0, count - 1))
    return np.concatenate(
        [_interpolated(encoded, count, later), bands[at].reshape(count, BANDS * len(CONTEXT))], axis=1, dtype=np.float32
    )


def _interpolated(encoded: npt.NDArray[np.float32], count: int, later: Ms) -> npt.NDArray[np.float32]:
    """Return the encoder's output at the middle of each of ``count`` frames."""
    places = ((np.arange(count) + 0.5) * FRAME + later) / ENCODED_FRAME - 0.5
    before = np.clip(np.floor(places).astype(np.int64), 0, len(encoded) - 1)
    after = np.minimum(before + 1, len(encoded) - 1)
    share = np.clip(places - before, 0, 1)[:, None].astype(np.float32)
    return encoded[before] * (1 - share) + encoded[after] * share


def _log_mel(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return log mel bands without their mean over time, shape (num_samples // 160, ``BANDS``)."""
    step = FRAME * SAMPLES_PER_MS
    count = len(samples) // step
    before = (_WINDOW - step) // 2
    padded = np.pad(samples, (before, _WINDOW))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::step][:count]
    powers = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW).astype(np.float32), _FFT)).astype(np.float32) ** 2
    bands = np.log(powers @ _filters().T + _FLOOR)
    mean = bands.mean(axis=0) if count else 0.0
    return np.asarray((bands - mean) / _SCALE, dtype=np.float32)


@lru_cache(maxsize=1)
def _filters() -> npt.NDArray[np.float32]:
    """Return triangular filters on the mel scale of O'Shaughnessy, shape (``BANDS``, ``_FFT`` // 2 + 1)."""
    low_mel, high_mel = (2_595 * np.log10(1 + hz / 700) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    mels = np.linspace(low_mel, high_mel, BANDS + 2)
    edges = np.floor((_FFT + 1) * 700 * (10 ** (mels / 2_595) - 1) / RATE).astype(int)
    filters = np.zeros((BANDS, _FFT // 2 + 1), np.float32)
    for band in range(BANDS):
        low = edges[band]
        middle = max(edges[band + 1], low + 1)
        high = max(edges[band + 2], middle + 1)
        filters[band, low:middle] = np.arange(middle - low) / (middle - low)
        filters[band, middle:high] = 1 - np.arange(high - middle) / (high - middle)
    return filters
