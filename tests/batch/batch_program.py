"""Run a batch on a folder of generated episodes, as a program that a test can kill: -m tests.batch.batch_program."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from pipeline.batch.episode_task import run_task
from pipeline.batch.ledger import Ledger
from pipeline.batch.messages import Job, Plan, State
from pipeline.batch.reports.live_display import Estimate, LineDisplay
from pipeline.batch.request import BatchRequest, request_episodes
from pipeline.batch.scheduler import BatchRun, SourceContents, run_schedule
from pipeline.batch.workers.local_workers import LocalWorkers
from pipeline.commands.batch import LEDGER as NAME
from pipeline.progress import Step
from tests.batch.fake_engines_by_name import ENGINES

WORDS = ("apple", "bridge", "candle", "desert", "engine", "forest", "garden", "harbour", "island", "jacket", "kettle")


def make_episodes(folder: Path, number: int, broken: int = 0) -> None:
    """Make a folder of ``number`` episodes, each with its own text; the first ``broken`` ones have damaged audio."""
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(number):
        said = " ".join(f"{WORDS[(k * 7 + j) % len(WORDS)]}{k} {WORDS[(k + j * 4) % len(WORDS)]}" for j in range(15))
        (folder / f"{k:03}.mp3").write_text("broken" if k < broken else said)
        (folder / f"{k:03}.md").write_text(f"**Ann**: {said}\n")


def plan_folder(folder: Path) -> Plan:
    """Return the plan of the folder."""
    names = sorted(path.stem for path in folder.glob("*.mp3"))
    return Plan(tuple(Job(name, str(folder / f"{name}.mp3"), str(folder / f"{name}.md")) for name in names))


def request_for(folder: Path, out: Path) -> BatchRequest:
    """Return a request with default options."""
    return BatchRequest(str(folder), str(out), str(out / "downloads"), ("md", "srt"))


def run(
    folder: Path,
    out: Path,
    *,
    report: Callable[[str], None] = print,
    retry: bool = False,
    find_plan: Callable[[], Plan] | None = None,
) -> Mapping[State, int]:
    """Process the folder with two worker processes."""
    inbox = queue.SimpleQueue[tuple[str, Step]]()
    workers = LocalWorkers(partial(run_task, ENGINES), lambda name, step: inbox.put((name, step)), size=2, threads=1)
    with Ledger(out / NAME) as ledger:
        ledger.begin()
        try:
            display = LineDisplay(Estimate(), report)
            requested = request_for(folder, out)
            initial = SourceContents(*request_episodes(requested, find_plan() if find_plan else plan_folder(folder)))
            return run_schedule(
                BatchRun(requested, lambda: initial, initial, ledger, workers, inbox, display, retry=retry)
            )
        finally:
            workers.close()


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
