"""Conversations of made-up voices: who says what when, their embeddings, and their diarization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.matching.speakers.assignment import Naming, name_speakers
from pipeline.reading.transcript import parse
from pipeline.schema import Diarization, TimedUtterance, TimedWord, Transcript, Turn, VoiceSample
from pipeline.times import Ms, Span

DIMENSION = 192
UNUSABLE_EMBEDDINGS = (b"", b"\0\0\x80?" * 191 + b"\0\0\x80", b"\0\0\xc0\x7f" * 192, b"\0\0\x80\x7f" * 192)
"""Encoded embeddings without a value: empty, with an incomplete last float, of NaN, and of infinity."""

SAMPLE_NOISE = 0.6
"""The length of the noise that is added to a sample: two samples of one voice then have a cosine of about 0.74."""

LIKENESS = 0.6
"""The cosine of a voice to the one that it is like: more than real people's voices have (0.57 at most)."""


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A turn: who really speaks, what the label says, and when."""

    who: str
    label: str
    span: Span


def conversation(turns: str, length: Ms = 4_000, gap: Ms = 300) -> tuple[SpokenTurn, ...]:
    """Return turns of one length from names in order: ``"Ann Bob Ann/Bob"``; a name after a slash is a wrong label.

    A number after a colon is the turn's own length in ms: ``"Ann:900"``.
    """
    said, at = [], 500
    for turn in turns.split():
        names, _, own = turn.partition(":")
        who, _, label = names.partition("/")
        end = at + (int(own) if own else length)
        said.append(SpokenTurn(who, label or who, Span(at, end)))
        at = end + gap
    return tuple(said)


def voice_embedding(who: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the embedding of a person, of unit length: the same for the same name, and similar to no other.

    A voice like another's has a cosine of ``LIKENESS`` to it: ``"Eve~Ann"`` is Eve, who sounds like Ann.
    """
    own, _, like = who.partition("~")
    if like:
        mixed: np.ndarray[tuple[int], np.dtype[np.float64]] = voice_embedding(own) * np.sqrt(1 - LIKENESS**2)
        return mixed + LIKENESS * voice_embedding(like)
    chance = np.random.default_rng(list(who.encode()))
    vector = chance.normal(size=DIMENSION)
    unit: np.ndarray[tuple[int], np.dtype[np.float64]] = vector / np.linalg.norm(vector)
    return unit


def sample(who: str, *spans: Span, cluster: str | None = None, noise: float = SAMPLE_NOISE) -> VoiceSample:
    """Return a sample of a voice, slightly different each time; a plus gives a mixture of voices: ``"Ann+Bob"``."""
    chance = np.random.default_rng([spans[0].start, *who.encode()])
    own = np.sum([voice_embedding(name) for name in who.split("+")], axis=0)
    vector = own / np.linalg.norm(own) + noise * chance.normal(size=DIMENSION) / np.sqrt(DIMENSION)
    return VoiceSample(spans, cluster or who, (vector / np.linalg.norm(vector)).astype("<f4").tobytes())


def diarization(
    said: Sequence[SpokenTurn], clusters: Mapping[str, str] | None = None, shortest: Ms = 1_000
) -> Diarization:
    """Return what a diarizer finds in a conversation: each turn, and a sample of each that is long enough.

    ``clusters`` has the cluster of a voice if it is not its own name.
    """
    named = [(one, (clusters or {}).get(one.who, one.who)) for one in said]
    return Diarization(
        turns=tuple(Turn(one.span, cluster) for one, cluster in named),
        samples=tuple(
            sample(one.who, one.span, cluster=cluster) for one, cluster in named if one.span.duration >= shortest
        ),
        engine="pyannote.audio",
        model="embedded",
        weights="0" * 64,
    )


Timed = tuple[Transcript, tuple[TimedWord, ...], tuple[TimedUtterance, ...]]


def timed_transcript(said: Sequence[SpokenTurn], panel: Sequence[str] = ()) -> Timed:
    """Return the conversation as a transcript that was found word for word."""
    head = "Panel:\n\n" + "".join(f"* {name}\n" for name in panel) + "\n" if panel else ""
    transcript = parse(head + "\n\n".join(f"**{one.label}**: word" for one in said) + "\n")
    words = tuple(TimedWord(one.span, "heard", 1.0) for one in said)
    return transcript, words, tuple(TimedUtterance(one.span, 1.0, "verbatim") for one in said)


def name_turns(said: Sequence[SpokenTurn], heard: Diarization | None = None, typed: int | None = None) -> Naming:
    """Return who speaks when, learned from the first ``typed`` turns, all by default."""
    return name_speakers(*timed_transcript(said[:typed]), heard or diarization(said))
