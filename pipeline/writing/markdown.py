"""Write the human's own document with times before its labels: a few edits, and everything else byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.matching.continue_note import note_edits
from pipeline.matching.typed_times import corrected_claims
from pipeline.options import option
from pipeline.reading.edits import apply
from pipeline.reading.structure.file_style import colon_start
from pipeline.schema import Chars, Edit, Result, Transcript, Utterance
from pipeline.times import Ms, clock_style, format_clock
from pipeline.writing.chapters.contents_times import contents_edits
from pipeline.writing.shown_words import is_found


@dataclass(frozen=True, slots=True)
class MarkdownOptions:
    """What is written into the transcript."""

    times: bool = option(
        default=True, meaning="Write a time before each speaker's name; without it only the note is changed."
    )
    fix_times: bool = option(
        default=False,
        meaning="Correct times that were typed by hand if they are off by two seconds or more, alone or together.",
    )
    toc_times: bool = option(
        default=False, meaning="Write times before the entries of the transcript's own table of contents, too."
    )


def timed_edits(result: Result, options: MarkdownOptions) -> tuple[Edit, ...]:
    """Return the edits that write the times and the continue note into the transcript, in order of their place.

    Each labelled utterance that was found gets one time, in the file's own notation and floored, unless it has one.
    Typed times stay, except those that ``fix_times`` replaces, each in its own style. A second run on the result
    changes nothing more.
    """
    contents = contents_edits(result, fix=options.fix_times) if options.toc_times else ()
    return tuple(
        sorted((*note_edits(result.transcript, result.continue_point), *time_edits(result, options), *contents))
    )


def time_edits(result: Result, options: MarkdownOptions) -> tuple[Edit, ...]:
    """Return the edits that write the times alone; the note stays."""
    if not options.times:
        return ()
    return (*_new_times(result), *(corrected_times(result) if options.fix_times else ()))


def render_markdown(result: Result, options: MarkdownOptions) -> str:
    """Return the transcript with ``timed_edits`` applied."""
    return apply(result.transcript.source, timed_edits(result, options))


def _new_times(result: Result) -> Iterator[Edit]:
    notation = result.transcript.notation
    for utterance in result.transcript.utterances:
        at = _time_position(utterance, result.transcript)
        span = result.utterances[utterance.index].span
        if at is not None and utterance.claim is None and span is not None and is_found(result, utterance.index):
            clock = format_clock(span.start, notation.clock)
            yield Edit(Chars(at, at), notation.opening + clock + notation.closing)


def _time_position(utterance: Utterance, transcript: Transcript) -> int | None:
    """Return where the file's notation puts the time of an utterance; None if it gets none."""
    label, place = utterance.label, transcript.notation.place
    if label is None or place == "before-label":
        return utterance.time_at
    colon = colon_start(transcript.source[label.start : label.end])
    in_label = place == "in-label" and utterance.speaker is not None and colon is not None
    return label.start + colon if in_label and colon is not None else label.end


def corrected_times(result: Result) -> Iterator[Edit]:
    """Yield edits that replace the typed times that are off, each in its own style, those of a later part too."""
    source, duration = result.transcript.source, result.hearing.duration
    for claim, right in corrected_claims(result.transcript, result.words, result.utterances, duration):
        typed = source[claim.chars.start : claim.chars.end]
        corrected = _format_like(typed, right)
        if corrected != typed:
            yield Edit(claim.chars, corrected)


def _format_like(typed: str, at: Ms) -> str:
    clock = format_clock(at, clock_style(typed))
    return clock.replace(".", ",") if "," in typed else clock
