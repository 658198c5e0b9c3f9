"""Write and find the comments that mark where a draft by cuemark begins and ends; they are neither notes nor speech."""

from __future__ import annotations

import regex

from pipeline.reading.markup.notation import CLOCK
from pipeline.schema import Chars
from pipeline.times import ClockStyle, Ms, format_clock

END_OF_DRAFT = "<!-- End of what cuemark drafted -->"
"""Marks the end of a draft that fills a hole in the middle, where the human's text continues."""

_DRAFTED = regex.compile(rf"<!--\s*+Drafted\s++by\s++cuemark\s++from\s++{CLOCK}[^<>]{{0,60}}-->", regex.IGNORECASE)


def draft_comment(at: Ms, clock: ClockStyle) -> str:
    """Return the comment that is written above a draft.

    >>> draft_comment(571_900, ClockStyle())
    '<!-- Drafted by cuemark from 9:31 -->'
    """
    return f"<!-- Drafted by cuemark from {format_clock(at, clock)} -->"


def find_draft_comments(source: str) -> tuple[Chars, ...]:
    """Return the ranges of the comments above drafts, in order.

    >>> find_draft_comments("<!-- Drafted by cuemark from 9:31 -->")
    (Chars(start=0, end=37),)
    """
    return tuple(Chars(*found.span()) for found in _DRAFTED.finditer(source))


def find_drafted_ranges(source: str) -> tuple[Chars, ...]:
    """Return the drafted ranges whose comment is still there: from each comment to the end of its draft.

    >>> find_drafted_ranges("a <!-- Drafted by cuemark from 9:31 --> b <!-- End of what cuemark drafted --> c")
    (Chars(start=2, end=42),)
    """
    ends = ((comment.start, source.find(END_OF_DRAFT, comment.end)) for comment in find_draft_comments(source))
    return tuple(Chars(start, len(source) if end < 0 else end) for start, end in ends)
