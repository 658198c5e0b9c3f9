"""Which ranges of the text are sent to the page again, after an edit or a whole new alignment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pipeline.desk.page_events import word_marks
from pipeline.desk.quick.retime import Retimed
from pipeline.desk.settle import Heard
from pipeline.schema import Chars, Edit, Result, Run, Transcript

JOINED_CHARACTERS = 500
"""Ranges with fewer characters between them are sent as one: an event has as much around it. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class ChangedRange:
    """What an edit replaced, in the text before and in that afterwards."""

    old: Chars
    new: Chars


def changed_range(before: str, after: str) -> ChangedRange:
    """Return the range in which two texts differ.

    >>> changed_range("abcd", "abxcd")
    ChangedRange(old=Chars(start=2, end=2), new=Chars(start=2, end=3))
    """
    most = min(len(before), len(after))
    start = _longest(most, lambda length: before.startswith(after[:length]))
    rest = most - start
    same = _longest(rest, lambda length: before.endswith(after[len(after) - length :]))
    return ChangedRange(Chars(start, len(before) - same), Chars(start, len(after) - same))


def edited_range(source: str, edits: Sequence[Edit]) -> ChangedRange:
    """Return the range that edits, in order, replace; at the end of the text if there are none."""
    if not edits:
        return ChangedRange(Chars(len(source), len(source)), Chars(len(source), len(source)))
    start, end = edits[0].chars.start, edits[-1].chars.end
    added = sum(len(edit.text) - (edit.chars.end - edit.chars.start) for edit in edits)
    return ChangedRange(Chars(start, end), Chars(start, end + added))


def shifted(chars: Chars, changed: ChangedRange) -> Chars:
    """Return a range of the old text in the new one; one that the edit touches includes all of what is new."""
    by = changed.new.end - changed.old.end
    if chars.end < changed.old.start:
        return chars
    if chars.start > changed.old.end:
        return Chars(chars.start + by, chars.end + by)
    return Chars(min(chars.start, changed.new.start), max(chars.end + by, changed.new.end))


def joined_ranges(ranges: Iterable[Chars]) -> list[Chars]:
    """Return the ranges in order, those near to each other as one."""
    joined = list[Chars]()
    for one in sorted(ranges):
        if joined and one.start - joined[-1].end < JOINED_CHARACTERS:
            joined[-1] = Chars(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return joined


def dirty_range(before: Result, made: Retimed, changed: ChangedRange, heard: Heard) -> Chars:
    """Return the range of the new text in which marks of words are not those that the page has.

    Args:
        before: the result that the page has.
        made: the result after the quick step.
        changed: what the edit replaced.
        heard: what was heard.
    """
    old, new = _in_whole_turns(before.transcript, made.old), _in_whole_turns(made.result.transcript, made.new)
    marks = word_marks(before, heard, old), word_marks(made.result, heard, new)
    texts = before.transcript.words[old.start : old.end], made.result.transcript.words[new.start : new.end]
    pairs = [list(zip((word.text for word in texts[side]), marks[side], strict=True)) for side in (0, 1)]
    most = min(map(len, pairs))
    first = next((n for n in range(most) if pairs[0][n] != pairs[1][n]), most)
    last = next((n for n in range(most - first) if pairs[0][-1 - n] != pairs[1][-1 - n]), most - first)
    gone = [shifted(word.chars, changed) for word in texts[0][first : len(texts[0]) - last]]
    new_ones = [word.chars for word in texts[1][first : len(texts[1]) - last]]
    ranges = [changed.new, *gone[:1], *gone[-1:], *new_ones[:1], *new_ones[-1:]]
    return Chars(min(one.start for one in ranges), max(one.end for one in ranges))


def changed_ranges(before: Result, heard_before: Heard, after: Result, heard: Heard) -> list[Chars]:
    """Return the ranges in which marks of words differ between two results of one text."""
    old, new = (
        {(word.chars.start, word.chars.end): mark for word, mark in zip(result.transcript.words, marks, strict=True)}
        for result, marks in ((before, word_marks(before, heard_before)), (after, word_marks(after, heard)))
    )
    missing = object()
    changed = [place for place, mark in new.items() if old.get(place, missing) != mark]
    changed += [place for place, mark in old.items() if place not in new and mark is not None]
    return joined_ranges(Chars(*place) for place in changed)


def _in_whole_turns(transcript: Transcript, run: Run) -> Run:
    """Return the words of all utterances that a run of words is in."""
    if not len(run):
        return run
    first, last = (transcript.words[k].utterance for k in (run.start, run.end - 1))
    return Run(transcript.utterances[first].words.start, transcript.utterances[last].words.end)


def _longest(most: int, holds: Callable[[int], bool]) -> int:
    """Return the largest length up to ``most`` for which a property holds that holds for all smaller ones."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
