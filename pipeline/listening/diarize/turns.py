"""What pyannote computes for the voices of each chunk, as turns and samples on the audio's clock. Pure.

pyannote slides a window over the audio. In each chunk it tells up to three local speakers apart; what it says of one
of them is a *track*. Each track gets a vector, the vectors of all chunks are clustered, and a cluster is a voice. The
tracks are kept here as samples of the voice that they became a part of::

    chunk 0  ▄▄▄▄▄▄▄▄  ▄▄▄▄         local speaker 0, a track: one vector, one sample
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

from pipeline.schema import Turn, VoiceSample
from pipeline.times import Ms, Span, from_seconds

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """All tracks of a recording.

    Attributes:
        active: who speaks, shape (num_chunks, num_frames, num_local_speakers).
        vectors: shape (num_chunks, num_local_speakers, dimension); not a number where there is none.
        chunk_step: seconds from the start of one chunk to that of the next.
        chunk_duration: seconds; ``num_frames`` share them evenly.
        longest: how many frames of a track its vector is made of, at most.
    """

    active: Mask
    vectors: Floats
    chunk_step: float
    chunk_duration: float
    longest: int

    def span(self, chunk: int, first: int, end: int) -> Span:
        """Where frames ``first`` to ``end`` (not included) of a chunk lie."""
        start, frame = chunk * self.chunk_step, self.chunk_duration / self.active.shape[1]
        return Span(from_seconds(start + first * frame), from_seconds(start + end * frame))


def turns_of(heard: Iterable[tuple[float, float, object]], within: Span) -> tuple[Turn, ...]:
    """Make turns of starts and ends in seconds with labels of any kind; ``SPEAKER_00`` is who speaks first.

    >>> turns_of([(2.0, 3.5, 7), (0.0, 2.5, 4)], Span(0, 3_000))[1]
    Turn(span=Span(start=2000, end=3000), voice='SPEAKER_01')
    """
    clipped = ((_span(start, end).clip(within), str(label)) for start, end, label in heard)
    ordered = sorted((span, label) for span, label in clipped if span.duration)
    names = {label: f"SPEAKER_{n:02d}" for n, label in enumerate(dict.fromkeys(label for _, label in ordered))}
    return tuple(Turn(span, names[label]) for span, label in ordered)


def _span(start: float, end: float) -> Span:
    return Span(*(max(0, from_seconds(point)) for point in (start, end)))


def alone(active: Mask) -> Mask:
    """Tell where a local speaker is the only one who speaks; shape (num_frames, num_local_speakers), as given."""
    only: Mask = active & (active.sum(1, keepdims=True) == 1)
    return only


def frames_in(seconds: float, num_frames: int, duration: float) -> int:
    """How many frames of a chunk make so many seconds."""
    return math.ceil(seconds / duration * num_frames)


def middle(mask: Mask, longest: int) -> Mask:
    """Keep at most ``longest`` of the frames that are set, those in the middle; shape (num_frames,).

    >>> middle(np.array([True, True, False, True, True]), 2).tolist()
    [False, True, False, True, False]
    """
    chosen = np.flatnonzero(mask)
    first = max(0, len(chosen) - longest) // 2
    kept = np.zeros_like(mask)
    kept[chosen[first : first + longest]] = True
    return kept


def most_voted(votes: npt.NDArray[np.float32], count: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
    """Set the ``count`` largest votes of each frame to 1, as far as there are any, and the rest to 0.

    Args:
        votes: 0 or more, shape (num_frames, num_voices).
        count: how many speak at once, shape (num_frames,).

    >>> most_voted(np.array([[3, 1, 2], [0, 5, 0]], np.float32), np.array([2, 2])).tolist()
    [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    chosen = np.zeros_like(votes)
    for taken in range(int(count.max())):
        left = np.flatnonzero(count > taken)
        best = np.argmax(votes[left] * (1 - chosen[left]), axis=1)
        chosen[left, best] = votes[left, best] > 0
    return chosen


def samples_of(tracks: Tracks, turns: Sequence[Turn], within: Span, shortest: Ms) -> tuple[VoiceSample, ...]:
    """Give the tracks as samples, each of the voice in whose turns it mostly lies, ordered by start.

    Args:
        shortest: what is alone for less is left out, as is what lies in nobody's turn.
    """
    by_voice = _edges_by_voice(turns)
    found = []
    for chunk, speaker in np.argwhere(np.isfinite(tracks.vectors).all(2)):
        parts = (span.clip(within) for span in _taken_from(tracks, chunk, speaker))
        spans = tuple(part for part in parts if part.duration)
        voice = _voice(spans, by_voice)
        if voice is not None and sum(span.duration for span in spans) >= shortest:
            found.append(VoiceSample(spans, voice, _unit(tracks.vectors[chunk, speaker]).tobytes()))
    return tuple(sorted(found, key=lambda sample: (sample.spans, sample.voice)))


def _taken_from(tracks: Tracks, chunk: int, speaker: int) -> Iterator[Span]:
    """Runs of the frames that a vector was made of, as spans."""
    mask = middle(alone(tracks.active[chunk])[:, speaker], tracks.longest)
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return (tracks.span(chunk, first, end) for first, end in zip(edges[::2], edges[1::2], strict=True))


def _edges_by_voice(turns: Sequence[Turn]) -> Mapping[str, npt.NDArray[np.int64]]:
    """Starts and ends of each voice's turns, shape (num_turns, 2)."""
    grouped: dict[str, list[tuple[Ms, Ms]]] = defaultdict(list)
    for turn in turns:
        grouped[turn.voice].append((turn.span.start, turn.span.end))
    return {voice: np.array(edges) for voice, edges in grouped.items()}


def _voice(spans: Sequence[Span], by_voice: Mapping[str, npt.NDArray[np.int64]]) -> str | None:
    """Whose turns ``spans`` mostly lie in; None where nobody has one there."""
    shares = {voice: sum(_shared(span, edges) for span in spans) for voice, edges in by_voice.items()}
    best = max(shares, key=shares.__getitem__, default=None)
    return best if best is not None and shares[best] else None


def _shared(span: Span, edges: npt.NDArray[np.int64]) -> Ms:
    """How much of a span lies in ordered, disjoint turns."""
    starts, ends = edges.T
    touched = slice(np.searchsorted(ends, span.start, "right"), np.searchsorted(starts, span.end))
    return int((np.minimum(ends[touched], span.end) - np.maximum(starts[touched], span.start)).sum())


def _unit(vector: Floats) -> npt.NDArray[np.float32]:
    return (vector / np.linalg.norm(vector)).astype("<f4")
