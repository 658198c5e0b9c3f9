"""Progress on standard error: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from pipeline.console.output import LenientStream, format_estimate, one_line, print_message
from pipeline.progress import Progress, Step, seconds_at_own_pace
from pipeline.times import format_clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

_TENTHS = 10
"""The number of lines that a stage gets at most, where there is no terminal."""

LEAST_LEFT_S = 15.0
"""A shorter time left is not shown: it has passed before it is read."""

_LEAST_BETWEEN_S = 1.0
"""The least time between two lines of a stage, so that a fast stage does not fill a log."""


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """Yield a ``Progress`` that draws bars if standard error is a terminal, and writes plain lines otherwise."""
    if not sys.stderr.isatty():
        yield PlainProgress()
        return
    from rich.progress import BarColumn, TextColumn  # noqa: PLC0415 -- only where there is a terminal
    from rich.progress import Progress as Bars  # noqa: PLC0415 -- the same

    columns = TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f} %")
    left = TextColumn("{task.fields[left]}", markup=False)
    with Bars(*columns, left, console=terminal_console(), redirect_stdout=False) as bars:
        tasks: dict[str, TaskID] = {}
        clock = StageClock()

        def draw(step: Step) -> None:
            if step.stage not in tasks:
                for task in tasks.values():
                    bars.update(task, left="")
                tasks[step.stage] = bars.add_task(stage_title(step), total=step.total, left="")
            bars.update(
                tasks[step.stage], completed=step.done, total=step.total, left=clock.time_left(step, time.monotonic())
            )

        yield draw


def terminal_console() -> Console:
    """Return Rich's console on standard error; a terminal that is closed meanwhile does not end the work."""
    from rich.console import Console  # noqa: PLC0415 -- the same

    return Console(file=cast("IO[str]", LenientStream(sys.stderr)))


class StageClock:
    """Says how much time is left: of the whole run where that is known, else of the stage."""

    def __init__(self) -> None:
        self._begun: dict[str, tuple[float, float]] = {}  # when a stage was first reported, and its progress then

    def time_left(self, step: Step, now: float) -> str:
        """Return ``about 3 min left``; empty if little is left, or if it is not known.

        Args:
            step: the first of its stage, or a later one.
            now: when it was reported, in seconds of a monotonic clock.
        """
        at, before = self._begun.setdefault(step.stage, (now, step.share))
        if step.left_s is not None:
            seconds = step.left_s
        elif step.share > before:
            seconds = seconds_at_own_pace(now - at, before, step.share)
        else:
            return ""
        return f"about {format_estimate(seconds)} left" if seconds >= LEAST_LEFT_S else ""


class PlainProgress:
    """Print one line when a stage starts and one for each tenth of it, with the time left if it is long.

    A tenth that is complete within a second of the previous line gets no line.

    Args:
        now: a monotonic clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._clock = StageClock()
        self._tenths: dict[str, int] = {}
        self._printed: dict[str, float] = {}

    def __call__(self, step: Step) -> None:
        """Print a line for a step, if it deserves one."""
        tenths = int(step.share * _TENTHS)
        is_first = step.stage not in self._tenths
        if not is_first and not self._tenths[step.stage] < tenths < _TENTHS:
            return
        now = self._now()
        left = self._clock.time_left(step, now)
        if is_first:
            print_message(stage_title(step))
        elif now - self._printed[step.stage] >= _LEAST_BETWEEN_S:
            print_message(f"{step.stage}: {tenths * 100 // _TENTHS} %" + (f", {left}" if left else ""))
        else:
            return
        self._printed[step.stage], self._tenths[step.stage] = now, tenths


def stage_title(step: Step) -> str:
    """Return a stage's name with the amount of work: ``model base (145 MB)``. It may have the name of a file in it."""
    stage = one_line(step.stage)
    if not step.total or step.unit == "steps":
        return stage
    amount = format_clock(int(step.total)) if step.unit == "ms" else f"{step.total / 1e6:.0f} MB"
    return f"{stage} ({amount})"
