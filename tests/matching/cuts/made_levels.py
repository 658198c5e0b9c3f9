"""Band levels as speech has them, made at random: they change in all bands several times a second."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from pipeline.matching.cuts.sound_codes import BANDS, FRAMES_PER_SECOND, BandLevels


def made_levels(seconds: float, seed: int) -> BandLevels:
    """Levels from about -60 to 0 dB."""
    noise = np.random.default_rng(seed).normal(size=(round(seconds * FRAMES_PER_SECOND), BANDS))
    smooth = gaussian_filter1d(noise, 6, axis=0)
    return np.asarray(smooth / smooth.std() * 10 - 25, np.float32)


def encoded_again(levels: BandLevels, seed: int, noise_db: float = 2.0, gain_db: float = -12.0) -> BandLevels:
    """The same with another level, another equalisation and the noise of a codec."""
    noise = np.random.default_rng(seed).normal(size=levels.shape) * noise_db
    return np.asarray(levels + noise + gain_db + np.linspace(-3, 3, BANDS), np.float32)
