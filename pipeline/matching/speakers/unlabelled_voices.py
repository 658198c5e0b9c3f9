"""Voices without a label: people in the show's voice book, and unknown speakers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.matching.speakers.embeddings import Floats, Overlaps, SampleArrays
from pipeline.matching.speakers.enrolment import Enrolment, labelled_ms
from pipeline.matching.speakers.outliers import KnownVoices
from pipeline.matching.speakers.recognition import (
    RecognisedVoices,
    identify,
    no_voices,
    recognise,
    recognised_voices,
)
from pipeline.matching.speakers.strangers import (
    MIN_KNOWN_SIMILARITY,
    NOT_STRANGE,
    KnownSpeech,
    Strangers,
    find_strangers,
    known_voices,
)
from pipeline.reading.labels.names import match_spellings
from pipeline.times import Ms

MAX_LABELLED_SHARE = 0.5
"""A sample of which less than this is in labelled turns is without a label."""

WELL_KNOWN_MS: Ms = 60_000
"""The speech of which a recognised voice counts as being: with more, the least similarity rises by under 1 %."""


@dataclass(frozen=True, slots=True)
class UnlabelledVoices:
    """The voices that no label names: those that the voice book recognises, and all others."""

    recognised: RecognisedVoices
    strangers: Strangers


def hear_unlabelled(
    samples: SampleArrays,
    enrolment: Enrolment,
    inside: Overlaps,
    labelled: Sequence[str | None],
    similarity: Floats,
    known: KnownVoices | None,
) -> UnlabelledVoices:
    """Find the voices that are similar to no label's, and recognise people among them by the voice book.

    A label says who its speaker is. So the book is asked about samples without a label, and then about each voice that
    would be an unknown speaker, but never about a voice that a label has taught.

    Args:
        enrolment: the voices of the labels.
        inside: how many ms of each sample (rows) are in which utterance (columns).
        labelled: the person that the label of each utterance means.
        similarity: of each sample to each enrolled name, learned without its own turn, shape (samples, names).
        known: at least one voice of the book, with embeddings of the same size and weights as the samples'; or None.
    """
    ms = labelled_ms(len(samples.durations), enrolment.names, labelled, inside).sum(1)
    asked = ms < MAX_LABELLED_SHARE * samples.durations
    labels = known_voices(samples, enrolment, similarity)
    strangers = find_strangers(samples, labels, asked)
    if known is None:
        return UnlabelledVoices(no_voices(samples), strangers)
    enrolled = [name for name, own in zip(enrolment.names, enrolment.ms.tolist(), strict=True) if own]
    taken = [name for name, own in match_spellings(known.names, enrolment.names).items() if own in enrolled]
    found = recognise(samples, known, strangers.of_samples != NOT_STRANGE, taken)
    sums = dict(zip(found.names, found.sums, strict=True))
    for stranger in find_strangers(samples, _with_recognised(labels, found), asked).sums:
        person = identify(stranger, known)
        if person is not None and person not in taken:
            sums[person] = sums.get(person, 0.0) + stranger
    recognised = recognised_voices(sums, known, samples)
    return UnlabelledVoices(recognised, find_strangers(samples, _with_recognised(labels, recognised), asked))


def _with_recognised(labels: KnownSpeech, recognised: RecognisedVoices) -> KnownSpeech:
    """Return the voices of the labels and the recognised ones, of which the least is asked: the book knows them too."""
    number = len(recognised.sums)
    return KnownSpeech(
        np.vstack([labels.sums, recognised.sums]),
        np.append(labels.ms, np.full(number, WELL_KNOWN_MS, np.float64)),
        np.append(labels.least, np.full(number, MIN_KNOWN_SIMILARITY)),
    )
