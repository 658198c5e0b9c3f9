"""Recognise typed times and marks for unintelligible speech, and find the notation that most of a file's times have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

import msgspec

from pipeline.schema import Chars, TimeNotation
from pipeline.times import CLOCK_PATTERN, LOOSE_CLOCK_PATTERN, ClockStyle, Ms, clock_style, format_clock, parse_clock

CLOCK = rf"(?<![0-9:])(?<![0-9][.,])(?P<clock>{CLOCK_PATTERN})(?![0-9]|:[0-9])"
"""A typed time that is not part of a longer run of digits, as a pattern with the group ``clock``."""

UNINTELLIGIBLE_WORDS = (
    "unintelligible|inaudible|indistinct|crosstalk|unverständlich|incompréhensible|ininteligible|inintelligible"
    "|incomprensibile|ininteligível|inaudível|onverstaanbaar|неразборчиво|听不清|聽不清|聞き取れない|聞き取り不能"
    "|알아들을 수 없음|غير مسموع|לא ברור"
)
"""What people type in brackets for speech that they cannot hear, as alternatives of a pattern."""

BULLETS = "•◦‣▪●"
"""The list marks of word processors, for a set in a pattern; Markdown's own are ``*``, ``+`` and ``-``."""

RANGE_END = rf"(?:[ ]?(?:-{{1,2}}>?|[–—]|to)[ ]?(?:{CLOCK_PATTERN}))?+"
"""The end of a range of which the beginning was typed as a time: ``-0:10``, `` --> 00:10``."""

INSIDE_BRACKETS = rf"[ ]?(?<![0-9:])(?P<clock>{CLOCK_PATTERN}|{LOOSE_CLOCK_PATTERN}){RANGE_END}[ ]?"
"""A typed time as it may be in brackets, with the group ``clock``: with a blank in it or the end of a range, as in
``[00:55:49 ]``, ``[00:57 :22]`` and ``[0:03 - 0:10]``."""

BRACKETED_CLOCK = rf"\\?[\[(]{INSIDE_BRACKETS}\\?[\])]"
"""A typed time with its brackets, which may be escaped."""


TimePlace = Literal["before-label", "in-label", "after-label"]


class TypedTime(msgspec.Struct, frozen=True, gc=False):
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
    uses = Counter(time.digits for time in times)
    fitting = dict.fromkeys(map(clock_style, uses), 0)
    for digits, number in uses.items():
        for style in fitting:
            fitting[style] += number * (format_clock(parse_clock(digits), style) == digits.replace(",", "."))
    style = max(fitting, key=lambda style: fitting[style])
    return fitting[style], style
