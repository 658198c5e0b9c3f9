"""Spoil a transcript as real ones are spoilt: sentences left out, reworded, in another order, invented; or cut short.

A transcript is turns of sentences, each with the time at which it is said, so whatever is left has its true times. Each
function takes and returns such turns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import product
from random import Random

from pipeline.times import Span


@dataclass(frozen=True, slots=True)
class Sentence:
    """A written sentence, without markup; ``span`` is when it is said, None if nobody says it."""

    text: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's sentences, at least one."""

    speaker: str
    sentences: tuple[Sentence, ...]

    @property
    def span(self) -> Span | None:
        """From the first to the last of its sentences that is said; None if nobody says any."""
        spans = [one.span for one in self.sentences if one.span]
        return reduce(Span.cover, spans) if spans else None


Turns = tuple[Turn, ...]

OTHER_WORDS = (
    "anchor", "autumn", "basket", "beneath", "brisk", "candle", "carry", "corner", "cotton", "debate", "dozen",
    "eager", "engine", "famous", "feather", "gentle", "glass", "harbour", "honest", "insist", "jacket",
    "kettle", "ladder", "lemon", "manage", "narrow", "orchard", "parcel", "perhaps", "quarter", "ribbon",
    "seldom", "silver", "tailor", "travel", "upper", "velvet", "wander", "window", "yellow",
)  # fmt: skip
"""Words for a paraphrase: ordinary ones, of one to three syllables, as the replaced ones are."""

_WHO = ("A gardener", "The harbour master", "My aunt", "Nobody from Lisbon", "The orchestra", "An old sailor")
_DOES = ("painted", "forgot", "sold", "measured", "carried", "borrowed")
_WHAT = ("the yellow ladder", "eleven umbrellas", "a jar of honey", "the village bell", "their winter coats")
_WHEN = ("before the rain came.", "in the spring.", "without a word.", "on the way to the market.", "for a whole year.")

_WORD = re.compile(r"(?<![\w'’\\`\[-])[A-Za-z]+(?![\w'’`\]-])")
_PAIR = re.compile(rf"({_WORD.pattern}) ({_WORD.pattern})")
_FINAL = re.compile(r'[.,;:?!"]+(?=\s|$)')


def without_every(turns: Turns, nth: int) -> Turns:
    """Return the turns without every ``nth`` sentence; a turn of which nothing is left is not there."""
    number = 0
    found = []
    for turn in turns:
        kept = []
        for sentence in turn.sentences:
            number += 1
            if number % nth:
                kept.append(sentence)
        if kept:
            found.append(replace(turn, sentences=tuple(kept)))
    return tuple(found)


def one_in(turns: Turns, nth: int) -> Turns:
    """Return the first turn of each ``nth``."""
    return turns[::nth]


def stopped(turns: Turns, share: float) -> Turns:
    """Return the first turns, a share of them, at least one."""
    return turns[: max(1, round(share * len(turns)))]


def paraphrased(turns: Turns, share: float, seed: int) -> Turns:
    """Return the turns with other words in the place of a share of the words, and some neighbours swapped.

    Args:
        share: 0..1, the probability with which a word of letters alone is replaced by one of ``OTHER_WORDS``; two such
            neighbours are swapped with half of it.
        seed: the same one gives the same words.
    """
    random = Random(seed)  # noqa: S311 -- the same text in each run

    def other(found: re.Match[str]) -> str:
        return random.choice(OTHER_WORDS) if random.random() < share else found[0]

    def swapped(found: re.Match[str]) -> str:
        return f"{found[2]} {found[1]}" if random.random() < share / 2 else found[0]

    def reworded(sentence: Sentence) -> Sentence:
        return replace(sentence, text=_WORD.sub(other, _PAIR.sub(swapped, sentence.text)))

    return tuple(replace(turn, sentences=tuple(map(reworded, turn.sentences))) for turn in turns)


def with_swapped_turns(turns: Turns, nth: int) -> Turns:
    """Return the turns with the second of each ``nth`` after the third; the last turn stays the last."""
    found = list(turns)
    for k in range(1, len(found) - 2, nth):
        found[k], found[k + 1] = found[k + 1], found[k]
    return tuple(found)


def in_capitals(turns: Turns) -> Turns:
    """Return the turns in capitals without punctuation behind words, as captions are; names of speakers stay."""
    return tuple(
        replace(turn, sentences=tuple(replace(one, text=_FINAL.sub("", one.text).upper()) for one in turn.sentences))
        for turn in turns
    )


def with_turns_between(turns: Turns, seed: int) -> Turns:
    """Return the turns, after each of them one of as many sentences that nobody says, so twice as many in all."""
    invented = _invented(turns, seed)
    return tuple(
        one for turn in turns for one in (turn, replace(turn, sentences=tuple(next(invented) for _ in turn.sentences)))
    )


def with_longer_turns(turns: Turns, seed: int) -> Turns:
    """Return the turns, each with as many sentences that nobody says at its end, so twice as many in all."""
    invented = _invented(turns, seed)
    return tuple(
        replace(turn, sentences=(*turn.sentences, *(next(invented) for _ in turn.sentences))) for turn in turns
    )


def _invented(turns: Turns, seed: int) -> Iterator[Sentence]:
    """Yield different sentences that nobody says, at least as many as there are sentences."""
    every = [" ".join(parts) for parts in product(_WHO, _DOES, _WHAT, _WHEN)]
    if sum(len(turn.sentences) for turn in turns) > len(every):
        raise ValueError(f"only {len(every)} sentences can be invented")
    Random(seed).shuffle(every)  # noqa: S311 -- the same text in each run
    return (Sentence(text, None) for text in every)


def rendered(turns: Turns) -> tuple[str, list[list[int]]]:
    """Return the turns as a Markdown transcript, and for each turn the offsets at which its sentences begin."""
    text, offsets = "", []
    for turn in turns:
        text += f"**{turn.speaker}**:"
        offsets.append(_append_offsets(len(text), turn.sentences))
        text += "".join(f" {one.text}" for one in turn.sentences) + "\n\n"
    return text, offsets


def _append_offsets(start: int, sentences: Sequence[Sentence]) -> list[int]:
    offsets = []
    for sentence in sentences:
        offsets.append(start + 1)
        start += 1 + len(sentence.text)
    return offsets
