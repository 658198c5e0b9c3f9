"""A run as people see it: one line for each episode that is settled and, on a terminal, bars for those in hand."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from pipeline.batch.ledger_rows import Entry, RequestedEpisode
from pipeline.batch.messages import Outcome, Refusal, State
from pipeline.console.output import format_count, format_elapsed, format_estimate, one_line, print_message
from pipeline.progress import Step
from pipeline.times import format_clock, from_seconds

MAX_LISTED_REFUSALS = 20
"""So many are told one by one; all of them are in the ledger."""

_MIN_SHOWN_ESTIMATE_S = 15.0
_MIN_SHARE_FOR_ESTIMATE = 0.01
"""Less work than this says nothing of the rest, unless an episode is done."""

_LISTENING_SHARE = 0.67
"""The part of the work on an episode that hearing its words is; the rest is telling its voices apart, mostly."""

PrintLine = Callable[[str], None]


@dataclass
class Estimate:
    """How much time a run needs still, by how much of its audio was worked on so far.

    Args:
        now: tells the seconds on a clock that goes steadily.
    """

    now: Callable[[], float] = time.monotonic
    started_at: float | None = None
    sizes: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    done: float = 0.0

    def expect(self, sizes: Mapping[str, float]) -> None:
        """Take what waits, with the size of each (of its audio; only the proportions matter)."""
        self.sizes = {**sizes, **{name: self.sizes[name] for name in self.shares if name in self.sizes}}

    def advance(self, name: str, share: float) -> None:
        """Note how much of an episode's work is done, 0..1."""
        self.started_at = self.now() if self.started_at is None else self.started_at
        self.shares[name] = max(share, self.shares.get(name, 0.0))

    def settle(self, name: str, *, failed: bool) -> None:
        """Note that an episode is done with; how long a failure took says nothing of the others."""
        self.done += 0.0 if failed else self.sizes.get(name, 0.0)
        self.sizes.pop(name, None)
        self.shares.pop(name, None)

    @property
    def share(self) -> float:
        """How much of the work is done, 0..1."""
        in_progress = sum(self.sizes.get(name, 0.0) * share for name, share in self.shares.items())
        total = self.done + sum(self.sizes.values())
        return (self.done + in_progress) / total if total else 0.0

    @property
    def remaining_s(self) -> float | None:
        """The seconds that are left; None where too little is known yet."""
        share = self.share
        if self.started_at is None or not (self.done or share >= _MIN_SHARE_FOR_ESTIMATE):
            return None
        return (self.now() - self.started_at) * (1 - share) / share


class LineDisplay:
    """A run in plain lines: how much there is, and what became of each episode, with the time that is left."""

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
        """Tell how much there is and what is not taken, where that is news."""
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
        """Tell nothing yet: there is a line when it is settled."""
        self._estimate.advance(entry.job.name, 0.0)

    def stepped(self, name: str, step: Step) -> None:
        """Count it."""
        self._estimate.advance(name, _work_share(step))

    def settled(self, name: str, outcome: Outcome) -> None:
        """Tell what became of an episode, and how much time is left."""
        self._estimate.settle(name, failed=outcome.error is not None)
        self._settled_count += 1
        remaining = self._estimate.remaining_s
        more = f"; about {format_estimate(remaining)} left" if remaining and remaining >= _MIN_SHOWN_ESTIMATE_S else ""
        new = [one_line(warning) for warning in outcome.warnings if warning not in self._shown_warnings]
        self._shown_warnings.update(outcome.warnings)
        summary = "; ".join([describe(outcome), *new])
        self._print_line(f"[{self._settled_count}/{self._total_count}] {one_line(name)}: {summary}{more}")

    def ended(self, counts: Mapping[State, int]) -> None:
        """Tell how things stand at the end."""
        self._print_line(
            f"batch: {_state_counts(counts, _WORDS_AT_END) or 'nothing is done'}; cuemark batch status shows each"
        )

    def remark(self, line: str) -> None:
        """Tell it."""
        self._print_line(one_line(line))


class BarDisplay(LineDisplay):
    """The same, with a bar for the whole run and one for each episode in hand."""

    def __init__(self, estimate: Estimate, progress: Progress) -> None:
        super().__init__(estimate, lambda line: progress.console.print(one_line(line), markup=False, highlight=False))
        self._progress = progress
        self._total_task = progress.add_task("all", total=1.0, remaining="")
        self._tasks: dict[str, TaskID] = {}

    def began(self, entry: Entry) -> None:
        """Show a bar for it."""
        super().began(entry)
        self._tasks[entry.job.name] = self._progress.add_task(one_line(entry.job.name), total=1.0, remaining="")

    def stepped(self, name: str, step: Step) -> None:
        """Move its bar, and that of the whole."""
        super().stepped(name, step)
        if name in self._tasks:
            done = step.done / step.total if step.total else 0.0
            self._progress.update(self._tasks[name], completed=done, remaining=one_line(step.stage))
        self._update_total()

    def settled(self, name: str, outcome: Outcome) -> None:
        """Take its bar away, and tell what became of it."""
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
    """Lines, and bars where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield LineDisplay(Estimate())
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[left]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=False) as progress:
        yield BarDisplay(Estimate(), progress)


def describe(outcome: Outcome) -> str:
    """What became of an episode, in a line."""
    if outcome.error is not None:
        return f"failed: {one_line(outcome.error)}"
    figures = outcome.figures
    parts = [f"{_PAST_TENSE[outcome.work]} in {format_elapsed(float(figures.get('seconds') or 0))}"]
    if outcome.work == "align":
        note = "the transcript is complete" if figures.get("complete") else f"note {_clock(figures.get('continue_at'))}"
        parts.append(note)
    else:
        parts.append(f"{figures.get('drafted_words', 0)} words drafted")
    number = sum(times for kind, times in outcome.findings.items() if kind != "note-moved")
    if number:
        parts.append(f"{format_count(number, 'thing')} to look at")
    return "; ".join(parts)


_PAST_TENSE = {"align": "aligned", "finish": "finished", "draft": "drafted"}


def _clock(at: object) -> str:
    return format_clock(from_seconds(at)) if isinstance(at, int | float) else "not moved, because nothing was found"


def _plan_line(counts: Mapping[State, int]) -> str:
    return f"batch: {format_count(sum(counts.values()), 'episode')}: {_state_counts(counts, _WORDS_AT_START) or 'nothing to do'}"


def _state_counts(counts: Mapping[State, int], words: Mapping[State, str]) -> str:
    """How many there are of each state, in these words and their order."""
    return ", ".join(f"{counts[state]} {text}" for state, text in words.items() if counts.get(state))


_WORDS_AT_START: Mapping[State, str] = {
    "waiting": "to do",
    "running": "in the hands of another run",
    "done": "done before",
    "failed": "failed before (--retry-failed tries them again)",
    "refused": "not taken",
}


_WORDS_AT_END: Mapping[State, str] = {
    "done": "done",
    "failed": "failed",
    "refused": "not taken",
    "waiting": "to do",
    "running": "in the hands of another run",
}


def _audio_size(episode: RequestedEpisode) -> float:
    """The bytes of the audio, as far as they are known."""
    number = episode.files.get("audio", "").partition(" ")[0]
    return float(episode.job.length or (number if number.isdecimal() else 0) or 1)


def _work_share(step: Step) -> float:
    """How much of an episode's work is done at a step."""
    share = step.done / step.total if step.total else 0.0
    if step.unit != "ms":
        return 0.0
    return (
        _LISTENING_SHARE * share
        if step.stage.startswith("listening")
        else _LISTENING_SHARE + (1 - _LISTENING_SHARE) * share
    )
