"""Measure how long the alignment takes, and how much memory, by the length of the texts: ordinary and hostile ones.

Each text is made of 4,000 words, of which a few are as frequent as in speech, and has turns of 60 words. Each row is
measured in a process of its own, with the garbage collector as the program sets it: the processor time in s, and by how
much the resident memory grew, in MB. ``docs/media/alignment_cost.toml`` has what is printed.

    ./.venv/bin/python -m scripts.benchmark_alignment_speed [--words 1000 30000] [--only ordinary]
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from pipeline.cli import ALLOCATIONS
from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import HeardWord, WrittenWord
from pipeline.times import Span

LENGTHS = (1_000, 5_000, 10_000, 20_000, 30_000, 45_000, 60_000)
VOCABULARY, MISHEARD, TURN_WORDS, WORD_MS = 4_000, 0.08, 60, 300
BETWEEN_ANCHORS = 1_700
"""The words of a passage that is just small enough to be compared word by word (``AlignOptions.most_cells``)."""

KIB_PER_MB = 1_024
Texts = tuple[list[str], list[str]]
"""The written and the heard words."""


def word(number: int) -> str:
    """Return the word of a number, in letters; different ones for different numbers.

    >>> word(0), word(27)
    ('qax', 'qbbx')
    """
    letters = ""
    while True:
        letters += chr(ord("a") + number % 26)
        number //= 26
        if not number:
            return f"q{letters}x"


def speech(count: int, chance: random.Random) -> list[str]:
    """Return words of which the k-th is one k-th as frequent as the first (Zipf's law)."""
    words = [word(number) for number in range(VOCABULARY)]
    return chance.choices(words, [1 / (number + 1) for number in range(VOCABULARY)], k=count)


def ordinary(count: int, chance: random.Random) -> Texts:
    """Return a text that was typed well, and of which some words were misheard."""
    written = speech(count, chance)
    return written, [word(VOCABULARY + k) if chance.random() < MISHEARD else one for k, one in enumerate(written)]


def one_word(count: int, _: random.Random) -> Texts:
    """Return one word again and again."""
    return [word(0)] * count, [word(0)] * count


def nothing_in_common(count: int, _: random.Random) -> Texts:
    """Return two texts of different words, each once."""
    return [word(2 * number) for number in range(count)], [word(2 * number + 1) for number in range(count)]


def in_reverse(count: int, chance: random.Random) -> Texts:
    """Return a text and its words in reverse."""
    written = speech(count, chance)
    return written, written[::-1]


def large_passages(count: int, chance: random.Random) -> Texts:
    """Return anchors with the largest passages between them that are compared word by word, with nothing in common."""
    written: list[str] = []
    heard: list[str] = []
    while len(written) < count:
        anchor = [word(VOCABULARY + len(written) + k) for k in range(6)]
        written += anchor + [f"a{one}" for one in speech(BETWEEN_ANCHORS, chance)]
        heard += anchor + [f"{one}b" for one in speech(BETWEEN_ANCHORS, chance)]
    return written[:count], heard[:count]


CASES: Mapping[str, Callable[[int, random.Random], Texts]] = MappingProxyType(
    {
        "ordinary": ordinary,
        "one word": one_word,
        "nothing in common": nothing_in_common,
        "in reverse": in_reverse,
        "large passages": large_passages,
    }
)


def measure(texts: Texts) -> tuple[float, float]:
    """Return the processor time of one alignment in s, and the growth of the resident memory in MB."""
    gc.set_threshold(ALLOCATIONS)
    written = tuple(WrittenWord(one, one, spoken_keys(one), 0, k // TURN_WORDS) for k, one in enumerate(texts[0]))
    heard = tuple(HeardWord(one, Span(k * WORD_MS, (k + 1) * WORD_MS)) for k, one in enumerate(texts[1]))
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    align(written, heard, AlignOptions())
    seconds = time.process_time() - start
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / KIB_PER_MB


def measure_apart(case: str, count: int) -> str:
    """Return the row of one case and length, measured in a new process."""
    command = [sys.executable, "-m", "scripts.benchmark_alignment_speed", "--row", case, str(count)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table of each case in the form of TOML: words, seconds, MB."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, nargs="+", default=LENGTHS, help="the lengths of both texts")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), help="the cases to measure")
    parser.add_argument("--row", nargs=2, metavar=("CASE", "WORDS"), help="measure this one, in this process")
    given = parser.parse_args(arguments)
    if given.row:
        case, count = given.row
        seconds, megabytes = measure(CASES[case](int(count), random.Random(1)))  # noqa: S311 -- the same texts in each run
        print(f"[{count}, {seconds:.2f}, {megabytes:.0f}]")
        return 0
    for case in given.only:
        rows = ", ".join(measure_apart(case, count) for count in given.words)
        print(f'"{case}" = [{rows}]', flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
