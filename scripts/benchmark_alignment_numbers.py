"""Measure how sensitive the alignment is to its numbers, without a model.

Each number of ``pipeline.matching.alignment`` is halved and doubled, one at a time, and these are aligned again: the
example episode typed by worse and worse typists (``tests.matching.degraded_typing``), the same typed up to each of its
turns, talks in other languages (``tests.matching.language_samples``), and another episode's transcript. Prints for each
variant what differs from the result of the numbers as they are. Where nothing differs, the number decides nothing in
these texts; what it is for is then shown by a unit test alone.

    ./.venv/bin/python -m scripts.benchmark_alignment_numbers [--seeds 20] [--only GAP_OPEN REPEATED_SHARE]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from statistics import mean, median
from types import ModuleType
from typing import Any

import numpy as np

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.alignment.word_grouping import group_into_words
from pipeline.matching.continue_note import find_continue_point
from pipeline.reading.transcript import parse
from pipeline.schema import Hearing, TimedUtterance, Transcript
from pipeline.times import Ms
from tests.episodes.kept_hearing import kept_hearing
from tests.matching.degraded_typing import Typed, degrade, document, typed_turns
from tests.matching.language_samples import TALKS, said, typed

ANOTHER_EPISODE = Path(__file__).parents[1] / "tests" / "matching" / "another_episode.md"
WRONG_MS: Ms = 500
"""A confident start that is off by more is wrong: the limit of this project's goals."""

FAR_WRONG_MS: Ms = 1_000
"""The limit that the tests check today."""

NUMBERS = {
    "align": ("NO_GAIN_SIMILARITY", "TOKENS_PER_WORD_EXPONENT", "LEFT_OUT_WORDS", "LONGEST_TAIL_WORDS", "TAIL_SHARE"),
    "ambiguity": (
        "LONGEST_REPEATED_WORDS", "SEARCHED_WORDS", "REPEATED_SHARE", "NEIGHBOUR_WORDS", "SHORT_MATCH_LETTERS",
    ),
    "chance_matches": (
        "GROUP_GAP_WORDS", "FREE_JUMP_WORDS", "STRENGTH_AFTER_FREE_JUMP", "STRENGTH_PER_DOUBLING", "ENOUGH_STRENGTH",
        "PART_JUMP_WORDS", "PART_STRENGTH_PER_DOUBLING",
    ),
    "gap_alignment": (
        "GAP_OPEN", "GAP_BETWEEN_TURNS", "GAP_WITHIN_TURN", "SUBSTITUTE", "GAP_EXTEND", "GAP_EXTEND_WITHIN",
    ),
    "heard_times": ("MATCH_CONFIDENCE", "ENGINE_CONFIDENCE"),
    "pairings": ("LEAST_PAIR_SCORE", "MOST_SPLIT_WORDS", "FEWEST_JOINED_LETTERS", "LEAST_JOINED_SIMILARITY"),
    "same_recording": ("NGRAM_WORDS", "FOUND_TURN_SHARE", "LEAST_HEARD_SHARE"),
    "timing": (
        "UNHEARD_RUN_WORDS", "LEAST_HEARD_PER_WRITTEN", "MOST_HEARD_PER_WRITTEN",
        "LONGEST_MIDDLE_FACTOR", "MOST_TAIL_FACTOR", "LARGEST_SURE_DOUBT_MS",
    ),
    "tokens": ("LEAST_SIMILARITY", "EXACT_KEY_LETTERS", "LEAST_WEIGHT"),
    "turn_beginnings": (
        "PAUSE_MS", "MOST_FACTOR", "MOST_UNHEARD_WORDS", "MOST_WORDS_AWAY", "LEAST_PAUSE_BEFORE_MS", "MOST_OVERLAP_MS",
    ),
    "said_words": (
        "LEAST_UNSAID_WORDS", "MOST_MATCHED_SHARE", "PAUSE_AT_UTTERANCE_EDGE_MS", "LEAST_TAIL_SHARE",
        "LONGEST_PAUSE_IN_TAIL_MS",
    ),
}  # fmt: skip
"""The numbers that are varied, by module of ``pipeline.matching.alignment``."""

FRACTIONS = {"LEAST_SIMILARITY", "LEAST_JOINED_SIMILARITY", "NO_GAIN_SIMILARITY", "REPEATED_SHARE"}
"""Shares for which half and double make no sense: half and one and a half of the distance to 1 are tried."""


@dataclass(frozen=True, slots=True)
class Case:
    """A transcript with its hearing; ``turns`` are what is true of each utterance."""

    transcript: Transcript
    hearing: Hearing
    turns: tuple[Typed, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one set of numbers gives.

    Attributes:
        found: the share of the written words that are measured, in percent.
        sure: turns that are said and have a confidence of 0.5 or more.
        wrong: turns with such a confidence that are off by more than 0.5 s or are not said.
        far_wrong: those that are off by more than 1 s or are not said.
        middle_ms: the median error of sure starts; ``worst_ms`` the 95th percentile.
        end_ms: the mean error of the ends of sure turns.
        point_ms: the largest error of the continue time.
        other_sure: as ``sure``, of the talks in other languages, and so is ``other_wrong``.
        right_share: the smallest anchor share of a right transcript; ``wrong_share`` that of the other episode, both in
            percent.
    """

    found: float
    sure: int
    wrong: int
    far_wrong: int
    middle_ms: Ms
    worst_ms: Ms
    end_ms: Ms
    point_ms: Ms
    other_sure: int
    other_wrong: int
    right_share: float
    wrong_share: float

    def differences(self, other: Figures) -> str:
        """Return the figures that differ from those of ``other``, with both values."""
        pairs = ((field.name, getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return ", ".join(f"{name} {theirs} -> {mine}" for name, mine, theirs in pairs if mine != theirs) or "no change"


def main() -> int:
    """Vary the numbers and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="how many degraded typings are aligned")
    parser.add_argument("--only", nargs="+", metavar="NUMBER", help="the numbers to vary")
    arguments = parser.parse_args()
    english, others = (*degraded_cases(arguments.seeds), *unfinished_cases()), language_cases()
    baseline = measure(english, others)
    print(f"{baseline.differences(baseline)} is printed if all figures are those of the numbers as they are:")
    print("  " + ", ".join(f"{field.name} {getattr(baseline, field.name)}" for field in fields(baseline)))
    for module_name, names in NUMBERS.items():
        module = import_module(f"pipeline.matching.alignment.{module_name}")
        for name in names:
            for value in variants(name, getattr(module, name)) if not arguments.only or name in arguments.only else ():
                with replaced(module, name, value):
                    print(f"{module_name}.{name} {value:g}: {measure(english, others).differences(baseline)}")
    return 0


def variants(name: str, value: float) -> tuple[float, ...]:
    """Return the other values to try for a number."""
    if name in FRACTIONS:
        return round(1 - 1.5 * (1 - value), 3), round(1 - 0.5 * (1 - value), 3)
    return (value // 2, value * 2) if isinstance(value, int) else (value / 2, value * 2)


@contextmanager
def replaced(module: ModuleType, name: str, value: float) -> Iterator[None]:
    """Give a number another value inside the block."""
    before: Any = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def degraded_cases(seeds: int) -> tuple[Case, ...]:
    """Return the example episode as degraded typing."""
    typings = [degrade(seed) for seed in range(seeds)]
    return tuple(Case(parse(document(turns)), kept_hearing(), turns) for turns in typings)


def unfinished_cases() -> tuple[Case, ...]:
    """Return the example episode, well typed, up to each of its turns."""
    turns = tuple(
        Typed(speaker, " ".join(sentence.text for sentence in sentences), sentences[0].start, sentences[-1].end)
        for speaker, sentences in typed_turns()
    )
    parts = (turns[:number] for number in range(1, len(turns) + 1))
    return tuple(Case(parse(document(part)), kept_hearing(), part) for part in parts)


def language_cases() -> tuple[Case, ...]:
    """Return a talk in each of several languages, with a sentence left out, a tenth misheard and the end untyped."""
    cases = []
    for seed, (language, sentences) in enumerate(TALKS.items()):
        heard, starts = said(sentences, seed, slips=0.1)
        hearing = group_into_words(Hearing(heard, (), heard[-1].span.end + 1_000, language, "fake", "fake", "0" * 64))
        kept = [at for at in range(len(sentences) * 3 // 4) if at != 4]
        turns = tuple(Typed("", sentences[at], starts[at], None) for at in kept)
        transcript = parse(typed(tuple(turn.text for turn in turns)), language)
        cases.append(Case(transcript, hearing, turns, language))
    return tuple(cases)


def measure(english: tuple[Case, ...], others: tuple[Case, ...]) -> Figures:
    """Align all cases and return the figures."""
    found, points, shares, errors, end_errors, invented = [], [], [], [], [], 0
    for case in english:
        alignment = align(case.transcript.words, case.hearing.words, AlignOptions())
        words, utterances = assign_times(case.transcript, case.hearing, alignment)
        point = find_continue_point(case.transcript, case.hearing, alignment, words, utterances)
        ends = [turn.end for turn, timed in zip(case.turns, utterances, strict=True) if timed.span and turn.end]
        points.append(abs(point.at - ends[-1]) if point.at is not None and ends else 0)
        found += [word.measured for word in words]
        shares += [] if alignment.anchor_share is None else [alignment.anchor_share]
        own_errors, own_invented = sure_errors(case, utterances)
        errors += own_errors
        end_errors += sure_end_errors(case, utterances)
        invented += own_invented
    other_errors, other_invented = [], 0
    for case in others:
        alignment = align(case.transcript.words, case.hearing.words, AlignOptions(), case.language)
        own_errors, own_invented = sure_errors(case, assign_times(case.transcript, case.hearing, alignment)[1])
        other_errors += own_errors
        other_invented += own_invented
    foreign = parse(ANOTHER_EPISODE.read_text(encoding="utf-8"))
    return Figures(
        found=round(100 * sum(found) / len(found), 2),
        sure=len(errors),
        wrong=invented + sum(error > WRONG_MS for error in errors),
        far_wrong=invented + sum(error > FAR_WRONG_MS for error in errors),
        middle_ms=round(median(errors)),
        worst_ms=round(np.percentile(errors, 95)),
        end_ms=round(mean(end_errors)),
        point_ms=max(points),
        other_sure=len(other_errors),
        other_wrong=other_invented + sum(error > WRONG_MS for error in other_errors),
        right_share=round(100 * min(shares), 1),
        wrong_share=round(100 * (align(foreign.words, kept_hearing().words, AlignOptions()).anchor_share or 0), 1),
    )


def sure_errors(case: Case, utterances: tuple[TimedUtterance, ...]) -> tuple[list[Ms], int]:
    """Return the errors of the confident starts in ms, and how many turns that are not said have such a start."""
    sure = [
        (timed.span.start, turn.start)
        for timed, turn in zip(utterances, case.turns, strict=True)
        if timed.span is not None and timed.is_sure
    ]
    return [abs(start - true) for start, true in sure if true is not None], sum(true is None for _, true in sure)


def sure_end_errors(case: Case, utterances: tuple[TimedUtterance, ...]) -> list[Ms]:
    """Return the errors of the ends of confident turns that are said, in ms."""
    return [
        abs(timed.span.end - turn.end)
        for timed, turn in zip(utterances, case.turns, strict=True)
        if timed.span is not None and timed.is_sure and turn.end is not None
    ]


if __name__ == "__main__":
    sys.exit(main())
