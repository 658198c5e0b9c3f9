"""Which heard word is whose: voices as a diarizer parts them, moved to where sentences part.

A diarizer's edge is off by a few tenths of a second and so are an engine's words; people change where sentences do.
Each change of the speaker therefore goes to the best place nearby: a sentence's end, else a pause or a clause's end,
else where the voice changes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.matching.drafting.disfluency import ends_sentence
from pipeline.schema import HeardWord, NamedTurn, Run
from pipeline.times import Ms, Span

MAX_MOVED_SPEECH_MS: Ms = 1_500
"""How much speech may go to the other person for a change to meet the end of a sentence."""

MAX_MOVED_WORDS = 4
"""How many words; one where a listener says a word or two, whose sentence it is not."""

MAX_COUNTED_WORD_MS: Ms = 500
"""A word counts as no longer than this: engines stretch one over speech that they missed."""

CLAUSE_END_COST_MS, MID_CLAUSE_COST_MS = 600, 1_200
"""What it costs, in ms of speech, to change the speaker behind a clause or a pause, or amid one."""

MIN_CHANGE_PAUSE_MS: Ms = 300
"""Silence between two words after which somebody else may begin."""

MIN_TURN_MS: Ms = 250
"""Speech too short for a turn of its own: a breath, an edge that the diarizer put into a word."""

MAX_BACK_CHANNEL_WORDS = 2
"""So many words, spoken into somebody's sentence, are a listener's "yeah" or "right": readable text leaves them out."""


@dataclass(frozen=True, slots=True)
class SpeakerRun:
    """Words that one person says in a row; ``run`` are indices of words, ``speaker`` is None where nobody knows."""

    speaker: str | None
    run: Run


def assign_words(words: Sequence[HeardWord], turns: Sequence[NamedTurn]) -> tuple[SpeakerRun, ...]:
    """Give each word to the person whose voice it is.

    Args:
        words: in order.
        turns: who speaks when, ordered and disjoint; without any, nobody knows who speaks.

    Returns:
        Stretches that tile the words, in order; two neighbours have different speakers.
    """
    owners = _owners(words, turns)
    runs = [Run(group[0], group[-1] + 1) for group in _groups(owners)]
    starts = _moved([SpeakerRun(owners[run.start], run) for run in runs], words)
    edges = [0, *starts, len(words)]
    said = [SpeakerRun(owners[run.start], Run(a, b)) for run, a, b in zip(runs, edges, edges[1:], strict=False)]
    return _merged(_without_slivers(said, words))


def remove_back_channels(said: Sequence[SpeakerRun], words: Sequence[HeardWord]) -> tuple[SpeakerRun, ...]:
    """The stretches without a listener's word or two inside the sentence of another, who goes on speaking."""
    kept: list[SpeakerRun] = []
    for one, after in zip(said, (*said[1:], None), strict=True):
        before = kept[-1] if kept else None
        inside = before is not None and after is not None and before.speaker == after.speaker != one.speaker
        goes_on = before is not None and not ends_sentence(words[before.run.end - 1].text)
        if not (inside and goes_on and len(one.run) <= MAX_BACK_CHANNEL_WORDS):
            kept.append(one)
    return tuple(kept)


def _owners(words: Sequence[HeardWord], turns: Sequence[NamedTurn]) -> list[str | None]:
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
    return max(a.start - b.end, b.start - a.end)


def _groups(owners: Sequence[str | None]) -> list[list[int]]:
    return [list(group) for _, group in groupby(range(len(owners)), key=lambda at: owners[at])]


def _moved(said: Sequence[SpeakerRun], words: Sequence[HeardWord]) -> list[int]:
    """Each change at the best place nearby; they stay in order, and one may meet the next, whose turn is then empty."""
    moved: list[int] = []
    for number, after in enumerate(said[1:], start=1):
        change = after.run.start
        reach = 1 if _is_interjected(said, number - 1) or _is_interjected(said, number) else MAX_MOVED_WORDS
        low = max(1, change - reach, moved[-1] if moved else 0)
        places = range(low, min(len(words) - 1, change + reach, after.run.end) + 1)
        moved.append(min(places, key=lambda place: _cost(place, change, words), default=max(low, change)))
    return moved


def _is_interjected(said: Sequence[SpeakerRun], number: int) -> bool:
    """Whether somebody says a word or two between words of one other."""
    inside = 0 < number < len(said) - 1 and said[number - 1].speaker == said[number + 1].speaker
    return inside and len(said[number].run) <= MAX_BACK_CHANNEL_WORDS


def _cost(place: int, change: int, words: Sequence[HeardWord]) -> Ms:
    """How much speech would go to the other person, in ms, and what it costs to part the words at this place."""
    moved = words[min(place, change) : max(place, change)]
    speech = sum(min(MAX_COUNTED_WORD_MS, word.span.duration) for word in moved)
    if speech > MAX_MOVED_SPEECH_MS:
        speech += 10 * MAX_MOVED_SPEECH_MS
    before, after = words[place - 1], words[place]
    if ends_sentence(before.text):
        return speech
    pauses = after.span.start - before.span.end >= MIN_CHANGE_PAUSE_MS or before.text[-1:] in ",;:"
    return speech + (CLAUSE_END_COST_MS if pauses else MID_CLAUSE_COST_MS)


def _without_slivers(said: Sequence[SpeakerRun], words: Sequence[HeardWord]) -> list[SpeakerRun]:
    """Too short a stretch goes to the one before it, unless it is a sentence of its own."""
    kept: list[SpeakerRun] = []
    for one in said:
        if not len(one.run):
            continue
        own = words[one.run.start : one.run.end]
        is_sliver = len(own) == 1 and own[0].span.duration < MIN_TURN_MS and not ends_sentence(own[-1].text)
        speaker = kept[-1].speaker if is_sliver and kept else one.speaker
        kept.append(SpeakerRun(speaker, one.run))
    return kept


def _merged(said: Sequence[SpeakerRun]) -> tuple[SpeakerRun, ...]:
    merged: list[SpeakerRun] = []
    for one in said:
        if merged and merged[-1].speaker == one.speaker:
            merged[-1] = SpeakerRun(one.speaker, Run(merged[-1].run.start, one.run.end))
        else:
            merged.append(one)
    return tuple(merged)
