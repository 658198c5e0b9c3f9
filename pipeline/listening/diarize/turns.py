"""Convert the output of a pyannote pipeline into turns and voice samples. Pure functions.

pyannote slides a window over the audio. In each chunk it finds up to three *local speakers*. Each local speaker gets
an embedding, the embeddings of all chunks are clustered, and a cluster is a voice (Plaquet and Bredin 2023, "Powerset
multi-class cross entropy loss for neural speaker diarization", arXiv:2310.13025). Here each local speaker becomes a
sample of the voice in whose turns it is::

    chunk 0  ▄▄▄▄▄▄▄▄  ▄▄▄▄         local speaker 0: one embedding, one sample
             ········▄▄▄····        local speaker 1
    chunk 1       ▄▄▄▄▄▄▄▄▄▄▄▄      ... half a chunk later
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.speech_spans import clip_spans
from pipeline.schema import Turn, VoiceSample
from pipeline.times import Ms, Span, from_seconds

Mask = npt.NDArray[np.bool_]
Embeddings = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class ChunkSpeakers:
    """The local speakers of all chunks of a recording.

    Attributes:
        active: who speaks when, bool, shape (num_chunks, num_frames, num_local_speakers).
        embeddings: shape (num_chunks, num_local_speakers, dimension); NaN if there is none.
        chunk_step: seconds from the start of one chunk to the start of the next.
        chunk_duration: seconds; all frames of a chunk are equally long.
        longest: how many frames of a local speaker the embedding was computed from, at most.
    """

    active: Mask
    embeddings: Embeddings
    chunk_step: float
    chunk_duration: float
    longest: int

    def span(self, chunk: int, first: int, end: int) -> Span:
        """Return the span of the frames ``first`` to ``end`` (not included) of a chunk."""
        start, frame = chunk * self.chunk_step, self.chunk_duration / self.active.shape[1]
        return Span(from_seconds(start + first * frame), from_seconds(start + end * frame))


def turns_from_segments(segments: Iterable[tuple[float, float, object]], within: Span) -> tuple[Turn, ...]:
    """Convert segments (start and end in seconds, any label) into turns; ``SPEAKER_00`` is the first to speak.

    Args:
        within: the span of the recording; segments are clipped to it, and empty ones are left out.

    Returns:
        Turns ordered by start; those of different voices may overlap.

    >>> turns_from_segments([(2.0, 3.5, 7), (0.0, 2.5, 4)], Span(0, 3_000))[1]
    Turn(span=Span(start=2000, end=3000), voice='SPEAKER_01')
    """
    clipped = ((_span(start, end).clip(within), str(label)) for start, end, label in segments)
    ordered = sorted((span, label) for span, label in clipped if span.duration)
    names = {label: f"SPEAKER_{n:02d}" for n, label in enumerate(dict.fromkeys(label for _, label in ordered))}
    return tuple(Turn(span, names[label]) for span, label in ordered)


def _span(start: float, end: float) -> Span:
    return Span(*(max(0, from_seconds(point)) for point in (start, end)))


def without_overlap(active: Mask) -> Mask:
    """Return the frames in which a local speaker is the only one; shapes (num_frames, num_local_speakers)."""
    only: Mask = active & (active.sum(1, keepdims=True) == 1)
    return only


def num_frames_in(seconds: float, num_frames: int, duration: float) -> int:
    """Return how many frames, rounded up, are ``seconds`` of a chunk of ``num_frames`` and ``duration`` seconds."""
    return math.ceil(seconds / duration * num_frames)


def middle_frames(mask: Mask, longest: int) -> Mask:
    """Keep at most ``longest`` of the frames that are set, those in the middle; shapes (num_frames,).

    >>> middle_frames(np.array([True, True, False, True, True]), 2).tolist()
    [False, True, False, True, False]
    """
    chosen = np.flatnonzero(mask)
    first = max(0, len(chosen) - longest) // 2
    kept = np.zeros_like(mask)
    kept[chosen[first : first + longest]] = True
    return kept


def most_voted(votes: npt.NDArray[np.float32], count: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
    """Set the ``count`` largest votes above 0 of each frame to 1, and the rest to 0.

    Args:
        votes: float32, 0 or more, shape (num_frames, num_voices).
        count: the number of speakers at once, shape (num_frames,).

    Returns:
        0 or 1, float32, shape (num_frames, num_voices).

    >>> most_voted(np.array([[3, 1, 2], [0, 5, 0]], np.float32), np.array([2, 2])).tolist()
    [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    chosen = np.zeros_like(votes)
    for rank in range(int(count.max())):
        frames = np.flatnonzero(count > rank)
        best = np.argmax(votes[frames] * (1 - chosen[frames]), axis=1)
        chosen[frames, best] = votes[frames, best] > 0
    return chosen


def voice_samples(
    speakers: ChunkSpeakers, turns: Sequence[Turn], within: Span, shortest: Ms
) -> tuple[VoiceSample, ...]:
    """Return a sample of each local speaker, of the voice whose turns have the most of it; ordered by start.

    Args:
        within: the span of the recording; samples are clipped to it.
        shortest: in ms; local speakers who speak alone for less are left out, as are those in no turn.

    Returns:
        Samples with embeddings of unit length, as bytes of little-endian float32.
    """
    by_voice = _edges_by_voice(turns)
    found = []
    for chunk, speaker in np.argwhere(np.isfinite(speakers.embeddings).all(2)):
        spans = clip_spans(_embedded_spans(speakers, chunk, speaker), within)
        voice = _voice_of(spans, by_voice)
        if voice is not None and sum(span.duration for span in spans) >= shortest:
            found.append(VoiceSample(spans, voice, _normalized(speakers.embeddings[chunk, speaker]).tobytes()))
    return tuple(sorted(found, key=lambda sample: (sample.spans, sample.voice)))


def _embedded_spans(speakers: ChunkSpeakers, chunk: int, speaker: int) -> Iterator[Span]:
    """Return the spans from which an embedding was computed."""
    mask = middle_frames(without_overlap(speakers.active[chunk])[:, speaker], speakers.longest)
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return (speakers.span(chunk, first, end) for first, end in zip(edges[::2], edges[1::2], strict=True))


def _edges_by_voice(turns: Sequence[Turn]) -> Mapping[str, npt.NDArray[np.int64]]:
    """Return the starts and ends in ms of each voice's turns, shape (num_turns, 2)."""
    grouped: dict[str, list[tuple[Ms, Ms]]] = defaultdict(list)
    for turn in turns:
        grouped[turn.voice].append((turn.span.start, turn.span.end))
    return {voice: np.array(edges) for voice, edges in grouped.items()}


def _voice_of(spans: Sequence[Span], by_voice: Mapping[str, npt.NDArray[np.int64]]) -> str | None:
    """Return the voice whose turns overlap most with ``spans``; None if no turn does."""
    overlaps = {voice: sum(_overlap(span, edges) for span in spans) for voice, edges in by_voice.items()}
    best = max(overlaps, key=overlaps.__getitem__, default=None)
    return best if best is not None and overlaps[best] else None


def _overlap(span: Span, edges: npt.NDArray[np.int64]) -> Ms:
    """Return how much of a span is in ordered, disjoint turns."""
    starts, ends = edges.T
    touched = slice(np.searchsorted(ends, span.start, "right"), np.searchsorted(starts, span.end))
    return int((np.minimum(ends[touched], span.end) - np.maximum(starts[touched], span.start)).sum())


def _normalized(embedding: Embeddings) -> npt.NDArray[np.float32]:
    return (embedding / np.linalg.norm(embedding)).astype("<f4")
