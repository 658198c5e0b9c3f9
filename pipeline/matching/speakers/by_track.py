"""Names where each person was recorded alone: who speaks is known, and only how the names are spelt is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.matching.speakers.assignment import Naming, SpeakerEvidence
from pipeline.matching.speakers.embeddings import overlaps, utterance_spans
from pipeline.matching.speakers.speaker_segments import dominant_speakers
from pipeline.reading.labels.names import persons, spellings
from pipeline.schema import NamedTurn, TimedUtterance, TimedWord, Transcript
from pipeline.times import Ms, Span

MIN_SPEAKER_SHARE = 0.6
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
    spelt = spellings([name for name in dict.fromkeys(turn.name for turn in turns) if name], known)
    named = tuple(replace(turn, name=spelt.get(turn.name or "")) for turn in turns)
    stretches = utterance_spans(transcript, words, utterances)
    mostly = dominant_speakers(named, stretches)
    own = _said_by(named, stretches, mostly)
    judged = zip(stretches, mostly, meant, own, strict=True)
    evidence = tuple(_evidence(spans, name, label, ms) for spans, name, label, ms in judged)
    return Naming(named, evidence, {}, (), stretches)


def _said_by(turns: Sequence[NamedTurn], stretches: Sequence[Sequence[Span]], names: Sequence[str | None]) -> list[Ms]:
    """How much of each of the stretches the person speaks who is named for it."""
    own = [0] * len(stretches)
    meets = overlaps(stretches, [(turn.span,) for turn in turns])
    for row, column, ms in zip(meets.rows.tolist(), meets.columns.tolist(), meets.ms.tolist(), strict=True):
        if turns[column].name == names[row]:
            own[row] += ms
    return own


def _evidence(spans: Sequence[Span], heard: str | None, label: str | None, own: Ms) -> SpeakerEvidence:
    said = sum(span.duration for span in spans)
    proven = heard is not None and heard != label and own >= MIN_SPEAKER_SHARE * said
    return SpeakerEvidence(heard, own, 1.0 if proven else -1.0)
