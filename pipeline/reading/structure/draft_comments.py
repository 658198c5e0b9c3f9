"""The comments that show where the human's work ends and what cuemark drafted begins; neither notes nor speech."""

from __future__ import annotations

import regex

from pipeline.reading.markup.notation import CLOCK
from pipeline.schema import Chars
from pipeline.times import ClockStyle, Ms, format_clock

END_OF_DRAFT = "<!-- End of what cuemark drafted -->"
"""Stands where a hole in the middle was filled and the human's text goes on."""

_DRAFTED = regex.compile(rf"<!--\s*+Drafted\s++by\s++cuemark\s++from\s++{CLOCK}[^<>]{{0,60}}-->", regex.IGNORECASE)


def draft_comment(at: Ms, clock: ClockStyle) -> str:
    """The comment above what was drafted.

    >>> draft_comment(571_900, ClockStyle())
    '<!-- Drafted by cuemark from 9:31 -->'
    """
    return f"<!-- Drafted by cuemark from {format_clock(at, clock)} -->"


def find_drafts(source: str) -> tuple[Chars, ...]:
    """The comments above drafted text, in order.

    >>> find_drafts("<!-- Drafted by cuemark from 9:31 -->")
    (Chars(start=0, end=37),)
    """
    return tuple(Chars(*found.span()) for found in _DRAFTED.finditer(source))


def drafted(source: str) -> tuple[Chars, ...]:
    """What cuemark drafted and nobody has taken for the own work: from each of its comments to where that draft ends.

    >>> drafted("typed <!-- Drafted by cuemark from 9:31 --> drafted <!-- End of what cuemark drafted --> typed")
    (Chars(start=6, end=52),)
    """
    ends = ((comment.start, source.find(END_OF_DRAFT, comment.end)) for comment in find_drafts(source))
    return tuple(Chars(start, len(source) if end < 0 else end) for start, end in ends)
