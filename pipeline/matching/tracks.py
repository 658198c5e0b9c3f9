"""Names where each person was recorded alone: who speaks is known, and only how the names are spelt is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.matching.pieces import longest_names
from pipeline.matching.speakers import Evidence, Naming
from pipeline.matching.voices import said_stretches
from pipeline.reading.names import nearest_name, persons
from pipeline.schema import NamedTurn, TimedUtterance, TimedWord, Transcript
from pipeline.times import Ms, Span

MOSTLY = 0.6
"""Somebody has said an utterance who speaks in this share of it; it is a wrong label only then."""


def name_by_tracks(
    transcript: Transcript,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    turns: Sequence[NamedTurn],
) -> Naming:
    """Take who speaks when as proven; a track's name is that of the panel, or of the labels, that it nearly is.

    Args:
        turns: ordered and disjoint, under the names of the tracks.
    """
    meant = persons(transcript)
    known = list(dict.fromkeys((*transcript.panel, *(name for name in meant if name))))
    spelt = {name: nearest_name(name, known) or name for name in {turn.name for turn in turns} if name}
    named = tuple(replace(turn, name=spelt.get(turn.name or "")) for turn in turns)
    stretches = said_stretches(transcript, words, utterances)
    mostly = longest_names(named, stretches)
    judged = zip(stretches, mostly, meant, strict=True)
    evidence = tuple(_evidence(named, spans, name, label) for spans, name, label in judged)
    return Naming(named, evidence, {}, (), stretches)


def _evidence(turns: Sequence[NamedTurn], spans: Sequence[Span], heard: str | None, label: str | None) -> Evidence:
    said = sum(span.duration for span in spans)
    own: Ms = sum(span.overlap(turn.span) for span in spans for turn in turns if turn.name == heard)
    proven = heard is not None and heard != label and own >= MOSTLY * said
    return Evidence(heard, own, 1.0 if proven else -1.0)
