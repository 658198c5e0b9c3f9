"""The log probabilities of the phones, made of what Whisper's encoder returned while it listened.

Whisper hears chunks of speech; between them there are pauses, and music. Short ones are taken for silence. Longer ones
have no scores, until ``phone_scores`` encodes them.
"""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import Waveform
from pipeline.listening.forced import BLOCK, LANGUAGES
from pipeline.listening.forced.phone_classifier import CLASSES, SILENCE, load_classifier, packed, steps_of
from pipeline.listening.forced.phone_features import ENCODED_FRAME, FRAME, phone_features
from pipeline.listening.forced.phone_scores import UNSCORED, unscored_parts
from pipeline.times import Ms, Span

MOST_UNHEARD_MS: Ms = 1_000
"""A longer part of a block that Whisper did not hear may have words in it, which voice activity detection missed."""

_FRAMES = BLOCK // FRAME


class HeardPhones:
    """Collects the scores of a recording, chunk by chunk, in whatever order and from several threads.

    It is a ``transcribe.TakeEncoded``.
    """

    def __init__(self, duration: Ms) -> None:
        """Begin with nothing heard.

        Args:
            duration: of the recording.
        """
        self._count = duration // FRAME
        self._scores: dict[int, npt.NDArray[np.uint8]] = {}
        self._writing = threading.Lock()

    def __call__(self, chunk: Waveform, encoded: npt.NDArray[np.float32], language: str) -> None:
        """Classify a chunk; nothing in a language whose words are not forced."""
        if language not in LANGUAGES:
            return
        first = -(-chunk.span.start // FRAME)
        aligned = chunk.crop(Span(first * FRAME, min(chunk.span.end, self._count * FRAME)))
        encoded = encoded[: chunk.span.duration // ENCODED_FRAME]
        if aligned.span.duration < FRAME or not len(encoded):
            return
        features = phone_features(aligned.samples, encoded, later=aligned.span.start - chunk.span.start)
        found = load_classifier().log_probabilities(features)[: self._count - first]
        with self._writing:
            self._keep(first, steps_of(packed(found)))

    def _keep(self, first: int, steps: npt.NDArray[np.uint8]) -> None:
        """Write the scores of neighbouring frames into their blocks."""
        last = first + len(steps)
        for number in range(first // _FRAMES, (last - 1) // _FRAMES + 1):
            start, end = max(first, number * _FRAMES), min(last, (number + 1) * _FRAMES)
            self._block(number)[start - number * _FRAMES : end - number * _FRAMES] = steps[start - first : end - first]

    def _block(self, number: int) -> npt.NDArray[np.uint8]:
        if number not in self._scores:
            frames = min(_FRAMES, self._count - number * _FRAMES)
            self._scores[number] = np.full((frames, len(CLASSES)), UNSCORED, np.uint8)
        return self._scores[number]

    def blocks(self) -> dict[int, bytes]:
        """Return the blocks of which something was heard; long parts that were not heard have no scores."""
        quiet = np.full((1, len(CLASSES)), -np.inf, np.float32)
        quiet[:, SILENCE] = 0.0
        silence = steps_of(packed(quiet))
        for scores in self._scores.values():
            for part in unscored_parts(scores.tobytes()):
                if part.duration <= MOST_UNHEARD_MS:
                    scores[part.start // FRAME : part.end // FRAME] = silence
        return {number: scores.tobytes() for number, scores in self._scores.items()}
