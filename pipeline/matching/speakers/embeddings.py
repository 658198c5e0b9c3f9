"""The sound of who speaks, as arrays: the samples of the voices, and how much of each lies in which utterance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from msgspec.structs import replace as replace_struct
from numpy.typing import NDArray

from pipeline.schema import Diarization, TimedUtterance, TimedWord, Transcript, Turn, VoiceSample
from pipeline.times import Ms, Span

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_PAUSE_IN_UTTERANCE_MS: Ms = 600
"""Two words of one utterance that are further apart leave room for somebody else between them."""

UTTERANCE_EDGE_MS: Ms = 150
"""So much at both ends of an utterance may be the neighbour's: words' times and voices' edges are no closer."""

MAX_SAMPLE_MS: Ms = 4_000
"""A voice's vector is taken from so much speech at most: a longer sample is worth no more."""

MIN_ENROLMENT_CONFIDENCE = 0.5
"""Utterances of this confidence and above teach how people sound."""

MIN_SAMPLE_SHARE = 0.6
"""A sample speaks for an utterance if this share of it lies there: what else it holds may be another's voice."""

MIN_SINGLE_VOICE_MS: Ms = 700
"""Less of a single voice than this says nothing against a label."""

MIN_JUDGED_UTTERANCE_MS: Ms = 1_500
"""The label of a shorter utterance is not judged: its words' times and its voice are too little to go by."""

MAX_SAMPLE_WINDOW_MS: Ms = 3_000
MIN_SAMPLE_WINDOW_MS: Ms = 700
"""How long a stretch is that a voice is sampled in, at most and at least."""


@dataclass(frozen=True, slots=True)
class Overlaps:
    """How much two sequences of stretches share, pair by pair: only the pairs that share anything, by row.

    All three arrays are int64 of the same length; ``ms`` is above 0.
    """

    rows: Ints
    columns: Ints
    ms: Ints

    def table(self, shape: tuple[int, int]) -> Floats:
        """The same as a matrix of ms, float64 of that shape."""
        table = np.zeros(shape)
        np.add.at(table, (self.rows, self.columns), self.ms)
        return table


@dataclass(frozen=True, slots=True)
class SampleArrays:
    """A diarization's samples as arrays, each in the order of the samples.

    Attributes:
        vectors: float64, shape (samples, dimensions), of unit length.
        lengths: ms of speech that each was taken from, shape (samples,).
        clusters: index into ``labels`` of each sample's cluster, shape (samples,).
        labels: the clusters' labels in order of first appearance, of those without a sample too.
    """

    spans: tuple[tuple[Span, ...], ...]
    vectors: Floats
    lengths: Ints
    clusters: Ints
    labels: tuple[str, ...]


def sample_arrays(diarization: Diarization) -> SampleArrays:
    """The samples as arrays; those without a usable vector are left out."""
    labels = tuple(dict.fromkeys(turn.voice for turn in diarization.turns))
    labels = tuple(dict.fromkeys((*labels, *(sample.voice for sample in diarization.samples))))
    rows = [np.frombuffer(sample.embedding, "<f4").astype(np.float64) for sample in diarization.samples]
    good = [k for k, row in enumerate(rows) if row.size and np.isfinite(row).all() and row.any()]
    spans = tuple(diarization.samples[k].spans for k in good)
    return SampleArrays(
        spans=spans,
        vectors=l2_normalize(np.array([rows[k] for k in good])) if good else np.zeros((0, 1)),
        lengths=np.array([sum(span.duration for span in own) for own in spans], np.int64),
        clusters=np.array([labels.index(diarization.samples[k].voice) for k in good], np.int64),
        labels=labels,
    )


def l2_normalize(vectors: Floats) -> Floats:
    """Each vector (the last axis) at length 1; one of zeros stays as it is."""
    size = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(size > 0, size, 1.0)


def utterance_spans(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> tuple[tuple[Span, ...], ...]:
    """Where each utterance is surely being said: its words without the pauses between them, and without its edges.

    Empty for an utterance that was not found, or not surely enough.
    """
    return tuple(
        _without_edges(_joined([span for k in written.words if (span := words[k].span)]) or [timed.span])
        if timed.span is not None and timed.confidence >= MIN_ENROLMENT_CONFIDENCE
        else ()
        for written, timed in zip(transcript.utterances, utterances, strict=True)
    )


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span.start - joined[-1].end <= MAX_PAUSE_IN_UTTERANCE_MS:
            joined[-1] = joined[-1].cover(span)
        else:
            joined.append(span)
    return joined


def _without_edges(spans: Sequence[Span]) -> tuple[Span, ...]:
    if spans[-1].end - spans[0].start < 4 * UTTERANCE_EDGE_MS:
        return tuple(spans)
    inner = Span(spans[0].start + UTTERANCE_EDGE_MS, spans[-1].end - UTTERANCE_EDGE_MS)
    return tuple(clipped for span in spans if (clipped := span.clip(inner)).duration)


def overlaps(these: Sequence[Sequence[Span]], those: Sequence[Sequence[Span]]) -> Overlaps:
    """How much each of ``these`` (rows) shares with each of ``those`` (columns); each is some stretches of time.

    Takes time in proportion to the pairs that meet, if few of ``those`` are far longer than the rest.
    """
    flat = sorted((span.start, span.end, column) for column, spans in enumerate(those) for span in spans)
    starts = np.array([start for start, _, _ in flat], np.int64)
    reach = np.maximum.accumulate(np.array([end for _, end, _ in flat], np.int64))
    shared: dict[tuple[int, int], Ms] = {}
    for row, spans in enumerate(these):
        for span in spans:
            first = int(np.searchsorted(reach, span.start, "right"))
            last = int(np.searchsorted(starts, span.end, "left"))
            for start, end, column in flat[first:last]:
                common = min(end, span.end) - max(start, span.start)
                if common > 0:
                    shared[row, column] = shared.get((row, column), 0) + common
    pairs = np.array(list(shared), np.int64).reshape(-1, 2)
    return Overlaps(pairs[:, 0], pairs[:, 1], np.array(list(shared.values()), np.int64))


def single_voice_ms(voices: SampleArrays, inside: Overlaps, num_utterances: int) -> Ints:
    """For each utterance (columns of ``inside``) the ms of the longest sample that mostly lies in it, else 0."""
    mostly = inside.ms >= MIN_SAMPLE_SHARE * voices.lengths[inside.rows]
    longest = np.zeros(num_utterances, np.int64)
    np.maximum.at(longest, inside.columns[mostly], inside.ms[mostly])
    return longest


# --- where to listen -------------------------------------------------------------------------------------------


def sample_windows(turns: Sequence[Turn]) -> tuple[Span, ...]:
    """Where samples tell best who speaks: each turn in equal parts of 3 s at most; none of 0.7 s or less."""
    parts = (part for turn in turns for part in _even_parts(turn.span))
    return tuple(part for part in parts if part.duration > MIN_SAMPLE_WINDOW_MS)


def _even_parts(span: Span) -> Iterator[Span]:
    number = max(1, math.ceil(span.duration / MAX_SAMPLE_WINDOW_MS))
    edges = [span.start + round(span.duration * k / number) for k in range(number + 1)]
    return (Span(start, end) for start, end in itertools.pairwise(edges))


def unsampled_spans(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance], diarization: Diarization
) -> tuple[Span, ...]:
    """Where somebody must listen once more before every label can be judged, ordered; 1 to 4 s each.

    That is in each utterance of 1.5 s and longer that no sample is of: its turn was merged with a neighbour's.
    """
    voices, stretches = sample_arrays(diarization), utterance_spans(transcript, words, utterances)
    heard = single_voice_ms(voices, overlaps(voices.spans, stretches), len(stretches))
    longest = (
        max(own, key=lambda span: span.duration)
        for own, timed, ms in zip(stretches, utterances, heard.tolist(), strict=True)
        if own and timed.span and timed.span.duration >= MIN_JUDGED_UTTERANCE_MS and ms < MIN_SINGLE_VOICE_MS
    )
    return tuple(sorted(span.middle(MAX_SAMPLE_MS) for span in longest if span.duration >= MIN_SINGLE_VOICE_MS))


def with_samples(diarization: Diarization, samples: Iterable[VoiceSample]) -> Diarization:
    """The diarization with more samples, each of the voice in whose turns most of it lies; others are left out."""
    added = tuple(samples)
    met = overlaps([sample.spans for sample in added], [(turn.span,) for turn in diarization.turns])
    order = np.argsort(met.ms, kind="stable")
    of = dict(zip(met.rows[order].tolist(), met.columns[order].tolist(), strict=True))
    homed = (replace_struct(added[row], voice=diarization.turns[turn].voice) for row, turn in of.items())
    every = sorted((*diarization.samples, *homed), key=lambda sample: (sample.spans, sample.voice))
    return replace(diarization, samples=tuple(every))
