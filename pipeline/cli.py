"""From a command line to an exit status; no error leaves a traceback.

This module imports almost nothing, so that an interrupt is caught from the start; the commands are in ``commands``.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, TextIO

from pipeline.errors import INTERRUPTED, INTERRUPTED_LINE, PipelineError

if TYPE_CHECKING:
    from pipeline.episode.engines import Engines

ALLOCATIONS = 100_000
"""The threshold of Python's garbage collector: an episode is many small values that all stay alive. With the default of
700 new objects, the collector takes a fifth of the time and finds nothing."""

_LAST_STANDARD_DESCRIPTOR = 2

DONE, FAILED, MISUSED = 0, 1, 2
EXIT_STATUSES = {
    DONE: "done, with findings or without",
    FAILED: "something failed, and one line says what, where, and what to do; "
    "or `--strict` was given and there are findings",
    MISUSED: "the command line or the configuration is wrong",
    INTERRUPTED: "interrupted with Ctrl-C; every file is whole, and the next run continues",
}
"""The statuses that a command ends with, and their meanings."""


def program() -> NoReturn:
    """Run the command that this process was started for, and end the process.

    A second Ctrl-C ends it at once. After an interrupt nothing is cleared away: while a library still computes in its
    own threads, the interpreter's end waits for it, and may crash.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where Ctrl-C is ignored, as by nohup
        signal.signal(signal.SIGINT, _Interrupts())
    status = main()
    if status == INTERRUPTED:
        os._exit(status)
    sys.exit(status)


class _Interrupts:
    """What happens on Ctrl-C: the command is interrupted by the first, the process ends with the second."""

    def __init__(self) -> None:
        self._is_second = False

    def __call__(self, *_: object) -> None:
        if self._is_second:
            from pipeline.console.interrupt_watch import end_at_once  # noqa: PLC0415 -- see the module's docstring

            end_at_once()
        self._is_second = True
        raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None, engines: Engines | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after the program's name; None for those of this process.
        engines: the speech engines; None for the real ones.

    Returns:
        0 done, 1 something failed (or ``--strict`` and there are findings), 2 wrong command line or configuration,
        130 interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    gc.set_threshold(ALLOCATIONS)
    _open_closed_streams()
    try:
        return _run(words, engines)
    except KeyboardInterrupt:
        _print(INTERRUPTED_LINE)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of the pipe has closed it and needs no message
        return FAILED
    except Exception as e:  # noqa: BLE001 -- the outermost call: the user gets one line, whatever happened
        if "--debug" in words:
            _print_traceback()
        _print_error(_line(e))
        return getattr(e, "exit_status", FAILED)
    finally:
        for stream in (sys.stdout, sys.stderr):
            _discard_rest(stream)


def _run(words: list[str], engines: Engines | None) -> int:
    from pipeline.commands import run  # noqa: PLC0415 -- see the module's docstring
    from pipeline.console.output import logging_to_stderr  # noqa: PLC0415 -- the same

    with logging_to_stderr(debug="--debug" in words):
        return run(words, engines)


def _line(error: Exception) -> str:
    if isinstance(error, PipelineError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{os.fsdecode(error.filename or 'standard output')}: {error.strerror}"
    return f"this is a fault of cuemark, --debug shows where: {type(error).__name__}: {error}"


def _print_error(line: str) -> None:
    from pipeline.console.output import one_line  # noqa: PLC0415 -- see the module's docstring

    _print(f"cuemark: {one_line(line)}")


def _print(line: str) -> None:
    from pipeline.console.output import print_message  # noqa: PLC0415 -- see the module's docstring

    print_message(line)


def _print_traceback() -> None:
    from pipeline.console.output import print_message  # noqa: PLC0415 -- see the module's docstring

    for line in traceback.format_exc().splitlines():  # it may have a stranger's text in it
        print_message(line)


def _open_closed_streams() -> None:
    """Redirect missing standard streams (``>&-``) to the null device, so that writing does not fail.

    Their descriptors are taken too: else the next file that is opened would get one of them, and whatever a library
    prints would go into that file. Worker processes inherit them.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _LAST_STANDARD_DESCRIPTOR:
        os.set_inheritable(descriptor, True)  # noqa: FBT003 -- it has no name
    os.close(descriptor)
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 -- open to the end
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 -- the same


def _discard_rest(stream: TextIO) -> None:
    """Discard output that cannot be written: the interpreter would try again at its end, and end with status 120."""
    try:
        stream.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
