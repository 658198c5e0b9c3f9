"""What people see: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

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


def one_line(text: str) -> str:
    """The text with every run of white space as one space, and nothing in it that a terminal obeys."""
    return " ".join(text.split()).translate(_CONTROLS)


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "episode"), count(12, "word")
    ('1 episode', '12 words')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


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
