"""Labels that seem to be another spelling of a person's name, and whose voice is that of another person."""

from __future__ import annotations

import numpy as np

from pipeline.matching.speakers.embeddings import Overlaps, SampleArrays, l2_normalize
from pipeline.matching.speakers.enrolment import Enrolment, enrol
from pipeline.matching.speakers.strangers import MIN_KNOWN_SIMILARITY, length_factor
from pipeline.reading.labels.names import label_meanings
from pipeline.schema import Transcript
from pipeline.times import Ms

MIN_CONTRADICTING_MS: Ms = 3_000
"""Both spellings need this much speech before their voices can contradict: of turns of 1.5 to 3 s, one in twenty is
less similar to its own voice (0.49) than two people may be (0.51)."""


def labels_apart(transcript: Transcript, samples: SampleArrays, inside: Overlaps) -> frozenset[str]:
    """Return the labels whose voice is another one than that of the person whose name is near.

    Args:
        inside: how many ms of each sample (rows) are in which utterance (columns).
    """
    meanings = label_meanings(transcript)
    if not any(one.nearest not in {None, label} for label, one in meanings.items()):
        return frozenset()
    voices = enrol(samples, [utterance.speaker for utterance in transcript.utterances], inside)
    people = [meanings[name].name for name in voices.names]
    return frozenset(
        name
        for at, name in enumerate(voices.names)
        if name != people[at] and _contradicts(voices, at, [k for k, one in enumerate(people) if one == people[at]])
    )


def _contradicts(voices: Enrolment, label: int, person: list[int]) -> bool:
    """Return whether a label's voice is unlike that of the other spellings of the same person."""
    others = [at for at in person if at != label]
    ms, rest_ms = float(voices.ms[label]), float(voices.ms[others].sum())
    if min(ms, rest_ms) < MIN_CONTRADICTING_MS:
        return False
    similarity = float(l2_normalize(voices.sums[label]) @ l2_normalize(voices.sums[others].sum(0)))
    return similarity < MIN_KNOWN_SIMILARITY * float(length_factor(np.array(ms)) * length_factor(np.array(rest_ms)))
