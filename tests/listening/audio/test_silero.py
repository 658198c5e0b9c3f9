"""The probability of speech, by the real model."""

from __future__ import annotations

import numpy as np

from pipeline.listening.audio.recording import open_recording
from pipeline.listening.audio.silero import FRAME, speech_probabilities
from pipeline.times import Span
from tests.listening.conftest import EXAMPLE


def test_speech_is_probable_and_silence_is_not() -> None:
    """There is one probability for each started frame: high in speech, low in silence."""
    speech = open_recording(EXAMPLE).read(Span(40_000, 45_001)).samples

    spoken, silent = speech_probabilities(speech), speech_probabilities(np.zeros(FRAME * 9 + 1, np.float32))

    assert spoken.shape == (-(-len(speech) // FRAME),)
    assert np.median(spoken) > 0.8
    assert silent.shape == (10,)
    assert silent.max() < 0.3
