"""The output of Whisper's encoder for a piece of sound, from a model that faster-whisper has loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import SAMPLES_PER_MS
from pipeline.listening.forced.phone_features import ENCODED_FRAME

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

MOST_S = 30
"""The encoder takes no longer sound."""


def encode(model: WhisperModel, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the encoder's output, shape (num_samples // 320, width).

    Shorter sound is not padded to 30 s: it then costs its share, and the phone classifier was trained with such output.

    Args:
        model: Whisper in CTranslate2.
        samples: at ``RATE``, float32 in -1..1, shape (num_samples,), at least one ``ENCODED_FRAME`` and at most
            ``MOST_S`` of them.
    """
    count = len(samples) // (ENCODED_FRAME * SAMPLES_PER_MS)
    features = model.feature_extractor(samples)[:, : 2 * count]
    return np.asarray(np.array(model.encode(features))[0], dtype=np.float32)
