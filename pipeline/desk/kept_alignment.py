"""The last whole alignment of a document, by the desk or by ``align``, with which the document opens at once.

What is kept is a beginning and no proof: as soon as what was heard is there again, everything is aligned once more.
Where the text has changed since, the alignment is carried over by the quick step, change by change; where all that is
spoken stayed as it was, at once: ``align`` itself may have written a time before each turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import NamedTuple

import regex

from pipeline.desk.quick.quick_report import keep_sound_findings, with_findings
from pipeline.desk.quick.retime import retime
from pipeline.desk.settle import Given, Heard
from pipeline.desk.shown_ranges import changed_range
from pipeline.episode.stored_alignment import KeptAlignment, alignment_key
from pipeline.matching.alignment.heard_times import speech_rate
from pipeline.reading.transcript import FileReading, parse_file
from pipeline.schema import Result, Transcript

MOST_CHANGES = 8
"""The changed places up to which an alignment is carried over: each takes a tenth of a second on three hours."""

_BLANK_LINES = regex.compile(r"(\n[ \t\r]*+\n\s*+)")


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a document opens with: the result for its text, and what it is of."""

    result: Result
    reading: FileReading
    heard: Heard
    rate: float


def kept_key(given: Given, recordings: Mapping[str, str]) -> str:
    """Return the key of all that an alignment depends on, but for the text; see ``alignment_key``."""
    return alignment_key(given.config, given.book.show if given.book else None, recordings)


def resume(kept: KeptAlignment, source: str, given: Given) -> Resumed | None:
    """Return what a document opens with; None if it is not read as it was, or too much of it has changed."""
    transcript, reading = parse_file(kept.source, kept.hearing.language)
    if not _fits(kept, transcript):
        return None
    heard = Heard(kept.hearing, None, (), complete=True, number=1)
    result, rate = _result(kept, transcript, given), speech_rate(transcript.words, kept.words)
    old, new = _paragraphs(kept.source), _paragraphs(source)
    changes = _changes(old, new)
    if sum(max(change.end - change.start, change.last - change.first) for change in changes) > MOST_CHANGES:
        now, its_reading = parse_file(source, kept.hearing.language)
        if _is_spoken_alike(transcript, now):
            return Resumed(with_findings(replace(result, transcript=now), heard), its_reading, heard, rate)
    for text in _steps(old, new, changes):
        changed = changed_range(result.transcript.source, text).old
        made = retime(result, text, changed, reading, given.config.align, rate)
        if made is None:
            return None
        result = keep_sound_findings(result, made)
    return Resumed(with_findings(result, heard), reading, heard, rate)


def _is_spoken_alike(before: Transcript, after: Transcript) -> bool:
    """Return whether two texts have the same words in the same turns of the same people."""
    turns = (tuple((one.speaker, one.words) for one in text.utterances) for text in (before, after))
    words = (tuple((one.shown, one.keys, one.kind) for one in text.words) for text in (before, after))
    return len(set(turns)) == 1 == len(set(words))


def _fits(kept: KeptAlignment, transcript: Transcript) -> bool:
    """Return whether the parts of an alignment belong together: another version may read the text differently."""
    pairings = kept.alignment.pairings
    ends = (pairings[-1].written.end, pairings[-1].heard.end) if pairings else (0, 0)
    sizes = len(transcript.words), len(kept.hearing.words)
    known = all(one.utterance is None or one.utterance < len(transcript.utterances) for one in kept.findings)
    return ends == sizes == (len(kept.words), ends[1]) and len(kept.utterances) == len(transcript.utterances) and known


def _result(kept: KeptAlignment, transcript: Transcript, given: Given) -> Result:
    return Result(
        audio=given.sources[0],
        transcript_file=given.sources[1],
        transcript=transcript,
        hearing=kept.hearing,
        alignment=kept.alignment,
        words=kept.words,
        utterances=kept.utterances,
        continue_point=kept.continue_point,
        coverage=kept.coverage,
        speakers=kept.speakers,
        findings=tuple(one.finding() for one in kept.findings),
        versions={},
        named_turns=kept.named_turns,
        diarization=kept.diarization,
    )


class _Change(NamedTuple):
    """Paragraphs from ``start`` to ``end`` of one text that are those from ``first`` to ``last`` of another."""

    start: int
    end: int
    first: int
    last: int


def _changes(old: Sequence[str], new: Sequence[str]) -> list[_Change]:
    """Return which paragraphs of a text were changed, in order."""
    most = min(len(old), len(new))
    same = next((n for n in range(most) if old[n] != new[n]), most)
    matcher = SequenceMatcher(None, old[same:], new[same:], autojunk=False)
    return [_Change(*(same + n for n in bounds)) for kind, *bounds in matcher.get_opcodes() if kind != "equal"]


def _steps(old: Sequence[str], new: Sequence[str], changes: Sequence[_Change]) -> Iterator[str]:
    """Yield the texts that lead from one text to another, each with one more change, from the last change on.

    With too many of them there is one step.
    """
    if len(changes) > MOST_CHANGES:
        yield "".join(new)
        return
    texts = list(old)
    for change in reversed(changes):
        texts[change.start : change.end] = new[change.first : change.last]
        yield "".join(texts)


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, each with the blank lines behind it."""
    parts = [*_BLANK_LINES.split(text), ""]
    return ["".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
