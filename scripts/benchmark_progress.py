"""Measure how true the time is that a run says is left: align a recording, and compare the estimates with what it took.

    ./.venv/bin/python -m scripts.benchmark_progress AUDIO TRANSCRIPT

Prints, for each tenth of the run from the first minute on, the estimated seconds and the true ones, and at last
the largest difference as a part of the truth. Nothing is taken from the store.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from pipeline.console.progress_display import LEAST_LEFT_S
from pipeline.episode.run import align
from pipeline.files.store import Store
from pipeline.progress import Step

FIRST_S = 60.0
"""From then on it is to be true."""


def main() -> int:
    """Align, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", type=Path)
    parser.add_argument("transcript", type=Path)
    arguments = parser.parse_args()
    estimates: list[tuple[float, str, float]] = []
    start = time.monotonic()

    def keep(step: Step) -> None:
        if step.left_s is not None:
            estimates.append((time.monotonic() - start, step.stage, step.left_s))

    with tempfile.TemporaryDirectory() as folder:
        align(arguments.audio, arguments.transcript, store=Store(Path(folder)), progress=keep)
    end = time.monotonic() - start
    judged = [one for one in estimates if one[0] >= FIRST_S and end - one[0] >= LEAST_LEFT_S]
    tenth = -1
    for at, stage, left in judged:
        if int(10 * at / end) > tenth:
            tenth = int(10 * at / end)
            print(f"{at:7.0f} s  {stage:32} estimated {left:6.0f} s, true {end - at:6.0f} s")
    worst = max((abs(left - (end - at)) / (end - at) for at, _, left in judged), default=0.0)
    print(f"{end:.0f} s in all; largest difference {worst:.0%}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
