"""Made episodes: turns of made words, and what is heard of them, with errors."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.schema import HeardWord, Hearing
from pipeline.times import Ms, Span

_WORDS = tuple(
    dict.fromkeys(
        "".join(chance.choice("bcdfghklmnprstvw") + chance.choice("aeiou") for _ in range(chance.randint(1, 3)))
        for chance in [random.Random(7)]
        for _ in range(1_500)
    )
)
_WEIGHTS = tuple(1 / (rank + 1) ** 0.9 for rank in range(len(_WORDS)))  # as common as words of a language
_MISHEARD = 0.08


@dataclass(frozen=True, slots=True)
class MadeTurn:
    """A turn: its words, when each is said, and what was heard of each."""

    words: tuple[str, ...]
    spans: tuple[Span, ...]
    heard: tuple[str, ...]

    @property
    def end(self) -> Ms:
        """When it ends."""
        return self.spans[-1].end


def made_turns(chance: random.Random, words: int, start: Ms = 2_000) -> list[MadeTurn]:
    """Turns of 3 to 60 words, at 2.2 to 3.4 words a second, with pauses."""
    turns, at, left = [], start, words
    while left > 0:
        said = tuple(chance.choices(_WORDS, _WEIGHTS, k=min(left, chance.randint(3, 60))))
        rate, spans = chance.uniform(2.2, 3.4), []
        for _ in said:
            length = round(1_000 / rate * chance.uniform(0.6, 1.4))
            spans.append(Span(at, at + length * 9 // 10))
            at += length + (chance.randint(200, 900) if chance.random() < 0.12 else 0)
        other = (chance.choices(_WORDS, _WEIGHTS)[0] if chance.random() < _MISHEARD else word for word in said)
        turns.append(MadeTurn(said, tuple(spans), tuple(other)))
        at, left = at + chance.randint(300, 1_500), left - len(said)
    return turns


def text_of(turns: Sequence[MadeTurn], note: str | None = None) -> str:
    """A transcript of the turns, of two people, with a note at its end."""
    lines = [f"**{('Ann', 'Bo')[number % 2]}**: {' '.join(turn.words)}.\n" for number, turn in enumerate(turns)]
    return "\n".join([*lines, *([f"<!-- Continue at {note}! -->\n"] if note else [])])


def heard(turns: Sequence[MadeTurn]) -> Hearing:
    """What was heard of all turns; speech is a word each, and the words that follow it at once."""
    words = tuple(
        HeardWord(text, span, 0.9) for turn in turns for text, span in zip(turn.heard, turn.spans, strict=True)
    )
    speech: list[Span] = []
    for word in words:
        if speech and word.span.start - speech[-1].end < 150:
            speech[-1] = speech[-1].cover(word.span)
        else:
            speech.append(word.span)
    return Hearing(words, tuple(speech), words[-1].span.end + 3_000, "en", "fake", "base", "0" * 64)
