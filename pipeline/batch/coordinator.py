"""Bring together what a run needs, and see it through: the ledger, the models, the workers, and what people see."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.batch.episode_task import do
from pipeline.batch.ledger import Ledger
from pipeline.batch.messages import State
from pipeline.batch.reports.html_report import write_page
from pipeline.batch.reports.live_display import display_on_stderr
from pipeline.batch.request import Order, ask
from pipeline.batch.scheduler import Found, Inbox, Run, go_through
from pipeline.batch.settled_files import Stillness
from pipeline.batch.sources.detect import plan
from pipeline.batch.sources.manifest import write_manifest
from pipeline.batch.storage import remote_files
from pipeline.batch.workers.capacity import cores, fit, free_memory
from pipeline.batch.workers.dask_cluster import check_cluster, cluster_crew
from pipeline.batch.workers.local_workers import Crew, Processes, Tell
from pipeline.console.output import print_message
from pipeline.console.progress_display import progress_on_stderr
from pipeline.console.voice_report import open_book, teach_book
from pipeline.episode.engines import Engines, fetch_models
from pipeline.errors import ConfigError, LedgerError, OutputError, PipelineError
from pipeline.files.voice_books import Bookshelf, default_shelf
from pipeline.listening.device import gpu_count
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.progress import Progress, silent
from pipeline.schema import VoiceExamples
from pipeline.settings.config import Config
from pipeline.settings.precedence import load_settings

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
"""How often a watched folder or manifest is looked at."""

ASK_EVERY_S = 900.0
"""How often a watched feed is asked for: it is somebody's server."""

PAGE_EVERY_S = 60.0
"""How often the summary page is written while a run goes on."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a run is to go.

    Attributes:
        ledger: where the ledger is.
        workers: how many episodes are worked on at once; None for as many as the machine has room for.
        cluster: the workers of a cluster, as ``cluster_crew`` takes it; None for processes on this machine.
        retry: try again what has failed.
        redo: do again what is done, too.
        watch: look at the source again and again, for ever.
    """

    ledger: Path
    workers: int | None = None
    cluster: str | None = None
    retry: bool = False
    redo: bool = False
    watch: bool = False


def conduct(order: Order, how: Conduct, engines: Engines) -> Mapping[State, int]:
    """Work through a source; returns how many of what it has stand how.

    Raises:
        PipelineError: the source, the ledger or a model cannot be used.
    """
    stillness = Stillness()

    def look() -> Found:
        found = plan(order.source, remote_files, order.work, order.folder)
        asked, refusals = ask(order, found)
        return Found(asked, refusals, stillness.growing(found) if how.watch else frozenset())

    _check(order, how)
    voices = _ShowVoices(order.voice_book) if order.voice_book else None
    first = look()  # a source that cannot be read is told before anything else is done
    if not (first.asked or first.refusals or how.watch):
        raise ConfigError(order.source, "has no audio in it that cuemark knows; is it the right folder?")
    with Ledger(how.ledger) as ledger:
        ledger.begin()
        configs = tuple({id(one.config): one.config for one in first.asked}.values())
        if how.cluster is None:
            with progress_on_stderr() as progress:  # nobody wants to learn in the night that a model is missing
                _fetch_all(configs, engines, progress)
        inbox: Inbox = queue.SimpleQueue()
        page = _Page(ledger, order.folder)
        hired = _crew(order, configs, len(first.asked), how, engines, lambda name, step: inbox.put((name, step)))
        with closing(page), hired as crew, display_on_stderr() as display:
            run = Run(
                order=order,
                look=look,
                first=first,
                ledger=ledger,
                crew=crew,
                inbox=inbox,
                display=display,
                voices=voices,
                publish=page.publish,
                retry=how.retry,
                redo=how.redo,
                look_every_s=(ASK_EVERY_S if remote_files.is_web(order.source) else LOOK_EVERY_S)
                if how.watch
                else None,
            )
            counts = dict(go_through(run))
            if others := ledger.taken_over():
                display.remark(f"{others} of them another run has taken over, with other options")
                counts["refused"] = counts.get("refused", 0) + others
            display.ended(counts)
            return counts


def note_down(order: Order, manifest: Path) -> Path:
    """Write what is found in a source as a manifest that people can edit, where no file is yet; returns its path.

    Raises:
        OutputError: there is a file of that name, or it cannot be written.
        PipelineError: the source cannot be read.
    """
    if manifest.suffix.casefold() != ".csv":
        raise ConfigError(f"--write-manifest {manifest}", "is written as CSV; give a name that ends in .csv")
    found = plan(order.source, remote_files, order.work, order.folder)
    text = write_manifest(found, "" if manifest.parent == Path() else str(manifest.parent))
    try:
        manifest.parent.mkdir(parents=True, exist_ok=True)
        with manifest.open("x", encoding="utf-8", newline="") as file:  # what people have edited is never replaced
            file.write(text)
    except FileExistsError as e:
        raise OutputError(manifest, "is there already; give another name, or move it away") from e
    except OSError as e:
        raise OutputError(manifest, f"cannot be written ({e.strerror})") from e
    return manifest


def _check(order: Order, how: Conduct) -> None:
    """Refuse now what every episode would fail by.

    Raises:
        ConfigError: an option, or where the work is to be done, is not understood, or not to be had here.
    """
    load_settings(order.given, None, order.flags)
    if how.cluster is not None:
        check_cluster(how.cluster)
    elif order.flags.get("transcribe.device") == "cuda" and not gpu_count():
        raise ConfigError("--device cuda", "there is no NVIDIA graphics card here that can be computed with")


class _ShowVoices:
    """The voices of a show, in its book."""

    def __init__(self, show: str) -> None:
        self._shelf = Bookshelf(default_shelf())
        self._last = open_book(self._shelf, show)
        self._show = self._last.show

    def book(self) -> VoiceBook:
        """Give all that is known of them; what was known before, where the book cannot be read just now."""
        try:
            self._last = self._shelf.read(self._show) or VoiceBook(self._show)
        except PipelineError as e:
            _log.warning("%s", e)
        return self._last

    def teach(self, examples: VoiceExamples) -> tuple[str, ...]:
        """Learn from an episode; returns what people should know of it, in lines."""
        return teach_book(self._shelf, self._show, examples)


class _Page:
    """The summary page, written now and then and at the end; one that cannot be written costs nothing else."""

    def __init__(self, ledger: Ledger, folder: str) -> None:
        self._ledger = ledger
        self._folder = None if remote_files.is_address(folder) else Path(folder)
        self._next = time.monotonic() + PAGE_EVERY_S

    def publish(self) -> None:
        """Write it, if that is long ago."""
        if time.monotonic() >= self._next:
            begun = time.monotonic()
            self._write()
            self._next = time.monotonic() + max(PAGE_EVERY_S, 20 * (time.monotonic() - begun))

    def close(self) -> None:
        """Write it."""
        self._write()

    def _write(self) -> None:
        if self._folder is None:
            return
        try:
            write_page(self._ledger.entries(), self._folder, time.time())
        except (OutputError, LedgerError) as e:
            _log.warning("no summary: %s", e)


def _fetch_all(configs: Sequence[Config], engines: Engines, progress: Progress = silent) -> None:
    for config in configs:
        fetch_models(config, engines, progress)


def _crew(
    order: Order, configs: Sequence[Config], episodes: int, how: Conduct, engines: Engines, tell: Tell
) -> AbstractContextManager[Crew]:
    """Processes on this machine, as many as it has room for, or the workers of a cluster."""
    device = str(order.flags.get("transcribe.device") or "auto")
    share = fit(
        cores=cores(),
        memory=free_memory(),
        cards=0 if device == "cpu" else gpu_count(),
        episodes=cores() if how.watch else episodes,
        asked=how.workers,
    )
    work = partial(do, engines)
    if how.cluster is not None:
        return cluster_crew(how.cluster, work, tell, share, partial(_fetch_all, configs, engines), print_message)
    return closing(Processes(work, tell, share.size, share.threads, share.devices))
