"""The audio's clock: points and lengths in whole milliseconds, spans, and the ways people write a time.

Every time inside the program is an ``int`` of milliseconds. Seconds appear only in JSON, in the
adapters of engines and in what people type. Conversions happen here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

Ms = int
"""Milliseconds. A *point* counts from the start of the audio; a *length* is a difference of points."""

MS_PER_SECOND = 1_000
MS_PER_MINUTE = 60 * MS_PER_SECOND
MS_PER_HOUR = 60 * MS_PER_MINUTE


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the audio, half-open: ``[start, end)``, with ``0 <= start <= end``.

    >>> Span(0, 900).overlap(Span(400, 2000))
    500
    """

    start: Ms
    end: Ms

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, got {self.start}..{self.end}")

    @property
    def duration(self) -> Ms:
        """The length in ms."""
        return self.end - self.start

    def overlap(self, other: Span) -> Ms:
        """Return the length of the overlap in ms, 0 if there is none."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def cover(self, other: Span) -> Span:
        """Return the smallest span that contains both."""
        return Span(min(self.start, other.start), max(self.end, other.end))

    def shift(self, by: Ms) -> Span:
        """Return the span ``by`` ms later; it never starts before 0."""
        return Span(max(0, self.start + by), max(0, self.end + by))

    def middle(self, longest: Ms) -> Span:
        """Return the middle ``longest`` ms, or the whole span if it is shorter."""
        start = self.start + max(0, self.duration - longest) // 2
        return Span(start, min(self.end, start + longest))

    def clip(self, within: Span) -> Span:
        """Return the part inside ``within``; without overlap, an empty span at its nearer edge."""
        start = min(max(self.start, within.start), within.end)
        return Span(start, max(start, min(self.end, within.end)))


def merge_spans(spans: Iterable[Span], max_gap: Ms) -> tuple[Span, ...]:
    """Merge neighbours of ordered ``spans`` that are at most ``max_gap`` ms apart.

    >>> merge_spans([Span(0, 10), Span(12, 20), Span(40, 50)], 5)
    (Span(start=0, end=20), Span(start=40, end=50))
    """
    merged: list[Span] = []
    for span in spans:
        if merged and span.start - merged[-1].end <= max_gap:
            merged[-1] = merged[-1].cover(span)
        else:
            merged.append(span)
    return tuple(merged)


def from_seconds(seconds: float) -> Ms:
    """Convert seconds to the nearest millisecond."""
    return round(seconds * MS_PER_SECOND)


def to_seconds(ms: Ms) -> float:
    """Convert milliseconds to seconds, exact to three decimals."""
    return round(ms / MS_PER_SECOND, 3)


@dataclass(frozen=True, slots=True)
class ClockStyle:
    """How a file writes a time of its audio: ``9:30``, ``00:04:08.10``, ``1:14:50``.

    Attributes:
        hours: whether hours are written below 1:00:00 too.
        width: digits of the leading number (1 writes ``9:30``, 2 writes ``09:30``).
        decimals: digits after the second, 0 to 3.
    """

    hours: Literal["always", "when-needed"] = "when-needed"
    width: int = 1
    decimals: int = 0


CLOCK_PATTERN = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9](?:[.,][0-9]{1,3})?"
"""A typed time: hours optional, minutes, seconds, up to three decimals. Digits are ASCII."""

LOOSE_CLOCK_PATTERN = (
    r"(?:[0-9]{1,2}[ ]?:[ ]?)?[0-9]{1,3}[ ]?:[ ]?[0-5][0-9](?:[.,][0-9]{1,3})?|[0-9]{1,2}\.[0-9]{2}\.[0-5][0-9]"
)
"""A time as it is mistyped in brackets: with blanks at its colons, or with dots in their place."""

_SEPARATOR = re.compile(r"[ ]*:[ ]*")
_DOTTED = re.compile(r"[0-9]{1,2}\.[0-9]{2}\.[0-5][0-9]")
_CLOCK = re.compile(r"(?:(?P<h>[0-9]{1,2}):)?(?P<m>[0-9]{1,3}):(?P<s>[0-5][0-9])(?:[.,](?P<f>[0-9]{1,3}))?")


@lru_cache(maxsize=1 << 10)  # the same few times are read several times, by each stage that reads a transcript
def parse_clock(text: str) -> Ms:
    """Read a typed time such as ``9:30``, ``1:14:50`` or ``00:04:08.10``, also as ``00:57 :22`` or ``00.56.43``.

    Raises:
        ValueError: ``text`` is not such a time.

    >>> parse_clock("1:14:50")
    4490000
    """
    found = _CLOCK.fullmatch(_with_colons(text))
    if found is None:
        raise ValueError(f"not a time: {text!r}")
    return from_clock_parts(found["h"], found["m"], found["s"], found["f"])


def from_clock_parts(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> Ms:
    """Return the ms of a time whose parts were read as digits; the fraction is that of a second.

    >>> from_clock_parts("1", "02", "03", "5")
    3723500
    """
    whole = int(hours or 0) * MS_PER_HOUR + int(minutes) * MS_PER_MINUTE + int(seconds) * MS_PER_SECOND
    return whole + int((fraction or "").ljust(3, "0"))


def _with_colons(text: str) -> str:
    return text.replace(".", ":") if _DOTTED.fullmatch(text) else _SEPARATOR.sub(":", text)


def clock_style(text: str) -> ClockStyle:
    """Return the style of a typed time.

    >>> clock_style("00:04:08.10")
    ClockStyle(hours='always', width=2, decimals=2)
    """
    found = _CLOCK.fullmatch(_with_colons(text))
    if found is None:
        raise ValueError(f"not a time: {text!r}")
    hours, minutes = found["h"], found["m"]
    return ClockStyle(
        hours="always" if hours is not None and int(hours) == 0 else "when-needed",
        width=min(2, len(hours if hours is not None else minutes)) if (hours or minutes).startswith("0") else 1,
        decimals=len(found["f"] or ""),
    )


def format_clock(at: Ms, style: ClockStyle | None = None) -> str:
    """Format a point in a style, floored to the last digit of the style.

    >>> format_clock(571_900)
    '9:31'
    >>> format_clock(3_600_000)
    '1:00:00'
    """
    style = style or ClockStyle()
    hours, rest = divmod(at, MS_PER_HOUR)
    minutes, rest = divmod(rest, MS_PER_MINUTE)
    seconds, fraction = divmod(rest, MS_PER_SECOND)
    tail = f"{seconds:02d}" + (f".{fraction:03d}"[: style.decimals + 1] if style.decimals else "")
    if hours or style.hours == "always":
        return f"{hours:0{style.width}d}:{minutes:02d}:{tail}"
    return f"{minutes:0{style.width}d}:{tail}"


def without_decimals(style: ClockStyle) -> ClockStyle:
    """Return the same style without decimals, as in the continue note."""
    return replace(style, decimals=0)
