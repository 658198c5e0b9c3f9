"""Forced alignment over the phone classifier's scores: the Viterbi path through the words in their order.

Each phone takes three frames or more. Between two words the path may pass silence, and sound that is of no word. A word
whose heard time is known is drawn towards it; an optional one may be left out, at a cost::

    ─┬─ word 1 ─┬─┬─────────┬─┬─ word 2 ─┬─
     └──(skip)──┘ ├─ silence ┤ └──(skip)──┘
                  └─ other ──┘

The costs, in units of the natural logarithm, were tried on hand-timed speech, clean and with noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.listening.forced.grammar_aligner import Unit
from pipeline.listening.forced.phone_classifier import CLASSES, SILENCE
from pipeline.listening.forced.phone_features import FRAME
from pipeline.times import MS_PER_SECOND, Ms, Span

_PRIOR_WEIGHT = 0.6
"""How much of a class's share in the training data is divided out of its probability."""

_FRAMES_PER_PHONE = 3
_SILENCE_COST = 0.5
_OTHER_COST = 3.0
_OTHER_BELOW_BEST = 1.0
"""The score of sound that is of no word is the best phone's, less this in each frame."""

_SKIP_COST = 6.0
_COST_PER_SECOND = 4.0
_FREE_DISTANCE: Ms = 150
"""A word may start this far from where it was heard at no cost; each second beyond costs ``_COST_PER_SECOND``."""

_NEVER = np.float32(-1e9)
PHONE_COLUMNS = {name: column for column, name in enumerate(CLASSES)}


class Placed(NamedTuple):
    """Where a word is said.

    Attributes:
        span: its time, from the first frame.
        fit: how well it is heard there: by how much its phones score less than the best phone of each frame, on
            average, in units of the natural logarithm; at most 0.
    """

    span: Span
    fit: float


class Compared(NamedTuple):
    """How well a sequence of words fits a stretch of sound.

    Attributes:
        placed: where each word is said.
        total: by how much the path scores less than the best phone of each frame, in sum, the sound between the words
            included; at most 0. Of two sequences on one stretch the difference is a log likelihood ratio.
    """

    placed: tuple[Placed, ...]
    total: float


class _Exit(NamedTuple):
    """A state after which the next word may follow, and what that costs."""

    state: int
    cost: float


@dataclass(frozen=True, slots=True)
class _Graph:
    """The states: those of the words, then the silence and then the other sound before each word and after the last.

    Attributes:
        columns: the class of each word's state.
        unit: the word of each state.
        is_first, is_last: whether a state is the first of a pronunciation; whether it is the last of a phone, in which
            the path may stay.
        exits, costs: for each place between two words, the states from which it is reached, shape (places, most);
            unused ones are ``never``.
    """

    columns: npt.NDArray[np.intp]
    unit: npt.NDArray[np.intp]
    is_first: npt.NDArray[np.bool_]
    is_last: npt.NDArray[np.bool_]
    exits: npt.NDArray[np.intp]
    costs: npt.NDArray[np.float32]

    @property
    def words(self) -> int:
        """The number of states of words."""
        return len(self.columns)

    @property
    def places(self) -> int:
        """The number of places between words, with the two ends."""
        return len(self.exits)

    @property
    def never(self) -> int:
        """A state in which the path never is; the one after it is that before the first frame."""
        return self.words + 2 * self.places


def align_phones(
    log_probabilities: npt.NDArray[np.float32],
    log_priors: npt.NDArray[np.float32],
    units: Sequence[Unit],
    expected: Sequence[Ms | None],
    *,
    allows_other: bool = True,
) -> tuple[Placed | None, ...]:
    """Return where each word is said; None for one that is left out, all None if there is too little sound for them.

    Args:
        log_probabilities: of each class in each frame, shape (num_frames, len(CLASSES)).
        log_priors: the log of the share of each class (see ``PhoneClassifier``).
        units: the words in their order.
        expected: when each word was heard, from the first frame; None if it was not.
        allows_other: whether there may be sound of no word between two. In other languages than the classifier's the
            phones of words are not the best ones either, and that sound would take their place.
    """
    shortest = sum(_FRAMES_PER_PHONE * min(map(len, unit.ways)) for unit in units if not unit.optional)
    if not units or len(log_probabilities) <= shortest:
        return (None,) * len(units)
    graph = _graph(units)
    scores = scores_of(log_probabilities, log_priors)
    path = _best_path(graph, scores, _distances(len(scores), expected), allows_other=allows_other)
    return _placed(graph, path, _below_best(graph, path, scores), len(units))


def compare_phones(
    log_probabilities: npt.NDArray[np.float32], log_priors: npt.NDArray[np.float32], units: Sequence[Unit]
) -> Compared | None:
    """Return how well words fit a stretch of sound; None if there is too little sound for them.

    Args:
        log_probabilities, log_priors: see ``align_phones``.
        units: the words in their order; none is optional.
    """
    if not units or len(log_probabilities) <= sum(_FRAMES_PER_PHONE * min(map(len, unit.ways)) for unit in units):
        return None
    graph = _graph(units)
    scores = scores_of(log_probabilities, log_priors)
    path = _best_path(graph, scores, _distances(len(scores), [None] * len(units)))
    below_best = _below_best(graph, path, scores)
    placed = [one for one in _placed(graph, path, below_best, len(units)) if one is not None]
    return Compared(tuple(placed), float(below_best.sum())) if len(placed) == len(units) else None


def _below_best(graph: _Graph, path: npt.NDArray[np.intp], scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return by how much the path scores less than the best class in each frame, in a word or between words."""
    best = scores.max(axis=1)
    between = np.maximum(scores[:, SILENCE], best - _OTHER_BELOW_BEST)
    in_word = scores[np.arange(len(scores)), graph.columns[path]]  # of the last state where the path is between words
    return np.asarray(np.where(path >= 0, in_word, between) - best, dtype=np.float32)


def _placed(
    graph: _Graph, path: npt.NDArray[np.intp], below_best: npt.NDArray[np.float32], count: int
) -> tuple[Placed | None, ...]:
    said = np.flatnonzero(path >= 0)
    units = graph.unit[path[said]]
    placed: list[Placed | None] = [None] * count
    for number in range(count):
        frames = said[units == number]
        if len(frames):
            span = Span(int(frames[0]) * FRAME, int(frames[-1] + 1) * FRAME)
            placed[number] = Placed(span, float(below_best[frames].mean()))
    return tuple(placed)


def scores_of(
    log_probabilities: npt.NDArray[np.float32], log_priors: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return what each class scores in each frame: its probability without a part of its share of the training data."""
    return log_probabilities - np.float32(_PRIOR_WEIGHT) * log_priors


def _distances(frames: int, expected: Sequence[Ms | None]) -> npt.NDArray[np.float32]:
    """Return the cost of each word's start in each frame, shape (frames, words)."""
    at = np.arange(frames)[:, None] * FRAME
    heard = np.array([np.nan if ms is None else ms for ms in expected], np.float64)
    beyond = np.clip(np.abs(at - heard) - _FREE_DISTANCE, 0, None)
    return np.asarray(np.nan_to_num(beyond) * (_COST_PER_SECOND / MS_PER_SECOND), dtype=np.float32)


def _graph(units: Sequence[Unit]) -> _Graph:
    columns: list[int] = []
    owner: list[int] = []
    is_first: list[bool] = []
    ends: list[list[int]] = []
    for number, unit in enumerate(units):
        ends.append([])
        for way in unit.ways:
            for place, phone in enumerate(way):
                for frame in range(_FRAMES_PER_PHONE):
                    is_first.append(place == 0 and frame == 0)
                    columns.append(PHONE_COLUMNS[phone])
                    owner.append(number)
            ends[-1].append(len(columns) - 1)
    words, places = len(columns), len(units) + 1
    never = words + 2 * places
    exits = [[_Exit(never + 1, 0.0)]]
    for number, unit in enumerate(units):
        found = [_Exit(state, 0.0) for state in ends[number]]
        if unit.optional:
            skipped = [*exits[number], _Exit(words + number, 0.0), _Exit(words + places + number, 0.0)]
            found += [_Exit(state, cost + _SKIP_COST) for state, cost in skipped]
        exits.append(found)
    most = max(map(len, exits))
    states = np.full((places, most), never, np.intp)
    costs = np.zeros((places, most), np.float32)
    for place, found in enumerate(exits):
        states[place, : len(found)] = [one.state for one in found]
        costs[place, : len(found)] = [one.cost for one in found]
    is_last = (np.arange(words) % _FRAMES_PER_PHONE) == _FRAMES_PER_PHONE - 1
    return _Graph(np.array(columns, np.intp), np.array(owner, np.intp), np.array(is_first), is_last, states, costs)


def _best_path(
    graph: _Graph,
    scores: npt.NDArray[np.float32],
    distances: npt.NDArray[np.float32],
    *,
    allows_other: bool = True,
) -> npt.NDArray[np.intp]:
    """Return the state of a word in each frame on the best path, -1 between words.

    Args:
        scores: of each class in each frame.
        distances: the cost of each word's start in each frame.
        allows_other: see ``align_phones``.
    """
    words, places, frames = graph.words, graph.places, len(scores)
    silence, other = slice(words, words + places), slice(words + places, words + 2 * places)
    other_scores = scores.max(axis=1) - _OTHER_BELOW_BEST if allows_other else np.full(frames, _NEVER, np.float32)
    first = np.flatnonzero(graph.is_first)
    first_unit = graph.unit[first]
    value = np.full(graph.never + 2, _NEVER, np.float32)
    value[-1] = 0.0  # the path is about to begin
    advanced = np.zeros((frames, words), np.bool_)  # else the path stayed
    arrived = np.zeros((frames, places), np.int16)  # the exit by which a place was reached
    source = np.zeros((frames, 3, places), np.int8)  # of a word, of silence and of other sound: _ENDS, _SILENT, _OTHER
    stay_cost = np.where(graph.is_last, np.float32(0), _NEVER)
    before = np.empty((3, places), np.float32)  # by source
    into = np.empty((3, 3, places), np.float32)  # of a word, of silence and of other sound; by source
    came = np.empty(words, np.float32)
    following = np.full_like(value, _NEVER)
    for frame in range(frames):
        reached = value[graph.exits]
        reached -= graph.costs
        arrived[frame] = reached.argmax(axis=1)
        reached.max(axis=1, out=before[_ENDS])
        before[_SILENT], before[_OTHER] = value[silence], value[other]
        np.subtract(before, _ENTRY_COSTS, out=into)
        source[frame] = into.argmax(axis=1)
        entry = into.max(axis=1)
        stayed = value[:words] + stay_cost
        came[1:] = value[: words - 1]
        came[first] = entry[_ENDS, first_unit] - distances[frame, first_unit]
        np.greater(came, stayed, out=advanced[frame])
        np.maximum(came, stayed, out=following[:words])
        following[:words] += scores[frame].take(graph.columns)
        np.add(entry[_SILENT], scores[frame, SILENCE], out=following[silence])
        np.add(entry[_OTHER], other_scores[frame], out=following[other])
        value, following = following, value
        value[graph.never :] = _NEVER
    return _traced(graph, value, advanced, arrived, source)


_ENDS, _SILENT, _OTHER = range(3)
"""Where a place was reached from: the end of a word before it, its silence, its other sound."""

_ENTRY_COSTS = np.array(
    [
        [[0], [0], [0]],
        [[_SILENCE_COST], [0], [_SILENCE_COST]],
        [[_OTHER_COST], [_OTHER_COST], [0]],
    ],
    np.float32,
)
"""What it costs to go into a word, into silence and into other sound from each of these, shape (3, 3, 1)."""


def _traced(
    graph: _Graph,
    value: npt.NDArray[np.float32],
    advanced: npt.NDArray[np.bool_],
    arrived: npt.NDArray[np.int16],
    source: npt.NDArray[np.int8],
) -> npt.NDArray[np.intp]:
    words, places, last = graph.words, graph.places, graph.places - 1
    path = np.full(len(advanced), -1, np.intp)
    ends = value[graph.exits[last]] - graph.costs[last]
    candidates = [
        (float(ends.max()), int(graph.exits[last][ends.argmax()])),
        *((float(value[state]), state) for state in (words + last, words + places + last)),
    ]
    score, state = max(candidates)
    if score <= _NEVER / 2:
        return path
    for frame in range(len(advanced) - 1, -1, -1):
        if state < words:
            path[frame] = state
            if not advanced[frame, state]:
                continue
            if not graph.is_first[state]:
                state -= 1
                continue
            place, row = int(graph.unit[state]), 0
        else:
            place, row = (state - words) % places, 1 + (state - words) // places
        came = int(source[frame, row, place])
        exit_by = int(graph.exits[place, arrived[frame, place]])
        state = exit_by if came == _ENDS else words + (came - 1) * places + place
    return path
