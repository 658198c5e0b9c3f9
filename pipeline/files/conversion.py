"""Convert a transcript from one format to another without its audio: the times are those that it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError, OutputError, TranscriptError
from pipeline.files.results import ResultFolder, check_results, most_mode, write_results
from pipeline.files.store import Store
from pipeline.files.transcript_file import WrittenFile, read_transcript
from pipeline.io.atomic import same_file
from pipeline.io.file_types import JSON
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.reading.imports.alignment_json import AlignedTurn, AlignmentFile, is_alignment, read_alignment
from pipeline.reading.imports.pieces import Piece
from pipeline.reading.imports.word_spans import word_pieces, word_spans, written_pieces
from pipeline.reading.transcript import parse
from pipeline.schema import (
    Alignment,
    Continue,
    Hearing,
    Pairing,
    Result,
    Run,
    Source,
    TimedUtterance,
    TimedWord,
    Transcript,
)
from pipeline.times import Ms, Span
from pipeline.writing import FORMATS, Format, WritingOptions, render_all

_SUFFIXES = {form.suffix: form for name, form in FORMATS.items() if name != "json"} | {
    ".md": FORMATS["md"],
    ".markdown": FORMATS["md"],
    ".txt": FORMATS["txt"],
    ".docx": FORMATS["docx"],
}
"""The formats by the suffixes that name them: those of results, and the plain ones where they are clear."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written: the path, and lines for the user."""

    path: Path
    remarks: tuple[str, ...] = ()


def format_of(target: Path) -> Format:
    """Return the format that a file's suffix names; the longest suffix counts, case does not.

    Raises:
        ConfigError: it names none.
    """
    name = target.name.casefold()
    found = [suffix for suffix in _SUFFIXES if name.endswith(suffix.casefold()) and len(name) > len(suffix)]
    if found:
        return _SUFFIXES[max(found, key=len)]
    wanted = [suffix for suffix in _SUFFIXES if target.suffix and suffix.casefold().endswith(target.suffix.casefold())]
    known = ", ".join(sorted(wanted or _SUFFIXES, key=str.casefold))
    raise ConfigError("command line", f"{target.name}: the suffix names no format to convert to; give one of {known}")


@dataclass(frozen=True, slots=True)
class ConvertOptions:
    """The options of the formats, and the language, a code such as ``en``, for the limits of lines."""

    writing: WritingOptions
    language: str | None = None


def convert(source: Path, target: Path, options: ConvertOptions, store: Store, *, overwrite: bool) -> Converted:
    """Convert a file, and write the result.

    Raises:
        ConfigError: the name of the target names no format.
        TranscriptError: the file cannot be read, is empty, or has no times for a format that needs them.
        OutputError: the target may not or cannot be written.
    """
    output = format_of(target)
    if same_file(source, target):
        raise OutputError(target, "is the file itself that is to be converted; give another name")
    written = read_transcript(source)
    if not written.source.strip("\ufeff \t\r\n"):
        raise TranscriptError(source, "is empty: there is nothing to convert")
    folder = ResultFolder.at(target.parent)
    check_results(folder, [target], [source], store, overwrite=overwrite)
    content, remarks = _content(written, output, options)
    write_results(folder, {target: content}, store, overwrite=overwrite, mode=most_mode(source))
    return Converted(target, remarks)


def markdown_beside(source: Path, store: Store) -> Converted:
    """Return the Markdown of a transcript, for a program that edits it.

    That of a file of another program is ``<stem>.md`` beside it, converted unless it is there already. Any other file,
    and one that is not there, is returned as it is.

    Raises:
        TranscriptError: the file cannot be read.
        OutputError: the Markdown cannot be written.
    """
    if not source.is_file():
        return Converted(source)
    written = read_transcript(source)
    if written.imported is None:
        return Converted(source)
    target = source.with_suffix(".md")
    kind = written.imported.kind.words
    if target.exists():
        return Converted(target, (f"{source.name} is {kind}: {target.name} beside it is opened",))
    convert(source, target, ConvertOptions(WritingOptions()), store, overwrite=False)
    return Converted(target, (f"{source.name} is {kind}: it was converted to {target.name}, which is opened",))


def timed_result(written: WrittenFile, language: str) -> Result:
    """Return a transcript as a result whose times are those that it has.

    Only the words of an alignment of cuemark are measured, and as sure as they are there.

    Args:
        language: a code such as ``en``, for the limits of lines.
    """
    transcript = parse(written.source)
    imported = written.imported
    if imported and _is_alignment(written):
        return _aligned_result(written, transcript, read_alignment(imported.source), language)
    pieces = imported.pieces if imported and imported.document is None else written_pieces(transcript)
    spans = word_spans(transcript, pieces) if transcript.words else ()
    words = tuple(TimedWord(span, "interpolated" if span else None, 0.0) for span in spans)
    utterances = tuple(_utterance([spans[k] for k in one.words]) for one in transcript.utterances)
    duration = max((span.end for span in spans if span), default=0)
    return _result(written, transcript, (words, utterances), Source(written.path.stem, ""), duration, language)


def _is_alignment(written: WrittenFile) -> bool:
    imported = written.imported
    return imported is not None and imported.kind is JSON and is_alignment(imported.source)


def _aligned_result(written: WrittenFile, transcript: Transcript, file: AlignmentFile, language: str) -> Result:
    """Return what an alignment has: each word finds its time by its text, so that another division of words is none."""
    timed = [(text, word) for turn in file.turns for text, word in turn.words or (_whole(turn),)]
    pieces = [
        Piece(None, text, word.span.start if word.span else None, word.span.end if word.span else None)
        for text, word in timed
    ]
    places = word_pieces(transcript, pieces) if pieces else ()
    spans = word_spans(transcript, pieces) if pieces else ()
    words = tuple(
        TimedWord(span, timed[index][1].timing if span else None, timed[index][1].confidence)
        for span, (index, _, _) in zip(spans, places, strict=True)
    )
    known: list[TimedUtterance | None] = [turn.timed for turn in file.turns]
    if len(known) != len(transcript.utterances):  # a text that is read as two turns
        known = [None] * len(transcript.utterances)
    utterances = tuple(
        _known_utterance(one, [words[k].span for k in turn.words])
        for one, turn in zip(known, transcript.utterances, strict=True)
    )
    audio = Source(file.audio, file.sha256)
    return _result(written, transcript, (words, utterances), audio, file.duration, language)


def _known_utterance(known: TimedUtterance | None, spans: list[Span | None]) -> TimedUtterance:
    """Return what is known of a turn; one of whose words none has a time was not found."""
    found = _utterance(spans)
    return known if known and known.span and found.span else found


def _whole(turn: AlignedTurn) -> tuple[str, TimedWord]:
    """Return the text of a turn that has no words of its own as one that lasts as long."""
    span = turn.timed.span
    return turn.text, TimedWord(span, "interpolated" if span else None, 0.0)


def _result(
    written: WrittenFile,
    transcript: Transcript,
    times: tuple[tuple[TimedWord, ...], tuple[TimedUtterance, ...]],
    audio: Source,
    duration: Ms,
    language: str,
) -> Result:
    words, utterances = times
    number = len(words)
    return Result(
        audio=audio,
        transcript_file=Source(str(written.path), written.sha256),
        transcript=transcript,
        hearing=Hearing((), (), duration, language, "", "", ""),
        alignment=Alignment((Pairing(Run(0, number), Run(0, 0), 0.0),) if number else (), None),
        words=words,
        utterances=utterances,
        continue_point=Continue(None, complete=True),
        coverage=1.0,
        speakers=(),
        findings=(),
        versions={},
    )


def _content(written: WrittenFile, output: Format, options: ConvertOptions) -> tuple[bytes, tuple[str, ...]]:
    if output.name == "md":
        return written.source.encode(), ()
    if output.name == "html" and not _is_alignment(written):
        reason = "does not say to which audio it belongs, and html has a player; give the JSON that align wrote"
        raise TranscriptError(written.path, reason)
    result = timed_result(written, options.language or "en")
    missing = sum(not one.is_sure for one in result.utterances)
    if missing == len(result.utterances):
        reason = f"has no times, and {output.name} needs them; cuemark align finds them in the audio"
        raise TranscriptError(written.path, reason)
    rendered = render_all([output.name], result, options.writing)
    if output.name not in rendered.contents:
        raise TranscriptError(written.path, "; ".join(rendered.remarks))
    return rendered.contents[output.name], (*rendered.remarks, *_left_out(result, missing))


def _left_out(result: Result, turns: int) -> Iterator[str]:
    """Yield lines that say what has no time: turns, and words of other turns."""
    if turns:
        yield f"{turns} turn{'s have' if turns > 1 else ' has'} no time and {'are' if turns > 1 else 'is'} left out"
    timed = (one for one, found in zip(result.transcript.utterances, result.utterances, strict=True) if found.is_sure)
    words = sum(result.words[k].span is None for one in timed for k in spoken_words(result.transcript, one.words))
    if words:
        verb = "have" if words > 1 else "has"
        yield f"{words} word{'s' * (words > 1)} of other turns {verb} no time; subtitles lack them"


def _utterance(spans: list[Span | None]) -> TimedUtterance:
    found = [span for span in spans if span is not None]
    if not found:
        return TimedUtterance(None, 0.0, "not-found")
    return TimedUtterance(Span(found[0].start, max(span.end for span in found)), 1.0, "verbatim")
