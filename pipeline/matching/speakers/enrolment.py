"""Speaker enrolment: the voice of each person, learned from the turns that a human has labelled, some of them wrongly.

The voice of a name is the weighted sum of the embeddings of the samples in its turns. A sample that is clearly more
similar to another name, compared with sums that leave its own turn out, is rejected. The most doubtful samples go
first, and the sums are computed again. Two names with the same voice are one voice and a wrong label or two: the name
with far fewer examples then has no voice of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.matching.speakers.embeddings import MAX_SAMPLE_MS, Floats, Ints, Overlaps, SampleArrays, l2_normalize
from pipeline.times import Ms

SIMILARITY_MARGIN = 0.1
"""A label is doubted only if another voice exceeds its cosine similarity by this much. Chosen by hand;
``scripts/benchmark_speakers.py`` counts the wrong labels that are found and the right ones that are accused."""

SAME_SPEAKER_SIMILARITY = 0.7
"""Voices of at least this cosine similarity are one person's: one person's samples of 2 s and more have 0.74 and above
to each other's mean (median 0.86), other people's 0.34 (median 0.2), similar synthetic voices 0.55."""

MIN_LABEL_SHARE = 0.8
"""A sample is an example of a name if at least this share of what is labelled in it has that name; see
``MIN_LABELLED_SHARE``."""

MIN_LABELLED_SHARE = 0.4
"""A sample is an example of a name if at least this share of it is labelled. Both were chosen by hand."""

MAX_TURN_WEIGHT_MS: Ms = 12_000
"""All samples of one turn together weigh at most this much, so that a long turn under a wrong name does not outweigh
many right ones. Chosen by hand."""

MAX_OVERSHADOWED_SHARE = 1 / 3
"""A name with less than this share of the examples of a name with the same voice has no voice of its own. Chosen by
hand."""

MAX_REJECTION_ROUNDS = 8
"""Each round rejects the examples with at least half of the greatest doubt: a long turn under a wrong name raises the
doubt of that name's right examples too, but by less. The limit only guarantees an end."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The voices that have a name.

    Attributes:
        names: in order of first appearance, including those without an example.
        weights: ms for which each sample counts as an example of each name, float64, shape (samples, names).
        ms: the sum of the weights of each name, float64, shape (names,); 0 for a name without a voice of its own.
        sums: the weighted sum of the embeddings of each name, float64, shape (names, dimensions).
    """

    names: tuple[str, ...]
    weights: Floats
    ms: Floats
    sums: Floats


def enrol(samples: SampleArrays, persons: Sequence[str | None], inside: Overlaps) -> Enrolment:
    """Learn the voice of every name from the samples in its turns, without those that contradict it.

    Args:
        persons: the person that the label of each utterance names; None if it has none.
        inside: how many ms of each sample (rows) are in which utterance (columns).
    """
    names = tuple(dict.fromkeys(name for name in persons if name is not None))
    labelled = labelled_ms(len(samples.durations), names, persons, inside)
    limited = _limit_long_turns(inside, len(persons))
    weights = _example_weights(samples, labelled, labelled_ms(len(samples.durations), names, persons, limited))
    groups = co_labelled(len(samples.durations), inside)
    for _ in range(MAX_REJECTION_ROUNDS):
        doubt = _doubts(samples, weights, groups)
        if doubt.max(initial=0.0) < SIMILARITY_MARGIN:
            break
        weights = np.where(doubt[:, None] >= max(SIMILARITY_MARGIN, doubt.max() / 2), 0.0, weights)
    return _without_overshadowed(_sum_up(samples, weights, names))


def labelled_ms(num_samples: int, names: Sequence[str], persons: Sequence[str | None], inside: Overlaps) -> Floats:
    """Return how many ms of each sample are in turns of each name, float64, shape (samples, names)."""
    column = np.array([names.index(name) if name is not None else -1 for name in persons], np.int64)
    name = column[inside.columns]
    return Overlaps(inside.rows[name >= 0], name[name >= 0], inside.ms[name >= 0]).matrix((num_samples, len(names)))


def co_labelled(num_samples: int, inside: Overlaps) -> tuple[Ints, ...]:
    """Return for each sample the indices of those under the same label: all that share an utterance, itself included.

    Samples of the same utterances get the same array object.
    """
    of_utterance: dict[int, list[int]] = {}
    of_sample: dict[int, list[int]] = {}
    for row, column in zip(inside.rows.tolist(), inside.columns.tolist(), strict=True):
        of_utterance.setdefault(column, []).append(row)
        of_sample.setdefault(row, []).append(column)
    groups = {
        columns: np.array(sorted({row for column in columns for row in of_utterance[column]}), np.int64)
        for columns in {tuple(sorted(columns)) for columns in of_sample.values()}
    }
    alone = (np.array([k], np.int64) for k in range(num_samples))
    return tuple(groups[tuple(sorted(of_sample[k]))] if k in of_sample else one for k, one in enumerate(alone))


def cosine_similarity(samples: SampleArrays, enrolment: Enrolment, embeddings: Floats, left_out: Ints) -> Floats:
    """Compare embeddings with the voice of each name, learned without some samples.

    Args:
        embeddings: of unit length, shape (dimensions,) for one embedding or (dimensions, embeddings) for several.
        left_out: the indices of the samples to leave out.

    Returns:
        Cosines, shape (names,) or (names, embeddings); NaN for a name without any other example.
    """
    removed = enrolment.weights[left_out]
    sums = enrolment.sums - removed.T @ samples.embeddings[left_out]
    known = enrolment.ms - removed.sum(0) > 1  # more than 1 ms of other examples
    return np.where(known if embeddings.ndim == 1 else known[:, None], l2_normalize(sums) @ embeddings, np.nan)


def cosine_similarities(samples: SampleArrays, enrolment: Enrolment, groups: Sequence[Ints]) -> Floats:
    """Compare each sample with the voice of each name, learned without the samples under the same label.

    Args:
        groups: for each sample the indices of the samples to leave out (see ``co_labelled``).

    Returns:
        Cosines, shape (samples, names); NaN for a name without any other example.
    """
    rows: dict[int, list[int]] = {}
    for k, group in enumerate(groups):
        rows.setdefault(id(group), []).append(k)
    similarity = np.zeros((len(groups), len(enrolment.ms)))
    for own in rows.values():
        similarity[own] = cosine_similarity(samples, enrolment, samples.embeddings[own].T, groups[own[0]]).T
    return similarity


def fill_unknown_similarity(similarity: Floats) -> Floats:
    """Replace NaN by the similarity that only a voice of ``SAME_SPEAKER_SIMILARITY`` exceeds by the margin."""
    return np.where(np.isnan(similarity), SAME_SPEAKER_SIMILARITY - SIMILARITY_MARGIN, similarity)


def _sum_up(samples: SampleArrays, weights: Floats, names: tuple[str, ...]) -> Enrolment:
    return Enrolment(names, weights, weights.sum(0), weights.T @ samples.embeddings)


def _limit_long_turns(inside: Overlaps, num_utterances: int) -> Overlaps:
    """Scale the ms in long utterances down to ``MAX_TURN_WEIGHT_MS`` together, rounded up."""
    whole = np.bincount(inside.columns, inside.ms, num_utterances)
    share = np.minimum(1.0, MAX_TURN_WEIGHT_MS / np.maximum(1.0, whole))
    return replace(inside, ms=np.ceil(inside.ms * share[inside.columns]).astype(np.int64))


def _example_weights(samples: SampleArrays, labelled: Floats, limited: Floats) -> Floats:
    """Return ``limited`` for samples that are labelled well enough with one name, else 0; shape (samples, names)."""
    whole = labelled.sum(1, keepdims=True)
    labelled_enough = whole >= MIN_LABELLED_SHARE * samples.durations[:, None]
    pure = (labelled >= MIN_LABEL_SHARE * whole) & labelled_enough & (labelled > 0)
    return np.where(pure, np.minimum(limited, MAX_SAMPLE_MS), 0.0)


def _doubts(samples: SampleArrays, weights: Floats, groups: Sequence[Ints]) -> Floats:
    """Return by how much each example is more similar to another name than to its own, shape (samples,).

    It is 0 for samples that are no examples.
    """
    enrolment = _sum_up(samples, weights, ())
    doubt = np.zeros(len(weights))
    similarities = cosine_similarities(samples, enrolment, groups)
    for k in np.flatnonzero(weights.any(1)).tolist():
        own = int(weights[k].argmax())
        others = np.append(np.delete(similarities[k], own), -1.0)
        doubt[k] = np.nanmax(others) - fill_unknown_similarity(similarities[k])[own]
    return doubt


def _without_overshadowed(enrolment: Enrolment) -> Enrolment:
    """Remove the voices of names with the same voice as another name and less than a third of its examples."""
    voices = l2_normalize(enrolment.sums)
    ms = enrolment.ms
    same = voices @ voices.T >= SAME_SPEAKER_SIMILARITY
    overshadowed = np.any(same & (ms[:, None] < MAX_OVERSHADOWED_SHARE * ms[None, :]), axis=1)
    return replace(
        enrolment,
        weights=np.where(overshadowed, 0.0, enrolment.weights),
        ms=np.where(overshadowed, 0.0, ms),
        sums=np.where(overshadowed.reshape(-1, 1), 0.0, enrolment.sums),
    )
