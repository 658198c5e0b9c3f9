"""Read folders of transcripts, and print for each what was found in it: to compare two versions, or with a count.

    ./.venv/bin/python -m scripts.benchmark_reading [--files 40] [--seed 1] [--sample 20] FOLDER…

Each folder is one archive. ``--files`` takes that many of its files at random, ``--sample`` prints as many random
findings of ``cuemark check`` with the line that each is about, for people to judge.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.reading.lint.lint import LintIssue, find_issues
from pipeline.reading.markup.whitespace import split_lines
from pipeline.reading.transcript import parse

SUFFIXES = frozenset((".md", ".txt", ".markdown"))
NO_TRANSCRIPTS = frozenset(("readme", "contributing", "license", "code_of_conduct", "index"))
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


def count(path: Path, counts: Counts) -> Iterator[tuple[Path, LintIssue, str]]:
    """Read one file, add what is in it, and yield the findings of ``check`` with their lines."""
    source = path.read_text(encoding="utf-8", errors="replace")
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
    lines = split_lines(source)
    for issue in find_issues(transcript):
        counts.kinds[issue.kind] += 1
        yield path, issue, lines[issue.line - 1]


def main() -> None:
    """Print one line for each archive, and a sample of the findings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--files", type=int, help="of each folder, taken at random; all of them by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=0, help="findings of all archives to print")
    arguments = parser.parse_args()
    found: list[tuple[Path, LintIssue, str]] = []
    for folder in arguments.folders:
        counts = Counts()
        for path in transcripts_in(folder, arguments.files, arguments.seed):
            found += count(path, counts)
        per_text = counts.seconds * 100_000 / max(1, counts.characters)
        print(
            f"{folder.name}: {counts.files} files, {counts.turns} turns, {counts.labelled} labels "
            f"of {counts.speakers} speakers ({counts.single} names used once), {counts.times} times, "
            f"{counts.doubtful} unread candidates, "
            f"{counts.unnamed} files without a name, {per_text:.2f} s for 100,000 characters"
        )
        print(f"  findings: {', '.join(f'{kind} {number}' for kind, number in counts.kinds.most_common()) or 'none'}")
    for path, issue, line in _random(arguments.seed).sample(found, min(arguments.sample, len(found))):
        print(f"{path.name}:{issue.line}: {issue.kind}: {issue.message}\n    {line.strip()[:160]}")


if __name__ == "__main__":
    main()
