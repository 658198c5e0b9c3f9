"""Find where the typing stops, and write, move or remove the "continue at" note that says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.matching.alignment.tokens import spoken_words
from pipeline.matching.spoken_over import end_of_last_turn
from pipeline.reading.markup.notation import BULLETS
from pipeline.reading.markup.whitespace import LINE_ENDS, line_above, line_below, line_ending, line_start
from pipeline.schema import (
    Alignment,
    Chars,
    Continue,
    Edit,
    Hearing,
    Note,
    Run,
    TimedUtterance,
    TimedWord,
    Transcript,
    Turn,
)
from pipeline.times import Ms, clock_style, format_clock, without_decimals

LEAST_UNTRANSCRIBED_WORDS = 10
"""The fewest heard words that nobody typed that are a passage; fewer are a stumble, a greeting or a misheard noise."""

_BLOCK_PREFIX = re.compile(rf"[ \t\ufeff]*(?:>[ \t]*|(?:[-*+–—{BULLETS}]|[0-9]{{1,9}}[.)])[ \t]+)*")
"""Markdown's quote and list marks at the start of a line, before its text."""


def find_continue_point(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    *,
    turns: Sequence[Turn] = (),
    is_cut_off: bool = False,
) -> Continue:
    """Find the point at which the next volunteer continues.

    That is the end of the last utterance that was found; by its voice, if it is known who speaks when (``turns``) and
    another person speaks over that end (see ``spoken_over``). There is one exception: if the last note is between two
    found utterances, and a passage between them is not typed, it marks that hole, and the point is the end of the
    utterance before it. A transcript after which fewer than ten words are heard is complete, unless the end of the
    recording is missing (``is_cut_off``): what was typed may go on, or stop, in the missing part.

    Returns:
        ``at`` is 0 if nothing is typed, and None if the transcript is complete, if nothing typed was found, or if
        everything that is heard is typed and the recording is cut off.
    """
    if not any(spoken_words(transcript, utterance.words) for utterance in transcript.utterances):
        return Continue(0, complete=False)
    found = [k for k, timed in enumerate(utterances) if timed.span is not None]
    if not found:
        return Continue(None, complete=False)
    hole = _hole(transcript, alignment, words, found)
    if hole is not None:
        span = utterances[hole].span
        return Continue(span.end if span else None, complete=False, hole_note=len(transcript.notes) - 1)
    last = utterances[found[-1]].span
    end = end_of_last_turn(transcript, words, utterances, turns) or (last.end if last else 0)
    if sum(word.span.start >= end for word in hearing.words) < LEAST_UNTRANSCRIBED_WORDS:
        return Continue(None, complete=not is_cut_off)
    return Continue(end, complete=False)


def _hole(transcript: Transcript, alignment: Alignment, words: Sequence[TimedWord], found: Sequence[int]) -> int | None:
    """Return the last found utterance before the last note, if the note marks a hole after it."""
    if not transcript.notes:
        return None
    note = transcript.notes[-1]
    before = [k for k in found if transcript.utterances[k].chars.start < note.chars.start]
    after = [k for k in found if transcript.utterances[k].chars.start >= note.chars.end]
    if not before or not after:
        return None
    first = _measured(transcript.utterances[before[-1]].words, words)[-1]
    last = _measured(transcript.utterances[after[0]].words, words)[0]
    between = (p for p in alignment.pairings if p.score == 0 and first < p.written.end and p.written.start <= last)
    missing = sum(max(0, len(p.heard) - len(spoken_words(transcript, p.written))) for p in between)
    return before[-1] if missing >= LEAST_UNTRANSCRIBED_WORDS else None


def _measured(run: Run, words: Sequence[TimedWord]) -> list[int]:
    return [k for k in run if words[k].measured]


def new_note_text(transcript: Transcript, point: Continue) -> str | None:
    """Return the new note, in the file's own wording; None if none is to be written."""
    if point.at is None:
        return None if point.complete else old_note_text(transcript)
    if not transcript.notes:
        return f"<!-- Continue at {format_clock(point.at)}! -->"
    note = transcript.notes[-1]
    source = transcript.source
    return (
        source[note.chars.start : note.clock.start]
        + _clock(transcript, note, point.at)
        + (source[note.clock.end : note.chars.end])
    )


def old_note_text(transcript: Transcript) -> str | None:
    """Return the note that the file has; None if it has none."""
    if not transcript.notes:
        return None
    chars = transcript.notes[-1].chars
    return transcript.source[chars.start : chars.end]


def note_edits(transcript: Transcript, point: Continue) -> tuple[Edit, ...]:
    """Return the edits that bring the note to the point: a new time in its place, a move, a removal or a new note.

    Of several notes, the last is edited. There are no edits if nothing was found, or if the note is right already.
    """
    note = transcript.notes[-1] if transcript.notes else None
    if point.complete:
        return (_removal(transcript.source, note),) if note else ()
    if point.at is None:
        return ()
    if note is None:
        return (_addition(transcript, point),)
    moves = point.hole_note is None and any(u.chars.start >= note.chars.end for u in transcript.utterances)
    if moves:
        end = transcript.utterances[-1].chars.end
        text = 2 * line_ending(transcript.source) + (new_note_text(transcript, point) or "")
        return (_removal(transcript.source, note), Edit(Chars(end, end), text))
    clock = _clock(transcript, note, point.at)
    if transcript.source[note.clock.start : note.clock.end] == clock:
        return ()
    return (Edit(note.clock, clock),)


def _clock(transcript: Transcript, note: Note, at: Ms) -> str:
    style = clock_style(transcript.source[note.clock.start : note.clock.end])
    return format_clock(at, without_decimals(style))


def _addition(transcript: Transcript, point: Continue) -> Edit:
    """Return a new note at the end: a blank line, the note, and the file's own final line endings again."""
    source, ending = transcript.source, line_ending(transcript.source)
    text = source.rstrip(LINE_ENDS)
    final = source[len(text) :]
    missing = max(0, 2 - final.count(ending)) if text.strip("\ufeff") else 0
    end = len(source)
    return Edit(Chars(end, end), missing * ending + (new_note_text(transcript, point) or "") + final)


def _removal(source: str, note: Note) -> Edit:
    """Remove the note with its list mark and the blank line before it; text on the note's own line stays.

    The blank line stays too if the next paragraph is directly below the note, since it separates the two paragraphs.
    """
    start, end = note.chars.start, note.chars.end
    first, below = line_start(source, start), line_below(source, end)
    is_at_line_start = _BLOCK_PREFIX.fullmatch(source, first, start) is not None
    rest = source[end:below]
    if rest.strip():
        return Edit(Chars(start, end + is_at_line_start * (len(rest) - len(rest.lstrip(" \t")))), "")
    if not is_at_line_start:
        return Edit(note.chars, "")
    start = first + source[first:start].count("\ufeff")
    above = line_above(source, start)
    if not source[above:start].strip() and not source[below : line_below(source, below)].strip():
        start = above
    return Edit(Chars(start, below), "")
