"""The commands that change files, each with what is there before, run with fake engines in the current folder."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.batch.episode_task import run_task
from pipeline.batch.ledger import Ledger
from pipeline.batch.messages import Outcome, Task
from pipeline.batch.reports.html_report import write_page
from pipeline.batch.reports.live_display import Estimate, LineDisplay
from pipeline.batch.request import request_episodes
from pipeline.batch.scheduler import BatchRun, SourceContents, run_schedule
from pipeline.cli import main
from pipeline.commands.batch import LEDGER
from pipeline.files.voice_books import VoiceBookFolder, default_voice_book_folder
from pipeline.progress import Step
from tests.batch.batch_program import make_episodes, plan_folder, request_for
from tests.batch.fake_engines_by_name import ENGINES
from tests.fake_engines import FakeEngines
from tests.files.test_stored_formats import BOOK
from tests.sample_episode import HEARD, SHOW

Program = Callable[[], int]


@dataclass(frozen=True)
class Scenario:
    """A command that is tried.

    Attributes:
        setup: makes what is there before, in a folder with the episode and its transcript.
        run: the command; returns its exit status.
        again: what a second run may end with, other than 0, if the first one had done all before it was stopped.
    """

    name: str
    setup: Callable[[], None]
    run: Program
    again: frozenset[int] = frozenset()

    def prepare(self) -> int:
        """Make what is there before; the exit status is 0."""
        self.setup()
        return 0


def command(line: str) -> Program:
    """A command line, whose engines hear the sample episode."""
    return lambda: main(line.split(), FakeEngines([HEARD, HEARD]).engines)


def nothing() -> None:
    """Leave the folder as it is."""


def earlier_results() -> None:
    """Align an earlier version of the transcript, and edit one of its results."""
    show = Path("show.md")
    show.write_text(SHOW.replace("apple trees", "pear trees"))
    command("align show.mp3 show.md")()
    show.write_text(SHOW)


def voice_book() -> None:
    """Make the voice book of a show."""
    VoiceBookFolder(default_voice_book_folder()).change(BOOK.show, lambda _: BOOK)


def exported_book() -> None:
    """Make a file with a voice book, and a book that it is imported into."""
    voice_book()
    main(["voices", "export", BOOK.show, "ann.voices", "--all"])
    main(["voices", "forget", BOOK.show, "--all"])


def episodes() -> None:
    """Make a folder with three episodes, one of them damaged."""
    make_episodes(Path("show"), 3, broken=1)


def batch() -> int:
    """Run a batch as ``cuemark batch`` does, but with its work in this process."""
    return _run_batch(Path("show"), Path("out"))


class InThisProcess:
    """A ``WorkerPool`` of this process alone."""

    size = 1

    def __init__(self, work: Callable[[Task], Outcome]) -> None:
        self._work = work

    def submit(self, task: Task) -> Future[Outcome]:
        """Process an episode at once."""
        future = Future[Outcome]()
        future.set_result(self._work(task))
        return future

    def close(self) -> None:
        """Do nothing."""


def _run_batch(folder: Path, out: Path) -> int:
    inbox = queue.SimpleQueue[tuple[str, Step]]()
    request = request_for(folder, out.absolute())
    initial = SourceContents(*request_episodes(request, plan_folder(folder)))
    workers = InThisProcess(lambda task: run_task(ENGINES, task, lambda step: inbox.put((task.job.name, step))))
    with Ledger(out / LEDGER, named=False) as ledger:
        ledger.begin()
        display = LineDisplay(Estimate(), lambda _: None)
        counts = run_schedule(BatchRun(request, lambda: initial, initial, ledger, workers, inbox, display, retry=True))
        write_page(ledger.entries(), Path(os.path.realpath(out)), time.time())
    return int(counts.get("failed", 0) != 1)


def through_main(work: Program) -> Program:
    """Give the exit status that ``main`` would give where the work fails."""

    def run() -> int:
        try:
            return work()
        except KeyboardInterrupt:
            return 130
        except Exception:  # noqa: BLE001 -- as main does
            return 1

    return run


SCENARIOS = (
    Scenario("align", nothing, command("align show.mp3 show.md")),
    Scenario("align into a new folder", nothing, command("align show.mp3 show.md -o out/deep -f md -f srt")),
    Scenario("align again", earlier_results, command("align show.mp3 show.md")),
    Scenario("align --overwrite", earlier_results, command("align show.mp3 show.md --overwrite")),
    Scenario("align --in-place", earlier_results, command("align show.mp3 show.md --in-place")),
    Scenario("finish", nothing, command("finish show.mp3 show.md -f md -f srt")),
    Scenario("finish --in-place", nothing, command("finish show.mp3 show.md --in-place -f md -f srt")),
    Scenario("draft", nothing, command("draft show.mp3 -f md -f json")),
    Scenario("marker --in-place", nothing, command("marker show.mp3 show.md --in-place")),
    Scenario("batch", episodes, through_main(batch)),
    Scenario("batch --write-manifest", episodes, command("batch show --write-manifest all.csv"), frozenset({1})),
    Scenario(
        "voices rename",
        voice_book,
        partial(main, ["voices", "rename", BOOK.show, BOOK.voices[0].name, "Somebody Else"]),
        frozenset({2}),
    ),
    Scenario("voices forget", voice_book, partial(main, ["voices", "forget", BOOK.show, "--all"]), frozenset({2})),
    Scenario(
        "voices export",
        voice_book,
        partial(main, ["voices", "export", BOOK.show, "ann.voices", "--all"]),
        frozenset({1}),
    ),
    Scenario("voices import", exported_book, command("voices import ann.voices")),
    Scenario("store clear", earlier_results, command("store clear --all --records")),
)
