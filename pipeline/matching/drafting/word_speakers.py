"""The speaker of each heard word: the diarizer's turns, with changes of speaker moved to sentence boundaries nearby.

A diarizer's edges and an engine's word times are off by a few tenths of a second, and speakers mostly change between
sentences. So each change goes to the cheapest place nearby: the end of a sentence, else a pause or the end of a clause,
else where the diarizer puts it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.reading.words.sentence_end import has_sentence_stop
from pipeline.schema import HeardWord, NamedTurn, Run
from pipeline.times import Ms, Span

MAX_MOVED_SPEECH_MS: Ms = 1_500
"""A change of speaker is moved over at most this much speech, if it can be helped. Chosen by hand."""

MAX_MOVED_WORDS = 4
"""... and over at most this many words; over one around a back-channel, which is not part of the sentence. Chosen by
hand."""

MAX_COUNTED_WORD_MS: Ms = 500
"""A word counts as no longer than this: engines stretch words over speech that they missed. Chosen by hand."""

CLAUSE_END_COST_MS, MID_CLAUSE_COST_MS = 600, 1_200
"""The cost of a change of speaker after a clause or a pause, and inside a clause, in ms of moved speech. After a
sentence it is 0. Chosen by hand."""

MIN_CHANGE_PAUSE_MS: Ms = 300
"""A silence of this length between two words counts like the end of a clause. Chosen by hand."""

MIN_TURN_MS: Ms = 250
"""A single word shorter than this is no turn of its own: a breath, or an edge that the diarizer put into a word. Chosen
by hand."""

MAX_BACK_CHANNEL_WORDS = 2
"""Up to this many words inside another's sentence are a back-channel ("yeah", "right"): readable text leaves it out.
Chosen by hand."""


@dataclass(frozen=True, slots=True)
class SpeakerRun:
    """Words that one person says in a row: their indices, and the speaker, None if not known."""

    speaker: str | None
    run: Run


def assign_words(words: Sequence[HeardWord], turns: Sequence[NamedTurn]) -> tuple[SpeakerRun, ...]:
    """Give each word to the person who says it.

    Args:
        words: in order.
        turns: who speaks when, ordered and disjoint; empty if it is not known.

    Returns:
        Runs that tile the words, in order; two neighbours have different speakers.
    """
    owners = _owners(words, turns)
    runs = [Run(group[0], group[-1] + 1) for group in _groups(owners)]
    starts = _move_changes([SpeakerRun(owners[run.start], run) for run in runs], words)
    edges = [0, *starts, len(words)]
    moved = [SpeakerRun(owners[run.start], Run(a, b)) for run, a, b in zip(runs, edges, edges[1:], strict=False)]
    return _merge_neighbours(_absorb_short_runs(moved, words))


def remove_back_channels(runs: Sequence[SpeakerRun], words: Sequence[HeardWord]) -> tuple[SpeakerRun, ...]:
    """Remove the runs of a word or two inside the sentence of another speaker, who goes on speaking."""
    kept: list[SpeakerRun] = []
    for one, after in zip(runs, (*runs[1:], None), strict=True):
        before = kept[-1] if kept else None
        inside = before is not None and after is not None and before.speaker == after.speaker != one.speaker
        goes_on = before is not None and not has_sentence_stop(words[before.run.end - 1].text)
        if not (inside and goes_on and len(one.run) <= MAX_BACK_CHANNEL_WORDS):
            kept.append(one)
    return tuple(kept)


def _owners(words: Sequence[HeardWord], turns: Sequence[NamedTurn]) -> list[str | None]:
    """Return for each word the name of the turn that overlaps it most, or else is nearest; None if there is none."""
    ends = [turn.span.end for turn in turns]
    owners: list[str | None] = []
    for word in words:
        at = min(bisect_left(ends, word.span.start), max(0, len(turns) - 1))
        near = turns[max(0, at - 1) : at + 3]
        best = max(
            near, key=lambda turn: (turn.span.overlap(word.span), -_distance(turn.span, word.span)), default=None
        )
        owners.append(best.name if best else None)
    return owners


def _distance(a: Span, b: Span) -> Ms:
    """Return the ms between two spans; 0 or less if they meet."""
    return max(a.start - b.end, b.start - a.end)


def _groups(owners: Sequence[str | None]) -> list[list[int]]:
    return [list(group) for _, group in groupby(range(len(owners)), key=lambda at: owners[at])]


def _move_changes(runs: Sequence[SpeakerRun], words: Sequence[HeardWord]) -> list[int]:
    """Return the cheapest place nearby for each change, as the index of the word after it.

    Changes stay in order; if two meet, the run between them is empty.
    """
    moved: list[int] = []
    for number, after in enumerate(runs[1:], start=1):
        change = after.run.start
        reach = 1 if _is_back_channel(runs, number - 1) or _is_back_channel(runs, number) else MAX_MOVED_WORDS
        low = max(1, change - reach, moved[-1] if moved else 0)
        places = range(low, min(len(words) - 1, change + reach, after.run.end) + 1)
        moved.append(min(places, key=lambda place: _cost(place, change, words), default=max(low, change)))
    return moved


def _is_back_channel(runs: Sequence[SpeakerRun], number: int) -> bool:
    """Return whether a run is a word or two between words of one other speaker."""
    inside = 0 < number < len(runs) - 1 and runs[number - 1].speaker == runs[number + 1].speaker
    return inside and len(runs[number].run) <= MAX_BACK_CHANNEL_WORDS


def _cost(place: int, change: int, words: Sequence[HeardWord]) -> Ms:
    """Return the ms of speech that a change at this place moves to the other speaker, plus the cost of the place."""
    moved = words[min(place, change) : max(place, change)]
    speech = sum(min(MAX_COUNTED_WORD_MS, word.span.duration) for word in moved)
    if speech > MAX_MOVED_SPEECH_MS:
        speech += 10 * MAX_MOVED_SPEECH_MS  # so that it costs more than any place in reach
    before, after = words[place - 1], words[place]
    if has_sentence_stop(before.text):
        return speech
    is_clause_end = after.span.start - before.span.end >= MIN_CHANGE_PAUSE_MS or before.text[-1:] in ",;:"
    return speech + (CLAUSE_END_COST_MS if is_clause_end else MID_CLAUSE_COST_MS)


def _absorb_short_runs(runs: Sequence[SpeakerRun], words: Sequence[HeardWord]) -> list[SpeakerRun]:
    """Drop empty runs, and give a single short word to the speaker before, unless it is a sentence of its own."""
    kept: list[SpeakerRun] = []
    for one in runs:
        if not len(one.run):
            continue
        own = words[one.run.start : one.run.end]
        is_too_short = len(own) == 1 and own[0].span.duration < MIN_TURN_MS and not has_sentence_stop(own[-1].text)
        speaker = kept[-1].speaker if is_too_short and kept else one.speaker
        kept.append(SpeakerRun(speaker, one.run))
    return kept


def _merge_neighbours(runs: Sequence[SpeakerRun]) -> tuple[SpeakerRun, ...]:
    merged: list[SpeakerRun] = []
    for one in runs:
        if merged and merged[-1].speaker == one.speaker:
            merged[-1] = SpeakerRun(one.speaker, Run(merged[-1].run.start, one.run.end))
        else:
            merged.append(one)
    return tuple(merged)
