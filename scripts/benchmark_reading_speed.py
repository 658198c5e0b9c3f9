"""Measure how long the reader takes for a transcript, and how much memory: ordinary ones and hostile ones.

Times are processor times, the shortest of several runs; memory is what Python allocates (tracemalloc), apart from what
is kept: the transcript itself. "Ratio" is the time divided by that of markdown-it-py, which renders the same text.

    ./.venv/bin/python -m scripts.benchmark_reading_speed [--share 0.02] [FILE…]
"""

from __future__ import annotations

import argparse
import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from pipeline.cli import ALLOCATIONS
from pipeline.reading.transcript import parse
from tests.episodes.kept_hearing import EXAMPLE
from tests.hostile_texts import hostile_texts

CHARACTERS = 100_000
"""Of the ordinary text: the given files, or the examples, one after the other."""

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Speed:
    """The processor time for one text in s, markdown-it-py's for the same, and memory in bytes."""

    seconds: float
    markdown_seconds: float
    kept: int
    peak: int

    @property
    def ratio(self) -> float:
        """How many times as long as markdown-it-py it takes."""
        return self.seconds / self.markdown_seconds


def measure_reading(text: str, runs: int = 5) -> Speed:
    """Measure the reading of one text."""
    seconds = min(_seconds(lambda: parse(text)) for _ in range(runs))
    markdown = MarkdownIt()
    markdown_seconds = min(_seconds(lambda: markdown.render(text)) for _ in range(runs))
    return Speed(seconds, markdown_seconds, *_memory(text))


def ordinary_text(paths: list[Path]) -> str:
    """Return ``CHARACTERS`` of the files, repeated as often as it takes."""
    text = "\n\n".join(path.read_text(encoding="utf-8") for path in paths) + "\n\n"
    return (text * (CHARACTERS // len(text) + 1))[:CHARACTERS]


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def _memory(text: str) -> tuple[int, int]:
    """Return what a transcript keeps, and the most that its reading needs, both in bytes."""
    tracemalloc.start()
    transcript = parse(text)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del transcript
    return kept, peak


def _measure_hostile(share: float) -> None:
    """Print the slowest and the largest of the hostile texts, scaled to the largest transcript there may be."""
    rows = [
        (_seconds(lambda text=text: parse(text)) / share, _memory(text)[1] / share / MEGABYTE, name)  # type: ignore[misc]
        for name, text in hostile_texts(share).items()
    ]
    print(f"hostile texts, scaled from {share:.0%} of the largest: {len(rows)}")
    for seconds, megabytes, name in sorted(rows, reverse=True):
        print(f"  {seconds:6.1f} s {megabytes:6.0f} MB  {name}")


def main() -> None:
    """Print the figures, with the garbage collector as the program sets it."""
    gc.set_threshold(ALLOCATIONS)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="ordinary transcripts; by default the examples")
    parser.add_argument("--share", type=float, default=0.02, help="how large the hostile texts are, of the largest")
    arguments = parser.parse_args()
    speed = measure_reading(ordinary_text(arguments.files or sorted(EXAMPLE.glob("0*.md"))))
    print(
        f"{CHARACTERS:,} characters: {speed.seconds:.3f} s, {speed.ratio:.1f} times markdown-it-py; "
        f"peak {speed.peak / MEGABYTE:.1f} MB, {speed.kept / MEGABYTE:.1f} MB of it the transcript"
    )
    _measure_hostile(arguments.share)


if __name__ == "__main__":
    main()
