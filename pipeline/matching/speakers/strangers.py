"""Strangers: voices without a label that are of no person in the labels (open-set speaker identification).

A voice is judged by stretches of speech, not by single samples, whose similarity varies. A stretch is a known person's
only if it is about as similar to that person's voice as that person's own turns are to each other; the less speech is
compared, the less is asked for. The other stretches are grouped: those of one voice are one stranger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.matching.speakers.embeddings import (
    MAX_SAMPLE_MS,
    MIN_SINGLE_VOICE_MS,
    Floats,
    Ints,
    Mask,
    SampleArrays,
    covered_ms,
    l2_normalize,
    sum_embeddings,
)
from pipeline.matching.speakers.enrolment import SAME_SPEAKER_SIMILARITY, Enrolment
from pipeline.times import Ms

USUAL_OWN_SIMILARITY = 0.85
OWN_SIMILARITY_PRIOR_MS: Ms = 6_000
"""A person's turns of 3 s and more have a median cosine of 0.84 to 0.92 to the rest of that person's speech. Until more
than 6 s of a voice are known, this counts for more than what is measured of it. Chosen by hand."""

MAX_BELOW_OWN_SIMILARITY = 0.2
MIN_KNOWN_SIMILARITY, MAX_KNOWN_SIMILARITY = 0.5, 0.75
"""A stretch is a person's down to 0.2 below what that person's turns have to each other, at least 0.5 and at most
0.75. In 28 recordings, turns of 6 s and more have 0.75 at least to the rest of their own voice, and 0.57 at most to
another's; to a voice of which little is known, 0.68. With 0.15 in place of 0.2, ``scripts/benchmark_strangers.py``
leaves half a point more of the known people's speech without a name; with 0.7 in place of 0.75 as much less, but a
newcomer of the second example, who has 0.63 to another guest, is just at the limit. The script's ``--curve``: with 0.25
in place of 0.2, 0.2 of a point more of the known people's speech is right, and 0.3 more of the strangers' has a name;
but a newcomer with 0.6 to somebody then gets that person's name."""

CLEAR_MARGIN = 0.1
"""Speech that exceeds what it must have by this much teaches more of the voice. With 0, the stretches of a similar
voice are taken in one by one; from 0.1 to 0.2 the figures of the script are the same."""

SHORT_MARGIN = 0.1
"""A voice of too little speech for a new person has no name only if it misses what it must have by more than this. With
0, ``scripts/benchmark_strangers.py`` has 0.2 of a point less of the known people's speech right, and 0.2 less of the
strangers' under a name."""

HALF_SPEECH_MS: Ms = 1_000
"""Of this much speech an embedding has about 0.7 of the similarity that a long one has, and the similarity rises with
the square root of speech / (speech + 1 s), as if noise of that length were added. With 0.5 s or 2 s, the figures of the
script change by 0.7 of a point at most, if half of the turns are typed."""

MAX_STRETCH_GAP_MS: Ms = 500
"""A sample continues a stretch of its cluster after a pause of 0.5 s at most, and only if it has the same voice: a
cluster may hold two. Chosen by hand."""

SAME_CLUSTER_SIMILARITY = 0.5
"""Two stretches are of one stranger from this similarity on if the diarizer puts them into one cluster, and else from
``SAME_SPEAKER_SIMILARITY`` on; both for long stretches. With 0.6, the figures of the script are the same."""

MIN_STRANGER_SPEECH_MS: Ms = 5_000
"""A voice with less speech than this is no new person. In 21 recordings of which half is typed, one stranger too many
is found at 5 s, none at 8 s and four at 3 s."""

NOT_STRANGE, UNASSIGNED = -1, -2
"""What a sample has in ``Strangers.of_samples`` if it may be a known person's, or is of too little speech."""


@dataclass(frozen=True, slots=True)
class Strangers:
    """The voices that are similar to no known one, in the order in which they first speak.

    Attributes:
        sums: each one's samples added up, weighted by ms, float64, shape (strangers, dimensions).
        of_samples: the index of each sample's stranger; ``UNASSIGNED`` if it is similar to no known voice, but of too
            little speech for a new person; ``NOT_STRANGE`` for all others; int64, shape (samples,).
    """

    sums: Floats
    of_samples: Ints


@dataclass(frozen=True, slots=True)
class KnownSpeech:
    """The voices that have a name, and what is asked of speech to be theirs.

    Attributes:
        sums: the sum of each voice's samples, float64, shape (voices, dimensions).
        ms: of how much speech each is, float64, shape (voices,); 0 for a name without a voice.
        least: the cosine similarity that a long stretch must have to a voice of which much is known; shape (voices,).
    """

    sums: Floats
    ms: Floats
    least: Floats


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Samples of one cluster without a pause between them, and what they are together."""

    rows: Ints
    total: Floats
    ms: Ms
    cluster: int


def length_factor(ms: Ms | Floats) -> Floats:
    """Return by how much a cosine similarity falls if an embedding is of so many ms of speech, 0 to 1."""
    factor: Floats = np.sqrt(ms / (np.asarray(ms, np.float64) + HALF_SPEECH_MS))
    return factor


def known_voices(samples: SampleArrays, enrolment: Enrolment, similarity: Floats) -> KnownSpeech:
    """Return the voices of the labels, with the similarity that a long stretch must have to be of each person.

    Args:
        similarity: of each sample to each name, learned without its own turn; NaN if it is known from no other turn;
            float64, shape (samples, names).
    """
    weights = np.where(np.isnan(similarity), 0.0, enrolment.weights)
    factors = length_factor(np.minimum(samples.durations, MAX_SAMPLE_MS).astype(np.float64))
    measured = (np.nan_to_num(similarity) * weights).sum(0) + OWN_SIMILARITY_PRIOR_MS * USUAL_OWN_SIMILARITY
    own = measured / ((weights * factors[:, None]).sum(0) + OWN_SIMILARITY_PRIOR_MS)
    least = np.clip(own - MAX_BELOW_OWN_SIMILARITY, MIN_KNOWN_SIMILARITY, MAX_KNOWN_SIMILARITY)
    return KnownSpeech(enrolment.sums, enrolment.ms, least)


def find_strangers(samples: SampleArrays, known: KnownSpeech, asked: Mask) -> Strangers:
    """Find the voices that are similar to no known one among some samples of an episode.

    The time is in proportion to the stretches times the voices that are found.

    Args:
        asked: which samples to judge, bool, shape (samples,).
    """
    known, strange = _adopt(known, list(_stretches(samples, asked)))
    of_samples = np.full(len(samples.durations), NOT_STRANGE, np.int64)
    found: list[_Stretch] = []
    for rows in _group(strange, samples.embeddings.shape[1]):
        voice = _stretch(samples, rows)
        margin = _margins(voice, known).max(initial=-1.0)
        if voice.ms >= MIN_STRANGER_SPEECH_MS and margin < 0:
            found.append(voice)
        elif voice.ms >= MIN_SINGLE_VOICE_MS and margin < -SHORT_MARGIN:
            of_samples[rows] = UNASSIGNED
    found.sort(key=lambda voice: int(voice.rows.min()))
    for number, voice in enumerate(found):
        of_samples[voice.rows] = number
    sums = np.array([voice.total for voice in found]).reshape(len(found), samples.embeddings.shape[1])
    return Strangers(sums, of_samples)


def _adopt(known: KnownSpeech, stretches: Sequence[_Stretch]) -> tuple[KnownSpeech, list[_Stretch]]:
    """Add what is clearly of known people to their voices, the most similar first; return them and the other stretches.

    What a few typed words have taught becomes the person's whole voice, which is less like a similar one.
    """
    sums, ms, strange = known.sums.copy(), known.ms.copy(), list[_Stretch]()
    voices = l2_normalize(known.sums)
    for one in sorted(stretches, key=lambda one: -float((voices @ l2_normalize(one.total)).max(initial=-1.0))):
        margins = _margins(one, KnownSpeech(sums, ms, known.least))
        if margins.max(initial=-1.0) < 0:
            strange.append(one)
        elif margins.max() >= CLEAR_MARGIN:
            sums[margins.argmax()] += one.total
            ms[margins.argmax()] += one.ms
    return KnownSpeech(sums, ms, known.least), strange


def _margins(stretch: _Stretch, known: KnownSpeech) -> Floats:
    """Return by how much a stretch is more similar to each known voice than it must be, below 0 if it is not enough."""
    least = known.least * length_factor(known.ms) * length_factor(stretch.ms)
    similarity = l2_normalize(known.sums) @ l2_normalize(stretch.total)
    return np.where(known.ms > 0, similarity - least, -1.0)


def _stretch(samples: SampleArrays, rows: Ints) -> _Stretch:
    spans = (span for row in rows.tolist() for span in samples.spans[row])
    return _Stretch(rows, sum_embeddings(samples, rows), covered_ms(spans), int(samples.clusters[rows[0]]))


def _stretches(samples: SampleArrays, asked: Mask) -> Iterator[_Stretch]:
    """Divide samples, ordered by start, into stretches of one cluster and one voice without a longer pause."""
    groups: list[list[int]] = []
    current: dict[int, tuple[list[int], Floats, Ms]] = {}
    for row in np.flatnonzero(asked).tolist():
        cluster, spans, embedding = int(samples.clusters[row]), samples.spans[row], samples.embeddings[row]
        ms = int(samples.durations[row])
        rows, total, end = current.get(cluster, ([], np.zeros_like(embedding), 0))
        goes_on = bool(rows) and spans[0].start - end <= MAX_STRETCH_GAP_MS
        if not goes_on or float(embedding @ l2_normalize(total)) < SAME_SPEAKER_SIMILARITY * length_factor(ms):
            rows, total, end = [], np.zeros_like(embedding), 0
            groups.append(rows)
        rows.append(row)
        current[cluster] = rows, total + embedding * min(ms, MAX_SAMPLE_MS), max(end, spans[-1].end)
    return (_stretch(samples, np.array(rows, np.int64)) for rows in groups)


def _group(stretches: Sequence[_Stretch], dimensions: int) -> Iterator[Ints]:
    """Yield the samples of each voice: the longest stretch first, each joins the most similar voice if it is alike."""
    totals, clusters, groups = np.zeros((len(stretches), dimensions)), list[set[int]](), list[list[Ints]]()
    for one in sorted(stretches, key=lambda one: (-one.ms, int(one.rows[0]))):
        limits = np.array(
            [SAME_CLUSTER_SIMILARITY if one.cluster in own else SAME_SPEAKER_SIMILARITY for own in clusters]
        )
        above = l2_normalize(totals[: len(groups)]) @ l2_normalize(one.total) - limits * length_factor(one.ms)
        at = int(above.argmax()) if above.max(initial=-1.0) >= 0 else len(groups)
        if at == len(groups):
            groups.append([])
            clusters.append(set())
        groups[at].append(one.rows)
        clusters[at].add(one.cluster)
        totals[at] += one.total
    return (np.concatenate(rows) for rows in groups)
