"""The commands that change files, each with what is there before, run with fake engines in the current folder."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.batch import scheduler
from pipeline.batch.episode_task import run_task
from pipeline.batch.ledger import Ledger
from pipeline.batch.messages import Outcome, Task
from pipeline.batch.reports.html_report import write_page
from pipeline.batch.reports.live_display import Estimate, LineDisplay
from pipeline.batch.request import BatchRequest, request_episodes
from pipeline.batch.scheduler import BatchRun, SourceContents, run_schedule
from pipeline.batch.settled_files import SETTLED_S, FileMonitor
from pipeline.cli import main
from pipeline.commands.batch import LEDGER
from pipeline.files.voice_books import VoiceBookFolder, default_voice_book_folder
from pipeline.listening.models import cache
from pipeline.listening.models.cache import CacheEntry
from pipeline.listening.models.catalog import Layout
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import Step
from tests.batch.batch_program import make_episodes, plan_folder, request_for
from tests.batch.fake_engines_by_name import ENGINES
from tests.fake_engines import FakeEngines
from tests.files.test_stored_formats import BOOK
from tests.sample_episode import HEARD, SHOW

Program = Callable[[], int]
_TO_ADD = Path("to add")


@dataclass(frozen=True)
class Scenario:
    """A command that is tried.

    Attributes:
        setup: makes what is there before, in a folder with the episode and its transcript.
        run: the command; returns its exit status.
        again: what a second run may end with, other than 0, if the first one had done all before it was stopped.
        start: starts what the command needs beside it, in its process and before the first fault.
        optional: files without which a run ends well too, with a warning.
    """

    name: str
    setup: Callable[[], None]
    run: Program
    again: frozenset[int] = frozenset()
    start: Callable[[], object] | None = None
    optional: frozenset[str] = frozenset()

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


def episodes_and_one_to_add() -> None:
    """Make the same, and another episode in another folder."""
    episodes()
    make_episodes(_TO_ADD, 4)
    for path in sorted(_TO_ADD.iterdir()):
        if path.stem != "003":
            path.unlink()


def cached_models() -> None:
    """Make a model in two layouts with an incomplete download of it, and another model."""
    layouts: tuple[Layout, ...] = ("ctranslate2", "openai")
    for layout in layouts:
        _cache_model(layout, "base")
    _cache_model("ctranslate2", "tiny")
    work = CacheEntry(WeightsOptions().root, "ctranslate2", "base").work
    work.mkdir()
    (work / "half").write_bytes(b"half of a model")


def _cache_model(layout: Layout, name: str) -> None:
    entry = CacheEntry(WeightsOptions().root, layout, name)
    entry.work.mkdir(parents=True)
    for file in ("model.bin", "config.json"):
        (entry.work / file).write_text(f"{layout} {name} {file}")
    cache.add(entry, entry.work, "hub")


def batch() -> int:
    """Run a batch as ``cuemark batch`` does, but with its work in this process."""
    request = request_for(Path("show"), Path("out").absolute())

    def look() -> SourceContents:
        return SourceContents(*request_episodes(request, plan_folder(Path("show"))))

    return _run_batch(request, lambda _: look)


def watch() -> int:
    """Run the same with ``--watch``: an episode is added, and Ctrl-C comes when there is nothing left to do."""
    request = request_for(Path("show"), Path("out").absolute())
    # All of the work is in this process, so this is only the time between two looks at the ledger.
    scheduler._WAIT_TIMEOUT_S = 0.05
    return _run_batch(request, lambda ledger: _WatchedFolder(request, ledger).look, poll_interval_s=0.0)


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


class _CtrlCError(KeyboardInterrupt):
    """Ends a run that watches its source; an interrupt that a fault makes is none of these."""


class _WatchedFolder:
    """The folder ``show``, whose files count as complete at the second look after they came.

    The one that is to be added comes before the second look.
    """

    def __init__(self, request: BatchRequest, ledger: Ledger) -> None:
        self._request, self._ledger = request, ledger
        self._looks = 0
        self._monitor = FileMonitor(lambda: self._looks * SETTLED_S)

    def look(self) -> SourceContents:
        """Return what is in the folder; Ctrl-C comes when all of it has been complete for a while and is settled."""
        self._looks += 1
        if self._looks == 2:  # it has no fault: what puts files there is another program
            for path in _TO_ADD.iterdir():
                if not Path("show", path.name).exists():
                    Path("show", path.name).write_bytes(path.read_bytes())
        plan = plan_folder(Path("show"))
        growing = self._monitor.growing(plan)
        if self._looks > 3 and not growing and not self._ledger.waiting():
            raise _CtrlCError
        return SourceContents(*request_episodes(self._request, plan), growing)


def _run_batch(
    request: BatchRequest,
    reading: Callable[[Ledger], Callable[[], SourceContents]],
    poll_interval_s: float | None = None,
) -> int:
    """Run a batch, of which one episode fails.

    Args:
        reading: returns what reads the source.
    """
    out = Path(request.folder)
    inbox = queue.SimpleQueue[tuple[str, Step]]()
    workers = InThisProcess(lambda task: run_task(ENGINES, task, lambda step: inbox.put((task.job.name, step))))
    with Ledger(out / LEDGER, named=False) as ledger:
        ledger.begin()
        display = LineDisplay(Estimate(), lambda _: None)
        look = reading(ledger)
        run = BatchRun(
            request, look, look(), ledger, workers, inbox, display, retry=True, poll_interval_s=poll_interval_s
        )
        with suppress(_CtrlCError):
            run_schedule(run)
        write_page(ledger.entries(), Path(os.path.realpath(out)), time.time())
        return int(ledger.counts().get("failed", 0) != 1)


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
    Scenario("batch --watch", episodes_and_one_to_add, through_main(watch)),
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
    Scenario("models remove", cached_models, command("models remove base"), frozenset({1})),
    Scenario("store clear", earlier_results, command("store clear --all --records")),
)
