"""What people see: results on standard output, all else on standard error, and at the end a summary in plain words."""

from __future__ import annotations

import io
import logging
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.progress import Progress, Step
from pipeline.times import format_clock

if TYPE_CHECKING:
    from rich.progress import TaskID

    from pipeline.schema import Finding, Result, Transcript

MOST_FINDINGS = 12
"""So many findings are shown one by one; all of them are in the JSON."""

_TENTHS = 10
_WORTH_TELLING_S = 15.0
"""Less time than this is over before anybody has read that it is left."""

_LEAST_BETWEEN_S = 1.0

_FIRST_TO_LOOK_AT = ("wrong-audio", "time-offset", "not-heard", "untranscribed", "time-drift", "name-variant")
"""Kinds of findings, the most important first; what is not here comes after them."""

_NOT_MOVED = "note: not moved, because nothing that is written was found in the audio"


_CONTROLS = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    "\N{REPLACEMENT CHARACTER}",
)
"""What moves a cursor, ends a line or turns the order of what is read around."""


def say(line: str) -> None:
    """Tell the user something that is no result: one line on standard error, whatever a stranger's text has in it."""
    print(line.translate(_CONTROLS), file=sys.stderr, flush=True)  # noqa: T201 -- this is where cuemark prints


def give(text: str) -> None:
    """Give a result: to standard output, as UTF-8 and to the byte, in any locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    sys.stdout.write(text)
    sys.stdout.flush()


# --- while it works ----------------------------------------------------------------------------------------------


@contextmanager
def logging_to_stderr(*, debug: bool) -> Iterator[None]:
    """Show our modules' warnings as plain lines, and what other packages log or warn of only with ``debug``."""
    handler, root, ours = _Lines(), logging.getLogger(), logging.getLogger("pipeline")
    before = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(logging.INFO if debug else logging.CRITICAL)
    ours.setLevel(logging.DEBUG if debug else logging.WARNING)
    try:
        with warnings.catch_warnings():
            if not debug:
                warnings.simplefilter("ignore")
            yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(f"{record.levelname.lower()}: {record.getMessage()}")


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """A ``Progress`` that draws bars where standard error is a terminal, and writes plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield PlainProgress()
        return
    from rich.console import Console  # noqa: PLC0415 -- only where there is a terminal
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 -- the same
    from rich.progress import Progress as Bars  # noqa: PLC0415 -- the same

    columns = TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f} %")
    with Bars(*columns, TimeRemainingColumn(), console=Console(stderr=True), redirect_stdout=False) as bars:
        tasks: dict[str, TaskID] = {}

        def draw(step: Step) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(title(step), total=step.total)
            bars.update(tasks[step.stage], completed=step.done, total=step.total)

        yield draw


class PlainProgress:
    """One line when a stage begins, and one for each tenth of it that is done, with the time left where it is long.

    A tenth that is done within a second of the line before it is not worth another.

    Args:
        now: tells the seconds on some clock that goes steadily.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tenths: dict[str, int] = {}
        self._begun: dict[str, tuple[float, float]] = {}  # when a stage was first told of, and how far it was then
        self._told: dict[str, float] = {}

    def __call__(self, step: Step) -> None:
        """Tell of a step, if it is worth a line."""
        share = step.done / step.total if step.total else 0.0
        tenths = int(share * _TENTHS)
        if step.stage not in self._tenths:
            now = self._now()
            self._begun[step.stage] = now, share
            self._told[step.stage] = now
            self._tenths[step.stage] = tenths
            say(title(step))
        elif tenths < _TENTHS and tenths > self._tenths[step.stage]:
            self._tenth(step.stage, share, tenths)

    def _tenth(self, stage: str, share: float, tenths: int) -> None:
        now, (at, before) = self._now(), self._begun[stage]
        if now - self._told[stage] < _LEAST_BETWEEN_S:
            return
        seconds = (now - at) * (1 - share) / (share - before)
        left = f", about {in_words(seconds)} left" if seconds >= _WORTH_TELLING_S else ""
        say(f"{stage}: {tenths * 100 // _TENTHS} %{left}")
        self._told[stage], self._tenths[stage] = now, tenths


def in_words(seconds: float) -> str:
    """A length of time as people say it, no more exact than a guess can be.

    >>> in_words(42), in_words(200), in_words(5_000)
    ('40 s', '3 min', '1 h 23 min')
    """
    if seconds < 60:
        return f"{max(10, round(seconds, -1)):.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def took(seconds: float) -> str:
    """A length of time that was measured, as people say it.

    >>> took(0.4), took(42), took(5_000)
    ('0.4 s', '42 s', '1 h 23 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 60 else in_words(seconds)


def title(step: Step) -> str:
    """A stage's name with how much there is to do: ``model base (145 MB)``."""
    if not step.total or step.unit == "steps":
        return step.stage
    amount = format_clock(int(step.total)) if step.unit == "ms" else f"{step.total / 1e6:.0f} MB"
    return f"{step.stage} ({amount})"


# --- at the end --------------------------------------------------------------------------------------------------


def summary(result: Result, note: str | None, old_note: str | None, unseen: Sequence[int]) -> Iterator[str]:
    """The lines that a volunteer reads at the end: the note, what was found, and what to look at.

    Args:
        note: the note as it stands from now on; None for none.
        old_note: the note as it stood.
        unseen: indices of the spoken utterances that the subtitles leave out.
    """
    yield _note_line(result, note, old_note)
    yield from _other_notes(result.transcript)
    yield _found_line(result)
    yield from _finding_lines([finding for finding in result.findings if finding.kind != "note-moved"])
    if unseen:
        yield f"the subtitles leave out what was not found surely: {count(len(unseen), 'utterance')}"


def draft_summary(result: Result, unseen: Sequence[int]) -> Iterator[str]:
    """The lines that a volunteer reads after a draft: how much was drafted and whose it is, and what to look at."""
    spoken = Counter(turn.speaker or "somebody unknown" for turn in result.drafted)
    if result.drafted:
        words = sum(len(turn.words) for turn in result.drafted)
        whose = ", ".join(f"{name} {number}" for name, number in spoken.most_common())
        yield f"drafted: {count(words, 'word')} in {count(len(result.drafted), 'turn')}; turns: {whose}"
    elif result.continue_point.at is None and not result.continue_point.complete:
        yield "drafted: nothing, because nothing that is written was found in the audio"
    else:
        yield "drafted: nothing, because nothing is said that is not written"
    yield from _other_notes(result.transcript)
    if result.transcript.utterances:
        yield _found_line(result)
    told = {"note-moved", "untranscribed"}
    yield from _finding_lines([finding for finding in result.findings if finding.kind not in told])
    if unseen:
        yield f"the subtitles leave out what was not found surely: {count(len(unseen), 'utterance')}"


def mark_summary(result: Result) -> Iterator[str]:
    """The lines beside the note that ``marker`` prints: why it is as it was, other notes, and what was found."""
    if result.continue_point.at is None and not result.continue_point.complete:
        yield _NOT_MOVED
    yield from _other_notes(result.transcript)
    yield _found_line(result)


def _other_notes(transcript: Transcript) -> Iterator[str]:
    for other in transcript.notes[:-1]:
        line = transcript.source.count("\n", 0, other.chars.start) + 1
        text = one_line(transcript.source[other.chars.start : other.chars.end])
        yield f"      another note in line {line} is left as it is: {text}"


def _found_line(result: Result) -> str:
    if not result.transcript.utterances:
        return "found: nothing, because nothing is typed yet"
    return f"found: {result.coverage:.0%} of the written words"


def _note_line(result: Result, note: str | None, old_note: str | None) -> str:
    if result.continue_point.complete:
        return f"note: the transcript is complete{f'; {one_line(old_note)} goes' if old_note else ''}"
    if result.continue_point.at is None:
        return _NOT_MOVED
    if note == old_note:
        return f"note: {one_line(note or '')} is right as it is"
    return f"note: {one_line(old_note or 'none')} -> {one_line(note or '')}"


def _finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    if findings:
        first = ", the most important first" if len(findings) > 1 else ""
        yield f"to look at: {count(len(findings), 'thing')}{first}"
    for finding in sorted(findings, key=_importance)[:MOST_FINDINGS]:
        at = f"{format_clock(finding.span.start)} " if finding.span else ""
        yield f"  {at}{finding.kind}: {finding.message}"
    if len(findings) > MOST_FINDINGS:
        yield f"  … and {len(findings) - MOST_FINDINGS} more, all of them in the JSON"


def _importance(finding: Finding) -> tuple[int, int]:
    """What to look at first: the kind, then how much of the audio it is about."""
    known = finding.kind in _FIRST_TO_LOOK_AT
    place = _FIRST_TO_LOOK_AT.index(finding.kind) if known else len(_FIRST_TO_LOOK_AT)
    return place, -finding.span.duration if finding.span else 0


def one_line(text: str) -> str:
    """The text with every run of white space as one space, and nothing in it that a terminal obeys."""
    return " ".join(text.split()).translate(_CONTROLS)


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "episode"), count(12, "word")
    ('1 episode', '12 words')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
