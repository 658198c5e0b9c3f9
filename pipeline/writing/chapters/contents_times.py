"""Write times beside the entries of the document's own table of contents, as edits."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.matching.time_pieces import LEAST_DRIFT_MS
from pipeline.reading.structure.contents import find_contents, separates
from pipeline.schema import Chars, Edit, Result, TimeNotation
from pipeline.times import clock_style, format_clock, parse_clock, without_decimals
from pipeline.writing.chapters.chapter_list import section_starts


def contents_edits(result: Result, *, fix: bool) -> Iterator[Edit]:
    """Yield the edits that put the time of each section before its entry, where it was found and has none.

    A second run on the result changes nothing more.

    Args:
        result: of the transcript.
        fix: whether times that are there already and are off by two seconds or more are replaced, in their own style.
    """
    source, starts = result.transcript.source, section_starts(result)
    for entry in find_contents(result.transcript):
        at = starts[entry.section]
        if at is None:
            continue
        if not entry.has_time:
            opening, closing = _around(result.transcript.notation)
            time = format_clock(at, without_decimals(result.transcript.notation.clock))
            yield Edit(Chars(entry.start, entry.start), opening + time + closing)
        elif fix and entry.clock is not None:
            typed = source[entry.clock.start : entry.clock.end]
            if abs(parse_clock(typed) - at) >= LEAST_DRIFT_MS:
                yield Edit(entry.clock, format_clock(at, clock_style(typed)))


def _around(notation: TimeNotation) -> tuple[str, str]:
    """Return what is written before and after a time: as before the labels of the file, where that suits a list."""
    opening, closing = notation.opening.lstrip(), notation.closing
    if notation.place == "before-label" and separates(opening + closing):
        return opening, closing
    default = TimeNotation()
    return default.opening, default.closing
