"""Read folders of transcripts, and print for each what was found in it: to compare two versions, or with a count.

    ./.venv/bin/python -m scripts.benchmark_reading [--files 40] [--seed 1] [--sample 20] [--differences 20] [--speed 9]
        FOLDER…

Each folder is one archive. ``--files`` takes that many of its files at random, ``--sample`` prints as many random
findings of ``cuemark check`` with the line that each is about, for people to judge. The labels and times that are found
are compared with those that a strict pattern for the file's own style finds (see ``archive_styles``);
``--differences`` prints as many lines of which the two say different things, at random too. ``--speed`` reads as many
files of each archive, taken at random, several times each, and prints the time next to that of markdown-it-py, and the
memory (see ``benchmark_reading_speed``).
"""

from __future__ import annotations

import argparse
import gc
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.cli import ALLOCATIONS
from pipeline.reading.lint.lint import LintIssue, find_issues
from pipeline.reading.markup.whitespace import split_lines
from pipeline.reading.transcript import parse
from pipeline.schema import Transcript
from scripts.archive_styles import Agreement, Marks, line_of, style_of, truth_of
from scripts.benchmark_reading_speed import CHARACTERS, MEGABYTE, measure_reading

SUFFIXES = frozenset((".md", ".txt", ".markdown"))
NO_TRANSCRIPTS = frozenset(("readme", "contributing", "license", "code_of_conduct", "index", "style", "summary"))
"""Files of a repository that are no transcripts, by their stem in lower case."""


@dataclass(slots=True)
class Counts:
    """What the reader found in one archive; ``speakers`` are those of each file, added up."""

    files: int = 0
    characters: int = 0
    turns: int = 0
    labelled: int = 0
    speakers: int = 0
    single: int = 0
    times: int = 0
    doubtful: int = 0
    unnamed: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    styles: Counter[str] = field(default_factory=Counter)
    agreed_labels: Agreement = field(default_factory=Agreement)
    agreed_times: Agreement = field(default_factory=Agreement)
    differences: list[str] = field(default_factory=list)


def _random(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 -- a sample, no secret


def transcripts_in(folder: Path, files: int | None, seed: int) -> list[Path]:
    """Return the transcripts of a folder, or a random sample of them."""
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES and path.stem.lower() not in NO_TRANSCRIPTS and path.is_file()
    )
    return paths if files is None or files >= len(paths) else _random(seed).sample(paths, files)


def read(path: Path) -> str:
    """Return a file's text, whatever bytes are in it."""
    return path.read_text(encoding="utf-8", errors="replace")


def found_in(transcript: Transcript) -> Marks:
    """Return the labels and typed times that the reader has found."""
    labels = (one.label for one in transcript.utterances if one.label)
    return Marks(
        frozenset(line_of(transcript.source, label.start) for label in labels),
        frozenset(claim.chars.start for claim in transcript.claims),
    )


def compare(name: str, truth: Marks, transcript: Transcript, counts: Counts) -> None:
    """Count what the pattern of the archive's style has found of what the reader has, and the other way round."""
    found, source = found_in(transcript), transcript.source
    counts.agreed_labels.add(truth.labels, found.labels)
    counts.agreed_times.add(truth.times, found.times)
    differences = {
        "label missed": truth.labels - found.labels,
        "label beyond": found.labels - truth.labels,
        "time missed": {line_of(source, at) for at in truth.times - found.times},
        "time beyond": {line_of(source, at) for at in found.times - truth.times},
    }
    lines = source.split("\n")
    counts.differences += [
        f"{name}:{number}: {what}\n    {lines[number - 1].strip()[:160]}"
        for what, numbers in differences.items()
        for number in sorted(numbers)
    ]


def count(path: Path, counts: Counts) -> Iterator[tuple[Path, LintIssue, str]]:
    """Read one file, add what is in it, and yield the findings of ``check`` with their lines."""
    source = read(path)
    start = time.process_time()
    transcript = parse(source)
    counts.seconds += time.process_time() - start
    names = Counter(one.speaker for one in transcript.utterances if one.label and one.speaker)
    counts.files += 1
    counts.characters += len(source)
    counts.turns += len(transcript.utterances)
    counts.labelled += names.total()
    counts.speakers += len(names)
    counts.single += sum(uses == 1 for uses in names.values())
    counts.times += len(transcript.claims)
    counts.doubtful += len(transcript.doubtful)
    counts.unnamed += not names
    style = style_of(source)
    counts.styles[style or "no labels"] += 1
    compare(path.name, truth_of(source, style), transcript, counts)
    lines = split_lines(source)
    for issue in find_issues(transcript):
        counts.kinds[issue.kind] += 1
        yield path, issue, lines[issue.line - 1]


def print_archive(name: str, counts: Counts) -> None:
    """Print the rows of an archive."""
    per_text = counts.seconds * 100_000 / max(1, counts.characters)
    print(
        f"{name}: {counts.files} files, {counts.turns} turns, {counts.labelled} labels "
        f"of {counts.speakers} speakers ({counts.single} names used once), {counts.times} times, "
        f"{counts.doubtful} unread candidates, "
        f"{counts.unnamed} files without a name, {per_text:.2f} s for 100,000 characters"
    )
    print(f"  findings: {', '.join(f'{kind} {number}' for kind, number in counts.kinds.most_common()) or 'none'}")
    styles = ", ".join(f"{style} {number}" for style, number in counts.styles.most_common())
    print(f"  by the style of each file ({styles}): labels {counts.agreed_labels}; times {counts.agreed_times}")


def print_speed(paths: Sequence[Path]) -> None:
    """Print the time and the memory of reading files, both scaled to 100,000 characters."""
    texts = [read(path) for path in paths]
    speeds = [measure_reading(text, runs=3) for text in texts]
    share = CHARACTERS / max(1, sum(map(len, texts)))
    seconds = sum(one.seconds for one in speeds)
    print(
        f"  speed: {len(texts)} files, {seconds * share:.3f} s, "
        f"{seconds / sum(one.markdown_seconds for one in speeds):.1f} times markdown-it-py, "
        f"{sum(one.peak for one in speeds) * share / MEGABYTE:.1f} MB for {CHARACTERS:,} characters"
    )


def main() -> None:
    """Print three lines for each archive, and samples of the findings and of the differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--files", type=int, help="of each folder, taken at random; all of them by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=0, help="findings of all archives to print")
    parser.add_argument(
        "--differences", type=int, default=0, help="lines to print that the style's pattern reads otherwise"
    )
    parser.add_argument("--speed", type=int, default=0, help="files of each folder to measure the time and memory of")
    arguments = parser.parse_args()
    gc.set_threshold(ALLOCATIONS)  # as the program does
    found: list[tuple[Path, LintIssue, str]] = []
    differences: list[str] = []
    for folder in arguments.folders:
        counts = Counts()
        for path in transcripts_in(folder, arguments.files, arguments.seed):
            found += count(path, counts)
        differences += counts.differences
        print_archive(folder.name, counts)
        if arguments.speed:
            print_speed(transcripts_in(folder, arguments.speed, arguments.seed))
    for path, issue, line in _random(arguments.seed).sample(found, min(arguments.sample, len(found))):
        print(f"{path.name}:{issue.line}: {issue.kind}: {issue.message}\n    {line.strip()[:160]}")
    number = min(arguments.differences, len(differences))
    print(*_random(arguments.seed).sample(differences, number), sep="\n", end="\n" if number else "")


if __name__ == "__main__":
    main()
