"""List what a person should look at: every place at which the written and the heard text do not fit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from pipeline.matching.alignment.timing import UNHEARD_RUN_WORDS
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.matching.continue_note import LEAST_UNTRANSCRIBED_WORDS, new_note_text, note_edits, old_note_text
from pipeline.matching.label_findings import label_findings
from pipeline.matching.speakers.assignment import Naming
from pipeline.reading.labels.names import find_names_off_panel, resolve_speakers
from pipeline.schema import (
    Alignment,
    Claim,
    Continue,
    Finding,
    HeardWord,
    Hearing,
    Run,
    Speaker,
    TimedUtterance,
    TimedWord,
    Transcript,
)
from pipeline.times import Ms, Span, format_clock, to_seconds

WRONG_AUDIO_SHARE = 0.5
"""Below this anchor share (see ``matching.alignment.same_recording``) the texts are of different recordings. The right
one has 0.7 or more with a third of its words wrong; another episode of the same show has 0.45 if two fifths of it are
jingle, sponsor and names."""

LEAST_DRIFT_MS: Ms = 2_000
"""A typed time that differs by at least this from the measured one has drifted; less is a person's rounding."""

OFFSET_TOLERANCE_MS: Ms = 1_000
FEWEST_OFFSET_TIMES = 3
"""At least three typed times that one constant explains to within a second on either side are one ``time-offset``."""

QUOTED_WORDS = 8
"""The words of an utterance that a message quotes."""


def list_findings(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    point: Continue,
    naming: Naming | None = None,
) -> tuple[Finding, ...]:
    """Return all findings: of the whole first, then by position, then about names and the note.

    Args:
        transcript: the transcript.
        hearing: what was heard.
        alignment: of the two above.
        words: the times of the transcript's words.
        utterances: the times of its utterances.
        point: where the typing stops.
        naming: who speaks when; None without a diarization, and then there are no findings about voices.
    """
    return (
        *_whole(transcript, alignment),
        *sorted(
            (
                *_untranscribed(transcript, hearing, alignment, words),
                *_not_heard(transcript, words, utterances),
                *_low_confidence(transcript, utterances),
                *_typed_times(transcript, words, utterances),
                *(label_findings(transcript, utterances, naming) if naming else ()),
            ),
            key=_position,
        ),
        *_names(transcript),
        *_note(transcript, point),
    )


def word_coverage(transcript: Transcript, words: Sequence[TimedWord]) -> float:
    """Return the share, 0 to 1, of the spoken written words that were found; 0 if there are none."""
    counted = spoken_words(transcript, Run(0, len(words)))
    return round(sum(words[k].measured for k in counted) / len(counted), 3) if counted else 0.0


def list_speakers(
    transcript: Transcript, utterances: Sequence[TimedUtterance], naming: Naming | None = None
) -> tuple[Speaker, ...]:
    """Return the names in the labels, in order of first appearance, with the duration of their found utterances.

    With a diarization, the spellings of one person's name are one speaker. Speakers whom no label names follow, with
    the duration of their turns: those that the show's voice book knows, and the unknown ones.
    """
    durations: dict[str, Ms] = {}
    names = resolve_speakers(transcript) if naming else [written.speaker for written in transcript.utterances]
    for name, timed in zip(names, utterances, strict=True):
        if name is not None:
            durations[name] = durations.get(name, 0) + (timed.span.duration if timed.span else 0)
    if naming:
        others = {*naming.strangers, *naming.recognised}.difference(durations)
        for turn in naming.turns:
            if turn.name in others:
                durations[turn.name] = durations.get(turn.name, 0) + turn.span.duration
    clusters, known = (naming.clusters, naming.recognised) if naming else ({}, {})
    return tuple(Speaker(name, clusters.get(name), duration, known.get(name)) for name, duration in durations.items())


def _position(finding: Finding) -> tuple[int, int]:
    utterance = -1 if finding.utterance is None else finding.utterance
    return utterance, finding.span.start if finding.span else -1


def _whole(transcript: Transcript, alignment: Alignment) -> Iterator[Finding]:
    if not transcript.words:
        return
    share = alignment.anchor_share
    if share is None:
        yield Finding("low-confidence", "too few words are written to tell whether they belong to this audio")
    elif share < WRONG_AUDIO_SHARE:
        yield Finding(
            "wrong-audio",
            f"the transcript does not belong to this audio: only {share:.0%} of its distinctive phrases are said in it",
        )


def _untranscribed(
    transcript: Transcript, hearing: Hearing, alignment: Alignment, words: Sequence[TimedWord]
) -> Iterator[Finding]:
    for pairing in alignment.pairings:
        if pairing.score > 0 or len(pairing.heard) < LEAST_UNTRANSCRIBED_WORDS:
            continue
        taken = [span for k in pairing.written if (span := words[k].span) is not None]
        left = [word for j in pairing.heard if not _within((word := hearing.words[j]).span, taken)]
        if len(left) >= LEAST_UNTRANSCRIBED_WORDS:
            before = pairing.written.start - 1
            yield _passage(left, transcript.words[before].utterance if before >= 0 else None)


def _within(span: Span, taken: Sequence[Span]) -> bool:
    """Return whether most of a span is within one of the ordered, disjoint spans in ``taken``."""
    at = bisect_right(taken, span)
    return any(2 * span.overlap(other) > span.duration for other in taken[max(0, at - 1) : at + 1])


def _passage(heard: Sequence[HeardWord], utterance: int | None) -> Finding:
    span = heard[0].span.cover(heard[-1].span)
    text = " ".join(word.text.strip() for word in heard)
    return Finding(
        "untranscribed",
        f"{len(heard)} words from {format_clock(span.start)} to {format_clock(span.end)} are not in the transcript",
        utterance=utterance,
        span=span,
        details={"words": text},
    )


def _not_heard(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> Iterator[Finding]:
    for written, timed in zip(transcript.utterances, utterances, strict=True):
        counted = spoken_words(transcript, written.words)
        if not counted:
            continue
        if timed.span is None:
            yield Finding("not-heard", f"not found: {_quote(transcript, counted)}", utterance=written.index)
            continue
        for run in _unheard_runs(counted, words):
            yield Finding(
                "not-heard",
                f"{len(run)} words that nobody says: {_quote(transcript, run)}",
                utterance=written.index,
                span=timed.span,
            )


def _unheard_runs(counted: Sequence[int], words: Sequence[TimedWord]) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for k in counted:
        if words[k].span is None:
            runs[-1].append(k)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) >= UNHEARD_RUN_WORDS]


def _quote(transcript: Transcript, words: Sequence[int]) -> str:
    shown = " ".join(transcript.words[k].shown for k in words[:QUOTED_WORDS])
    return f"“{shown}{' …' if len(words) > QUOTED_WORDS else ''}”"


def _low_confidence(transcript: Transcript, utterances: Sequence[TimedUtterance]) -> Iterator[Finding]:
    for written, timed in zip(transcript.utterances, utterances, strict=True):
        if timed.span is not None and not timed.is_sure:
            quote = _quote(transcript, spoken_words(transcript, written.words))
            yield Finding(
                "low-confidence",
                f"probably at {format_clock(timed.span.start)}, but its start, or most of it, was not heard: {quote}",
                utterance=written.index,
                span=timed.span,
            )


def _typed_times(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> Iterator[Finding]:
    drifts = [
        drift for drift in _measured_claims(transcript, words, utterances) if abs(drift[1] - drift[2]) >= LEAST_DRIFT_MS
    ]
    while len(same := _largest_offset(drifts)) >= FEWEST_OFFSET_TIMES:
        drifts = [drift for drift in drifts if drift not in same]
        yield _time_offset(same)
    for utterance, typed, measured in drifts:
        yield Finding(
            "time-drift",
            f"typed as {format_clock(typed)}, said at {format_clock(measured)}",
            utterance=utterance,
            span=Span(measured, measured),
            details={"typed": to_seconds(typed), "measured": to_seconds(measured)},
        )


_Drift = tuple[int, Ms, Ms]
"""An utterance's index, the time typed in it and the measured time."""


def _measured_claims(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> Iterator[_Drift]:
    for claim in transcript.claims:
        measured = measured_claim_time(claim, transcript, words, utterances)
        if measured is not None:
            yield transcript.words[claim.word].utterance, claim.at, measured


def measured_claim_time(
    claim: Claim, transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> Ms | None:
    """Return when the utterance or word that a typed time is about was said, in ms; None if that is not sure."""
    timed = utterances[transcript.words[claim.word].utterance]
    if timed.span is None or not timed.is_sure:
        return None
    if claim.heads:
        return timed.span.start
    word = words[claim.word]
    return word.span.start if word.span is not None and word.measured else None


def _largest_offset(drifts: Sequence[_Drift]) -> list[_Drift]:
    """Return the most drifts that one constant explains to within ``OFFSET_TOLERANCE_MS`` on either side."""
    by_offset = sorted(drifts, key=lambda drift: drift[2] - drift[1])
    offsets = [measured - typed for _, typed, measured in by_offset]
    ends = [bisect_right(offsets, low + 2 * OFFSET_TOLERANCE_MS) for low in offsets]
    best = max(range(len(offsets)), key=lambda at: ends[at] - at, default=0)
    return sorted(by_offset[best : ends[best]]) if offsets else []


def _time_offset(same: Sequence[_Drift]) -> Finding:
    offsets = sorted(measured - typed for _, typed, measured in same)
    by, start = offsets[len(offsets) // 2], min(typed for _, typed, _ in same)
    return Finding(
        "time-offset",
        f"{len(same)} typed times from {format_clock(start)} on are {'early' if by > 0 else 'late'} by about "
        f"{abs(by) / 1000:.1f} s",
        utterance=same[0][0],
        details={"from": to_seconds(start), "by": to_seconds(by)},
    )


def _names(transcript: Transcript) -> Iterator[Finding]:
    for variant in find_names_off_panel(transcript):
        meant = f"; {variant.nearest} is" if variant.nearest else ""
        yield Finding(
            "name-variant",
            f"the label “{variant.label}” is not on the panel{meant}",
            utterance=variant.utterance,
            details={"label": variant.label, "nearest": variant.nearest},
        )


def _note(transcript: Transcript, point: Continue) -> Iterator[Finding]:
    if not note_edits(transcript, point):
        return
    old, new = old_note_text(transcript), new_note_text(transcript, point)
    yield Finding(
        "note-moved",
        f"{_one_line(old) or 'no note'} → {_one_line(new) or 'complete, no note needed'}",
        span=None if point.at is None else Span(point.at, point.at),
        details={"old": old, "new": new},
    )


def _one_line(note: str | None) -> str:
    return " ".join((note or "").split())
