"""The examples that an episode adds to a voice book: samples on which the label and the voice agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.matching.speakers.embeddings import (
    MAX_SAMPLE_MS,
    Floats,
    Mask,
    Overlaps,
    SampleArrays,
    encode_embedding,
    l2_normalize,
)
from pipeline.matching.speakers.enrolment import SIMILARITY_MARGIN, Enrolment
from pipeline.matching.speakers.profile_updates import MAX_EXAMPLES_PER_ENROLMENT
from pipeline.schema import VoiceExample
from pipeline.times import MS_PER_SECOND, Ms

MIN_EXAMPLE_SIMILARITY = 0.6
"""An example has at least this cosine similarity to the voice of its name, and ``SIMILARITY_MARGIN`` less to any other.
Chosen by hand."""

MIN_EXAMPLE_MS: Ms = 2_000
"""Shorter samples are no examples: their embeddings are too inexact. Chosen by hand."""

MIN_EXAMPLES_TOTAL_MS: Ms = 6_000
"""A name with fewer ms of examples is not learned. Chosen by hand."""


def select_examples(
    samples: SampleArrays,
    enrolment: Enrolment,
    persons: Sequence[str | None],
    heard: Sequence[str | None],
    inside: Overlaps,
    excluded: Sequence[str],
) -> Mapping[str, tuple[VoiceExample, ...]]:
    """Select the best examples of each name, ``MAX_EXAMPLES_PER_ENROLMENT`` at most, in order of time.

    A sample that touches an utterance whose label and voice disagree is no example.

    Args:
        samples: embeddings of shape (samples, dimensions).
        enrolment: the voices that these samples have enrolled.
        persons: the person that the label of each utterance means; None if the utterance must not teach.
        heard: the person whose voice is heard in each utterance; None if not known.
        inside: how many ms of each sample (rows) are in which utterance (columns).
        excluded: names of the enrolment that are no person's.

    Returns:
        The examples by name; a name with less than ``MIN_EXAMPLES_TOTAL_MS`` is left out.
    """
    agrees = np.array([a is not None and a == b for a, b in zip(persons, heard, strict=True)], bool)
    rejected = np.zeros(len(samples.durations), bool)
    rejected[inside.rows[~agrees[inside.columns]]] = True
    similarity = samples.embeddings @ l2_normalize(enrolment.sums).T
    found = {
        name: _best(samples, _is_example(samples, enrolment, similarity, at) & ~rejected, similarity[:, at])
        for at, name in enumerate(enrolment.names)
        if name not in excluded
    }
    return {name: own for name, own in found.items() if sum(one.ms for one in own) >= MIN_EXAMPLES_TOTAL_MS}


def _is_example(samples: SampleArrays, enrolment: Enrolment, similarity: Floats, name: int) -> Mask:
    """Return which samples are long enough, and clearly those of the name with this index, shape (samples,)."""
    others = np.delete(similarity, name, axis=1).max(1, initial=-1.0)
    is_clear = (similarity[:, name] >= MIN_EXAMPLE_SIMILARITY) & (similarity[:, name] - others >= SIMILARITY_MARGIN)
    mask: Mask = (enrolment.weights[:, name] > 0) & (samples.durations >= MIN_EXAMPLE_MS) & is_clear
    return mask


def _best(samples: SampleArrays, usable: Mask, similarity: Floats) -> tuple[VoiceExample, ...]:
    """Return the examples with the greatest product of length and similarity, none of which overlap."""
    score = np.where(usable, np.minimum(samples.durations, MAX_SAMPLE_MS) / MS_PER_SECOND * similarity, 0.0)
    chosen: list[int] = []
    for k in np.argsort(-score, kind="stable").tolist():
        if len(chosen) == MAX_EXAMPLES_PER_ENROLMENT or not usable[k]:
            break
        if not any(a.overlap(b) for other in chosen for a in samples.spans[k] for b in samples.spans[other]):
            chosen.append(k)
    return tuple(
        VoiceExample(samples.spans[k][0].start, int(samples.durations[k]), encode_embedding(samples.embeddings[k]))
        for k in sorted(chosen, key=lambda k: samples.spans[k])
    )
