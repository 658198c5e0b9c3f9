"""A run through a batch: episodes are taken from the ledger, given to the crew, and settled, until none is left.

The ledger is the only memory. Whatever ends a run, the next one goes on from what stands there; within an episode,
what was heard is in the store.
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
"""What the workers tell: an episode's name and a step; filled from any thread."""


@dataclass(frozen=True, slots=True)
class SourceContents:
    """What there is in a source: episodes, what is not taken, and the names of what may still be growing."""

    requested: Sequence[RequestedEpisode] = ()
    refusals: Sequence[Refusal] = ()
    unfinished: frozenset[str] = frozenset()


_WAIT_TIMEOUT_S = 0.5
_LEDGER_STEP_INTERVAL_S = 5.0
"""Steps are noted in the ledger no oftener: each note waits for the disk."""


class Display(Protocol):
    """What shows a run to people."""

    def planned(
        self, counts: Mapping[State, int], to_do: Sequence[RequestedEpisode], refusals: Sequence[Refusal]
    ) -> None:
        """Show how many there are of each state, what is to be done, and what is not taken."""

    def began(self, entry: Entry) -> None:
        """Show that an episode is worked on."""

    def stepped(self, name: str, step: Step) -> None:
        """Show how far an episode is."""

    def settled(self, name: str, outcome: Outcome) -> None:
        """Show what became of an episode."""

    def remark(self, line: str) -> None:
        """Show something else that people should know."""


class Voices(Protocol):
    """The voices of the show."""

    def book(self) -> VoiceBook:
        """Give all that is known of them."""

    def teach(self, examples: VoiceExamples) -> tuple[str, ...]:
        """Learn from an episode; returns what people should know of it, in lines."""


def _publish_nothing() -> None:
    """Publish nothing."""


@dataclass(frozen=True, slots=True)
class BatchRun:
    """What a run needs.

    Attributes:
        read_source: looks what there is in the source, now.
        initial: what it found at first.
        voices: of the show, where they are asked for: they are learned where something is typed, so nothing is drafted
            before all that is settled.
        publish: called now and then, with the ledger as it stands.
        retry: try again what has failed; ``redo`` also what is done.
        poll_interval_s: seconds after which the source is looked at again, for ever; None to end when all is settled.
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
    """Work through a source; returns how many of what it has stand how.

    Raises:
        LedgerError: the ledger cannot be used; what was done is done all the same.
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
    """What is under way: the episodes in hand, and the outcomes that the ledger could not take yet."""

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
        """Whether there is nothing left to do or to wait for."""
        if self.running or self.unsettled or self.run.poll_interval_s is not None:
            return False
        return not (self.run.voices and self.run.ledger.counts().get("waiting"))  # another run has the others in hand

    def enter(self, found: SourceContents, *, retry: bool = False, redo: bool = False) -> None:
        """Enter what there is in the source."""
        if found == self.contents:
            return
        run, requested, refusals, self.contents = self.run, found.requested, found.refusals, found
        new = {one.job.name for one in requested} - self.requested.keys()
        done = {entry.job.name: entry for entry in run.ledger.done() if entry.job.name in new} if new else {}
        conflicts = tuple(_name_conflicts(requested, done))
        conflicting = {refusal.name for refusal in conflicts}
        requested, refusals = [one for one in requested if one.job.audio not in conflicting], (*refusals, *conflicts)
        incomplete = {name for name, entry in done.items() if _has_missing_result(run.request.folder, entry)}
        self.requested = {one.job.name: one for one in requested}
        self.terms = ShowTerms([one.job for one in requested])
        source = run.request.source if is_address(run.request.source) else os.path.abspath(run.request.source)  # noqa: PTH100
        run.ledger.enter(
            source, requested, refusals, retry=retry, redo=redo, redo_names=incomplete, unfinished=found.unfinished
        )
        waiting = run.ledger.waiting()
        to_do = [one for one in requested if as_text(one.job.name) in waiting]
        counts = dict(run.ledger.counts())
        counts["running"] = counts.get("running", 0) - len(self.running)  # what others have in hand
        run.display.planned(counts, to_do, refusals)

    def poll_source(self, every_s: float) -> None:
        """Look at the source once more; one that cannot be read just now is looked at later."""
        started = time.monotonic()
        try:
            found = self.run.read_source()
        except PipelineError as e:
            self.run.display.remark(f"{e}; it is tried again")
        else:
            self.enter(found)
        self.next_poll_at = time.monotonic() + max(every_s, 10 * (time.monotonic() - started))

    def submit_waiting(self) -> None:
        """Give the crew as many episodes as it can work on."""
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
        """Wait for something to happen, and pass it on."""
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
        """Show what the workers told, and note it in the ledger now and then."""
        while not self.run.inbox.empty():
            name, step = self.run.inbox.get()
            self.run.display.stepped(name, step)
            if time.monotonic() - self.recorded_at.get(name, 0.0) >= _LEDGER_STEP_INTERVAL_S:
                with suppress(LedgerError):  # it is only for those who look
                    self.run.ledger.record_step(name, step)
                self.recorded_at[name] = time.monotonic()

    def _learn_voices(self, outcome: Outcome) -> Outcome:
        """Learn the voices of an episode before it is settled: a run that ends in between learns them again."""
        if self.run.voices is None or outcome.examples is None:
            return outcome
        try:
            messages = self.run.voices.teach(outcome.examples)
        except PipelineError as e:
            messages = (str(e),)
        return replace(outcome, examples=None, warnings=(*outcome.warnings, *messages))

    def _record_outcomes(self) -> None:
        """Settle what has an outcome; where the disk is full, try again until the work in hand has ended too."""
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
    """What would replace the results of another recording that is still there."""
    for one in requested:
        before = done.get(one.job.name)
        if before is None or before.job.audio == one.job.audio or is_address(before.job.audio):
            continue
        old, new = Path(before.job.audio), Path(one.job.audio)
        with suppress(OSError):
            if old.exists() and not (new.exists() and old.samefile(new)):
                yield Refusal(one.job.audio, f"the results of {old} have this name here; give another --output-dir")


def _has_missing_result(folder: str, entry: Entry) -> bool:
    """Whether a result is no longer where it was written; nobody asks a store of objects for each of them."""
    return not is_address(folder) and any(not Path(name).exists() for name in _current_results(folder, entry))


def _current_results(folder: str, entry: Entry) -> dict[str, str]:
    """The hashes of an episode's results by where they are now: their folder may have moved with its ledger."""
    results = entry.outcome.results.items() if entry.outcome else ()
    suffixes = ((result_suffix(entry.job.name, name), hashed) for name, hashed in results)
    return {join(folder, entry.job.name + suffix): hashed for suffix, hashed in suffixes if suffix is not None}


def _outcome(entry: Entry, future: Future[Outcome]) -> Outcome:
    """What came of the work, or why nothing did.

    Raises:
        PipelineError: nobody can be had to work any more.
    """
    try:
        return future.result()
    except LostWorkerError as e:
        return Outcome(resolved_work(entry.job), error=str(e))
    except PipelineError:
        raise
    except Exception as e:  # noqa: BLE001 -- whatever went wrong with one, the others can be done
        return Outcome(resolved_work(entry.job), error=f"this is a fault of cuemark: {type(e).__name__}: {e}")
