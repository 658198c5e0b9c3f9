"""Progress on standard error: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from pipeline.console.output import LenientStream, format_estimate, one_line, print_message
from pipeline.progress import Progress, Step
from pipeline.times import format_clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

_TENTHS = 10
"""The number of lines that a stage gets at most, where there is no terminal."""

_LEAST_LEFT_S = 15.0
"""A shorter time left is not shown: it has passed before it is read."""

_LEAST_BETWEEN_S = 1.0
"""The least time between two lines of a stage, so that a fast stage does not fill a log."""


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """Yield a ``Progress`` that draws bars if standard error is a terminal, and writes plain lines otherwise."""
    if not sys.stderr.isatty():
        yield PlainProgress()
        return
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 -- only where there is a terminal
    from rich.progress import Progress as Bars  # noqa: PLC0415 -- the same

    columns = TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f} %")
    with Bars(*columns, TimeRemainingColumn(), console=terminal_console(), redirect_stdout=False) as bars:
        tasks: dict[str, TaskID] = {}

        def draw(step: Step) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(stage_title(step), total=step.total)
            bars.update(tasks[step.stage], completed=step.done, total=step.total)

        yield draw


def terminal_console() -> Console:
    """Return Rich's console on standard error; a terminal that is closed meanwhile does not end the work."""
    from rich.console import Console  # noqa: PLC0415 -- the same

    return Console(file=cast("IO[str]", LenientStream(sys.stderr)))


class PlainProgress:
    """Print one line when a stage starts and one for each tenth of it, with the time left if it is long.

    A tenth that is complete within a second of the previous line gets no line.

    Args:
        now: a monotonic clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tenths: dict[str, int] = {}
        self._begun: dict[str, tuple[float, float]] = {}  # when a stage was first reported, and its progress then
        self._told: dict[str, float] = {}

    def __call__(self, step: Step) -> None:
        """Print a line for a step, if it deserves one."""
        share = step.done / step.total if step.total else 0.0
        tenths = int(share * _TENTHS)
        if step.stage not in self._tenths:
            now = self._now()
            self._begun[step.stage] = now, share
            self._told[step.stage] = now
            self._tenths[step.stage] = tenths
            print_message(stage_title(step))
        elif tenths < _TENTHS and tenths > self._tenths[step.stage]:
            self._tenth(step.stage, share, tenths)

    def _tenth(self, stage: str, share: float, tenths: int) -> None:
        now, (at, before) = self._now(), self._begun[stage]
        if now - self._told[stage] < _LEAST_BETWEEN_S:
            return
        seconds = (now - at) * (1 - share) / (share - before)
        left = f", about {format_estimate(seconds)} left" if seconds >= _LEAST_LEFT_S else ""
        print_message(f"{stage}: {tenths * 100 // _TENTHS} %{left}")
        self._told[stage], self._tenths[stage] = now, tenths


def stage_title(step: Step) -> str:
    """Return a stage's name with the amount of work: ``model base (145 MB)``. It may have the name of a file in it."""
    stage = one_line(step.stage)
    if not step.total or step.unit == "steps":
        return stage
    amount = format_clock(int(step.total)) if step.unit == "ms" else f"{step.total / 1e6:.0f} MB"
    return f"{stage} ({amount})"
