"""Measure how well planted offsets, steps and rates of typed times are found, and how often right times are accused.

Times are made: turns of 3 s and longer, 20 s on average, typed as people type them, and some of them wrong by
themselves. For each plan it prints how many files have exactly the planted pieces, how many times are within 2 s after
the correction, and how many pieces there are too many.

    ./.venv/bin/python -m scripts.benchmark_typed_times [--files N] [--prices]

``--prices`` tries other prices of a piece and of a rate.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, product
from random import Random
from unittest.mock import patch

from pipeline.matching import time_pieces
from pipeline.matching.time_pieces import LEAST_DRIFT_MS, TimePiece, fit_time_pieces
from pipeline.times import MS_PER_SECOND, Ms

SHORTEST_TURN_S, MEAN_TURN_S = 3.0, 20.0

WRITTEN: Mapping[str, Callable[[Ms, Random], Ms]] = {
    "to the millisecond": lambda at, _: at,
    "floored": lambda at, _: at // MS_PER_SECOND * MS_PER_SECOND,
    "rounded": lambda at, _: round(at / MS_PER_SECOND) * MS_PER_SECOND,
    # By hand while listening: 0.6 s more or less, so that nearly all are within the 2 s that count as right.
    "by hand": lambda at, rng: max(0, round(rng.gauss(at, 600) / MS_PER_SECOND) * MS_PER_SECOND),
}
WRONG_SHARES = (0.0, 0.05, 0.2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planted: steps as the share of the times before each and its length in seconds, and a rate.

    Attributes:
        rate_from: the share of the times before those that have the rate.
    """

    steps: tuple[tuple[float, float], ...] = ()
    rate: float = 1.0
    rate_from: float = 0.0

    def typed(self, said: Sequence[Ms]) -> list[Ms]:
        """Return the times of another copy of the recording, in ms."""
        shifts = (sum(by for share, by in self.steps if k >= share * len(said)) for k in range(len(said)))
        origin = said[round(self.rate_from * len(said))] if self.rate_from else 0
        moved = [at - MS_PER_SECOND * by for at, by in zip(said, shifts, strict=True)]
        return [round(at if at < origin else origin + (at - origin) / self.rate) for at in moved]


PLANS: Mapping[str, Plan] = {
    "right": Plan(),
    "offset 15 s": Plan(((0, 15),)),
    "offset 3 s": Plan(((0, 3),)),
    "step 31.5 s": Plan(((0.4, 31.5),)),
    "cut of 31.5 s": Plan(((0.4, -31.5),)),
    "three steps": Plan(((0.25, 30), (0.5, 45), (0.75, -20))),
    "there and back": Plan(((0.3, 20), (0.6, -20))),
    "rate 48/44.1": Plan(rate=48 / 44.1),
    "rate 24/25": Plan(rate=24 / 25),
    "rate 1.003": Plan(rate=1.003),
    "rate and step": Plan(((0.5, 30),), rate=25 / 24),
    "rate, last half": Plan(rate=25 / 24, rate_from=0.5),
    "rate, last third": Plan(rate=48 / 44.1, rate_from=2 / 3),
}


def starts(num: int, rng: Random) -> list[Ms]:
    """Return when so many turns start, in ms; the first one after an introduction of 200 s, so that all can be cut."""
    turns = (SHORTEST_TURN_S + rng.expovariate(1 / (MEAN_TURN_S - SHORTEST_TURN_S)) for _ in range(num - 1))
    return [round(MS_PER_SECOND * at) for at in accumulate(turns, initial=200 + rng.random())]


def wrong(at: Ms, rng: Random) -> Ms:
    """Return a time with a person's slip: a wrong digit, or another turn's time."""
    slips = (-600, -60, -30, -10, 10, 30, 60, 600)
    return max(0, at + MS_PER_SECOND * rng.choice([*slips, rng.randint(-300, 300)]))


@dataclass
class Score:
    """What came out for one plan."""

    files: int = 0
    exact: int = 0
    times: int = 0
    right: int = 0
    extra: int = 0

    def add(self, plan: Plan, said: Sequence[Ms], typed: Sequence[Ms], spoilt: Sequence[bool]) -> None:
        """Add one file; a time that is wrong by itself does not count as a time."""
        pieces = fit_time_pieces(typed, said)
        off = [one for one in pieces if one.rate != 1 or abs(one.by) >= LEAST_DRIFT_MS]
        planted = len(planted_pieces(plan))
        kept = [k for k, is_wrong in enumerate(spoilt) if not is_wrong]
        self.files += 1
        is_right = all(abs(said[k] - typed[k]) < LEAST_DRIFT_MS for k in kept)
        self.exact += len(off) == (0 if is_right else planted)  # a rate of 1.003 shows after eleven minutes
        self.extra += max(0, len(off) - planted)
        self.times += len(kept)
        self.right += sum(abs(said[k] - typed[k] - shift_at(pieces, k, typed[k])) < LEAST_DRIFT_MS for k in kept)


def planted_pieces(plan: Plan) -> list[float]:
    """Return the corrections of the pieces that are off."""
    levels = list(accumulate((by for _, by in plan.steps), initial=0.0))
    shown = levels[1:] if plan.steps and plan.steps[0][0] == 0 else levels
    return shown if plan.rate != 1 else [by for by in shown if by]


def shift_at(pieces: Sequence[TimePiece], index: int, typed: Ms) -> Ms:
    """Return the correction of a time."""
    piece = next((one for one in reversed(pieces) if one.start <= index), None)
    return piece.shift(typed) if piece else 0


def scores(sizes: Sequence[int], num_files: int, written: str, share: float) -> Iterator[tuple[str, Score]]:
    """Yield the score of each plan, over files of all sizes."""
    for name, plan in PLANS.items():
        score, rng = Score(), Random(name)  # noqa: S311 -- the same files in each run
        for num, _ in product(sizes, range(num_files)):
            said = starts(num, rng)
            spoilt = [rng.random() < share for _ in said]
            typed = [WRITTEN[written](at, rng) for at in plan.typed(said)]
            score.add(
                plan, said, [wrong(at, rng) if bad else at for at, bad in zip(typed, spoilt, strict=True)], spoilt
            )
        yield name, score


def show(sizes: Sequence[int], num_files: int) -> None:
    """Print the scores of each way to write times and each share of wrong ones."""
    for written, share in product(WRITTEN, WRONG_SHARES):
        print(f"\n{written}, {share:.0%} wrong by themselves, {sizes} times a file")
        for name, score in scores(sizes, num_files, written, share):
            exact, right = score.exact / score.files, score.right / score.times
            print(
                f"  {name:16} pieces as planted {exact:6.1%}  times right {right:6.1%}  pieces too many {score.extra}"
            )


def show_prices(sizes: Sequence[int], num_files: int) -> None:
    """Print for other prices the share of files with the planted pieces, and the pieces too many."""
    for piece, rate in product((0.8, 1.1, 1.5, 2.5), (1.1, 2.2, 4.4)):
        with patch.object(time_pieces, "_PIECE_PRICE", piece), patch.object(time_pieces, "_RATE_PRICE", rate):
            all_scores = [one for w, s in product(WRITTEN, WRONG_SHARES) for one in scores(sizes, num_files, w, s)]
        files = sum(score.files for _, score in all_scores)
        exact = sum(score.exact for _, score in all_scores) / files
        accused = sum(score.extra for name, score in all_scores if name == "right")
        extra = sum(score.extra for _, score in all_scores)
        print(
            f"piece {piece}, rate {rate}: as planted {exact:.1%}, too many {extra}, of these in right files {accused}"
        )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--files", type=int, default=50, help="files of each size, plan and way of writing")
    parser.add_argument("--prices", action="store_true", help="try other prices")
    arguments = parser.parse_args()
    for sizes in ((12,), (40,), (200,)):
        (show_prices if arguments.prices else show)(sizes, arguments.files)


if __name__ == "__main__":
    main()
