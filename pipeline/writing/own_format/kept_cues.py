"""Give subtitles that a person has made the measured times, and leave every other byte of them as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from pipeline.reading.imports.pieces import Piece
from pipeline.reading.imports.subtitle_cues import CueSource, SubtitleForm
from pipeline.reading.imports.word_spans import word_pieces
from pipeline.reading.markup.whitespace import line_ending
from pipeline.schema import Chars, Result
from pipeline.times import Ms, Span
from pipeline.writing.cues import Cue
from pipeline.writing.retimed.retimed_subtitles import format_like
from pipeline.writing.subtitles import render_srt, render_vtt

_NUMBER = regex.compile(r"^[ \t]*+([0-9]{1,9})[ \t]*+\r?\n[^\r\n]*?-->", regex.MULTILINE)
"""The number of a cue in SRT, above its times."""


def render_kept_cues(
    result: Result, source: str, pieces: Sequence[Piece], cues: Sequence[CueSource], until: Ms | None = None
) -> str:
    """Return subtitles with the times of their words.

    A cue begins with its first word. It lasts until its last word, and as long as before where the next cue permits. A
    cue whose words were not surely found, such as a sound, moves with the found cue before it, else with the one after.

    Args:
        source: the subtitles.
        pieces: their pieces, from which the transcript of the result was made.
        until: when a new cue begins that follows them; None if none does.
    """
    times = _without_overlap(_moved(_found(result, pieces, len(cues)), cues), cues)
    if until is not None and times and times[-1].start < until < times[-1].end:
        times[-1] = Span(times[-1].start, until)
    changes: dict[Chars, Ms] = {}
    for cue, span in zip(cues, times, strict=True):
        changes |= {cue.start_at: span.start, cue.end_at: span.end}
    made: list[str] = []
    done = 0
    for place, at in sorted(changes.items()):
        made += (source[done : place.start], format_like(at, source[place.start : place.end]))
        done = place.end
    return "".join((*made, source[done:]))


def with_new_cues(kept: str, new: Sequence[Cue], form: SubtitleForm, width: int) -> str:
    """Return subtitles with new cues after them, in their line ending; in SRT the numbers continue.

    Args:
        new: in order; the subtitles stay as they are without any.
        width: the columns of a line.
    """
    if not new:
        return kept
    numbers = _NUMBER.findall(kept)
    first = int(numbers[-1]) + 1 if numbers else 1
    text = render_srt(new, width, first) if form == "srt" else render_vtt(new).removeprefix("WEBVTT\n\n")
    ending = line_ending(kept)
    missing = max(0, 2 - kept[len(kept.rstrip("\r\n")) :].count(ending))
    return kept + missing * ending + text.replace("\n", ending)


def _found(result: Result, pieces: Sequence[Piece], number: int) -> list[Span | None]:
    """Return the span of the words of each cue; None where none of them was measured in a turn that is sure."""
    spans: list[list[Span]] = [[] for _ in range(number)]
    measured = [False] * number
    places = word_pieces(result.transcript, pieces)
    for written, timed, (index, _, _) in zip(result.transcript.words, result.words, places, strict=True):
        cue = pieces[index].cue
        if cue is not None and timed.span is not None and result.utterances[written.utterance].is_sure:
            spans[cue].append(timed.span)
            measured[cue] |= timed.measured
    return [
        Span(one[0].start, max(span.end for span in one)) if one and known else None
        for one, known in zip(spans, measured, strict=True)
    ]


def _moved(found: Sequence[Span | None], cues: Sequence[CueSource]) -> Iterator[Span]:
    offsets = [None if span is None else span.start - cue.start for span, cue in zip(found, cues, strict=True)]
    offset = next((one for one in offsets if one is not None), 0)
    for span, cue, own in zip(found, cues, offsets, strict=True):
        offset = offset if own is None else own
        start = max(0, cue.start + offset)
        end = start + cue.end - cue.start
        yield Span(start, end if span is None else max(end, span.end))


def _without_overlap(times: Iterator[Span], cues: Sequence[CueSource]) -> list[Span]:
    """Let no cue last into the next one, unless it did so before."""
    spans = list(times)
    for k in range(len(spans) - 1):
        if cues[k].end <= cues[k + 1].start and spans[k].start < spans[k + 1].start < spans[k].end:
            spans[k] = Span(spans[k].start, spans[k + 1].start)
    return spans
