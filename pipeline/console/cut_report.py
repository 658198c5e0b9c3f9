"""The report on two cuts of a recording and the file that was moved between them, for a person or a program."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pipeline.console.output import format_count
from pipeline.episode.another_cut import MovedFile
from pipeline.io.atomic import legal
from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.times import Ms, Span, format_clock, to_seconds

SCHEMA = "cuemark.retime/1"

_SMALL: Ms = 100
"""Shorter parts are the blur of an edge: they are in the JSON, and no line is printed for them."""

_MOST_LINES = 12
"""Of each kind; a person who wants more reads the JSON."""

_RATE_DECIMALS = 6
"""Of the rate in JSON: 4 ms in an hour."""


def cut_lines(moved: MovedFile) -> Iterator[str]:
    """Yield what was found, in plain words, a line each."""
    cuts = moved.cuts
    if moved.old is None:
        yield "found by its words, for --from was not given; times are as exact as those words"
    if moved.old is None and not _is_changed(cuts) and not any(_large(cuts.removed)):
        yield "all times are right as they are"
    if moved.old is not None and not _is_changed(cuts) and abs(cuts.old_duration - cuts.new_duration) < _SMALL:
        yield "the two recordings have the same sound at the same times"
    yield from _first([line for one in cuts.stretches if (line := _stretch_line(one, cuts))])
    yield from _first(list(_added_lines(moved)))
    yield from _first(
        [f"{_length(one)} removed at {format_clock(one.start)}{_lost(one, moved)}" for one in _large(cuts.removed)]
    )
    retimed = moved.retimed
    if retimed.shortened:
        yield f"{format_count(retimed.shortened, retimed.noun)} shortened at the edge of a cut"
    beyond = sum(one.start >= cuts.old_duration for one in retimed.dropped)
    if beyond:
        yield f"{format_count(beyond, retimed.noun)} after the end of the old audio {_verb(moved)}"


def _added_lines(moved: MovedFile) -> Iterator[str]:
    """Yield a line for each new part; where somebody listened, with the number of words that are said in it."""
    for k, one in enumerate(moved.cuts.added):
        if one.duration >= _SMALL:
            said = "" if moved.words is None else f"; {format_count(moved.words[k], 'word')} said"
            yield f"{_length(one)} of new audio at {format_clock(one.start)} (no text{said})"


def _is_changed(cuts: TimeMap) -> bool:
    return any(abs(one.new.start - one.old.start) >= _SMALL or abs(one.rate - 1) > 1e-4 for one in cuts.stretches)


def _stretch_line(stretch: Stretch, cuts: TimeMap) -> str:
    by = stretch.new.start - stretch.old.start
    where = "everything" if len(cuts.stretches) == 1 else f"from {format_clock(stretch.old.start)} on everything"
    pace = ""
    if abs(stretch.old.duration - stretch.new.duration) >= _SMALL:
        pace = f"{abs(1 / stretch.rate - 1):.2%} {'faster' if stretch.rate < 1 else 'slower'}"
    moved = f"{abs(by) / 1000:.1f} s {'later' if by > 0 else 'earlier'}" if abs(by) >= _SMALL else ""
    return f"{where} is {' and '.join(part for part in (moved, pace) if part)}" if moved or pace else ""


def _lost(removed: Span, moved: MovedFile) -> str:
    """Return what was in a removed part, such as `` (2 cues dropped)``."""
    number = sum(removed.start <= (one.start + one.end) // 2 < removed.end for one in moved.retimed.dropped)
    return f" ({format_count(number, moved.retimed.noun)} {_verb(moved)})" if number else ""


def _verb(moved: MovedFile) -> str:
    """Return what became of what was removed: a typed time stays in the document, at the place of the cut."""
    return "moved to the cut" if moved.retimed.noun == "time" else "dropped"


def _large(spans: tuple[Span, ...]) -> Iterator[Span]:
    return (one for one in spans if one.duration >= _SMALL)


def _length(span: Span) -> str:
    return f"{span.duration / 1000:.1f} s" if span.duration < 10_000 else format_clock(round(span.duration, -3))


def _first(lines: list[str]) -> Iterator[str]:
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"and {len(lines) - _MOST_LINES} more like this (--json lists all)"


def cut_json(moved: MovedFile) -> str:
    """Return all that was found as JSON; times are seconds with three decimals."""
    cuts, retimed = moved.cuts, moved.retimed
    document = {
        "schema": SCHEMA,
        "from": moved.old and _recording(str(moved.old.path), moved.old.sha256, cuts.old_duration),
        "to": _recording(moved.new.path, moved.new.sha256, cuts.new_duration),
        "result": legal(str(moved.result)),
        "stretches": [
            {"old": _span(one.old), "new": _span(one.new), "rate": round(one.rate, _RATE_DECIMALS)}
            for one in cuts.stretches
        ],
        "removed": [_span(one) for one in cuts.removed],
        "added": [_added(one, k, moved) for k, one in enumerate(cuts.added)],
        "kind": retimed.noun,
        "kept": retimed.kept,
        "shortened": retimed.shortened,
        "dropped": [_span(one) for one in retimed.dropped],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _recording(path: str, sha256: str, duration: Ms) -> dict[str, str | float]:
    return {"path": legal(path), "sha256": sha256, "duration": to_seconds(duration)}


def _added(span: Span, index: int, moved: MovedFile) -> dict[str, float | None]:
    return {**_span(span), "words": None if moved.words is None else moved.words[index]}


def _span(span: Span) -> dict[str, float]:
    return {"start": to_seconds(span.start), "end": to_seconds(span.end)}
