"""What follows from the quick step: the continue point and the findings, without naming the voices again.

Findings about the sound stay from the last whole alignment, as long as the turn that they are about has the same
speaker and, where they are about words, these words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.desk.quick.retime import Retimed
from pipeline.desk.settle import Heard, report_heard
from pipeline.episode.stored_alignment import ABOUT_SOUND
from pipeline.matching.continue_note import find_continue_point
from pipeline.matching.findings import list_findings, note_findings
from pipeline.matching.misheard import find_again
from pipeline.reading.markup.whitespace import LineIndex
from pipeline.schema import Finding, Result


def keep_sound_findings(before: Result, made: Retimed) -> Result:
    """Return the result of the quick step with the findings about the sound alone, at their new utterances."""
    return replace(made.result, findings=tuple(_sound_findings(before, made)))


def with_findings(result: Result, heard: Heard) -> Result:
    """Return a result of the quick step with its continue point, and with all findings."""
    transcript, hearing, alignment = result.transcript, result.hearing, result.alignment
    times, is_cut_off = (result.words, result.utterances), result.audio.is_cut_off
    point = find_continue_point(transcript, hearing, alignment, *times, is_cut_off=is_cut_off)
    found = list_findings(transcript, hearing, alignment, *times, is_cut_off=is_cut_off)
    note = note_findings(transcript, point)
    sound = tuple(one for one in result.findings if one.kind in ABOUT_SOUND)
    return report_heard(replace(result, continue_point=point, findings=(*found, *note, *sound)), heard)


def _sound_findings(before: Result, made: Retimed) -> Iterator[Finding]:
    old, new = before.transcript, made.result.transcript
    lines = LineIndex(new.source)
    added = len(new.utterances) - len(old.utterances)
    first = old.words[made.old.start - 1].utterance if made.old.start else 0
    last = old.words[made.old.end].utterance if made.old.end < len(old.words) else len(old.utterances)
    for one in before.findings:
        if one.kind not in ABOUT_SOUND:
            continue
        if one.utterance is None or one.utterance < first:
            yield one
            continue
        if one.utterance < last and added:
            continue
        now = one.utterance + added
        if now < len(new.utterances) and new.utterances[now].speaker == old.utterances[one.utterance].speaker:
            if one.kind != "misheard":
                yield replace(one, utterance=now)
            elif (again := find_again(one, new, made.result.words, now, lines)) is not None:
                yield again
