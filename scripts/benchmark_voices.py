"""Measure how well people are recognised by a show's voice book, on kept diarizations of recordings with known turns.

A show is learned from some of its episodes, as if they had been typed, and the others are named as if nothing of them
had been. Prints for each episode how much of the speech of those who are in the book is under the right name, under a
wrong one and under none, and how much of the strangers' is under a name of the book, which is always wrong.

    ./.venv/bin/python scripts/benchmark_voices.py FOLDER [--wrong 0.1] [--learn 3] [--thresholds]

FOLDER holds what benchmark_diarization.py --keep FOLDER writes. Without --learn, each episode is named by all others of
its show. Recordings of other shows are named by it too: nobody is to be recognised there.
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
from pipeline.matching.speakers.embeddings import with_samples
from pipeline.matching.speakers.outliers import reject_outliers
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.reading.transcript import parse
from pipeline.schema import NamedTurn, VoiceExamples
from pipeline.times import MS_PER_SECOND, Ms
from scripts.benchmark_speakers import NAMELESS, Kept, book_of, labelled, read, spoilt, turns_of

Episodes = Mapping[str, Kept]

TRIED = (0.4, 0.5, 0.6, 0.65, 0.7, 0.75)
ALIASES = {NAMELESS: "Adam"}
"""Who is meant where a truth has no name: by the voice (0.81 to 0.88 to his in other episodes)."""


@dataclass
class Tally:
    """Speech in ms: of those in the book under the right name, a wrong one, none; of strangers under a name or not."""

    right: Ms = 0
    wrong: Ms = 0
    missed: Ms = 0
    taken: Ms = 0
    strange: Ms = 0

    def __str__(self) -> str:
        """One line of figures."""
        known, strangers = max(1, self.right + self.wrong + self.missed), max(1, self.taken + self.strange)
        return (
            f"in the book {known / MS_PER_SECOND:6.1f} s: right {self.right / known:6.1%}, wrong "
            f"{self.wrong / known:6.1%}, unknown {self.missed / known:6.1%}; strangers "
            f"{strangers / MS_PER_SECOND:6.1f} s: named {self.taken / strangers:6.1%}"
        )

    def add(self, other: Tally) -> None:
        """Count what another has counted."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", default="remotehack", help="what the names of its recordings begin with")
    parser.add_argument("--wrong", type=float, default=0.0, help="the share of the labels that are wrong")
    parser.add_argument("--learn", type=int, help="how many episodes teach, every choice of them; else all others")
    parser.add_argument("--thresholds", action="store_true", help="try other thresholds")
    arguments = parser.parse_args()
    cases = {path.stem: opened(path) for path in sorted(arguments.folder.glob("*.json"))}
    show = {name: kept for name, kept in cases.items() if name.startswith(arguments.show)}
    others = {name: kept for name, kept in cases.items() if name not in show}
    lessons = {name: taught(name, kept, arguments.wrong) for name, kept in show.items()}
    if arguments.thresholds:
        for recognition.MIN_RECOGNITION_SIMILARITY, recognition.MIN_RECOGNITION_MARGIN in itertools.product(
            (0.4, 0.5, 0.6, 0.65, 0.7, 0.75), (0.0, 0.1)
        ):
            known, strangers = measure(show, others, lessons, arguments.learn, tell=False)
            print(
                f"{recognition.MIN_RECOGNITION_SIMILARITY} {recognition.MIN_RECOGNITION_MARGIN}: "
                f"{known} | other shows {strangers.taken} ms named"
            )
        return 0
    known, strangers = measure(show, others, lessons, arguments.learn, tell=True)
    print(f"{'all':34s} {known}")
    print(f"{'other shows':34s} {strangers}")
    return 0


def opened(path: Path) -> Kept:
    """A kept recording, each sample of its windows under the voice in whose turns it lies, as in a real run."""
    kept = read(path, "tracks")
    return replace(kept, diarization=with_samples(kept.diarization, kept.windows))


def taught(name: str, kept: Kept, wrong: float) -> VoiceExamples:
    """What an episode teaches when all of it is typed, some of its labels wrongly."""
    truth = tuple((start, end, ALIASES.get(who, who)) for start, end, who in kept.truth)
    parts = turns_of(replace(kept, truth=truth))
    labels = spoilt([part.name for part in parts], wrong, 1 if wrong else 0, np.random.default_rng(len(parts)))
    naming = name_speakers(*labelled(parts, labels), kept.diarization, VoiceBook(""))
    return VoiceExamples(name, name, kept.diarization.weights, naming.examples)


def measure(
    show: Episodes, others: Episodes, lessons: Mapping[str, VoiceExamples], number: int | None, *, tell: bool
) -> tuple[Tally, Tally]:
    """What comes out for a show's own episodes, and for other recordings by the whole book."""
    whole, strangers = Tally(), Tally()
    for name, kept in show.items():
        own = Tally()
        for teachers in choices([other for other in show if other != name], number):
            own.add(tally(kept, book_of([lessons[other] for other in teachers])))
        whole.add(own)
        if tell:
            print(f"{name:34s} {own}")
    book = book_of(list(lessons.values()))
    for name, kept in others.items():
        own = tally(kept, book)
        strangers.add(own)
        if tell and own.taken:
            print(f"{name:34s} {own}")
    if tell:
        print(
            *(
                f"set aside: {one.name} in {one.enrolment.episode}, like {one.sounds_like}"
                for one in reject_outliers(book).outliers
            )
        )
    return whole, strangers


def choices(names: Sequence[str], number: int | None) -> Iterator[tuple[str, ...]]:
    """The choices of so many episodes; of all of them, one."""
    return itertools.combinations(names, number or len(names))


def tally(kept: Kept, book: VoiceBook) -> Tally:
    """Name an episode of which nothing is typed, and hold it against the truth."""
    turns = name_speakers(parse(""), (), (), kept.diarization, book).turns
    names, counted = {voice.name for voice in book.voices}, Tally()
    for start, end, who in kept.truth:
        count(counted, start, end, ALIASES.get(who, who), turns, names)
    return counted


def count(counted: Tally, start: Ms, end: Ms, who: str, turns: Sequence[NamedTurn], names: set[str]) -> None:
    """Count a stretch of the truth; what the diarizer takes for silence is left out."""
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
