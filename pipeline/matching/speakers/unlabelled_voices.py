"""Voices without a label: people whom the show's voice book recognises, and strangers whom it does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.matching.speakers.embeddings import (
    Floats,
    Overlaps,
    SampleArrays,
    covered_ms,
    l2_normalize,
    sum_embeddings,
)
from pipeline.matching.speakers.enrolment import SAME_SPEAKER_SIMILARITY, Enrolment, labelled_ms
from pipeline.matching.speakers.outliers import KnownVoices
from pipeline.matching.speakers.recognition import RecognisedVoices, identify, recognise, recognised_voices
from pipeline.reading.labels.names import match_spellings
from pipeline.times import Ms

MAX_STRANGER_SAMPLE_SIMILARITY = 0.5
"""A sample with less similarity than this to every name may be a stranger's. Of samples of 2.5 s, 1 % have
less than this to their own name, too."""

MAX_STRANGER_SIMILARITY = 0.6
"""Such samples of one cluster together are a stranger's if their sum has less similarity than this to every name.
Chosen by hand."""

MIN_STRANGER_SAMPLE_MS: Ms = 1_500
MIN_STRANGER_SPEECH_MS: Ms = 8_000
"""Shorter samples do not count for a stranger, and a voice with less speech than this is no new person. Both were
chosen by hand."""


def recognise_unlabelled(
    samples: SampleArrays,
    enrolment: Enrolment,
    inside: Overlaps,
    labelled: Sequence[str | None],
    known: KnownVoices,
) -> RecognisedVoices:
    """Recognise by the voice book the people whose voices are similar to no label's.

    A label says who its speaker is. So the book is asked about samples without a label, and then about each voice that
    would be an unknown speaker, but never about a voice that a label has taught.

    Args:
        enrolment: the voices of the labels.
        inside: how many ms of each sample (rows) are in which utterance (columns).
        labelled: the person that the label of each utterance means.
        known: at least one voice of the book, with embeddings of the same size and weights as the samples'.
    """
    similarity = samples.embeddings @ l2_normalize(enrolment.sums).T
    is_strange = similarity.max(1, initial=-1.0) < MAX_STRANGER_SAMPLE_SIMILARITY
    has_label = labelled_ms(len(samples.durations), enrolment.names, labelled, inside).any(1)
    asked = is_strange & ~has_label & (samples.durations >= MIN_STRANGER_SAMPLE_MS)
    enrolled = [name for name, ms in zip(enrolment.names, enrolment.ms.tolist(), strict=True) if ms]
    taken = [name for name, own in match_spellings(known.names, enrolment.names).items() if own in enrolled]
    found = recognise(samples, known, asked, taken)
    sums = dict(zip(found.names, found.sums, strict=True))
    for stranger in stranger_sums(samples, np.vstack([enrolment.sums, found.sums])):
        person = identify(stranger, known)
        if person is not None and person not in taken:
            sums[person] = sums.get(person, 0.0) + stranger
    return recognised_voices(sums, known, samples)


def stranger_sums(samples: SampleArrays, known: Floats) -> Floats:
    """Add up the samples of each voice that is similar to no known one, in the order in which they speak.

    Args:
        known: the sums of the known voices, shape (voices, dimensions).

    Returns:
        Sums of shape (strangers, dimensions).
    """
    similarity = samples.embeddings @ l2_normalize(known).T
    is_strange = similarity.max(1, initial=-1.0) < MAX_STRANGER_SAMPLE_SIMILARITY
    is_strange &= samples.durations >= MIN_STRANGER_SAMPLE_MS
    sums: list[Floats] = []
    for cluster in dict.fromkeys(samples.clusters[is_strange].tolist()):
        group = np.flatnonzero(is_strange & (samples.clusters == cluster))
        total = sum_embeddings(samples, group)
        is_long = covered_ms(span for k in group.tolist() for span in samples.spans[k]) >= MIN_STRANGER_SPEECH_MS
        if not is_long or (l2_normalize(known) @ l2_normalize(total)).max(initial=-1.0) >= MAX_STRANGER_SIMILARITY:
            continue
        same = next((k for k, other in enumerate(sums) if _is_same_speaker(other, total)), None)
        if same is None:
            sums.append(total)
        else:
            sums[same] += total
    return np.array(sums).reshape(len(sums), samples.embeddings.shape[1])


def _is_same_speaker(one: Floats, other: Floats) -> bool:
    return float(l2_normalize(one) @ l2_normalize(other)) >= SAME_SPEAKER_SIMILARITY
