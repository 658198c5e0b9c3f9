"""People whom an episode's labels do not name, recognised by the show's voice book.

A voice is given a name where it is as alike as ``RECOGNISED`` to that person's, and by ``APART`` less to everybody
else's; below either it stays an unknown speaker. The book is held against voices, not against single seconds: the
samples of one cluster that are nearest to one person are judged together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.speakers.embeddings import FULL, Floats, Voices, unit
from pipeline.matching.speakers.outliers import Known
from pipeline.schema import VoiceSample
from pipeline.times import Ms, Span

RECOGNISED = 0.65
"""Chosen on seven labelled episodes of a real podcast, seven splices of ten readers and two made episodes: from 0.6 to
0.7 next to nothing changes. One real person's voice in two episodes is at 0.74 to 0.91 (13 pairs), two people's at
0.57 at most (1,295 pairs); at 0.5 the most similar strangers are taken for somebody, at 0.75 some are not known."""

APART = 0.1
"""From 0 to 0.1 nothing changes in these recordings, at that likeness: it guards against voices that are alike."""

MAYBE = 0.5
"""From here on a single sample may be a person's: 99 of 100 of 2.5 s are more alike than this to their own voice."""

HEARD: Ms = 3_000
"""A voice of less speech than this is not recognised."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """People who were recognised, each once.

    Attributes:
        names: as the book has them; ``alike`` how alike each one's voice here is to that in the book.
        sums: each one's samples in this episode added up, by ms, shape (names, dimensions).
    """

    names: tuple[str, ...]
    alike: tuple[float, ...]
    sums: Floats


def recognise(voices: Voices, known: Known, samples: NDArray[np.bool_], taken: Sequence[str] = ()) -> Recognised:
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
        if spoken(span for k in group.tolist() for span in voices.spans[k]) < HEARD:
            continue
        together = added(voices, group)
        who = whose(together, known)
        if who is not None and who[0] not in taken:
            found[who[0]] = found.get(who[0], 0.0) + together
    return as_recognised(found, known, voices)


def as_recognised(sums: Mapping[str, Floats], known: Known, voices: Voices) -> Recognised:
    """People with the sums of their samples, and how alike those are to the book's voices of these names."""
    alike = tuple(float(known.vectors[known.names.index(name)] @ unit(own)) for name, own in sums.items())
    return Recognised(tuple(sums), alike, np.array(list(sums.values())).reshape(len(sums), voices.vectors.shape[1]))


def nobody(voices: Voices) -> Recognised:
    """Nobody at all."""
    return Recognised((), (), np.zeros((0, voices.vectors.shape[1])))


def whose(sound: Floats, known: Known) -> tuple[str, float] | None:
    """Whose voice a sound is and how alike; None where it is like nobody's, or like two people's."""
    alike = known.vectors @ unit(sound)
    if not len(alike):
        return None
    best = int(alike.argmax())
    second = float(np.delete(alike, best).max(initial=-1.0))
    if alike[best] < RECOGNISED or alike[best] - second < APART:
        return None
    return known.names[best], float(alike[best])


def sounds_like(samples: Iterable[VoiceSample], voice: Floats) -> bool:
    """Whether a voice may be among some samples: one of them is as alike as ``MAYBE`` to it."""
    rows = (np.frombuffer(sample.embedding, "<f4").astype(np.float64) for sample in samples)
    return any(len(row) == len(voice) and float(unit(row) @ voice) >= MAYBE for row in rows)


def added(voices: Voices, samples: NDArray[np.int64]) -> Floats:
    """Some samples added up, each by how long it is."""
    summed: Floats = voices.vectors[samples].T @ np.minimum(voices.lengths[samples], FULL).astype(float)
    return summed


def spoken(spans: Iterable[Span]) -> Ms:
    """How long it is that any of the spans lasts."""
    total, end = 0, 0
    for span in sorted(spans):
        total += max(0, span.end - max(span.start, end))
        end = max(end, span.end)
    return total
