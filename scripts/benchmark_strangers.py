"""Measure under whose name the speech of people without a label is, on kept diarizations whose true turns are known.

Each speaker of each recording is left out in turn: the first half of the other people's turns is typed, under the right
names, and nothing of that speaker. Prints for each recording how much of the speech of those left out is under the name
of another person, which is always wrong, and how much of the other people's untyped speech is under the right name, a
wrong one and none; for all together with 95 % intervals (bootstrap over the speakers left out).

    ./.venv/bin/python -m scripts.benchmark_strangers FOLDER [--typed 0.5] [--short 900] [--speech 6000] [--curve]

FOLDER has the files that benchmark_diarization.py --keep FOLDER writes. With --short, the speaker left out has typed
turns after all, but only so many ms of each. With --speech, that speaker says no more than so many ms, whole spans.
With --curve, only the sums are printed, for other similarities that a known person's speech must have.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from pipeline.matching.speakers import strangers
from pipeline.matching.speakers.assignment import Naming, name_speakers
from pipeline.matching.speakers.embeddings import overlaps
from pipeline.schema import Diarization, NamedTurn
from pipeline.times import MS_PER_SECOND, Ms, Span
from scripts.benchmark_speakers import (
    Kept,
    Part,
    concatenated,
    episodes,
    labelled,
    people_with_right_label,
    read,
    shows,
)
from scripts.benchmark_speakers import turns_of as true_turns

TRIED_BELOW, TRIED_MOST = (0.15, 0.2, 0.25, 0.3, 0.35), (0.75, 0.7, 0.65, 0.6)
"""The values of ``MAX_BELOW_OWN_SIMILARITY`` and ``MAX_KNOWN_SIMILARITY`` that ``--curve`` tries."""

RESAMPLES = 2_000
"""Resamples of the bootstrap: enough for an interval that is steady to a tenth of a point."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Speech in ms: of the speaker left out, under a name; of the others, under the right name, a wrong one or none."""

    strange: Ms = 0
    named: Ms = 0
    known: Ms = 0
    right: Ms = 0
    wrong: Ms = 0

    def __add__(self, other: Counted) -> Counted:
        """Return both together."""
        return Counted(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def shares(self) -> tuple[float, float, float, float]:
        """Strangers' speech under a name; known people's under the right name, a wrong one and none."""
        known, strange = max(1, self.known), max(1, self.strange)
        lost = self.known - self.right - self.wrong
        return self.named / strange, self.right / known, self.wrong / known, lost / known

    def __str__(self) -> str:
        """Return one line of figures."""
        named, right, wrong, lost = self.shares
        return (
            f"strangers {self.strange / MS_PER_SECOND:6.1f} s: named {named:6.1%}; "
            f"known {self.known / MS_PER_SECOND:6.1f} s: right {right:6.1%}, wrong {wrong:6.1%}, no name {lost:6.1%}"
        )


def main() -> int:
    """Run the trial and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--typed", type=float, default=0.5, help="the share of the other people's turns that is typed")
    parser.add_argument("--short", type=int, default=0, help="ms that are typed of each turn of the one left out")
    parser.add_argument("--speech", type=int, default=0, help="ms of speech of the one left out that are kept")
    parser.add_argument("--only", default="", help="recordings whose name begins so")
    parser.add_argument("--curve", action="store_true", help="try other similarities")
    parser.add_argument("--verbose", action="store_true", help="print each speaker left out")
    arguments = parser.parse_args()
    cases = {path.stem: read(path, "windows") for path in sorted(arguments.folder.glob("*.json"))}
    cases |= {f"all {show}": concatenated(episodes(cases, show)) for show in shows(cases)}
    cases = {name: kept for name, kept in cases.items() if name.startswith(arguments.only)}
    if arguments.curve:
        print_curve(list(cases.values()), arguments.typed, arguments.short, arguments.speech)
        return 0
    every: list[Counted] = []
    for name, kept in cases.items():
        own = list(trials(kept, arguments.typed, arguments.short, arguments.speech))
        for who, counted in own if arguments.verbose else ():
            print(f"  {name:34s} {who:8s} {counted}")
        every += [counted for _, counted in own]
        print(f"{name:36s} {sum((counted for _, counted in own), Counted())}")
    print(f"{'all':36s} {sum(every, Counted())}")
    for label, low, high in intervals(every):
        print(f"  {label}: 95 % of resamples within {low:.1%} to {high:.1%}")
    return 0


def print_curve(cases: Sequence[Kept], typed: float, short: Ms, speech: Ms) -> None:
    """Print the sums for each pair of similarities that is tried."""
    for below, most in itertools.product(TRIED_BELOW, TRIED_MOST):
        strangers.MAX_BELOW_OWN_SIMILARITY, strangers.MAX_KNOWN_SIMILARITY = below, most
        counted = (one for kept in cases for _, one in trials(kept, typed, short, speech))
        print(f"{below} below, {most} at most: {sum(counted, Counted())}", flush=True)


def trials(kept: Kept, typed: float, short: Ms, speech: Ms) -> Iterator[tuple[str, Counted]]:
    """Leave each speaker of a recording out; yield who it was and what was counted. Nothing with one speaker alone."""
    people = list(dict.fromkeys(part.name for part in true_turns(kept)))
    for who in people if len(people) > 1 else ():
        parts, diarization = with_less_speech(kept, who, speech) if speech else (true_turns(kept), kept.diarization)
        others = [part for part in parts if part.name != who]
        half = max(1, round(typed * len(others)))
        own = [Part(who, (_shortened(part.spans[0], short),)) for part in parts if part.name == who] if short else []
        written = sorted([*others[:half], *own], key=lambda part: part.span)
        naming = name_speakers(*labelled(written, [part.name for part in written]), diarization)
        known = people_with_right_label(others[:half], [part.name for part in others[:half]])
        yield who, count(naming, who, parts, [part for part in others[half:] if part.name in known])


def with_less_speech(kept: Kept, who: str, speech: Ms) -> tuple[list[Part], Diarization]:
    """Return a recording as if a person had fallen silent after so many ms: the turns, and what the diarizer finds."""
    left, parts, removed = speech, list[Part](), list[Span]()
    for part in true_turns(kept):
        spans = list[Span]()
        for span in part.spans:
            (spans if part.name != who or left > 0 else removed).append(span)
            left -= span.duration if part.name == who else 0
        parts += [Part(part.name, tuple(spans))] if spans else []
    heard = kept.diarization
    turns = tuple(turn for turn in heard.turns if not _is_in(turn.span, removed))
    samples = tuple(one for one in heard.samples if not any(_is_in(span, removed) for span in one.spans))
    return parts, replace(heard, turns=turns, samples=samples)


def _is_in(span: Span, spans: Sequence[Span]) -> bool:
    return any(2 * span.overlap(other) > span.duration for other in spans)


def _shortened(span: Span, ms: Ms) -> Span:
    return Span(span.start, min(span.end, span.start + ms))


def count(naming: Naming, who: str, parts: Sequence[Part], rest: Sequence[Part]) -> Counted:
    """Compare who speaks when with the truth; what is silence for the diarizer is left out, and two people at once."""
    unnamed = {None, who, *naming.strangers}
    alone = _alone(parts)
    strange = [(turn.name, ms) for part in parts if part.name == who for turn, ms in _shared(naming, part, alone)]
    known = [(turn.name, part.name, ms) for part in rest for turn, ms in _shared(naming, part, alone)]
    return Counted(
        strange=sum(ms for _, ms in strange),
        named=sum(ms for name, ms in strange if name not in unnamed),
        known=sum(ms for _, _, ms in known),
        right=sum(ms for name, own, ms in known if name == own),
        wrong=sum(ms for name, own, ms in known if name != own and name not in {None, *naming.strangers}),
    )


def _alone(parts: Sequence[Part]) -> tuple[Span, ...]:
    """Return the spans in which one person speaks alone."""
    edges = sorted({edge for part in parts for span in part.spans for edge in (span.start, span.end)})
    pieces = [Span(start, end) for start, end in itertools.pairwise(edges)]
    pairs = overlaps([(piece,) for piece in pieces], [part.spans for part in parts])
    speakers = np.bincount(pairs.rows, minlength=len(pieces))
    return tuple(piece for piece, number in zip(pieces, speakers.tolist(), strict=True) if number == 1)


def _shared(naming: Naming, part: Part, alone: Sequence[Span]) -> Iterator[tuple[NamedTurn, Ms]]:
    """Yield the turns in which a true turn is, with how long it is there alone."""
    own = [piece for span in part.spans for piece in alone if span.overlap(piece)]
    for turn in naming.turns:
        if ms := sum(turn.span.overlap(piece) for piece in own):
            yield turn, ms


def intervals(every: Sequence[Counted]) -> Iterator[tuple[str, float, float]]:
    """Yield the middle 95 % of each share over resamples of the speakers left out."""
    table = np.array([[getattr(one, field.name) for field in fields(one)] for one in every], np.float64)
    chance = np.random.default_rng(0)
    drawn = table[chance.integers(0, len(table), (RESAMPLES, len(table)))].sum(1)
    shares = np.array([Counted(*map(int, row)).shares for row in drawn])
    names = "strangers' speech under a name", "known, right name", "known, wrong name", "known, no name"
    for name, column in zip(names, shares.T, strict=True):
        yield name, *np.quantile(column, (0.025, 0.975))


if __name__ == "__main__":
    sys.exit(main())
