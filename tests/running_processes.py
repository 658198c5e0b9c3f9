"""The processes below this one, by what they run."""

from __future__ import annotations

import time

import psutil

_PATIENCE_S = 5.0


def processes_of(module: str) -> list[psutil.Process]:
    """Those that run ``module``, also those of other tests of this test process."""
    every = psutil.Process().children(recursive=True)
    return [one for one in every if module in command_line(one)]


def command_line(process: psutil.Process) -> list[str]:
    """The words of a process's command line, which are there a moment after it was started; none if it has ended.

    A browser of other tests, which is below this process too, may have ended and not been waited for.
    """
    until = time.monotonic() + _PATIENCE_S
    try:
        while not (words := process.cmdline()) and time.monotonic() < until:
            time.sleep(0.01)
    except psutil.NoSuchProcess:
        return []
    return list(words)
