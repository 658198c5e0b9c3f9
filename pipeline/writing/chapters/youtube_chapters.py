"""Write chapters for the description of a video on YouTube, if YouTube would take them.

It takes a list only as a whole: three chapters or more, each of 10 s or more, in ascending order, the first one at 0:00
(9to5google.com/2020/05/28/youtube-video-chapters, support.vevo.com article 6945557784347). A list that breaks one of
these rules is ignored without a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.times import MS_PER_SECOND, Ms, format_clock
from pipeline.writing.chapters.chapter_list import Chapter, quote_titles

MIN_CHAPTERS = 3
MIN_CHAPTER_MS: Ms = 10 * MS_PER_SECOND

MAX_DESCRIPTION_BYTES = 5_000
"""The longest description, in bytes of UTF-8 (YouTube Data API, ``snippet.description``)."""

_NOT_IN_DESCRIPTIONS = str.maketrans({"<": "‹", ">": "›"})
"""The only characters that a description may not have (the same page)."""


def youtube_obstacle(chapters: Sequence[Chapter]) -> str | None:
    """Return why YouTube would ignore a list of chapters, as a clause that names them; None if it takes it."""
    if len(chapters) < MIN_CHAPTERS:
        return f"YouTube takes three chapters or more, and there {_are(len(chapters))}"
    starts = (*_starts(chapters), chapters[-1].span.end)
    short = [one.title for one, (at, end) in zip(chapters, pairwise(starts), strict=True) if end - at < MIN_CHAPTER_MS]
    if short:
        return f"YouTube takes chapters of 10 s or more, and shorter {_are(len(short))}: {quote_titles(short)}"
    size = len(render_youtube(chapters).encode())
    if size > MAX_DESCRIPTION_BYTES:
        return f"YouTube takes descriptions of {MAX_DESCRIPTION_BYTES} bytes at most, and the chapters need {size}"
    return None


def render_youtube(chapters: Sequence[Chapter]) -> str:
    """Return a line for each chapter, such as ``9:30 News``; the first one begins at 0:00, wherever its sound does."""
    lines = (f"{format_clock(at)} {one.title}\n" for at, one in zip(_starts(chapters), chapters, strict=True))
    return "".join(lines).translate(_NOT_IN_DESCRIPTIONS)


def _starts(chapters: Sequence[Chapter]) -> tuple[Ms, ...]:
    """Return the starts as YouTube reads them: the first is 0, the others are floored to the second."""
    return tuple(one.span.start // MS_PER_SECOND * MS_PER_SECOND if k else 0 for k, one in enumerate(chapters))


def _are(number: int) -> str:
    return f"is {number}" if number == 1 else f"are {number}"
