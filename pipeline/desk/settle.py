"""The whole new alignment of a text with what was heard: what ``align`` computes, without listening.

It runs in a process of its own, so requests and answers are values that are pickled. Their largest parts are packed by
msgspec, which takes a tenth of the time of pickling them.

While listening goes on, nothing is said about what was not listened to yet: no finding, and no continue note.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from pipeline.episode.aligned import SpeakerTurns, aligned_result
from pipeline.episode.forced_times import ForcedWords, known_words, stretches_to_force
from pipeline.matching.alignment.align import align
from pipeline.matching.continue_note import LEAST_UNTRANSCRIBED_WORDS
from pipeline.matching.drafting.spelling import Spelling, learn_spelling
from pipeline.matching.findings import OF_THE_TEXT_ALONE
from pipeline.matching.forced.acceptance import ForcedResults
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.reading.structure.file_style import DEFAULT_STYLE, FileStyle, read_file_style
from pipeline.reading.transcript import FileReading, parse_file
from pipeline.schema import (
    Alignment,
    Continue,
    Finding,
    FindingKind,
    Hearing,
    Result,
    Run,
    Source,
    TimedWord,
    Transcript,
)
from pipeline.settings.config import Config
from pipeline.times import Ms, Span

_EMPTY = parse_file("")[0]
_NO_ALIGNMENT = Alignment((), None)
_NO_SOURCES = (Source("", ""), None)
NOTHING_HEARD = Hearing((), (), 0, "en", "none", "", "")

_OF_THE_WHOLE: frozenset[FindingKind] = frozenset(("wrong-audio", "incomplete-audio", "unknown-speaker", "note-moved"))
_Big = tuple[Transcript, Alignment, tuple[TimedWord, ...]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was listened to so far.

    Attributes:
        hearing: in words (see ``matching.alignment.word_grouping``).
        turns: who speaks when; None if that is not known, or not yet.
        spans: the stretches of the audio that were listened to, ordered and disjoint.
        complete: whether that is everything.
        number: counts up each time that more was heard.
        forced: the stretches whose words were forced, packed (see ``pack_forced``).
    """

    hearing: Hearing
    turns: SpeakerTurns = None
    spans: tuple[Span, ...] = ()
    complete: bool = False
    number: int = 0
    forced: bytes = b""

    def covers(self, start: Ms, end: Ms) -> bool:
        """Return whether all between two points was listened to."""
        if self.complete or start >= end:
            return True
        at = bisect_right(self.spans, start, key=lambda span: span.start) - 1
        return at >= 0 and end <= self.spans[at].end


def joined_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that meet as one."""
    joined = list[Span]()
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = joined[-1].cover(span)
        else:
            joined.append(span)
    return tuple(joined)


@dataclass(frozen=True, slots=True)
class Given:
    """What stays the same as long as a document is open.

    Attributes:
        config: the options of all stages.
        sources: the audio and the transcript's file, for what is written beside.
        style: of the show, which is followed where the text has no evidence of its own.
        book: the show's voice book; None if it is not used.
    """

    config: Config = field(default_factory=Config)
    sources: tuple[Source, Source | None] = _NO_SOURCES
    style: FileStyle = DEFAULT_STYLE
    book: VoiceBook | None = None


@dataclass(frozen=True, slots=True)
class SettleRequest:
    """What a worker computes: the alignment of a version of the text with what was heard until then."""

    version: int
    number: int
    source: str
    heard: bytes
    turns: SpeakerTurns
    complete: bool
    given: Given


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer to a request.

    Attributes:
        version: of the text.
        number: of what was heard.
        packed: the transcript, the alignment and the times of the words.
        small: the result without these and without the hearing.
        reading: what passages of the text can be read with.
        style: of the file.
        spelling: of the human's terms.
    """

    version: int
    number: int
    packed: bytes
    small: Result
    reading: FileReading
    style: FileStyle = field(default_factory=FileStyle)
    spelling: Spelling | None = None

    def result(self, hearing: Hearing) -> Result:
        """Return the whole result, with the hearing that it was computed from."""
        transcript, alignment, words = msgspec.msgpack.decode(self.packed, type=_Big)
        return replace(self.small, transcript=transcript, alignment=alignment, words=words, hearing=hearing)


class _Packed(msgspec.Struct, frozen=True):
    hearing: Hearing
    spans: tuple[Span, ...]
    forced: bytes


def pack_forced(results: ForcedResults) -> bytes:
    """Return forced stretches as they are sent: the server passes them on from process to process, and reads none."""
    return msgspec.msgpack.encode(results) if results else b""


def pack(heard: Heard) -> bytes:
    """Return the hearing and its spans as a request carries them; worth keeping while nothing more is heard."""
    return msgspec.msgpack.encode(_Packed(heard.hearing, heard.spans, heard.forced))


def settle(request: SettleRequest) -> Settled:
    """Align the whole text with everything that was heard."""
    packed = msgspec.msgpack.decode(request.heard, type=_Packed)
    heard = Heard(packed.hearing, request.turns, packed.spans, request.complete, request.number, packed.forced)
    result, reading = settle_text(request.source, heard, request.given)
    names = dict.fromkeys(turn.name for turn in result.named_turns)
    return Settled(
        version=request.version,
        number=request.number,
        packed=msgspec.msgpack.encode((result.transcript, result.alignment, result.words)),
        small=replace(result, transcript=_EMPTY, alignment=_NO_ALIGNMENT, words=(), hearing=NOTHING_HEARD),
        reading=reading,
        style=read_file_style(result.transcript, request.given.style),
        spelling=learn_spelling(result.transcript, result.hearing, result.alignment, names, None, ()),
    )


def settle_text(source: str, heard: Heard, given: Given) -> tuple[Result, FileReading]:
    """Return the result for a text and what was heard, and what passages of the text can be read with."""
    hearing = heard.hearing
    document, reading = parse_file(source, hearing.language)
    alignment = align(document.words, hearing.words, given.config.align, hearing.language)
    audio, file = given.sources
    file = file and replace(file, sha256=hashlib.sha256(source.encode()).hexdigest())
    forced = ForcedWords()
    if heard.forced:
        stretches = stretches_to_force(document, hearing, alignment, given.config)
        results = msgspec.msgpack.decode(heard.forced, type=ForcedResults)
        forced = known_words(document, hearing, alignment, stretches, results)
    result = aligned_result((audio, file), document, hearing, alignment, heard.turns, book=given.book, forced=forced)
    return report_heard(result, heard), reading


def report_heard(result: Result, heard: Heard) -> Result:
    """Return a result without what it says about parts of the audio that were not listened to yet."""
    if heard.complete:
        return result
    point = _known_point(result, heard)
    unheard = unheard_words(result, heard)
    findings = (finding for finding in result.findings if _is_known(finding, result, unheard, point))
    return replace(result, findings=tuple(findings), continue_point=point)


@dataclass(frozen=True, slots=True)
class UnheardRun:
    """Written words that were not measured, and where they may be said, which was not listened to entirely."""

    words: Run
    within: Span


def unheard_words(result: Result, heard: Heard) -> tuple[UnheardRun, ...]:
    """Return the written words that may be said in what was not listened to yet, as runs in order."""
    if heard.complete:
        return ()
    runs = _unmeasured_runs(result.words, result.hearing.duration)
    return tuple(one for one in runs if not heard.covers(one.within.start, one.within.end))


def _unmeasured_runs(words: Sequence[TimedWord], duration: Ms) -> Iterator[UnheardRun]:
    """Yield the runs of words that were not measured, with the time between the measured ones around them."""
    first, before = 0, 0
    for k, word in enumerate(words):
        if word.measured and word.span is not None:
            if first < k:
                yield UnheardRun(Run(first, k), Span(before, max(before, word.span.start)))
            first, before = k + 1, word.span.end
    if first < len(words):
        yield UnheardRun(Run(first, len(words)), Span(before, max(before, duration)))


def _known_point(result: Result, heard: Heard) -> Continue:
    """Return the continue point if what was heard proves it.

    Everything written after the last found utterance must not be said in an unheard part, and a transcript is complete
    only if all that follows was heard.
    """
    point, unknown = result.continue_point, Continue(None, complete=False)
    ends = [timed.span.end for timed in result.utterances if timed.span is not None]
    if not result.transcript.utterances or (point.at is None and not point.complete):
        return point
    is_last_found = result.utterances[-1].span is not None
    end = ends[-1] if ends else 0
    follows = sum(word.span.start >= end for word in result.hearing.words)
    if point.complete or follows < LEAST_UNTRANSCRIBED_WORDS:
        return point if heard.covers(end, result.hearing.duration) else unknown
    return point if is_last_found or heard.covers(end, result.hearing.duration) else unknown


def _is_known(finding: Finding, result: Result, unheard: Sequence[UnheardRun], point: Continue) -> bool:
    if finding.kind in OF_THE_TEXT_ALONE:
        return True
    if finding.kind == "note-moved":
        return point == result.continue_point and (point.at is not None or point.complete)
    if finding.kind == "untranscribed" and finding.span is not None:
        return not any(finding.span.overlap(one.within) for one in unheard)
    if finding.kind in _OF_THE_WHOLE or finding.utterance is None:
        return False
    words = result.transcript.utterances[finding.utterance].words
    at = bisect_right(unheard, words.start, key=lambda one: one.words.end)
    return at == len(unheard) or unheard[at].words.start >= words.end
