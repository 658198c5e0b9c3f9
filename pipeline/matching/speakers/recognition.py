"""Recognition of people whom no label of the episode names, by the show's voice book (speaker identification).

A voice gets a person's name if its similarity to that person's voice is ``MIN_RECOGNITION_SIMILARITY`` or more and
exceeds the similarity to everybody else by ``MIN_RECOGNITION_MARGIN``; otherwise it stays an unknown speaker. The book
is not compared with single samples: those samples of one cluster that are nearest to one person are judged together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.speakers.embeddings import MAX_SAMPLE_MS, Floats, SampleArrays, l2_normalize
from pipeline.matching.speakers.outliers import KnownVoices
from pipeline.schema import VoiceSample
from pipeline.times import Ms, Span

MIN_RECOGNITION_SIMILARITY = 0.65
"""Chosen on seven labelled episodes of a real podcast, seven splices of ten readers and two made episodes: from 0.6 to
0.7 next to nothing changes. One real person's voice in two episodes is at 0.74 to 0.91 (13 pairs), two people's at
0.57 at most (1,295 pairs); at 0.5 the most similar strangers are taken for somebody, at 0.75 some are not known."""

MIN_RECOGNITION_MARGIN = 0.1
"""From 0 to 0.1 nothing changes in these recordings, at that likeness: it guards against voices that are alike."""

MIN_POSSIBLE_SIMILARITY = 0.5
"""From here on a single sample may be a person's: 99 of 100 of 2.5 s are more alike than this to their own voice."""

MIN_RECOGNISED_SPEECH_MS: Ms = 3_000
"""A voice of less speech than this is not recognised."""


@dataclass(frozen=True, slots=True)
class RecognisedVoices:
    """People who were recognised, each once.

    Attributes:
        names: as the book has them; ``alike`` how alike each one's voice here is to that in the book.
        sums: each one's samples in this episode added up, by ms, shape (names, dimensions).
    """

    names: tuple[str, ...]
    alike: tuple[float, ...]
    sums: Floats


def recognise(
    voices: SampleArrays, known: KnownVoices, samples: NDArray[np.bool_], taken: Sequence[str] = ()
) -> RecognisedVoices:
    """Recognise people in some of an episode's samples; ``known`` has at least one voice, of the samples' weights.

    Args:
        samples: which of them are asked about, shape (samples,).
        taken: names of the book that are given already: whoever sounds like one of these is not recognised.
    """
    found: dict[str, Floats] = {}
    chosen = np.flatnonzero(samples)
    nearest = (voices.vectors[chosen] @ known.vectors.T).argmax(1)
    for cluster, name in sorted(set(zip(voices.clusters[chosen].tolist(), nearest.tolist(), strict=True))):
        group = chosen[(voices.clusters[chosen] == cluster) & (nearest == name)]
        if covered_ms(span for k in group.tolist() for span in voices.spans[k]) < MIN_RECOGNISED_SPEECH_MS:
            continue
        together = sum_embeddings(voices, group)
        who = identify(together, known)
        if who is not None and who[0] not in taken:
            found[who[0]] = found.get(who[0], 0.0) + together
    return recognised_voices(found, known, voices)


def recognised_voices(sums: Mapping[str, Floats], known: KnownVoices, voices: SampleArrays) -> RecognisedVoices:
    """People with the sums of their samples, and how alike those are to the book's voices of these names."""
    alike = tuple(float(known.vectors[known.names.index(name)] @ l2_normalize(own)) for name, own in sums.items())
    return RecognisedVoices(
        tuple(sums), alike, np.array(list(sums.values())).reshape(len(sums), voices.vectors.shape[1])
    )


def no_voices(voices: SampleArrays) -> RecognisedVoices:
    """Nobody at all."""
    return RecognisedVoices((), (), np.zeros((0, voices.vectors.shape[1])))


def identify(sound: Floats, known: KnownVoices) -> tuple[str, float] | None:
    """Whose voice a sound is and how alike; None where it is like nobody's, or like two people's."""
    alike = known.vectors @ l2_normalize(sound)
    if not len(alike):
        return None
    best = int(alike.argmax())
    second = float(np.delete(alike, best).max(initial=-1.0))
    if alike[best] < MIN_RECOGNITION_SIMILARITY or alike[best] - second < MIN_RECOGNITION_MARGIN:
        return None
    return known.names[best], float(alike[best])


def may_contain_voice(samples: Iterable[VoiceSample], voice: Floats) -> bool:
    """Whether a voice may be among some samples: one of them is as alike as ``MIN_POSSIBLE_SIMILARITY`` to it."""
    rows = (np.frombuffer(sample.embedding, "<f4").astype(np.float64) for sample in samples)
    return any(len(row) == len(voice) and float(l2_normalize(row) @ voice) >= MIN_POSSIBLE_SIMILARITY for row in rows)


def sum_embeddings(voices: SampleArrays, samples: NDArray[np.int64]) -> Floats:
    """Some samples added up, each by how long it is."""
    summed: Floats = voices.vectors[samples].T @ np.minimum(voices.lengths[samples], MAX_SAMPLE_MS).astype(float)
    return summed


def covered_ms(spans: Iterable[Span]) -> Ms:
    """How long it is that any of the spans lasts."""
    total, end = 0, 0
    for span in sorted(spans):
        total += max(0, span.end - max(span.start, end))
        end = max(end, span.end)
    return total
