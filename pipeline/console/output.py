"""What people see: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import logging
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TextIO

from pipeline.io.quoted_path import quote_path

_CONTROLS = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    "\N{REPLACEMENT CHARACTER}",
)
"""Characters that move the cursor, end a line or change the reading direction."""

_NOT_FOR_A_TERMINAL = re.compile(r"(?!\r\n)[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\udc80-\udcff]")
"""The same but for tabs and the ends of lines, and bytes that are no text."""


def print_message(line: str) -> None:
    """Print a message: one line on standard error, whatever characters a stranger's text contains.

    A message that cannot be written is lost: a closed terminal or a full disk must not end the work.
    """
    with suppress(OSError, ValueError):  # ValueError: the stream was closed by others
        print(line.translate(_CONTROLS), file=sys.stderr, flush=True)  # noqa: T201 -- the one place that prints messages


def print_result(text: str) -> None:
    """Print a result: to standard output, as UTF-8 and to the byte, in any locale.

    On a terminal, control characters are shown as a mark: they may come from a stranger's text.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    if sys.stdout.isatty():
        text = _NOT_FOR_A_TERMINAL.sub("\N{REPLACEMENT CHARACTER}", text)
    sys.stdout.write(text)
    sys.stdout.flush()


def path_list(paths: Iterable[Path], *, null: bool = False) -> str:
    """Return paths one a line, quoted where they must be, or each as it is and with a zero byte at its end."""
    return "".join(f"{path}\0" if null else f"{quote_path(path)}\n" for path in paths)


class LenientStream(io.TextIOBase):
    """A stream for what draws on a terminal: text that cannot be written any more is dropped.

    Args:
        stream: standard error as it is now; what draws may put itself in its place.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # TextIOBase has a plain attribute
        """The encoding of the stream."""
        return self._stream.encoding

    def write(self, text: str) -> int:
        """Write a text, if that is possible; return its length."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream, if that is possible."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the stream."""
        return self._stream.fileno()


# --- logging -----------------------------------------------------------------------------------------------------


@contextmanager
def logging_to_stderr(*, debug: bool) -> Iterator[None]:
    """Print the warnings of cuemark's modules as plain lines, and those of other packages only with ``debug``."""
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
        print_message(f"{record.levelname.lower()}: {record.getMessage()}")


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Give the list that gets the warnings of cuemark's modules meanwhile; other handlers get them as well."""
    messages: list[str] = []
    ours, handler = logging.getLogger("pipeline"), _Collector(messages)
    ours.addHandler(handler)
    try:
        yield messages
    finally:
        ours.removeHandler(handler)


class _Collector(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(record.getMessage())


def one_line(text: str) -> str:
    """Return the text with each run of white space as one space, and without control characters."""
    return " ".join(text.split()).translate(_CONTROLS)


def format_count(number: int, noun: str, thousands: Literal["", ","] = "") -> str:
    """Format a number of things; ``thousands`` separates groups of three digits.

    >>> format_count(1, "episode"), format_count(12, "word")
    ('1 episode', '12 words')
    """
    return f"{number:{thousands}} {noun}{'' if number == 1 else 's'}"


def format_estimate(seconds: float) -> str:
    """Format an estimated duration, rounded as an estimate deserves.

    >>> format_estimate(42), format_estimate(200), format_estimate(5_000)
    ('40 s', '3 min', '1 h 23 min')
    """
    if seconds < 60:
        return f"{max(10, round(seconds, -1)):.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def format_elapsed(seconds: float) -> str:
    """Format a measured duration.

    >>> format_elapsed(0.4), format_elapsed(42), format_elapsed(5_000)
    ('0.4 s', '42 s', '1 h 23 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 60 else format_estimate(seconds)
