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

from pipeline.matching.drafting.disfluency import ends_thought
from pipeline.schema import HeardWord, NamedTurn, Run
from pipeline.times import Ms, Span

REACH: Ms = 1_500
"""How much speech may go to the other person for a change to meet the end of a sentence."""

REACH_WORDS = 4
"""How many words; one where a listener says a word or two, whose sentence it is not."""

LONGEST_WORD: Ms = 500
"""A word counts as no longer than this: engines stretch one over speech that they missed."""

MID_CLAUSE, MID_SENTENCE = 600, 1_200
"""What it costs, in ms of speech, to change the speaker behind a clause or a pause, or amid one."""

PAUSE: Ms = 300
"""Silence between two words after which somebody else may begin."""

FEWEST: Ms = 250
"""Speech too short for a turn of its own: a breath, an edge that the diarizer put into a word."""

BACK_CHANNEL = 2
"""So many words, spoken into somebody's sentence, are a listener's "yeah" or "right": readable text leaves them out."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words that one person says in a row; ``run`` are indices of words, ``speaker`` is None where nobody knows."""

    speaker: str | None
    run: Run


def assign_words(words: Sequence[HeardWord], turns: Sequence[NamedTurn]) -> tuple[Said, ...]:
    """Give each word to the person whose voice it is.

    Args:
        words: in order.
        turns: who speaks when, ordered and disjoint; without any, nobody knows who speaks.

    Returns:
        Stretches that tile the words, in order; two neighbours have different speakers.
    """
    owners = _owners(words, turns)
    runs = [Run(group[0], group[-1] + 1) for group in _groups(owners)]
    starts = _moved([Said(owners[run.start], run) for run in runs], words)
    edges = [0, *starts, len(words)]
    said = [Said(owners[run.start], Run(a, b)) for run, a, b in zip(runs, edges, edges[1:], strict=False)]
    return _merged(_without_slivers(said, words))


def without_back_channels(said: Sequence[Said], words: Sequence[HeardWord]) -> tuple[Said, ...]:
    """The stretches without a listener's word or two inside the sentence of another, who goes on speaking."""
    kept: list[Said] = []
    for one, after in zip(said, (*said[1:], None), strict=True):
        before = kept[-1] if kept else None
        inside = before is not None and after is not None and before.speaker == after.speaker != one.speaker
        goes_on = before is not None and not ends_thought(words[before.run.end - 1].text)
        if not (inside and goes_on and len(one.run) <= BACK_CHANNEL):
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


def _moved(said: Sequence[Said], words: Sequence[HeardWord]) -> list[int]:
    """Each change at the best place nearby; they stay in order, and one may meet the next, whose turn is then empty."""
    moved: list[int] = []
    for number, after in enumerate(said[1:], start=1):
        change = after.run.start
        reach = 1 if _is_interjected(said, number - 1) or _is_interjected(said, number) else REACH_WORDS
        low = max(1, change - reach, moved[-1] if moved else 0)
        places = range(low, min(len(words) - 1, change + reach, after.run.end) + 1)
        moved.append(min(places, key=lambda place: _cost(place, change, words), default=max(low, change)))
    return moved


def _is_interjected(said: Sequence[Said], number: int) -> bool:
    """Whether somebody says a word or two between words of one other."""
    inside = 0 < number < len(said) - 1 and said[number - 1].speaker == said[number + 1].speaker
    return inside and len(said[number].run) <= BACK_CHANNEL


def _cost(place: int, change: int, words: Sequence[HeardWord]) -> Ms:
    """How much speech would go to the other person, in ms, and what it costs to part the words at this place."""
    moved = words[min(place, change) : max(place, change)]
    speech = sum(min(LONGEST_WORD, word.span.duration) for word in moved)
    if speech > REACH:
        speech += 10 * REACH
    before, after = words[place - 1], words[place]
    if ends_thought(before.text):
        return speech
    pauses = after.span.start - before.span.end >= PAUSE or before.text[-1:] in ",;:"
    return speech + (MID_CLAUSE if pauses else MID_SENTENCE)


def _without_slivers(said: Sequence[Said], words: Sequence[HeardWord]) -> list[Said]:
    """Too short a stretch goes to the one before it, unless it is a sentence of its own."""
    kept: list[Said] = []
    for one in said:
        if not len(one.run):
            continue
        own = words[one.run.start : one.run.end]
        is_sliver = len(own) == 1 and own[0].span.duration < FEWEST and not ends_thought(own[-1].text)
        speaker = kept[-1].speaker if is_sliver and kept else one.speaker
        kept.append(Said(speaker, one.run))
    return kept


def _merged(said: Sequence[Said]) -> tuple[Said, ...]:
    merged: list[Said] = []
    for one in said:
        if merged and merged[-1].speaker == one.speaker:
            merged[-1] = Said(one.speaker, Run(merged[-1].run.start, one.run.end))
        else:
            merged.append(one)
    return tuple(merged)
