"""The messages at the end of a command: the note, what was found, and what to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.console.output import format_count, one_line
from pipeline.episode.run import Mark
from pipeline.matching.inserted_parts import inserted_parts
from pipeline.reading.markup.whitespace import LineIndex
from pipeline.schema import Finding, Result, Transcript
from pipeline.times import format_clock

_MOST_PARTS = 6
"""Of what was put into a download; the findings ``time-offset`` have all of it."""

MOST_FINDINGS = 12
"""The number of findings that are printed; all of them are in the JSON."""

_FIRST_TO_LOOK_AT = (
    "wrong-audio", "incomplete-audio", "times-start-again", "time-offset", "not-heard", "untranscribed", "time-drift",
    "misheard", "name-variant",
)  # fmt: skip
"""Kinds of findings, the most important first; all others come after them."""

_LINES_OF_THEIR_OWN = frozenset(("note-moved", "possible-label"))
_NOTHING_FOUND = "note: not moved, because nothing that is written was found in the audio"
_CUT_OFF = "note: not moved, because all that is heard is typed, and the audio is an incomplete download"


def summary(
    result: Result, note: str | None, old_note: str | None, formats: Sequence[str], unseen: Sequence[int]
) -> Iterator[str]:
    """Yield the lines at the end of ``align``: the note, what was found, and what to look at.

    Args:
        note: the new note; None if there is none.
        old_note: the note before.
        formats: the names of those that leave out what was not found surely; empty if none does.
        unseen: indices of the spoken utterances that they leave out.
    """
    yield _note_line(result, note, old_note)
    yield from _other_notes(result.transcript)
    yield _found_line(result)
    yield from _inserted_line(result)
    yield from _finding_lines([finding for finding in result.findings if finding.kind not in _LINES_OF_THEIR_OWN])
    yield from _possible_labels(result)
    yield from _left_out_line(formats, unseen)


def draft_summary(result: Result, formats: Sequence[str], unseen: Sequence[int]) -> Iterator[str]:
    """Yield the lines after a draft: how much was drafted for each speaker, and what to look at; see ``summary``."""
    spoken = Counter(turn.speaker or "unknown speaker" for turn in result.drafted)
    if result.drafted:
        words = sum(len(turn.words) for turn in result.drafted)
        whose = ", ".join(f"{name} {number}" for name, number in spoken.most_common())
        yield f"drafted: {format_count(words, 'word')} in {format_count(len(result.drafted), 'turn')}; turns: {whose}"
    elif _is_unknown(result) and not _is_typed_to_the_cut(result):
        yield "drafted: nothing, because nothing that is written was found in the audio"
    else:
        yield "drafted: nothing, because nothing is said that is not written"
    yield from _other_notes(result.transcript)
    if result.transcript.utterances:
        yield _found_line(result)
    reported_above = _LINES_OF_THEIR_OWN | {"untranscribed"}
    yield from _finding_lines([finding for finding in result.findings if finding.kind not in reported_above])
    yield from _possible_labels(result)
    yield from _left_out_line(formats, unseen)


def _inserted_line(result: Result) -> Iterator[str]:
    """Yield the line about parts that the typed times do not know, as a download has them with adverts put in."""
    parts = inserted_parts(result.transcript, result.words, result.utterances)
    if parts:
        where = ", ".join(f"{format_clock(one.duration)} at {format_clock(one.start)}" for one in parts[:_MOST_PARTS])
        more = f" and {len(parts) - _MOST_PARTS} more" if len(parts) > _MOST_PARTS else ""
        yield (
            f"audio: longer than that of the typed times, like a download with adverts put in: {where}{more}; "
            "cuemark retime RESULT --from THIS_AUDIO --to MASTER carries the results over to the master"
        )


def _left_out_line(formats: Sequence[str], unseen: Sequence[int]) -> Iterator[str]:
    if formats and unseen:
        yield f"not in {', '.join(formats)}, because not found surely: {format_count(len(unseen), 'utterance')}"


def mark_summary(mark: Mark) -> Iterator[str]:
    """Yield the messages of ``marker``: why the note did not change, other notes, and what was found or heard."""
    result = mark.result
    if _is_unknown(result):
        yield _not_moved(result)
    yield from _other_notes(result.transcript)
    yield _found_line(result) if mark.full_pass else _heard_line(mark)
    yield from _possible_labels(result)


def _heard_line(mark: Mark) -> str:
    whole = format_clock(mark.result.hearing.duration)
    return f"listened to: {format_clock(mark.heard)} of {whole}, around where the typing stops"


def _possible_labels(result: Result) -> Iterator[str]:
    """Yield the line about text that may be a label; it is no finding to act on in the audio."""
    yield from (finding.message for finding in result.findings if finding.kind == "possible-label")


def _other_notes(transcript: Transcript) -> Iterator[str]:
    others = transcript.notes[:-1]
    lines = LineIndex(transcript.source if others else "")
    for other in others:
        text = one_line(transcript.source[other.chars.start : other.chars.end])
        yield f"      another note in line {lines.line(other.chars.start)} is left as it is: {text}"


def _found_line(result: Result) -> str:
    if not result.transcript.utterances:
        return "found: nothing, because nothing is typed yet"
    is_little = _is_some_found(result) and round(result.coverage, 2) == 0
    return f"found: {'less than 1%' if is_little else f'{result.coverage:.0%}'} of the written words"


def _note_line(result: Result, note: str | None, old_note: str | None) -> str:
    if result.continue_point.complete:
        return f"note: the transcript is complete{f'; {one_line(old_note)} goes' if old_note else ''}"
    if _is_unknown(result):
        return _not_moved(result)
    if note == old_note:
        return f"note: {one_line(note or '')} is right as it is"
    return f"note: {one_line(old_note or 'none')} -> {one_line(note or '')}"


def _is_unknown(result: Result) -> bool:
    return result.continue_point.at is None and not result.continue_point.complete


def _is_some_found(result: Result) -> bool:
    return any(timed.span for timed in result.utterances)


def _is_typed_to_the_cut(result: Result) -> bool:
    return result.audio.is_cut_off and _is_some_found(result)


def _not_moved(result: Result) -> str:
    """Return the line about a point that is not known."""
    return _CUT_OFF if _is_typed_to_the_cut(result) else _NOTHING_FOUND


def _finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    if findings:
        first = ", the most important first" if len(findings) > 1 else ""
        yield f"to look at: {format_count(len(findings), 'thing')}{first}"
    for finding in sorted(findings, key=_importance)[:MOST_FINDINGS]:
        at = f"{format_clock(finding.span.start)} " if finding.span else ""
        yield f"  {at}{finding.kind}: {finding.message}"
    if len(findings) > MOST_FINDINGS:
        yield f"  … and {len(findings) - MOST_FINDINGS} more, all of them in the JSON"


def _importance(finding: Finding) -> tuple[int, int]:
    """Return the sort key of findings: the kind, then the length of the audio that it concerns."""
    known = finding.kind in _FIRST_TO_LOOK_AT
    place = _FIRST_TO_LOOK_AT.index(finding.kind) if known else len(_FIRST_TO_LOOK_AT)
    return place, -finding.span.duration if finding.span else 0
