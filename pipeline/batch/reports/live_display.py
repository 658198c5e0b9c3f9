"""Display a run: one line for each settled episode and, on a terminal, progress bars for the running ones."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import fmean

from rich.progress import BarColumn, Progress, TaskID, TextColumn

from pipeline.batch.ledger_rows import Entry, RequestedEpisode
from pipeline.batch.messages import Outcome, Refusal, State
from pipeline.batch.reports.episode_status import clock_text, findings_to_look_at
from pipeline.batch.storage.downloads import DOWNLOADING, plausible_length
from pipeline.console.output import format_count, format_elapsed, format_estimate, one_line, print_message
from pipeline.console.progress_display import terminal_console
from pipeline.progress import Step

MAX_LISTED_REFUSALS = 20
"""The number of refusals that are printed; all of them are in the ledger."""

_MIN_SHOWN_ESTIMATE_S = 15.0
"""A shorter time left is not shown: it has passed before it is read."""

_MIN_SHARE_FOR_ESTIMATE = 0.01
"""With a smaller share of the work done, no estimate is made, unless an episode is done. Chosen by hand."""

_LISTENING_SHARE = 0.67
"""The share of transcription in the work on an episode; the rest is mostly diarization."""

PrintLine = Callable[[str], None]


@dataclass
class Estimate:
    """Estimates a run's remaining time from the share of its audio that was processed so far.

    An unknown size counts as the mean of the known ones.

    Args:
        now: returns the seconds of a monotonic clock.
    """

    now: Callable[[], float] = time.monotonic
    started_at: float | None = None
    sizes: dict[str, float | None] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    done: list[float | None] = field(default_factory=list)

    def expect(self, sizes: Mapping[str, float | None]) -> None:
        """Set the waiting episodes, with the size of each one's audio (in any unit: only proportions matter)."""
        self.sizes = {**sizes, **{name: self.sizes[name] for name in self.shares if name in self.sizes}}

    def measure(self, name: str, size: float) -> None:
        """Record the real size of an episode's audio, in the same unit."""
        self.sizes[name] = size

    def advance(self, name: str, share: float) -> None:
        """Record the share of an episode's work that is done, 0..1."""
        self.started_at = self.now() if self.started_at is None else self.started_at
        self.shares[name] = max(share, self.shares.get(name, 0.0))

    def settle(self, name: str, *, failed: bool) -> None:
        """Record the end of an episode; a failure does not count as work, because it may end early."""
        if name in self.sizes and not failed:
            self.done.append(self.sizes[name])
        self.sizes.pop(name, None)
        self.shares.pop(name, None)

    @property
    def share(self) -> float:
        """The share of the whole work that is done, 0..1."""
        known = [size for size in (*self.done, *self.sizes.values()) if size is not None]
        mean = fmean(known) if known else 1.0
        sizes = {name: mean if size is None else size for name, size in self.sizes.items()}
        done = sum(mean if size is None else size for size in self.done)
        in_progress = sum(sizes.get(name, 0.0) * share for name, share in self.shares.items())
        total = done + sum(sizes.values())
        return (done + in_progress) / total if total else 0.0

    @property
    def remaining_s(self) -> float | None:
        """The remaining seconds; None if too little is done for an estimate."""
        share = self.share
        if self.started_at is None or not share or not (self.done or share >= _MIN_SHARE_FOR_ESTIMATE):
            return None
        return (self.now() - self.started_at) * (1 - share) / share


class LineDisplay:
    """Displays a run as plain lines: the plan, and the outcome of each episode with the remaining time."""

    def __init__(self, estimate: Estimate, print_line: PrintLine = print_message) -> None:
        self._estimate = estimate
        self._print_line = print_line
        self._settled_count, self._total_count = 0, 0
        self._announced_count = -1
        self._shown_warnings: set[str] = set()
        self._shown_refusals: frozenset[Refusal] = frozenset()

    def planned(
        self, counts: Mapping[State, int], to_do: Sequence[RequestedEpisode], refusals: Sequence[Refusal]
    ) -> None:
        """Print the number of episodes and the refusals, if they are new."""
        self._estimate.expect({episode.job.name: _audio_size(episode) for episode in to_do})
        waiting = counts.get("waiting", 0)
        self._total_count = max(self._settled_count + waiting + counts.get("running", 0), self._total_count)
        if sum(counts.values()) != self._announced_count:
            self._print_line(_plan_line(counts))
        new = [refusal for refusal in refusals if refusal not in self._shown_refusals]
        for refusal in new[:MAX_LISTED_REFUSALS]:
            self._print_line(f"  not taken: {one_line(refusal.name)}: {one_line(refusal.reason)}")
        if len(new) > MAX_LISTED_REFUSALS:
            self._print_line(f"  … and {len(new) - MAX_LISTED_REFUSALS} more, all of them on the summary page")
        self._announced_count, self._shown_refusals = sum(counts.values()), frozenset(refusals)

    def began(self, entry: Entry) -> None:
        """Start the estimate; the line follows when the episode is settled."""
        self._estimate.advance(entry.job.name, 0.0)

    def stepped(self, name: str, step: Step) -> None:
        """Update the estimate."""
        if step.stage == DOWNLOADING and step.total:
            self._estimate.measure(name, float(step.total))
        self._estimate.advance(name, _work_share(step))

    def settled(self, name: str, outcome: Outcome) -> None:
        """Print the outcome of an episode, and the remaining time."""
        self._estimate.settle(name, failed=outcome.error is not None)
        self._settled_count += 1
        remaining = self._estimate.remaining_s
        more = f"; about {format_estimate(remaining)} left" if remaining and remaining >= _MIN_SHOWN_ESTIMATE_S else ""
        new = [one_line(warning) for warning in outcome.warnings if warning not in self._shown_warnings]
        self._shown_warnings.update(outcome.warnings)
        summary = "; ".join([describe(outcome), *new])
        self._print_line(f"[{self._settled_count}/{self._total_count}] {one_line(name)}: {summary}{more}")

    def ended(self, counts: Mapping[State, int]) -> None:
        """Print the final counts."""
        self._print_line(
            f"batch: {_state_counts(counts, _WORDS_AT_END) or 'nothing is done'}; cuemark batch status shows each"
        )

    def remark(self, line: str) -> None:
        """Print a message."""
        self._print_line(one_line(line))


class BarDisplay(LineDisplay):
    """Also displays a progress bar for the whole run and one for each running episode."""

    def __init__(self, estimate: Estimate, progress: Progress) -> None:
        super().__init__(estimate, lambda line: progress.console.print(one_line(line), markup=False, highlight=False))
        self._progress = progress
        self._total_task = progress.add_task("all", total=1.0, remaining="")
        self._tasks: dict[str, TaskID] = {}

    def began(self, entry: Entry) -> None:
        """Add a bar for the episode."""
        super().began(entry)
        self._tasks[entry.job.name] = self._progress.add_task(one_line(entry.job.name), total=1.0, remaining="")

    def stepped(self, name: str, step: Step) -> None:
        """Update the bars of the episode and of the run."""
        super().stepped(name, step)
        if name in self._tasks:
            done = step.done / step.total if step.total else 0.0
            self._progress.update(self._tasks[name], completed=done, remaining=one_line(step.stage))
        self._update_total()

    def settled(self, name: str, outcome: Outcome) -> None:
        """Remove the bar of the episode, and print the outcome."""
        super().settled(name, outcome)
        if name in self._tasks:
            self._progress.remove_task(self._tasks.pop(name))
        self._update_total()

    def _update_total(self) -> None:
        remaining = self._estimate.remaining_s
        text = f"{self._settled_count} of {self._total_count}" + (
            f", about {format_estimate(remaining)} left" if remaining else ""
        )
        self._progress.update(self._total_task, completed=self._estimate.share, remaining=text)


@contextmanager
def display_on_stderr() -> Iterator[LineDisplay]:
    """Provide a display with lines, and with progress bars if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield LineDisplay(Estimate())
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[remaining]}", markup=False),
    )
    with Progress(*columns, console=terminal_console(), redirect_stdout=False) as progress:
        yield BarDisplay(Estimate(), progress)


def describe(outcome: Outcome) -> str:
    """Describe the outcome of an episode in one line."""
    if outcome.error is not None:
        return f"failed: {one_line(outcome.error)}"
    figures = outcome.figures
    parts = [f"{_PAST_TENSE[outcome.work]} in {format_elapsed(float(figures.get('seconds') or 0))}"]
    if outcome.work == "align":
        at = figures.get("continue_at")
        note = clock_text(at) if isinstance(at, int | float) else f"not moved, because {_why_not_moved(outcome)}"
        parts.append("the transcript is complete" if figures.get("complete") else f"note {note}")
    else:
        parts.append(f"{figures.get('drafted_words', 0)} words drafted")
    number = sum(findings_to_look_at(outcome).values())
    if number:
        parts.append(f"{format_count(number, 'thing')} to look at")
    return "; ".join(parts)


def _why_not_moved(outcome: Outcome) -> str:
    is_cut_off = "incomplete-audio" in outcome.findings and outcome.figures.get("coverage")
    return "all that is heard is typed, and the audio is an incomplete download" if is_cut_off else "nothing was found"


_PAST_TENSE = {"align": "aligned", "finish": "finished", "draft": "drafted"}


def _plan_line(counts: Mapping[State, int]) -> str:
    states = _state_counts(counts, _WORDS_AT_START) or "nothing to do"
    return f"batch: {format_count(sum(counts.values()), 'episode')}: {states}"


def _state_counts(counts: Mapping[State, int], words: Mapping[State, str]) -> str:
    """Format the number of episodes in each state, with these words and in their order."""
    return ", ".join(f"{counts[state]} {text}" for state, text in words.items() if counts.get(state))


_WORDS_AT_START: Mapping[State, str] = {
    "waiting": "to do",
    "running": "running in another run",
    "done": "done before",
    "failed": "failed before (--retry-failed tries them again)",
    "refused": "not taken",
}


_WORDS_AT_END: Mapping[State, str] = {
    "done": "done",
    "failed": "failed",
    "refused": "not taken",
    "waiting": "to do",
    "running": "running in another run",
}


def _audio_size(episode: RequestedEpisode) -> float | None:
    """Return the bytes of the audio: of the file, or as its publisher states them; None if they are unknown."""
    number = episode.files.get("audio", "").partition(" ")[0]  # of a file's fingerprint
    size = int(number) if number.isdecimal() else plausible_length(episode.job.length)
    return None if size is None else float(size)


def _work_share(step: Step) -> float:
    """Return the share of an episode's work that is done at a step."""
    share = step.done / step.total if step.total else 0.0
    if step.unit != "ms":
        return 0.0
    return (
        _LISTENING_SHARE * share
        if step.stage.startswith("listening")
        else _LISTENING_SHARE + (1 - _LISTENING_SHARE) * share
    )
