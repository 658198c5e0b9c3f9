"""Recognition of people without a label in the episode, by the show's voice book (speaker identification).

A voice gets a person's name if its similarity to that person's voice is ``MIN_RECOGNITION_SIMILARITY`` or more and
exceeds the similarity to everybody else by ``MIN_RECOGNITION_MARGIN``; otherwise it stays an unknown speaker. The book
is not compared with single samples: those samples of one cluster that are nearest to one person are judged together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.matching.speakers.embeddings import (
    Floats,
    Mask,
    SampleArrays,
    covered_ms,
    decode_embedding,
    l2_normalize,
    sum_embeddings,
)
from pipeline.matching.speakers.outliers import KnownVoices
from pipeline.schema import VoiceSample
from pipeline.times import Ms

MIN_RECOGNITION_SIMILARITY = 0.65
"""Chosen with ``scripts/benchmark_voices.py --thresholds`` on seven labelled episodes of a real podcast, seven splices
of ten readers and two made episodes: from 0.6 to 0.7 next to nothing changes. One real person's voice in two episodes
has 0.74 to 0.91 (13 pairs), two people's 0.57 at most (1,295 pairs); at 0.5 the most similar strangers are recognised
as people in the book, at 0.75 some people are not recognised."""

MIN_RECOGNITION_MARGIN = 0.1
"""From 0 to 0.1 nothing changes in these recordings, at that similarity: it guards against similar voices."""

MIN_POSSIBLE_SIMILARITY = 0.5
"""A single sample may be a person's from this similarity on: of samples of 2.5 s, 99 of 100 have more than this to
their own voice."""

MIN_RECOGNISED_SPEECH_MS: Ms = 3_000
"""A voice with less speech than this is not recognised. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class RecognisedVoices:
    """The people who were recognised in an episode, each once.

    Attributes:
        names: as in the book.
        similarities: the cosine of each one's voice in this episode to that in the book.
        sums: each one's samples in this episode added up, weighted by ms, float64, shape (names, dimensions).
    """

    names: tuple[str, ...]
    similarities: tuple[float, ...]
    sums: Floats


def recognise(samples: SampleArrays, known: KnownVoices, asked: Mask, taken: Sequence[str] = ()) -> RecognisedVoices:
    """Recognise people in some samples of an episode.

    Args:
        known: at least one voice, with embeddings of the same weights as the samples'.
        asked: which samples to judge, shape (samples,).
        taken: names of the book that labels give to voices here; a voice that sounds like one of them stays unknown.
    """
    found: dict[str, Floats] = {}
    chosen = np.flatnonzero(asked)
    nearest = (samples.embeddings[chosen] @ known.embeddings.T).argmax(1)
    for cluster, name in sorted(set(zip(samples.clusters[chosen].tolist(), nearest.tolist(), strict=True))):
        group = chosen[(samples.clusters[chosen] == cluster) & (nearest == name)]
        if covered_ms(span for k in group.tolist() for span in samples.spans[k]) < MIN_RECOGNISED_SPEECH_MS:
            continue
        total = sum_embeddings(samples, group)
        person = identify(total, known)
        if person is not None and person not in taken:
            found[person] = found.get(person, 0.0) + total
    return recognised_voices(found, known, samples)


def recognised_voices(sums: Mapping[str, Floats], known: KnownVoices, samples: SampleArrays) -> RecognisedVoices:
    """Return the recognised people from the sums of their samples, by name, with their similarities to the book."""
    similarities = tuple(
        float(known.embeddings[known.names.index(name)] @ l2_normalize(total)) for name, total in sums.items()
    )
    matrix = np.array(list(sums.values())).reshape(len(sums), samples.embeddings.shape[1])
    return RecognisedVoices(tuple(sums), similarities, matrix)


def no_voices(samples: SampleArrays) -> RecognisedVoices:
    """Return the result of an episode in which no voice is recognised."""
    return RecognisedVoices((), (), np.zeros((0, samples.embeddings.shape[1])))


def identify(embedding: Floats, known: KnownVoices) -> str | None:
    """Return the name of the person with this voice; None if it is similar to none, or to two people.

    Args:
        embedding: shape (dimensions,), of any length.
    """
    similarities = known.embeddings @ l2_normalize(embedding)
    if not len(similarities):
        return None
    best = int(similarities.argmax())
    second = float(np.delete(similarities, best).max(initial=-1.0))
    if similarities[best] < MIN_RECOGNITION_SIMILARITY or similarities[best] - second < MIN_RECOGNITION_MARGIN:
        return None
    return known.names[best]


def may_contain_voice(samples: Iterable[VoiceSample], voice: Floats) -> bool:
    """Return whether a sample may be of this voice: one has ``MIN_POSSIBLE_SIMILARITY`` or more to it.

    Args:
        voice: of unit length, shape (dimensions,); embeddings of another size never match.
    """
    decoded = (decode_embedding(sample.embedding) for sample in samples)
    return any(
        float(l2_normalize(embedding) @ voice) >= MIN_POSSIBLE_SIMILARITY
        for embedding in decoded
        if embedding is not None and embedding.shape == voice.shape
    )
