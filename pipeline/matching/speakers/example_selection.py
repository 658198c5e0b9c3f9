"""What an episode teaches of how its people sound: the samples on which label and voice agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.speakers.embeddings import MAX_SAMPLE_MS, Floats, Overlaps, SampleArrays, l2_normalize
from pipeline.matching.speakers.enrolment import SIMILARITY_MARGIN, Enrolment
from pipeline.matching.speakers.profile_updates import MAX_EXAMPLES_PER_ENROLMENT
from pipeline.schema import VoiceExample
from pipeline.times import MS_PER_SECOND, Ms

MIN_EXAMPLE_SIMILARITY = 0.6
"""A sample teaches that is at least as alike as this to its own name's voice, and by the margin less to any other's."""

MIN_EXAMPLE_MS: Ms = 2_000
"""Shorter samples teach nothing: they are too unsure."""

MIN_EXAMPLES_TOTAL_MS: Ms = 6_000
"""A name with less than this of speech that teaches is not learned."""


def select_examples(
    voices: SampleArrays,
    enrolment: Enrolment,
    persons: Sequence[str | None],
    heard: Sequence[str | None],
    inside: Overlaps,
    unfit: Sequence[str],
) -> Mapping[str, tuple[VoiceExample, ...]]:
    """The best examples of each name, ``MAX_EXAMPLES_PER_ENROLMENT`` at most, in order of time.

    Args:
        persons: whom each utterance's label means; None for one that is not to teach.
        heard: whose voice is heard in each.
        inside: how much of each sample (rows) lies in which utterance (columns).
        unfit: names that are nobody's.
    """
    agrees = np.array([a is not None and a == b for a, b in zip(persons, heard, strict=True)], bool)
    spoilt = np.zeros(len(voices.lengths), bool)
    spoilt[inside.rows[~agrees[inside.columns]]] = True
    alike = voices.vectors @ l2_normalize(enrolment.sums).T
    found = {
        name: _best(voices, _teaching(voices, enrolment, alike, at) & ~spoilt, alike[:, at])
        for at, name in enumerate(enrolment.names)
        if name not in unfit
    }
    return {name: own for name, own in found.items() if sum(one.ms for one in own) >= MIN_EXAMPLES_TOTAL_MS}


def _teaching(voices: SampleArrays, enrolment: Enrolment, alike: Floats, name: int) -> NDArray[np.bool_]:
    others = np.delete(alike, name, axis=1).max(1, initial=-1.0)
    sure = (alike[:, name] >= MIN_EXAMPLE_SIMILARITY) & (alike[:, name] - others >= SIMILARITY_MARGIN)
    taught: NDArray[np.bool_] = (enrolment.weights[:, name] > 0) & (voices.lengths >= MIN_EXAMPLE_MS) & sure
    return taught


def _best(voices: SampleArrays, usable: NDArray[np.bool_], alike: Floats) -> tuple[VoiceExample, ...]:
    """The longest and most typical ones, of which no two share a moment."""
    worth = np.where(usable, np.minimum(voices.lengths, MAX_SAMPLE_MS) / MS_PER_SECOND * alike, 0.0)
    chosen: list[int] = []
    for k in np.argsort(-worth, kind="stable").tolist():
        if len(chosen) == MAX_EXAMPLES_PER_ENROLMENT or not usable[k]:
            break
        if not any(a.overlap(b) for other in chosen for a in voices.spans[k] for b in voices.spans[other]):
            chosen.append(k)
    return tuple(
        VoiceExample(voices.spans[k][0].start, int(voices.lengths[k]), voices.vectors[k].astype("<f4").tobytes())
        for k in sorted(chosen, key=lambda k: voices.spans[k])
    )
