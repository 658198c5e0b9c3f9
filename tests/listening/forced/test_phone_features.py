"""Features are one row for each 10 ms, each at the middle of its frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.recording import RATE
from pipeline.listening.forced.phone_features import BANDS, CONTEXT, phone_features

WIDTH = 4


def features_of(samples: np.ndarray, encoded: np.ndarray | None = None) -> np.ndarray:
    """The features, with an encoder's output of zeros."""
    if encoded is None:
        encoded = np.zeros((max(1, len(samples) // 320), WIDTH), np.float32)
    return phone_features(samples.astype(np.float32), encoded.astype(np.float32))


@given(st.integers(0, 3 * RATE))
def test_each_whole_frame_has_a_row(length: int) -> None:
    """Also of no sound at all, and of silence, whose logarithm would be infinite."""
    found = features_of(np.zeros(length))

    assert found.shape == (length // 160, WIDTH + BANDS * len(CONTEXT))
    assert np.isfinite(found).all()


def test_the_encoders_output_is_interpolated() -> None:
    """Its frames are centred on 10, 30, 50 ms; ours on 5, 15, 25, and at both ends it is constant."""
    encoded = np.arange(0, 5)[:, None] * np.ones(WIDTH)

    found = features_of(np.zeros(1_600), encoded)[:, 0]

    assert np.allclose(found, [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4])


def test_a_tone_is_in_its_band_and_in_its_frames() -> None:
    """A tone from 0.5 to 0.6 s is loudest in one band there, and later in the columns of earlier frames."""
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 1_000 * time) * ((time >= 0.5) & (time < 0.6))
    bands = features_of(tone + 1e-4 * np.random.default_rng(1).normal(size=RATE))[:, WIDTH:]
    by_context = bands.reshape(len(bands), len(CONTEXT), BANDS)
    own = by_context[:, CONTEXT.index(0)]
    band = int(own[55].argmax())

    assert {int(frame.argmax()) for frame in own[51:59]} == {band}
    assert 12 <= band <= 18  # 1 kHz is 1,000 mel, a little over a third of the way from 60 to 7,600 Hz
    assert own[51:59, band].min() > own[[45, 65], band].max() + 1
    assert np.array_equal(by_context[55, CONTEXT.index(-4)], own[51])
    assert np.array_equal(by_context[2, CONTEXT.index(-4)], own[0])  # before the first frame there is only the first
