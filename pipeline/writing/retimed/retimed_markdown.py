"""Change the times that are typed in a transcript, and nothing else, as edits of its source."""

from __future__ import annotations

from pipeline.matching.cuts.time_map import TimeMap
from pipeline.reading.edits import apply
from pipeline.reading.transcript import parse
from pipeline.schema import Edit
from pipeline.times import MS_PER_SECOND, Ms, Span, clock_style, format_clock, without_decimals
from pipeline.writing.retimed.retimed_text import RetimedText


def retime_markdown(source: str, cuts: TimeMap) -> RetimedText:
    """Return a transcript with the times of the new cut before its labels and in its continue notes.

    The text of what was removed stays: it is the human's. Its times point to where the new cut goes on.
    """
    transcript = parse(source)
    edits: list[Edit] = []
    dropped: list[Span] = []
    for claim in transcript.claims:
        typed = source[claim.chars.start : claim.chars.end]
        style = clock_style(typed)
        step = MS_PER_SECOND // 10**style.decimals
        new, is_kept = _begin(claim.at, step, cuts)
        if not is_kept:
            dropped.append(Span(claim.at, claim.at + step))
        edits.append(Edit(claim.chars, format_clock(new, style)))
    for note in transcript.notes:
        typed = source[note.clock.start : note.clock.end]
        edits.append(Edit(note.clock, format_clock(cuts.place_end(note.at), without_decimals(clock_style(typed)))))
    changed = [edit for edit in edits if source[edit.chars.start : edit.chars.end] != edit.text]
    kept = len(transcript.claims) + len(transcript.notes) - len(dropped)
    return RetimedText(apply(source, changed), "time", kept, tuple(dropped))


def _begin(at: Ms, step: Ms, cuts: TimeMap) -> tuple[Ms, bool]:
    """Return the new time of a typed one, and whether it was kept.

    A typed time is floored to its last digit: what begins there begins up to ``step`` later. Speech begins after a
    pause, and a cut is in a pause: where one is within that step, the sound after the cut is meant.
    """
    last = at + step - 1
    stretch = cuts.stretch_at(last)
    if stretch is not None:
        return max(stretch.new.start, stretch.to_new(at)), True
    return cuts.place(at), cuts.stretch_at(at) is not None
