"""Find problems of the labels: a wrong name on a turn, a turn that two people share, a speaker without a label."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from pipeline.matching.speakers.assignment import Naming, SpeakerEvidence
from pipeline.matching.speakers.embeddings import MIN_JUDGED_UTTERANCE_MS, MIN_SINGLE_VOICE_MS, overlaps
from pipeline.matching.speakers.enrolment import SIMILARITY_MARGIN
from pipeline.reading.labels.names import label_meanings, resolve_people
from pipeline.schema import Finding, NamedTurn, TimedUtterance, Transcript
from pipeline.times import Ms, Span, format_clock, to_seconds

SHARED_TURN_PART_MS: Ms = 1_500
"""Two people share a turn if each speaks in it for at least this long without the other. Chosen by hand; shorter turns
are not judged either (``MIN_JUDGED_UTTERANCE_MS``)."""


def label_findings(transcript: Transcript, utterances: Sequence[TimedUtterance], naming: Naming) -> Iterator[Finding]:
    """Yield the findings about labels, in the order of the utterances, and then those about unknown speakers."""
    labelled, meanings = resolve_people(transcript, naming.apart), label_meanings(transcript)
    parts = _speaker_parts(naming)
    for written, timed, evidence in zip(transcript.utterances, utterances, naming.evidence, strict=True):
        person = labelled[written.index]
        if (
            written.speaker is None
            or person is None
            or timed.span is None
            or timed.span.duration < MIN_JUDGED_UTTERANCE_MS
        ):
            continue
        may_mean = {person, *meanings[written.speaker].candidates}
        if _is_wrong(may_mean, evidence, naming):
            yield _mismatch(written.index, timed.span, written.speaker, str(evidence.heard))
        elif (change := _speaker_change(parts[written.index])) is not None and person in change[1]:
            yield _shared(written.index, timed.span, *change)
    if any(labelled):  # without labels, no label is missing
        candidates = _people_without_voice(transcript, naming)
        for stranger in naming.strangers:
            yield from _unknown(stranger, naming, candidates)


def _is_wrong(may_mean: set[str], evidence: SpeakerEvidence, naming: Naming) -> bool:
    unproven = {*naming.strangers, *naming.recognised}  # a name from a voice book proves no label wrong
    return (
        evidence.heard not in {None, *may_mean, *unproven}
        and evidence.single_voice_ms >= MIN_SINGLE_VOICE_MS
        and evidence.other_margin >= SIMILARITY_MARGIN
    )


def _mismatch(utterance: int, span: Span, label: str, heard: str) -> Finding:
    return Finding(
        "speaker-mismatch",
        f"the label says {label}, the voice is {heard}'s",
        utterance=utterance,
        span=span,
        details={"label": label, "heard": heard},
    )


def _speaker_parts(naming: Naming) -> list[list[tuple[Span, str]]]:
    """Return for each utterance who speaks in it and when, in order; a pause does not end a part."""
    parts: list[list[tuple[Span, str]]] = [[] for _ in naming.evidence]
    pairs = overlaps(naming.utterance_spans, [(turn.span,) for turn in naming.turns])
    for row, column in sorted(zip(pairs.rows.tolist(), pairs.columns.tolist(), strict=True)):
        turn, own = naming.turns[column], parts[row]
        spans = naming.utterance_spans[row]
        span = turn.span.clip(spans[0].cover(spans[-1]))
        if turn.name is None or not span.duration:
            continue
        if own and own[-1][1] == turn.name:
            own[-1] = own[-1][0].cover(span), turn.name
        else:
            own.append((span, turn.name))
    return parts


def _speaker_change(parts: Sequence[tuple[Span, str]]) -> tuple[Ms, tuple[str, str]] | None:
    """Return when a turn changes from one person to another and who they are; None if no two speak long enough."""
    long = [(span, name) for span, name in parts if span.duration >= SHARED_TURN_PART_MS]
    for (before, first), (after, second) in itertools.pairwise(long):
        if first != second:
            return (before.end + after.start) // 2, (first, second)
    return None


def _shared(utterance: int, span: Span, at: Ms, speakers: tuple[str, str]) -> Finding:
    return Finding(
        "shared-turn",
        f"{speakers[0]} speaks until {format_clock(at)}, then {speakers[1]}",
        utterance=utterance,
        span=span,
        details={"at": to_seconds(at), "speakers": speakers},
    )


def _people_without_voice(transcript: Transcript, naming: Naming) -> tuple[str, ...]:
    """Return who an unknown voice may be: those on the panel without a turn, else those with too short turns."""
    spoken = {*resolve_people(transcript, naming.apart), *naming.recognised}
    return tuple(name for name in dict.fromkeys(transcript.panel) if name not in spoken) or naming.voiceless


def _unknown(stranger: str, naming: Naming, candidates: tuple[str, ...]) -> Iterator[Finding]:
    own: list[NamedTurn] = [turn for turn in naming.turns if turn.name == stranger]
    if own:
        seconds, first = to_seconds(sum(turn.span.duration for turn in own)), format_clock(own[0].span.start)
        may_be = f"; it may be {candidates[0]}" if len(candidates) == 1 else ""
        yield Finding(
            "unknown-speaker",
            f"{stranger} speaks for {seconds:.0f} s, first at {first}; no label names that voice{may_be}",
            span=own[0].span,
            details={"name": stranger, "seconds": seconds, "candidates": candidates},
        )
