"""Find a passage in a longer piece of sound, by the phone classifier's scores alone: keyword spotting.

The Viterbi path through the phones of the passage may begin and end in any frame. A frame in which a phone of the
passage is nearly the best one is a gain, any other a loss, so the path is as long as the passage is said::

    sound     … what else is said  the words of the passage  what else is said …
    score                          ├──────── gain ────────┤

Frames are three of the classifier's, as long as a phone is at least; the words are then forced onto the place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.listening.forced.grammar_aligner import Unit
from pipeline.listening.forced.phone_aligner import PHONE_COLUMNS, scores_of
from pipeline.listening.forced.phone_classifier import SILENCE
from pipeline.listening.forced.phone_features import FRAME
from pipeline.times import Ms, Span

_GAIN = 1.0
"""What a frame gains in which a phone of the passage is the best one; it loses what the phone scores less than that.
Tried on 30 passages in two minutes of clean speech: with 0.5, 1 and 1.5 the best place is the right one for all."""

_PAUSE_COST = 0.5
_PAUSE_LOSS = 1.0
"""The most that a frame between two words loses, whatever sounds in it."""

_FRAMES = 3
_STEP: Ms = _FRAMES * FRAME

_STEPS_PER_UNIT = 256
_BEGIN_BITS = 20
_NEVER = -1 << 50


class Found(NamedTuple):
    """The best place of a passage.

    Attributes:
        span: from the first frame.
        ahead: by how much more it gains than the best place that does not overlap it, per frame of the classifier;
            0 where both are as good.
    """

    span: Span
    ahead: float


@dataclass(frozen=True, slots=True)
class _Phones:
    """The phones of a passage, each a state of the path.

    Attributes:
        columns: the class of each.
        first, first_unit: the states that begin a pronunciation, and the word of each of these.
        lasts: the states that end a pronunciation, a row for each word, filled up with ``len(columns)``.
    """

    columns: npt.NDArray[np.intp]
    first: npt.NDArray[np.intp]
    first_unit: npt.NDArray[np.intp]
    lasts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, units: Sequence[Unit]) -> _Phones:
        columns: list[int] = []
        first: list[tuple[int, int]] = []
        lasts: list[list[int]] = []
        for number, unit in enumerate(units):
            lasts.append([])
            for way in unit.ways:
                first.append((len(columns), number))
                columns += [PHONE_COLUMNS[phone] for phone in way]
                lasts[-1].append(len(columns) - 1)
        padded = np.full((len(lasts), max(map(len, lasts))), len(columns), np.intp)
        for row, states in zip(padded, lasts, strict=True):
            row[: len(states)] = states
        states_of, units_of = np.array(first, np.intp).T
        return cls(np.array(columns, np.intp), states_of, units_of, padded)


def find_passage(
    log_probabilities: npt.NDArray[np.float32], log_priors: npt.NDArray[np.float32], units: Sequence[Unit]
) -> Found | None:
    """Return where a passage is said best; None if there is too little sound for it.

    Args:
        log_probabilities: of each class in each frame, shape (num_frames, len(CLASSES)).
        log_priors: the log of the share of each class (see ``PhoneClassifier``).
        units: the words in their order; each is taken as said.
    """
    frames = len(log_probabilities) // _FRAMES
    if not units or not frames:
        return None
    scores = scores_of(log_probabilities[: frames * _FRAMES], log_priors)
    below_best = scores - scores.max(axis=1, keepdims=True)
    below_best = below_best.reshape(frames, _FRAMES, -1).sum(axis=1)
    ends = _ends(_Phones.of(units), np.rint(below_best * _STEPS_PER_UNIT).astype(np.int64))
    gained, begun = (ends >> _BEGIN_BITS) / _STEPS_PER_UNIT, ends & ((1 << _BEGIN_BITS) - 1)
    end = int(gained.argmax())
    if ends[end] <= _NEVER // 2:
        return None
    start = int(begun[end])
    apart = (np.arange(frames) < start) | (begun > end)
    second = float(gained[apart].max(initial=0.0))
    length = (end + 1 - start) * _FRAMES
    return Found(Span(start * _STEP, (end + 1) * _STEP), max(0.0, float(gained[end]) - second) / length)


def _ends(phones: _Phones, below_best: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return what the best path gains that ends in each frame, with the frame in which it begins in the low bits.

    A score and a begin are one number, so the greater one of two paths brings its begin with it.
    """
    states, words, frames = len(phones.columns), len(phones.lasts), len(below_best)
    pauses = slice(states + 1, states + words)
    unit = _STEPS_PER_UNIT * _FRAMES
    gains = (below_best[:, phones.columns] + round(_GAIN * unit)) << _BEGIN_BITS
    losses = np.maximum(below_best[:, SILENCE], round(-_PAUSE_LOSS * unit)) << _BEGIN_BITS
    cost = round(_PAUSE_COST * _STEPS_PER_UNIT) << _BEGIN_BITS
    value = np.full(states + words, _NEVER, np.int64)
    ended = np.full(words, _NEVER, np.int64)
    entry = np.zeros(words, np.int64)
    ends = np.empty(frames, np.int64)
    for frame in range(frames):
        paused = value[pauses]
        entry[0] = frame
        entry[1:] = np.maximum(ended[:-1], paused)
        following = np.empty_like(value)
        following[1:] = value[:-1]
        following[phones.first] = entry[phones.first_unit]
        np.maximum(following, value, out=following)
        following[:states] += gains[frame]
        following[pauses] = np.maximum(ended[:-1] - cost, paused) + losses[frame]
        following[states] = _NEVER
        value = following
        ended = value[phones.lasts].max(axis=1)
        ends[frame] = ended[-1]
    return ends
