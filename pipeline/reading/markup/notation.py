"""Recognise typed times, and find the notation that most of a file's times have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline.schema import Chars, TimeNotation
from pipeline.times import CLOCK_PATTERN, ClockStyle, Ms, clock_style, format_clock, parse_clock

CLOCK = rf"(?<![0-9:]|[0-9][.,])(?P<clock>{CLOCK_PATTERN})(?![0-9]|:[0-9])"
"""A typed time that is not part of a longer run of digits, as a pattern with the group ``clock``."""


TimePlace = Literal["before-label", "in-label", "after-label"]


@dataclass(frozen=True, slots=True)
class TypedTime:
    """A time at a label: its digits, and the text around them.

    ``chars`` covers the digits with ``opening`` before and ``closing`` after them, up to the label or from it on.
    """

    chars: Chars
    clock: Chars
    digits: str
    place: TimePlace
    opening: str
    closing: str

    @property
    def at(self) -> Ms:
        """The time in ms from the start of the audio."""
        return parse_clock(self.digits)


def notation_of(times: Iterable[TypedTime]) -> TimeNotation:
    """Return the notation of most of a file's times, the first one on a tie; the default if there are none.

    Place, opening, closing and style count together as one notation. A time that fits several styles (``12:30`` is
    written so with one leading digit and with two) counts for each of them.

    >>> notation_of(()).closing
    ' - '
    """
    forms: dict[tuple[TimePlace, str, str], list[TypedTime]] = {}
    for time in times:
        forms.setdefault((time.place, time.opening, time.closing), []).append(time)
    if not forms:
        return TimeNotation()
    ranked = {form: _commonest_style(typed) for form, typed in forms.items()}
    place, opening, closing = max(ranked, key=lambda form: ranked[form][0])
    return TimeNotation(place, opening, closing, ranked[place, opening, closing][1])


def _commonest_style(times: list[TypedTime]) -> tuple[int, ClockStyle]:
    fitting = dict.fromkeys((clock_style(time.digits) for time in times), 0)
    for time in times:
        for style in fitting:
            fitting[style] += format_clock(time.at, style) == time.digits.replace(",", ".")
    style = max(fitting, key=lambda style: fitting[style])
    return fitting[style], style
