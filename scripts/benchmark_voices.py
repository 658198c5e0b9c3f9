"""Measure how well a show's voice book recognises people, on kept diarizations of recordings with known turns.

The voice book learns from some of a show's episodes as if they were typed; the others are named as if nothing of them
was typed. Prints for each episode how much of the speech of people in the book is under the right name, under a wrong
one and under none, and how much of other people's speech is under a name of the book, which is always wrong.

    ./.venv/bin/python scripts/benchmark_voices.py FOLDER [--wrong 0.1] [--learn 3] [--thresholds]

FOLDER has the files that benchmark_diarization.py --keep FOLDER writes. Without --learn, each episode is named by all
others of its show. Recordings of other shows are named by it too; no person should be recognised there.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.matching.speakers import recognition
from pipeline.matching.speakers.assignment import name_speakers
from pipeline.matching.speakers.outliers import reject_outliers
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.reading.transcript import parse
from pipeline.schema import NamedTurn, VoiceExamples
from pipeline.times import MS_PER_SECOND, Ms
from scripts.benchmark_speakers import NAMELESS, Kept, book_of, labelled, read, turns_of, with_wrong_labels

Episodes = Mapping[str, Kept]

TRIED_SIMILARITIES, TRIED_MARGINS = (0.4, 0.5, 0.6, 0.65, 0.7, 0.75), (0.0, 0.1)
"""The values of ``MIN_RECOGNITION_SIMILARITY`` and ``MIN_RECOGNITION_MARGIN`` that ``--thresholds`` tries."""

ALIASES = {NAMELESS: "Adam"}
"""The person that a nameless label of the truth means, by the cosine similarity of 0.81 to 0.88 to other episodes."""


@dataclass
class Tally:
    """Speech in ms: of people in the book under the right name, a wrong one or none; of others under a name or none."""

    right: Ms = 0
    wrong: Ms = 0
    missed: Ms = 0
    taken: Ms = 0
    strange: Ms = 0

    def __str__(self) -> str:
        """Return one line of figures."""
        known, strangers = max(1, self.right + self.wrong + self.missed), max(1, self.taken + self.strange)
        return (
            f"in the book {known / MS_PER_SECOND:6.1f} s: right {self.right / known:6.1%}, wrong "
            f"{self.wrong / known:6.1%}, unknown {self.missed / known:6.1%}; strangers "
            f"{strangers / MS_PER_SECOND:6.1f} s: named {self.taken / strangers:6.1%}"
        )

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", default="remotehack", help="the start of the names of its recordings")
    parser.add_argument("--wrong", type=float, default=0.0, help="the share of the labels that are wrong")
    parser.add_argument("--learn", type=int, help="learn from this many episodes, in every choice; default: all others")
    parser.add_argument("--thresholds", action="store_true", help="try other thresholds")
    arguments = parser.parse_args()
    cases = {path.stem: read(path, "windows") for path in sorted(arguments.folder.glob("*.json"))}
    show = {name: kept for name, kept in cases.items() if name.startswith(arguments.show)}
    others = {name: kept for name, kept in cases.items() if name not in show}
    examples = {name: examples_of(name, kept, arguments.wrong) for name, kept in show.items()}
    if arguments.thresholds:
        for similarity, margin in itertools.product(TRIED_SIMILARITIES, TRIED_MARGINS):
            recognition.MIN_RECOGNITION_SIMILARITY, recognition.MIN_RECOGNITION_MARGIN = similarity, margin
            known, strangers = measure(show, others, examples, arguments.learn, print_each=False)
            print(f"{similarity} {margin}: {known} | other shows {strangers.taken} ms named")
        return 0
    known, strangers = measure(show, others, examples, arguments.learn, print_each=True)
    print(f"{'all':34s} {known}")
    print(f"{'other shows':34s} {strangers}")
    return 0


def examples_of(name: str, kept: Kept, wrong: float) -> VoiceExamples:
    """Return the voice examples of an episode that is typed completely, with some wrong labels."""
    truth = tuple((start, end, ALIASES.get(who, who)) for start, end, who in kept.truth)
    parts = turns_of(replace(kept, truth=truth))
    labels = with_wrong_labels(
        [part.name for part in parts], wrong, 1 if wrong else 0, np.random.default_rng(len(parts))
    )
    naming = name_speakers(*labelled(parts, labels), kept.diarization, VoiceBook(""))
    return VoiceExamples(name, name, kept.diarization.weights, naming.examples)


def measure(
    show: Episodes, others: Episodes, examples: Mapping[str, VoiceExamples], number: int | None, *, print_each: bool
) -> tuple[Tally, Tally]:
    """Return the tallies of a show's own episodes, and of other recordings named by the whole book."""
    whole, strangers = Tally(), Tally()
    for name, kept in show.items():
        own = Tally()
        for teachers in choices([other for other in show if other != name], number):
            own.add(tally(kept, book_of([examples[other] for other in teachers])))
        whole.add(own)
        if print_each:
            print(f"{name:34s} {own}")
    book = book_of(list(examples.values()))
    for name, kept in others.items():
        own = tally(kept, book)
        strangers.add(own)
        if print_each and own.taken:
            print(f"{name:34s} {own}")
    if print_each:
        print(
            *(
                f"set aside: {one.name} in {one.enrolment.episode}, like {one.sounds_like}"
                for one in reject_outliers(book).outliers
            )
        )
    return whole, strangers


def choices(names: Sequence[str], number: int | None) -> Iterator[tuple[str, ...]]:
    """Yield every choice of ``number`` episodes; without a number, all of them."""
    return itertools.combinations(names, number or len(names))


def tally(kept: Kept, book: VoiceBook) -> Tally:
    """Name an episode of which nothing is typed, and compare it with the truth."""
    turns = name_speakers(parse(""), (), (), kept.diarization, book).turns
    names, counted = {voice.name for voice in book.voices}, Tally()
    for start, end, who in kept.truth:
        count(counted, start, end, ALIASES.get(who, who), turns, names)
    return counted


def count(counted: Tally, start: Ms, end: Ms, who: str, turns: Sequence[NamedTurn], names: set[str]) -> None:
    """Count a span of the truth; what is silence for the diarizer is left out."""
    for turn in turns:
        shared = min(end, turn.span.end) - max(start, turn.span.start)
        if shared <= 0:
            continue
        if who in names:
            kind = "right" if turn.name == who else "wrong" if turn.name in names else "missed"
        else:
            kind = "taken" if turn.name in names else "strange"
        setattr(counted, kind, getattr(counted, kind) + shared)


if __name__ == "__main__":
    sys.exit(main())
