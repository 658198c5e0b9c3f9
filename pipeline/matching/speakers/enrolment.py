"""How each person sounds, learned from the turns that a human has labelled; some of the labels are wrong.

A name's voice is the mean of the samples that lie in its turns. A sample that sounds clearly more like somebody else,
judged without its own turn, is left out, the most doubtful first, and the means are made anew. Two names that sound the
same are one voice under a wrong label or two: the name with far fewer examples is then no voice of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.matching.speakers.embeddings import MAX_SAMPLE_MS, Floats, Ints, Overlaps, SampleArrays, l2_normalize
from pipeline.times import Ms

SIMILARITY_MARGIN = 0.1
"""By so much (of cosine similarity) another voice must be nearer before a label is doubted."""

SAME_SPEAKER_SIMILARITY = 0.7
"""A voice this near is the same person's: one person's samples of 2 s and more are at 0.74 and above to each other's
mean (median 0.86), other people's at 0.34 (median 0.2), similar synthetic voices at 0.55."""

MIN_LABEL_SHARE = 0.8
"""A sample is an example of a name if this share of what is labelled in it has that name."""

MIN_LABELLED_SHARE = 0.4
"""... and this share of it is labelled at all."""

MAX_TURN_WEIGHT_MS: Ms = 12_000
"""Samples of one turn count for so many ms at most: a long one under a wrong name must not outweigh many."""

MAX_OVERSHADOWED_SHARE = 1 / 3
MAX_REJECTION_ROUNDS = 8
"""Each round leaves out the most doubtful examples, down to half of the greatest doubt: a long turn under a wrong name
makes that name's right examples look doubtful too, but less."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The voices that have a name.

    Attributes:
        names: in order of first appearance; those too that have no example.
        weights: ms for which each sample counts as an example of each name, shape (samples, names).
        ms: how much each name has of them, shape (names,); 0 for a name without a voice of its own.
        sums: the names' examples added up, shape (names, dimensions).
    """

    names: tuple[str, ...]
    weights: Floats
    ms: Floats
    sums: Floats


def enrol(voices: SampleArrays, persons: Sequence[str | None], inside: Overlaps) -> Enrolment:
    """Learn the voice of every name.

    Args:
        persons: whom each utterance's label names.
        inside: how much of each sample (rows) lies in which utterance (columns).
    """
    names = tuple(dict.fromkeys(name for name in persons if name is not None))
    labelled = labelled_ms(len(voices.lengths), names, persons, inside)
    evened = _evened(inside, len(persons))
    weights = _examples(voices, labelled, labelled_ms(len(voices.lengths), names, persons, evened))
    together = co_labelled(len(voices.lengths), inside)
    for _ in range(MAX_REJECTION_ROUNDS):
        doubt = _doubt(voices, weights, together)
        if doubt.max(initial=0.0) < SIMILARITY_MARGIN:
            break
        weights = np.where(doubt[:, None] >= max(SIMILARITY_MARGIN, doubt.max() / 2), 0.0, weights)
    return _distinct(_add_up(voices, weights, names))


def labelled_ms(num_samples: int, names: Sequence[str], persons: Sequence[str | None], inside: Overlaps) -> Floats:
    """How much of each sample lies in each name's turns, in ms, shape (samples, names)."""
    column = np.array([names.index(name) if name is not None else -1 for name in persons], np.int64)
    of = column[inside.columns]
    return Overlaps(inside.rows[of >= 0], of[of >= 0], inside.ms[of >= 0]).table((num_samples, len(names)))


def co_labelled(num_samples: int, inside: Overlaps) -> tuple[Ints, ...]:
    """For each sample those that stand under the same label: all that share an utterance with it, itself included."""
    of_utterance: dict[int, list[int]] = {}
    of_sample: dict[int, list[int]] = {}
    for row, column in zip(inside.rows.tolist(), inside.columns.tolist(), strict=True):
        of_utterance.setdefault(column, []).append(row)
        of_sample.setdefault(row, []).append(column)
    groups = {
        own: np.array(sorted({row for column in own for row in of_utterance[column]}), np.int64)
        for own in {tuple(sorted(columns)) for columns in of_sample.values()}
    }
    alone = (np.array([k], np.int64) for k in range(num_samples))
    return tuple(groups[tuple(sorted(of_sample[k]))] if k in of_sample else one for k, one in enumerate(alone))


def cosine_similarity(voices: SampleArrays, enrolment: Enrolment, sound: Floats, without: Ints) -> Floats:
    """How alike a sound is to each name's voice, learned without some samples: cosine, shape (names,).

    It is NaN for a name of which nothing is known then.
    """
    less = enrolment.weights[without]
    left = enrolment.sums - less.T @ voices.vectors[without]
    known = enrolment.ms - less.sum(0) > 1
    return np.where(known if sound.ndim == 1 else known[:, None], l2_normalize(left) @ sound, np.nan)


def cosine_similarities(voices: SampleArrays, enrolment: Enrolment, together: Sequence[Ints]) -> Floats:
    """``cosine_similarity`` of each sample, learned without those of the same label; shape (samples, names)."""
    rows: dict[int, list[int]] = {}
    for k, group in enumerate(together):
        rows.setdefault(id(group), []).append(k)
    alike = np.zeros((len(together), len(enrolment.ms)))
    for own in rows.values():
        alike[own] = cosine_similarity(voices, enrolment, voices.vectors[own].T, together[own[0]]).T
    return alike


def fill_unknown_similarity(alike: Floats) -> Floats:
    """The likenesses, and one that only a surely nearer voice exceeds by the margin where nothing is known."""
    return np.where(np.isnan(alike), SAME_SPEAKER_SIMILARITY - SIMILARITY_MARGIN, alike)


def _add_up(voices: SampleArrays, weights: Floats, names: tuple[str, ...]) -> Enrolment:
    return Enrolment(names, weights, weights.sum(0), weights.T @ voices.vectors)


def _evened(inside: Overlaps, num_utterances: int) -> Overlaps:
    """The same, but what lies in a long utterance counts for less: together as much as ``MAX_TURN_WEIGHT_MS``."""
    whole = np.bincount(inside.columns, inside.ms, num_utterances)
    share = np.minimum(1.0, MAX_TURN_WEIGHT_MS / np.maximum(1.0, whole))
    return replace(inside, ms=np.ceil(inside.ms * share[inside.columns]).astype(np.int64))


def _examples(voices: SampleArrays, labelled: Floats, worth: Floats) -> Floats:
    whole = labelled.sum(1, keepdims=True)
    pure = (
        (labelled >= MIN_LABEL_SHARE * whole) & (whole >= MIN_LABELLED_SHARE * voices.lengths[:, None]) & (labelled > 0)
    )
    return np.where(pure, np.minimum(worth, MAX_SAMPLE_MS), 0.0)


def _doubt(voices: SampleArrays, weights: Floats, together: Sequence[Ints]) -> Floats:
    """By how much each example is more like another name than like its own, shape (samples,); 0 for what is none."""
    draft = _add_up(voices, weights, ())
    doubt = np.zeros(len(weights))
    every = cosine_similarities(voices, draft, together)
    for k in np.flatnonzero(weights.any(1)).tolist():
        alike = every[k]
        own = int(weights[k].argmax())
        others = np.append(np.delete(alike, own), -1.0)
        doubt[k] = np.nanmax(others) - fill_unknown_similarity(alike)[own]
    return doubt


def _distinct(enrolment: Enrolment) -> Enrolment:
    """The same without the names that sound like another with three times as many examples."""
    voices = l2_normalize(enrolment.sums)
    ms = enrolment.ms
    overshadowed = np.any(
        (voices @ voices.T >= SAME_SPEAKER_SIMILARITY) & (ms[:, None] < MAX_OVERSHADOWED_SHARE * ms[None, :]), axis=1
    )
    return replace(
        enrolment,
        weights=np.where(overshadowed, 0.0, enrolment.weights),
        ms=np.where(overshadowed, 0.0, ms),
        sums=np.where(overshadowed.reshape(-1, 1), 0.0, enrolment.sums),
    )
