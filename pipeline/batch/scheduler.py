"""Run a batch: take episodes from the ledger, submit them to the workers, and settle them until none is left.

The ledger holds the whole state. Whatever ends a run, the next one continues from the ledger; within an episode, what
was heard is in the store.
"""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from pipeline.batch.episode_task import resolved_work
from pipeline.batch.ledger import Ledger
from pipeline.batch.ledger_rows import Entry, RequestedEpisode, as_text
from pipeline.batch.messages import Outcome, Refusal, State
from pipeline.batch.reports.episode_status import result_suffix
from pipeline.batch.request import BatchRequest, task_of
from pipeline.batch.shared_terms import ShowTerms
from pipeline.batch.storage.remote_files import is_address, join
from pipeline.batch.workers.local_workers import WorkerPool
from pipeline.episode.session import ShowKnowledge
from pipeline.errors import LedgerError, LostWorkerError, PipelineError
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.progress import Step
from pipeline.schema import VoiceExamples

StepQueue = queue.SimpleQueue[tuple[str, Step]]
"""Progress from the workers: an episode's name and a step; filled from any thread."""


@dataclass(frozen=True, slots=True)
class SourceContents:
    """The content of a source: episodes, refusals, and the names of episodes whose files are still being written."""

    requested: Sequence[RequestedEpisode] = ()
    refusals: Sequence[Refusal] = ()
    growing: frozenset[str] = frozenset()


_WAIT_TIMEOUT_S = 0.5
"""The longest wait for a step or an outcome, so that the display and the check of the source are never later."""

_LEDGER_STEP_INTERVAL_S = 5.0
"""The shortest time between two steps of an episode in the ledger: each write waits for the disk."""


class Display(Protocol):
    """Displays a run."""

    def planned(
        self, counts: Mapping[State, int], to_do: Sequence[RequestedEpisode], refusals: Sequence[Refusal]
    ) -> None:
        """Display the number of episodes in each state, what is to do, and what was refused."""

    def began(self, entry: Entry) -> None:
        """Display that an episode has started."""

    def stepped(self, name: str, step: Step) -> None:
        """Display the progress of an episode."""

    def settled(self, name: str, outcome: Outcome) -> None:
        """Display the outcome of an episode."""

    def remark(self, line: str) -> None:
        """Display another message."""


class Voices(Protocol):
    """The voice book of a show."""

    def book(self) -> VoiceBook:
        """Return all known voices."""

    def teach(self, examples: VoiceExamples) -> tuple[str, ...]:
        """Learn voices from an episode; returns messages for the user."""


def _publish_nothing() -> None:
    """Publish nothing."""


@dataclass(frozen=True, slots=True)
class BatchRun:
    """What a run needs.

    Attributes:
        read_source: returns the current content of the source.
        initial: its content at the start.
        voices: the show's voice book, if one is requested. Voices are learned from transcripts, so no episode is
            drafted before all episodes with a transcript are settled.
        publish: called regularly, to write a summary of the ledger.
        retry: process failed episodes again.
        redo: process done episodes again, too.
        poll_interval_s: seconds after which the source is read again, for ever; None to end when all is settled.
    """

    request: BatchRequest
    read_source: Callable[[], SourceContents]
    initial: SourceContents
    ledger: Ledger
    workers: WorkerPool
    inbox: StepQueue
    display: Display
    voices: Voices | None = None
    publish: Callable[[], None] = _publish_nothing
    retry: bool = False
    redo: bool = False
    poll_interval_s: float | None = None


def run_schedule(run: BatchRun) -> Mapping[State, int]:
    """Process the episodes of a source; returns the number of episodes in each state.

    Raises:
        LedgerError: the ledger cannot be used; results that were written stay.
        PipelineError: the source cannot be read.
    """
    scheduler = _Scheduler(run)
    scheduler.enter(run.initial, retry=run.retry, redo=run.redo)
    while True:
        scheduler.submit_waiting()
        if scheduler.is_finished:
            return run.ledger.counts()
        scheduler.wait()
        if run.poll_interval_s is not None and time.monotonic() >= scheduler.next_poll_at:
            scheduler.poll_source(run.poll_interval_s)


@dataclass
class _Scheduler:
    """The state of a run: the running episodes, and the outcomes that could not be written to the ledger yet."""

    run: BatchRun
    running: dict[Future[Outcome], Entry] = field(default_factory=dict)
    unsettled: list[tuple[str, Outcome]] = field(default_factory=list)
    recorded_at: dict[str, float] = field(default_factory=dict)
    contents: SourceContents | None = None
    requested: Mapping[str, RequestedEpisode] = field(default_factory=dict)
    terms: ShowTerms = field(default_factory=lambda: ShowTerms(()))
    next_poll_at: float = 0.0

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do or to wait for."""
        if self.running or self.unsettled or self.run.poll_interval_s is not None:
            return False
        return not (
            self.run.voices and self.run.ledger.counts().get("waiting")
        )  # else another run's episodes must settle first

    def enter(self, found: SourceContents, *, retry: bool = False, redo: bool = False) -> None:
        """Enter the content of the source into the ledger."""
        if found == self.contents:
            return
        run, requested, refusals, self.contents = self.run, found.requested, found.refusals, found
        new = {episode.job.name for episode in requested} - self.requested.keys()
        done = {entry.job.name: entry for entry in run.ledger.done() if entry.job.name in new} if new else {}
        conflicts = tuple(_name_conflicts(requested, done))
        conflicting = {refusal.name for refusal in conflicts}
        requested = [episode for episode in requested if episode.job.audio not in conflicting]
        refusals = (*refusals, *conflicts)
        incomplete = {name for name, entry in done.items() if _has_missing_result(run.request.folder, entry)}
        self.requested = {episode.job.name: episode for episode in requested}
        self.terms = ShowTerms([episode.job for episode in requested])
        source = run.request.source if is_address(run.request.source) else os.path.abspath(run.request.source)  # noqa: PTH100
        run.ledger.enter(
            source, requested, refusals, retry=retry, redo=redo, redo_names=incomplete, growing=found.growing
        )
        waiting = run.ledger.waiting()
        to_do = [episode for episode in requested if as_text(episode.job.name) in waiting]
        counts = dict(run.ledger.counts())
        counts["running"] = counts.get("running", 0) - len(self.running)  # those of other runs
        run.display.planned(counts, to_do, refusals)

    def poll_source(self, every_s: float) -> None:
        """Read the source again; if it cannot be read now, try later."""
        started = time.monotonic()
        try:
            found = self.run.read_source()
        except PipelineError as e:
            self.run.display.remark(f"{e}; it is tried again")
        else:
            self.enter(found)
        self.next_poll_at = time.monotonic() + max(every_s, 10 * (time.monotonic() - started))

    def submit_waiting(self) -> None:
        """Submit as many episodes as the workers can process at once."""
        run = self.run
        while len(self.running) < run.workers.size and not self.unsettled:
            entry = run.ledger.take(drafts=run.voices is None or not run.ledger.unsettled_with_transcript())
            if entry is None:
                break
            run.display.began(entry)
            written = _current_results(run.request.folder, entry)
            show = ShowKnowledge(run.voices.book() if run.voices else None, self.terms.terms_for(entry.job))
            task = task_of(run.request, self.requested[entry.job.name], written, show)
            self.running[run.workers.submit(task)] = entry

    def wait(self) -> None:
        """Wait for progress or an outcome, and record and display it."""
        self.run.ledger.heartbeat()
        if self.running:
            done = wait(self.running, timeout=_WAIT_TIMEOUT_S, return_when=FIRST_COMPLETED).done
        else:
            time.sleep(_WAIT_TIMEOUT_S)
            self.run.ledger.release_stale_runs()
            done = set()
        self._forward_steps()
        self.run.publish()
        for future in done:
            entry = self.running.pop(future)
            self.unsettled.append((entry.job.name, self._learn_voices(_outcome(entry, future))))
        self._record_outcomes()

    def _forward_steps(self) -> None:
        """Display the workers' steps, and record some of them in the ledger."""
        while not self.run.inbox.empty():
            name, step = self.run.inbox.get()
            self.run.display.stepped(name, step)
            if time.monotonic() - self.recorded_at.get(name, 0.0) >= _LEDGER_STEP_INTERVAL_S:
                with suppress(LedgerError):  # the steps are only for the status
                    self.run.ledger.record_step(name, step)
                self.recorded_at[name] = time.monotonic()

    def _learn_voices(self, outcome: Outcome) -> Outcome:
        """Learn the voices of an episode before it is settled: if the run ends in between, they are learned again."""
        if self.run.voices is None or outcome.examples is None:
            return outcome
        try:
            messages = self.run.voices.teach(outcome.examples)
        except PipelineError as e:
            messages = (str(e),)
        return replace(outcome, examples=None, warnings=(*outcome.warnings, *messages))

    def _record_outcomes(self) -> None:
        """Write outcomes to the ledger; if the disk is full, retry as long as other episodes are running."""
        while self.unsettled:
            name, outcome = self.unsettled[0]
            try:
                self.run.ledger.settle(name, outcome)
            except LedgerError:
                if not self.running:
                    raise
                return
            self.unsettled.pop(0)
            self.recorded_at.pop(name, None)
            self.run.display.settled(name, outcome)


def _name_conflicts(requested: Sequence[RequestedEpisode], done: Mapping[str, Entry]) -> Iterator[Refusal]:
    """Refuse episodes whose results would replace those of another recording that still exists."""
    for episode in requested:
        before = done.get(episode.job.name)
        if before is None or before.job.audio == episode.job.audio or is_address(before.job.audio):
            continue
        old, new = Path(before.job.audio), Path(episode.job.audio)
        with suppress(OSError):
            if old.exists() and not (new.exists() and old.samefile(new)):
                yield Refusal(episode.job.audio, f"the results of {old} have this name here; give another --output-dir")


def _has_missing_result(folder: str, entry: Entry) -> bool:
    """Return whether a result no longer exists; not checked in an object store, which would need a request for each."""
    return not is_address(folder) and any(not Path(name).exists() for name in _current_results(folder, entry))


def _current_results(folder: str, entry: Entry) -> dict[str, str]:
    """Return the hashes of an episode's results by their current paths: the folder may have moved with its ledger."""
    results = entry.outcome.results.items() if entry.outcome else ()
    suffixes = ((result_suffix(entry.job.name, name), hashed) for name, hashed in results)
    return {join(folder, entry.job.name + suffix): hashed for suffix, hashed in suffixes if suffix is not None}


def _outcome(entry: Entry, future: Future[Outcome]) -> Outcome:
    """Return the outcome of the work, or of its failure.

    Raises:
        PipelineError: no worker is left.
    """
    try:
        return future.result()
    except LostWorkerError as e:
        return Outcome(resolved_work(entry.job), error=str(e))
    except PipelineError:
        raise
    except Exception as e:  # noqa: BLE001 -- an error in one episode must not stop the others
        return Outcome(resolved_work(entry.job), error=f"this is a fault of cuemark: {type(e).__name__}: {e}")
