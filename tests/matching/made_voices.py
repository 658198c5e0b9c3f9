"""Conversations of made-up voices: who says what when, how that sounds, and what a diarizer makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.matching.speakers.assignment import Naming, name_speakers
from pipeline.reading.transcript import parse
from pipeline.schema import Diarization, TimedUtterance, TimedWord, Transcript, Turn, VoiceSample
from pipeline.times import Ms, Span

DIMENSION = 192
OWN_NOISE = 0.6
"""How far from its voice a sample lies: two samples of one voice are then alike by about 0.74."""


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A turn: who really speaks, what the label says, and when."""

    who: str
    label: str
    span: Span


def conversation(turns: str, length: Ms = 4_000, gap: Ms = 300) -> tuple[SpokenTurn, ...]:
    """Turns from names in order, of one length: ``"Ann Bob Ann/Bob"``; after a slash the label that is wrong.

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
    """How somebody sounds: the same for the same name, and like nobody else."""
    chance = np.random.default_rng(list(who.encode()))
    vector = chance.normal(size=DIMENSION)
    unit: np.ndarray[tuple[int], np.dtype[np.float64]] = vector / np.linalg.norm(vector)
    return unit


def sample(who: str, *spans: Span, cluster: str | None = None, noise: float = OWN_NOISE) -> VoiceSample:
    """A sample of a voice, a little different each time; of several voices with a plus: ``"Ann+Bob"``."""
    chance = np.random.default_rng([spans[0].start, *who.encode()])
    own = np.sum([voice_embedding(name) for name in who.split("+")], axis=0)
    vector = own / np.linalg.norm(own) + noise * chance.normal(size=DIMENSION) / np.sqrt(DIMENSION)
    return VoiceSample(spans, cluster or who, (vector / np.linalg.norm(vector)).astype("<f4").tobytes())


def diarization(
    said: Sequence[SpokenTurn], clusters: Mapping[str, str] | None = None, shortest: Ms = 1_000
) -> Diarization:
    """What a diarizer makes of it: a turn for each, and a sample where it is long enough.

    ``clusters`` names the cluster of a voice where it is not its own.
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
    """The turns as a transcript that was found word for word."""
    head = "Panel:\n\n" + "".join(f"* {name}\n" for name in panel) + "\n" if panel else ""
    transcript = parse(head + "\n\n".join(f"**{one.label}**: word" for one in said) + "\n")
    words = tuple(TimedWord(one.span, measured=True, confidence=1.0) for one in said)
    return transcript, words, tuple(TimedUtterance(one.span, 1.0, "verbatim") for one in said)


def name_turns(said: Sequence[SpokenTurn], heard: Diarization | None = None, typed: int | None = None) -> Naming:
    """Who speaks when, learned from the first ``typed`` turns, all by default."""
    return name_speakers(*timed_transcript(said[:typed]), heard or diarization(said))
