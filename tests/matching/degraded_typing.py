"""The example episode as worse and worse typists would type it: seeded degradations with their true times."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

from pipeline.times import Ms, from_seconds

EXAMPLE = Path(__file__).parents[2] / "examples" / "kettle-and-kernel"
INVENTED = (
    "Nobody in their right mind would ever paint a submarine before breakfast.",
    "My uncle once sold a lighthouse to a family of penguins.",
    "Honestly the harpsichord was out of tune and the mayor knew it.",
    "Yes.",
    "I would have been very happy with the small green umbrella, you know.",
)
WRONG_WORDS = ("banana", "although", "seventeen", "carpet", "them", "very", "juggling", "was", "of", "perhaps")


@dataclass(frozen=True, slots=True)
class Typed:
    """One turn as typed, with its true start and end; None for a turn that is not said."""

    speaker: str
    text: str
    start: Ms | None
    end: Ms | None


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    start: Ms
    end: Ms


def typed_turns() -> list[tuple[str, list[_Sentence]]]:
    """Return the turns that were typed: speakers, and the typed sentences with their exact times."""
    truth = json.loads((EXAMPLE / "07-the-slow-build.truth.json").read_text(encoding="utf-8"))
    turns: dict[int, tuple[str, list[_Sentence]]] = {}
    for sentence in truth["sentences"]:
        if sentence["written"] is not None:
            _, sentences = turns.setdefault(sentence["utterance"], (sentence["speaker"], []))
            start, end = from_seconds(sentence["start"]), from_seconds(sentence["end"])
            sentences.append(_Sentence(sentence["written"], start, end))
    return [turns[index] for index in sorted(turns)]


def degrade(seed: int) -> tuple[Typed, ...]:
    """Return the example's turns with words dropped and replaced, sentences and turns left out, and turns invented.

    Up to a third of the words are wrong. The first two words of a sentence may be replaced, but are never dropped, so
    that its true start stays the same.
    """
    rng = random.Random(seed)
    drop, replace = rng.uniform(0, 0.2), rng.uniform(0, 0.15)
    turns = typed_turns()
    if rng.random() < 0.4:
        third = len(turns) // 3
        del turns[third : 2 * third]
    if rng.random() < 0.4:
        turns = turns[: rng.randrange(len(turns) // 2, len(turns))]
    result: list[Typed] = []
    for speaker, sentences in turns:
        kept = [sentence for sentence in sentences if rng.random() > 0.12]
        if kept and rng.random() > 0.08:
            text = " ".join(_degraded(sentence.text, rng, drop, replace) for sentence in kept)
            result.append(Typed(speaker, text, kept[0].start, kept[-1].end))
        if rng.random() < 0.08:
            result.append(Typed(speaker, rng.choice(INVENTED), None, None))
    return tuple(result)


def document(turns: tuple[Typed, ...]) -> str:
    """Return the turns as the source of a transcript."""
    return "\n\n".join(f"**{turn.speaker}**: {turn.text}" for turn in turns) + "\n"


def _degraded(text: str, rng: random.Random, drop: float, replace: float) -> str:
    words: list[str] = []
    for at, word in enumerate(text.split()):
        chance = rng.random()
        if chance < replace:
            words.append(rng.choice(WRONG_WORDS))
        elif at < 2 or chance > replace + drop:
            words.append(word)
    return " ".join(words)
