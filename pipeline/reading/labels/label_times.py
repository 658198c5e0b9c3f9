"""Find the typed times of a line: before a label or text, after a label, or alone on the line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from pipeline.reading.markup.notation import BRACKETED_CLOCK, CLOCK, RANGE_END, TimePlace, TypedTime
from pipeline.schema import Chars

_MARKS = r"[*_`]{1,3}+"
_EMPHASIS = rf"(?P<emphasis>{_MARKS})"
_TIME_BEGINS = re.compile(r"[0-9\[(\\*_`]")  # as all times; the faster module is asked first, since most lines do not
_TIME_BEFORE = regex.compile(
    rf"(?:(?P<marked>{_EMPHASIS}(?:{BRACKETED_CLOCK}|{CLOCK}{RANGE_END})(?P=emphasis)(?=[ \t]))"
    rf"|(?P<bracketed>{BRACKETED_CLOCK}(?:\([^()\s]{{0,300}}+\))?)|(?<![\[(]){CLOCK}{RANGE_END})"
    r"(?P<gap>[ \t]*+[-–—|:]{0,3}+[ \t]*+)"
)
_TIME_AFTER = regex.compile(
    rf"[ \t]*+{BRACKETED_CLOCK}|[ \t]++[-–—|·•@]?[ \t]*+{CLOCK}{RANGE_END}[ \t]*+(?:[:：]?+[ \t]*+$|[-–—](?=[ \t]))"
    rf"|[ \t]++{_EMPHASIS}{CLOCK}(?P=emphasis)(?=[ \t]|$)"
)
_BARE_TIME_AFTER = regex.compile(rf"[ \t]++{CLOCK}(?=[ \t]++\S)")
_ONLY_TIME = regex.compile(
    rf"(?P<marks>{_MARKS})?+(?:{BRACKETED_CLOCK}|{CLOCK}{RANGE_END})[:：]?(?(marks)(?P=marks))[ \t]*+[:：]?$"
)
_LEADING_TIME = regex.compile(rf"(?P<marks>[*_]{{1,3}}+)?+{CLOCK}{RANGE_END}(?(marks)(?P=marks))[ \t]++(?=\S)")
_CODE_TIME = regex.compile(rf"(?P<ticks>`{{1,3}}+)(?:{BRACKETED_CLOCK}|{CLOCK}{RANGE_END})(?P=ticks)[ \t]++(?=\S)")


def lone_time(text: str, line: Chars) -> TypedTime | None:
    """Return the time that is all of a line."""
    if not _TIME_BEGINS.match(text, line.start):
        return None
    found = _ONLY_TIME.match(text, line.start, line.end)
    return typed_time(text, Chars(*found.span()), found, "before-label") if found else None


def starts_with_time(text: str, line: Chars) -> bool:
    """Return whether a line begins with a typed time."""
    found = _match_at_start(text, line)
    return found is not None and _is_set_off(found)


def leading_time(text: str, line: Chars) -> TypedTime | None:
    """Return the time without brackets that a line begins with, if text follows it after a blank."""
    return _leading(_LEADING_TIME, text, line)


def sure_leading_time(text: str, line: Chars) -> TypedTime | None:
    """Return the same if nobody says it: with hours, minutes and seconds; or a time in code marks."""
    time = leading_time(text, line)
    if time is not None:
        return time if time.digits.count(":") > 1 else None
    return _leading(_CODE_TIME, text, line)


def _leading(pattern: regex.Pattern[str], text: str, line: Chars) -> TypedTime | None:
    if not _TIME_BEGINS.match(text, line.start):
        return None
    found = pattern.match(text, line.start, line.end)
    return typed_time(text, Chars(*found.span()), found, "before-label") if found else None


def bare_time_after(text: str, label: Chars, line: Chars) -> TypedTime | None:
    """Return the time without brackets between a label and its text; it may also be what is said."""
    found = _BARE_TIME_AFTER.match(text, label.end, line.end)
    return typed_time(text, Chars(*found.span()), found, "after-label") if found else None


def time_at_start(text: str, line: Chars) -> TypedTime | None:
    """Return the time that a line begins with."""
    found = _match_at_start(text, line)
    return _time_before(text, found) if found else None


def _match_at_start(text: str, line: Chars) -> regex.Match[str] | None:
    return _TIME_BEFORE.match(text, line.start, line.end) if _TIME_BEGINS.match(text, line.start) else None


def times_before(text: str, line: Chars) -> Iterator[TypedTime]:
    """Yield the times of a line that may belong to the label after them: in brackets, or separated from it."""
    for found in _TIME_BEFORE.finditer(text, line.start, line.end):
        if time := _time_before(text, found):
            yield time


def _time_before(text: str, found: regex.Match[str]) -> TypedTime | None:
    return typed_time(text, Chars(*found.span()), found, "before-label") if _is_set_off(found) else None


def _is_set_off(found: regex.Match[str]) -> bool:
    """Return whether a time is in brackets or marks, or separated from what follows."""
    return bool(found["gap"] or found["bracketed"] or found["marked"])


def time_after(text: str, label: Chars, line: Chars) -> TypedTime | None:
    """Return the time that follows a label."""
    found = _TIME_AFTER.match(text, label.end, line.end)
    return typed_time(text, Chars(*found.span()), found, "after-label") if found else None


def typed_time(text: str, chars: Chars, found: regex.Match[str], place: TimePlace) -> TypedTime:
    """Return the time in a match with the group ``clock``; ``chars`` are the digits with what belongs to them."""
    clock = Chars(*found.span("clock"))
    digits, opening = text[clock.start : clock.end], text[chars.start : clock.start]
    return TypedTime(chars, clock, digits, place, opening, text[clock.end : chars.end])
