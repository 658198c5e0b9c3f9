"""How likely each moment is speech, by Silero VAD; its ONNX model is part of the faster-whisper wheel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DETECTOR_RATE = 16_000
"""The sample rate that the model needs, in Hz."""

FRAME = 512
"""Samples at 16 kHz, 32 ms, for which the model gives one probability."""


def speech_probabilities(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the probability of speech, 0..1, in each ``FRAME`` samples of mono audio at 16 kHz.

    The last frame is filled up with silence. Shape (ceil(num_samples / FRAME),).
    """
    from faster_whisper.vad import get_vad_model  # noqa: PLC0415 -- importing it takes a second

    padded = np.pad(samples, (0, -len(samples) % FRAME))
    return np.asarray(get_vad_model()(padded), np.float32).reshape(-1)
