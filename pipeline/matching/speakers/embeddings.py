"""Speaker embeddings as arrays: the voice samples of a recording, and how much of each is in which utterance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from msgspec.structs import replace as replace_struct
from numpy.typing import NDArray

from pipeline.schema import Diarization, TimedUtterance, TimedWord, Transcript, Turn, Utterance, VoiceSample
from pipeline.times import Ms, Span, merge_spans

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

MAX_PAUSE_IN_UTTERANCE_MS: Ms = 600
"""Between two words of one utterance that are further apart, another person may speak. Chosen by hand."""

UTTERANCE_EDGE_MS: Ms = 150
"""This much at both ends of an utterance may be the neighbour's voice: the times of words and the edges of turns are
not more exact. Chosen by hand."""

MAX_SAMPLE_MS: Ms = 4_000
"""A longer sample has no more weight: by default an embedding is computed from at most 4 s of speech (``sample_s`` of
the diarizer's options)."""

MIN_ENROLMENT_CONFIDENCE = 0.5
"""Only utterances of at least this confidence enrol voices; less confident ones get no time in the document either."""

_SAMPLED_PART = 3
"""Of the equal parts of a turn, every third is sampled. Chosen with ``scripts/benchmark_speakers.py``."""

MIN_SAMPLE_SHARE = 0.6
"""A sample represents an utterance if at least this share of it is inside: the rest may be another voice. Chosen by
hand."""

MIN_SINGLE_VOICE_MS: Ms = 700
"""A label is contradicted only by a sample with at least this much of a single voice: the shortest window that is
sampled (``MIN_SAMPLE_WINDOW_MS``)."""

MIN_JUDGED_UTTERANCE_MS: Ms = 1_500
"""Labels of shorter utterances are not judged: the times of their words and their embeddings are too inexact.
``scripts/benchmark_speakers.py`` counts the wrong labels that are found from this length on."""

MAX_SAMPLE_WINDOW_MS: Ms = 3_000
MIN_SAMPLE_WINDOW_MS: Ms = 700
"""The longest and the shortest window that an embedding is computed from. Chosen by hand; a window of 0.7 s or less
says too little of a voice."""


@dataclass(frozen=True, slots=True)
class Overlaps:
    """The overlaps of two sequences of span lists as a sparse matrix: only the pairs that overlap, in row order.

    All three arrays are int64 of the same length; ``ms`` is above 0.
    """

    rows: Ints
    columns: Ints
    ms: Ints

    def matrix(self, shape: tuple[int, int]) -> Floats:
        """Return the same as a dense matrix of ms, float64, of this shape."""
        matrix = np.zeros(shape)
        np.add.at(matrix, (self.rows, self.columns), self.ms)
        return matrix


@dataclass(frozen=True, slots=True)
class SampleArrays:
    """The voice samples of a diarization as arrays, all in the order of the samples.

    Attributes:
        spans: where each sample was taken; ordered and disjoint.
        embeddings: float64, shape (samples, dimensions), of unit length.
        durations: ms of speech that each embedding was computed from, int64, shape (samples,).
        clusters: the index into ``cluster_labels`` of each sample, int64, shape (samples,).
        cluster_labels: the diarizer's labels in order of first appearance, including clusters without a sample.
    """

    spans: tuple[tuple[Span, ...], ...]
    embeddings: Floats
    durations: Ints
    clusters: Ints
    cluster_labels: tuple[str, ...]


# --- decoding and arithmetic ---------------------------------------------------------------------------------------


def decode_embedding(encoded: bytes) -> Floats | None:
    """Decode an embedding (float32, little-endian) to float64, shape (dimensions,); its length is left as it is.

    Returns:
        The embedding, perhaps all zeros or empty; None if the bytes are no whole floats or not all of them are finite.
    """
    if len(encoded) % 4:
        return None
    embedding = np.frombuffer(encoded, "<f4").astype(np.float64)
    return embedding if np.isfinite(embedding).all() else None


def encode_embedding(embedding: Floats) -> bytes:
    """Encode an embedding, shape (dimensions,), as float32, little-endian."""
    return embedding.astype("<f4").tobytes()


def l2_normalize(vectors: Floats) -> Floats:
    """Scale each vector to unit length; zeros stay zeros.

    Args:
        vectors: float64, shape (..., dimensions); the last axis is scaled. Dot products of the result are cosines.
    """
    size = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(size > 0, size, 1.0)


def sum_embeddings(samples: SampleArrays, chosen: Ints) -> Floats:
    """Add up the embeddings of some samples, each weighted by its ms, ``MAX_SAMPLE_MS`` at most.

    Args:
        chosen: indices of the samples, shape (chosen,).

    Returns:
        The weighted sum, shape (dimensions,), not of unit length.
    """
    weights = np.minimum(samples.durations[chosen], MAX_SAMPLE_MS).astype(float)
    summed: Floats = samples.embeddings[chosen].T @ weights
    return summed


def sample_arrays(diarization: Diarization) -> SampleArrays:
    """Return the samples of a diarization as arrays, without those whose embedding cannot be used."""
    labels = tuple(dict.fromkeys(turn.voice for turn in diarization.turns))
    labels = tuple(dict.fromkeys((*labels, *(sample.voice for sample in diarization.samples))))
    decoded = [(sample, decode_embedding(sample.embedding)) for sample in diarization.samples]
    usable = [(sample, embedding) for sample, embedding in decoded if embedding is not None and embedding.any()]
    spans = tuple(sample.spans for sample, _ in usable)
    embeddings = [embedding for _, embedding in usable]
    return SampleArrays(
        spans=spans,
        embeddings=l2_normalize(np.array(embeddings)) if embeddings else np.zeros((0, 1)),
        durations=np.array([sum(span.duration for span in own) for own in spans], np.int64),
        clusters=np.array([labels.index(sample.voice) for sample, _ in usable], np.int64),
        cluster_labels=labels,
    )


# --- where utterances and samples are ------------------------------------------------------------------------------


def utterance_spans(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> tuple[tuple[Span, ...], ...]:
    """Return the spans in which each utterance is certainly spoken: its words without longer pauses and without edges.

    The spans of an utterance are ordered and disjoint; there are none if it was not found with enough confidence.
    """
    return tuple(
        _without_edges(_without_pauses(written, words) or (timed.span,))
        if timed.span is not None and timed.confidence >= MIN_ENROLMENT_CONFIDENCE
        else ()
        for written, timed in zip(transcript.utterances, utterances, strict=True)
    )


def _without_pauses(utterance: Utterance, words: Sequence[TimedWord]) -> tuple[Span, ...]:
    """Return the spans of the words of an utterance that have a time, joined over short pauses."""
    spans = (span for k in utterance.words if (span := words[k].span) is not None)
    return merge_spans(spans, MAX_PAUSE_IN_UTTERANCE_MS)


def _without_edges(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Cut ``UTTERANCE_EDGE_MS`` off both ends; spans that would lose more than half of their extent stay whole."""
    if spans[-1].end - spans[0].start < 4 * UTTERANCE_EDGE_MS:
        return tuple(spans)
    inner = Span(spans[0].start + UTTERANCE_EDGE_MS, spans[-1].end - UTTERANCE_EDGE_MS)
    return tuple(clipped for span in spans if (clipped := span.clip(inner)).duration)


def overlaps(these: Sequence[Sequence[Span]], those: Sequence[Sequence[Span]]) -> Overlaps:
    """Return how many ms each of ``these`` (rows) shares with each of ``those`` (columns).

    Each item is a list of spans. The time is in proportion to the pairs that overlap, as long as few spans of ``those``
    are far longer than the rest.
    """
    flat = sorted((span.start, span.end, column) for column, spans in enumerate(those) for span in spans)
    starts = np.array([start for start, _, _ in flat], np.int64)
    latest_ends = np.maximum.accumulate(np.array([end for _, end, _ in flat], np.int64))
    shared: dict[tuple[int, int], Ms] = {}
    for row, spans in enumerate(these):
        for span in spans:
            first = int(np.searchsorted(latest_ends, span.start, "right"))
            last = int(np.searchsorted(starts, span.end, "left"))
            for start, end, column in flat[first:last]:
                common = min(end, span.end) - max(start, span.start)
                if common > 0:
                    shared[row, column] = shared.get((row, column), 0) + common
    pairs = np.array(list(shared), np.int64).reshape(-1, 2)
    return Overlaps(pairs[:, 0], pairs[:, 1], np.array(list(shared.values()), np.int64))


def covered_ms(spans: Iterable[Span]) -> Ms:
    """Return how many ms the spans cover together; where they overlap, it is counted once."""
    total, end = 0, 0
    for span in sorted(spans):
        total += max(0, span.end - max(span.start, end))
        end = max(end, span.end)
    return total


def single_voice_ms(samples: SampleArrays, inside: Overlaps, num_utterances: int) -> Ints:
    """Return for each utterance how much of it the sample covers that covers most of it and is mostly inside it.

    Args:
        inside: how much of each sample (rows) is in which utterance (columns).

    Returns:
        ms, int64, shape (utterances,); 0 if no sample has ``MIN_SAMPLE_SHARE`` of itself in the utterance.
    """
    mostly = inside.ms >= MIN_SAMPLE_SHARE * samples.durations[inside.rows]
    longest = np.zeros(num_utterances, np.int64)
    np.maximum.at(longest, inside.columns[mostly], inside.ms[mostly])
    return longest


# --- where to compute embeddings -----------------------------------------------------------------------------------


def sample_windows(turns: Sequence[Turn]) -> tuple[Span, ...]:
    """Return the windows to compute embeddings of: parts of each turn, of 3 s at most and more than 0.7 s.

    Turns are sampled one by one, so that no sample holds two voices which the diarizer separates. Of the equal parts of
    a turn, these are the first, the last, and every third between them. That is a quarter less speech than all of them
    in an hour of podcasts, and ``scripts/benchmark_speakers.py`` finds and reports the same labels.
    """
    parts = (part for turn in turns for part in _sampled(_equal_parts(turn.span)))
    return tuple(part for part in parts if part.duration > MIN_SAMPLE_WINDOW_MS)


def _sampled(parts: Sequence[Span]) -> Iterator[Span]:
    return (part for number, part in enumerate(parts) if number % _SAMPLED_PART == 0 or part is parts[-1])


def _equal_parts(span: Span) -> tuple[Span, ...]:
    number = max(1, math.ceil(span.duration / MAX_SAMPLE_WINDOW_MS))
    edges = [span.start + round(span.duration * k / number) for k in range(number + 1)]
    return tuple(Span(start, end) for start, end in itertools.pairwise(edges))


def unsampled_spans(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance], diarization: Diarization
) -> tuple[Span, ...]:
    """Return the spans that need a further sample before every label can be judged; ordered, 0.7 to 4 s each.

    That is one span in each utterance of 1.5 s or more without a sample of its own: the diarizer has merged its turn
    with a neighbour's.
    """
    samples, spans = sample_arrays(diarization), utterance_spans(transcript, words, utterances)
    sampled = single_voice_ms(samples, overlaps(samples.spans, spans), len(spans))
    longest = (
        max(own, key=lambda span: span.duration)
        for own, timed, ms in zip(spans, utterances, sampled.tolist(), strict=True)
        if own and timed.span and timed.span.duration >= MIN_JUDGED_UTTERANCE_MS and ms < MIN_SINGLE_VOICE_MS
    )
    return tuple(sorted(span.middle(MAX_SAMPLE_MS) for span in longest if span.duration >= MIN_SINGLE_VOICE_MS))


def with_samples(diarization: Diarization, samples: Iterable[VoiceSample]) -> Diarization:
    """Add samples to a diarization, each to the cluster whose turns hold most of it; samples outside are left out."""
    new = tuple(samples)
    shared = overlaps([sample.spans for sample in new], [(turn.span,) for turn in diarization.turns])
    order = np.argsort(shared.ms, kind="stable")
    turn_of = dict(zip(shared.rows[order].tolist(), shared.columns[order].tolist(), strict=True))
    placed = (replace_struct(new[row], voice=diarization.turns[turn].voice) for row, turn in turn_of.items())
    every = sorted((*diarization.samples, *placed), key=lambda sample: (sample.spans, sample.voice))
    return replace(diarization, samples=tuple(every))
