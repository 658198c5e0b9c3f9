"""Set up what a run needs and start it: the ledger, the models, the workers, the display and the summary page."""

from __future__ import annotations

import logging
import os
import queue
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.batch.episode_task import run_task
from pipeline.batch.ledger import Ledger
from pipeline.batch.messages import Plan, State
from pipeline.batch.reports.html_report import check_pages, write_page
from pipeline.batch.reports.live_display import display_on_stderr
from pipeline.batch.request import BatchRequest, request_episodes
from pipeline.batch.scheduler import BatchRun, SourceContents, StepQueue, run_schedule
from pipeline.batch.settled_files import FileMonitor
from pipeline.batch.sources.detect import plan_source
from pipeline.batch.sources.manifest import write_manifest
from pipeline.batch.storage import remote_files
from pipeline.batch.workers.capacity import free_memory, plan_capacity
from pipeline.batch.workers.dask_cluster import check_cluster, dask_worker_pool
from pipeline.batch.workers.local_workers import LocalWorkers, ReportStep, WorkerPool
from pipeline.console.output import print_message
from pipeline.console.progress_display import progress_on_stderr
from pipeline.console.voice_report import open_book, teach_book
from pipeline.episode.engines import Engines, fetch_models
from pipeline.errors import BatchSourceError, ConfigError, LedgerError, OutputError, PipelineError
from pipeline.files.voice_books import VoiceBookFolder, default_voice_book_folder
from pipeline.io.atomic import create_atomic
from pipeline.listening.device import core_count, gpu_count
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.progress import Progress, silent
from pipeline.schema import VoiceExamples
from pipeline.settings.config import Config
from pipeline.settings.precedence import load_settings

_log = logging.getLogger(__name__)

FOLDER_POLL_INTERVAL_S = 5.0
"""Seconds between two checks of a watched folder or manifest: half of ``settled_files.SETTLED_S``."""

FEED_POLL_INTERVAL_S = 900.0
"""Seconds between two requests of a watched feed: long, because it is another person's server."""

PAGE_INTERVAL_S = 60.0
"""Seconds between two updates of the summary page during a run. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """The options of a run.

    Attributes:
        ledger: the path of the ledger.
        named_ledger: whether the user has named it; else a link with its name may not lead out of its folder.
        workers: the number of episodes that are processed at once; None to use the machine's capacity.
        cluster: the cluster that ``dask_worker_pool`` opens; None for processes on this machine.
        retry: process failed episodes again.
        redo: process done episodes again, too.
        watch: read the source again and again, for ever.
    """

    ledger: Path
    named_ledger: bool = True
    workers: int | None = None
    cluster: str | None = None
    retry: bool = False
    redo: bool = False
    watch: bool = False


def run_batch(request: BatchRequest, options: BatchOptions, engines: Engines) -> Mapping[State, int]:
    """Process the episodes of a source; returns the number of episodes in each state.

    Raises:
        PipelineError: the source, the ledger or a model cannot be used.
    """
    monitor = FileMonitor()
    printed: set[str] = set()

    def look() -> SourceContents:
        plan = _plan(request)
        _print_remarks(plan, printed)
        requested, refusals = request_episodes(request, plan)
        return SourceContents(requested, refusals, monitor.growing(plan) if options.watch else frozenset())

    _check_options(request, options)
    voices = _ShowVoices(request.voice_book) if request.voice_book else None
    page_folder = _page_folder(request)
    initial = look()  # an unreadable source is an error before anything else is done
    if not (initial.requested or initial.refusals or options.watch):
        raise BatchSourceError(request.source, "has no audio in it that cuemark knows; is it the right folder?")
    with Ledger(options.ledger, named=options.named_ledger) as ledger:
        ledger.begin()
        configs = tuple({id(episode.config): episode.config for episode in initial.requested}.values())
        if options.cluster is None:
            _fetch_with_progress(configs, engines)  # a missing model must not be found hours later
        inbox: StepQueue = queue.SimpleQueue()
        page = _SummaryPage(ledger, page_folder)
        worker_pool = _worker_pool(
            request, configs, len(initial.requested), options, engines, lambda name, step: inbox.put((name, step))
        )
        with closing(page), worker_pool as workers, display_on_stderr() as display:
            run = BatchRun(
                request=request,
                read_source=look,
                initial=initial,
                ledger=ledger,
                workers=workers,
                inbox=inbox,
                display=display,
                voices=voices,
                publish=page.publish,
                retry=options.retry,
                redo=options.redo,
                poll_interval_s=(
                    FEED_POLL_INTERVAL_S if remote_files.is_web(request.source) else FOLDER_POLL_INTERVAL_S
                )
                if options.watch
                else None,
            )
            counts = dict(run_schedule(run))
            if taken_over := ledger.count_taken_over():
                display.remark(f"{taken_over} of them another run has taken over, with other options")
                counts["refused"] = counts.get("refused", 0) + taken_over
            display.ended(counts)
            return counts


def write_found_manifest(request: BatchRequest, manifest: Path) -> Path:
    """Write the plan of a source as a manifest that people can edit; returns its path.

    Raises:
        OutputError: the file already exists, or cannot be written.
        PipelineError: the source cannot be read.
    """
    if manifest.suffix.casefold() != ".csv":
        raise ConfigError(f"--write-manifest {manifest}", "is written as CSV; give a name that ends in .csv")
    plan = _plan(request)
    _print_remarks(plan, set())
    text = write_manifest(plan, "" if manifest.parent == Path() else str(manifest.parent))
    try:
        manifest.parent.mkdir(parents=True, exist_ok=True)
        create_atomic(manifest, text.encode())  # an edited manifest is never replaced
    except FileExistsError as e:
        raise OutputError(manifest, "is there already; give another name, or move it away") from e
    except OSError as e:
        raise OutputError(manifest, f"cannot be written ({e.strerror})") from e
    return manifest


def _print_remarks(plan: Plan, printed: set[str]) -> None:
    """Print what there is to say about the source, each message once in a run."""
    for remark in plan.remarks:
        if remark not in printed:
            print_message(f"batch: {remark}")
    printed.update(plan.remarks)


def _plan(request: BatchRequest) -> Plan:
    """Plan the episodes of the source.

    Raises:
        BatchSourceError: it cannot be read, or is not what it should be. Like any input, it is not the command line.
        FeedError: the same of a feed.
    """
    try:
        return plan_source(request.source, remote_files, request.work, request.folder)
    except ConfigError as e:
        raise BatchSourceError(e.where, e.reason) from e


def _check_options(request: BatchRequest, options: BatchOptions) -> None:
    """Check the options that would make every episode fail.

    Raises:
        ConfigError: an option or the cluster is invalid, or the device is not available.
    """
    load_settings(request.given, None, request.flags)
    if options.cluster is not None:
        check_cluster(options.cluster)
    elif request.flags.get("transcribe.device") == "cuda" and not gpu_count():
        raise ConfigError("--device cuda", "there is no NVIDIA graphics card here that can be computed with")


class _ShowVoices:
    """The voice book of a show."""

    def __init__(self, show: str) -> None:
        self._voice_books = VoiceBookFolder(default_voice_book_folder())
        self._last_book = open_book(self._voice_books, show)
        self._show = self._last_book.show

    def book(self) -> VoiceBook:
        """Return all known voices; those of the last read if the book cannot be read now."""
        try:
            self._last_book = self._voice_books.read(self._show) or VoiceBook(self._show)
        except PipelineError as e:
            _log.warning("%s", e)
        return self._last_book

    def teach(self, examples: VoiceExamples) -> tuple[str, ...]:
        """Learn voices from an episode; returns messages for the user."""
        return teach_book(self._voice_books, self._show, examples)


def _page_folder(request: BatchRequest) -> Path | None:
    """Return the folder of the summary page, with its links followed; None where results go to an address.

    Raises:
        OutputError: a link would put a page outside the folder.
    """
    if remote_files.is_address(request.folder):
        return None
    folder = Path(os.path.realpath(request.folder))
    check_pages(folder)
    return folder


class _SummaryPage:
    """The summary page, written regularly and at the end; if it cannot be written, the run continues."""

    def __init__(self, ledger: Ledger, folder: Path | None) -> None:
        self._ledger = ledger
        self._folder = folder
        self._next_write_at = time.monotonic() + PAGE_INTERVAL_S

    def publish(self) -> None:
        """Write it, if the last update is long enough ago."""
        if time.monotonic() >= self._next_write_at:
            started = time.monotonic()
            self._write()
            self._next_write_at = time.monotonic() + max(PAGE_INTERVAL_S, 20 * (time.monotonic() - started))

    def close(self) -> None:
        """Write it a last time."""
        self._write()

    def _write(self) -> None:
        if self._folder is None:
            return
        try:
            write_page(self._ledger.entries(), self._folder, time.time())
        except (OutputError, LedgerError) as e:
            _log.warning("no summary: %s", e)


def _fetch_with_progress(configs: Sequence[Config], engines: Engines) -> None:
    with progress_on_stderr() as progress:
        _fetch_all_models(configs, engines, progress)


def _fetch_all_models(configs: Sequence[Config], engines: Engines, progress: Progress = silent) -> None:
    for config in configs:
        fetch_models(config, engines, progress)


def _worker_pool(
    request: BatchRequest,
    configs: Sequence[Config],
    episodes: int,
    options: BatchOptions,
    engines: Engines,
    report: ReportStep,
) -> AbstractContextManager[WorkerPool]:
    """Return processes on this machine, limited by its capacity, or the workers of a cluster."""
    device = str(request.flags.get("transcribe.device") or "auto")
    capacity = plan_capacity(
        cores=core_count(),
        memory=free_memory(),
        gpus=0 if device == "cpu" else gpu_count(),
        episodes=core_count() if options.watch else episodes,
        requested=options.workers,
    )
    work = partial(run_task, engines)
    if options.cluster is not None:
        return dask_worker_pool(
            options.cluster, work, report, capacity, partial(_fetch_all_models, configs, engines), print_message
        )
    return closing(LocalWorkers(work, report, capacity.size, capacity.threads, capacity.devices))
