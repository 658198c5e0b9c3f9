"""From a command line to an exit status; nothing that goes wrong on the way leaves a traceback.

This module itself loads next to nothing, so that an interrupt is caught from the first moment; the commands are in
``commands``.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from pipeline.episode.engines import Engines

_ALLOCATIONS = 100_000
"""New objects after which Python looks for garbage: an episode is many small values that all stay, and are looked
through in vain every 700 of them otherwise, which takes a fifth of the time."""

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None, engines: Engines | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after the program's name; None for those that the process was started with.
        engines: what listens; None for the real engines.

    Returns:
        0 done, 1 something failed (or ``--strict`` and there are findings), 2 wrong command line or configuration,
        130 interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    gc.set_threshold(_ALLOCATIONS)
    _open_closed_streams()
    try:
        return _run(words, engines)
    except KeyboardInterrupt:
        _complain("interrupted; every file is whole, and the next run goes on from here")
        return INTERRUPTED
    except BrokenPipeError:  # whoever read along has enough, and wants no line about it
        return FAILED
    except Exception as e:  # noqa: BLE001 -- the roof: whatever it is, the user gets one line
        if "--debug" in words:
            traceback.print_exc()
        _complain(_line(e))
        return getattr(e, "exit_status", FAILED)
    finally:
        _settle_stdout()


def _run(words: list[str], engines: Engines | None) -> int:
    from pipeline.commands import run  # noqa: PLC0415 -- see the module's own words
    from pipeline.console.output import logging_to_stderr  # noqa: PLC0415 -- the same

    with logging_to_stderr(debug="--debug" in words):
        return run(words, engines)


def _line(error: Exception) -> str:
    if isinstance(error, PipelineError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{os.fsdecode(error.filename or 'standard output')}: {error.strerror}"
    return f"this is a fault of cuemark, --debug shows where: {type(error).__name__}: {error}"


def _complain(line: str) -> None:
    from pipeline.console.output import one_line, say  # noqa: PLC0415 -- see the module's own words

    with suppress(OSError):
        say(f"cuemark: {one_line(line)}")


def _open_closed_streams() -> None:
    """Let a process that was started without standard streams (``>&-``) write to nowhere instead of failing."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 -- open to the end
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 -- the same


def _settle_stdout() -> None:
    """Let go of output that nobody takes: the interpreter would try again when it ends, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
