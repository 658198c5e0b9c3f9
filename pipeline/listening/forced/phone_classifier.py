"""How probable each phone is in each 10 ms of sound, by a small network over the features of ``phone_features``.

Two hidden layers, trained by ``scripts/train_phones`` (see the card beside the weights, ``phone_classifier.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from pipeline.listening.forced.pronunciations import PHONES

CLASSES = (*PHONES, "SIL", "OTHER")
"""The columns of the scores: the phones, silence, and what is neither: noise, music, laughter."""

SILENCE = CLASSES.index("SIL")
OTHER = CLASSES.index("OTHER")

WEIGHTS = "phone_classifier.npz"

_STEPS_PER_UNIT = 16
"""Log probabilities are kept in steps of a 16th: 0..255 is 0 to -16, and a rounding of 0.03 moves no edge."""


@dataclass(frozen=True, slots=True)
class PhoneClassifier:
    """The weights of the network.

    Attributes:
        layers: a matrix (outputs, inputs) and a vector (outputs,) for each.
        log_priors: log of the share of each class in the training data, shape (len(CLASSES),).
    """

    layers: tuple[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]], ...]
    log_priors: npt.NDArray[np.float32]

    def log_probabilities(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the log probability of each class in each frame, shape (num_frames, len(CLASSES))."""
        *hidden, (last, bias) = self.layers
        for weight, offset in hidden:
            features = np.maximum(features @ weight.T + offset, 0)
        scores = features @ last.T + bias
        scores -= scores.max(axis=1, keepdims=True)
        return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), dtype=np.float32)


@lru_cache(maxsize=1)
def load_classifier() -> PhoneClassifier:
    """Return the classifier that cuemark comes with."""
    with (files("pipeline.listening.forced") / WEIGHTS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        count = sum(name.startswith("weight") for name in arrays.files)
        layers = tuple(
            (arrays[f"weight{k}"].astype(np.float32), arrays[f"bias{k}"].astype(np.float32)) for k in range(count)
        )
        return PhoneClassifier(layers, arrays["log_priors"].astype(np.float32))


def packed(log_probabilities: npt.NDArray[np.float32]) -> bytes:
    """Return log probabilities in 8 bits each, frame after frame: 15 MB an hour."""
    steps = np.rint(np.clip(-log_probabilities * _STEPS_PER_UNIT, 0, 255))
    return steps.astype(np.uint8).tobytes()


def steps_of(content: bytes) -> npt.NDArray[np.uint8]:
    """Return the steps of what was packed, shape (num_frames, len(CLASSES)); the array cannot be written into."""
    return np.frombuffer(content, np.uint8).reshape(-1, len(CLASSES))


def unpacked(content: bytes) -> npt.NDArray[np.float32]:
    """Return the log probabilities that were packed, shape (num_frames, len(CLASSES))."""
    return np.asarray(-steps_of(content).astype(np.float32) / _STEPS_PER_UNIT, dtype=np.float32)
