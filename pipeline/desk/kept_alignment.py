"""The last whole alignment of a document, kept on the disk, so that the document opens with its times at once.

What is kept is a beginning and no proof: as soon as what was heard is there again, everything is aligned once more.
Where the text has changed since, the alignment is carried over by the quick step, change by change.

It has whose voice is when, and no embedding of a voice: what is forgotten by ``cuemark voices`` is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import msgspec
import regex

from pipeline.desk.quick.quick_report import ABOUT_VOICES, keep_voice_findings, with_findings
from pipeline.desk.quick.retime import retime
from pipeline.desk.settle import Given, Heard
from pipeline.desk.shown_ranges import changed_range
from pipeline.episode.engines import version_of
from pipeline.files.store import key_of
from pipeline.matching.alignment.heard_times import speech_rate
from pipeline.reading.transcript import FileReading, parse_file
from pipeline.schema import (
    Alignment,
    Continue,
    Finding,
    FindingKind,
    Hearing,
    NamedTurn,
    Result,
    Speaker,
    TimedUtterance,
    TimedWord,
    Transcript,
)
from pipeline.times import Span

MOST_CHANGES = 8
"""The changed places up to which an alignment is carried over: each takes a tenth of a second on three hours."""

_BLANK_LINES = regex.compile(r"(\n[ \t\r]*+\n\s*+)")


class _KeptFinding(msgspec.Struct, frozen=True):
    """A finding about voices, whose details have no type of their own."""

    kind: FindingKind
    message: str
    utterance: int | None
    span: Span | None
    details: Mapping[str, str | float | tuple[str, ...] | None]

    def finding(self) -> Finding:
        return Finding(self.kind, self.message, self.utterance, self.span, dict(self.details))


class KeptAlignment(msgspec.Struct, frozen=True):
    """An alignment of a text with everything that was heard.

    Attributes:
        key: of all that it depends on, but for the text (see ``kept_key``).
        source: the text.
        hearing: in words.
        version: of the format, which is the desk's own.
    """

    key: str
    source: str
    hearing: Hearing
    alignment: Alignment
    words: tuple[TimedWord, ...]
    utterances: tuple[TimedUtterance, ...]
    continue_point: Continue
    coverage: float
    speakers: tuple[Speaker, ...]
    named_turns: tuple[NamedTurn, ...]
    diarization: str | None
    findings: tuple[_KeptFinding, ...]
    version: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a document opens with: the result for its text, and what it is of."""

    result: Result
    reading: FileReading
    heard: Heard
    rate: float


def kept_key(given: Given, recordings: Mapping[str, str]) -> str:
    """Return the key of all that an alignment depends on, but for the text.

    Args:
        given: what stays the same as long as a document is open.
        recordings: the SHA-256 of each by its name; the episode's has none.
    """
    show = given.book.show if given.book else None
    return key_of(version_of("cuemark"), recordings, given.config, show)


def kept_alignment(key: str, result: Result, heard: Heard) -> KeptAlignment:
    """Return a whole alignment as it is kept."""
    return KeptAlignment(
        key=key,
        source=result.transcript.source,
        hearing=heard.hearing,
        alignment=result.alignment,
        words=result.words,
        utterances=result.utterances,
        continue_point=result.continue_point,
        coverage=result.coverage,
        speakers=result.speakers,
        named_turns=result.named_turns,
        diarization=result.diarization,
        findings=tuple(
            _KeptFinding(one.kind, one.message, one.utterance, one.span, _details(one))
            for one in result.findings
            if one.kind in ABOUT_VOICES
        ),
    )


def _details(finding: Finding) -> Mapping[str, str | float | tuple[str, ...] | None]:
    return {
        name: tuple(map(str, value)) if isinstance(value, tuple) else value for name, value in finding.details.items()
    }


def encode_alignment(kept: KeptAlignment) -> bytes:
    """Return an alignment as it is in a file."""
    return msgspec.msgpack.encode(kept)


def decode_alignment(content: bytes, key: str) -> KeptAlignment | None:
    """Return the alignment in a file; None if it is damaged, of another version, or of other recordings or options."""
    try:
        kept = msgspec.msgpack.decode(content, type=KeptAlignment)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return kept if kept.key == key else None


def resume(kept: KeptAlignment, source: str, given: Given) -> Resumed | None:
    """Return what a document opens with; None if it is not read as it was, or too much of it has changed."""
    transcript, reading = parse_file(kept.source, kept.hearing.language)
    if not _fits(kept, transcript):
        return None
    heard = Heard(kept.hearing, None, (), complete=True, number=1)
    result, rate = _result(kept, transcript, given), speech_rate(transcript.words, kept.words)
    for text in _steps(kept.source, source):
        changed = changed_range(result.transcript.source, text).old
        made = retime(result, text, changed, reading, given.config.align, rate)
        if made is None:
            return None
        result = keep_voice_findings(result, made)
    return Resumed(with_findings(result, heard), reading, heard, rate)


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


def _steps(before: str, after: str) -> Iterator[str]:
    """Yield the texts that lead from one text to another, each with one more change, from the last change on.

    Changes are of whole paragraphs. With too many of them there is one step.
    """
    if before == after:
        return
    old, new = _paragraphs(before), _paragraphs(after)
    most = min(len(old), len(new))
    same = next((n for n in range(most) if old[n] != new[n]), most)
    matcher = SequenceMatcher(None, old[same:], new[same:], autojunk=False)
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    if len(changes) > MOST_CHANGES:
        yield after
        return
    texts = old
    for _, start, end, first, last in reversed(changes):
        texts = [*texts[: same + start], *new[same + first : same + last], *texts[same + end :]]
        yield "".join(texts)


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, each with the blank lines behind it."""
    parts = [*_BLANK_LINES.split(text), ""]
    return ["".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
