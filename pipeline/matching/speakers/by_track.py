"""Speaker names for multitrack recordings: each track has one known person, only the spelling of the name is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.matching.speakers.assignment import Naming, SpeakerEvidence
from pipeline.matching.speakers.embeddings import overlaps, utterance_spans
from pipeline.matching.speakers.speaker_segments import dominant_speakers
from pipeline.reading.labels.names import match_spellings, resolve_people
from pipeline.schema import NamedTurn, TimedUtterance, TimedWord, Transcript
from pipeline.times import Ms, Span

MIN_SPEAKER_SHARE = 0.6
"""A label is wrong only if another person speaks in at least this share of the utterance. Chosen by hand."""


def name_by_tracks(
    transcript: Transcript,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    turns: Sequence[NamedTurn],
) -> Naming:
    """Name the speakers by their tracks, which are proof; names are spelt as on the panel or in similar labels.

    Args:
        turns: ordered and disjoint, under the names of the tracks.
    """
    labelled = resolve_people(transcript)
    known = list(dict.fromkeys((*transcript.panel, *(name for name in labelled if name))))
    spelling = match_spellings([name for name in dict.fromkeys(turn.name for turn in turns) if name], known)
    named = tuple(replace(turn, name=spelling.get(turn.name or "")) for turn in turns)
    spans = utterance_spans(transcript, words, utterances)
    speakers = dominant_speakers(named, spans)
    durations = _speaker_ms(named, spans, speakers)
    evidence = tuple(
        _evidence(own_spans, speaker, label, ms)
        for own_spans, speaker, label, ms in zip(spans, speakers, labelled, durations, strict=True)
    )
    return Naming(named, evidence, {}, (), spans)


def _speaker_ms(
    turns: Sequence[NamedTurn], spans: Sequence[Sequence[Span]], speakers: Sequence[str | None]
) -> list[Ms]:
    """Return how many ms of each utterance's spans its speaker speaks."""
    total = [0] * len(spans)
    shared = overlaps(spans, [(turn.span,) for turn in turns])
    for row, column, ms in zip(shared.rows.tolist(), shared.columns.tolist(), shared.ms.tolist(), strict=True):
        if turns[column].name == speakers[row]:
            total[row] += ms
    return total


def _evidence(spans: Sequence[Span], speaker: str | None, label: str | None, speaker_ms: Ms) -> SpeakerEvidence:
    spoken_ms = sum(span.duration for span in spans)
    is_wrong_label = speaker is not None and speaker != label and speaker_ms >= MIN_SPEAKER_SHARE * spoken_ms
    return SpeakerEvidence(speaker, speaker_ms, 1.0 if is_wrong_label else -1.0)
