"""Transcripts as JSON (Podcasting 2.0 namespace, ``transcripts.md``, section JSON): read, checked, and mended.

The form is ``{"version", "segments": [{"speaker", "startTime", "endTime", "body"}]}``, times in seconds. Line numbers
come from the places of the segments in the text, since no JSON reader gives them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import msgspec

from pipeline.publish.platforms import PLATFORMS
from pipeline.publish.rule_checks import Violation

Json: TypeAlias = "str | float | bool | dict[str, Json] | list[Json] | None"

VERSION = "1.0.0"
"""The version of the format that the namespace describes."""

_MARK = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]]')
_DIGITS = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,9})?")
_DEPTH_OF_SEGMENTS = 2
"""Within the top object and its list."""
_TIMES = ("startTime", "endTime")


@dataclass(frozen=True, slots=True)
class SegmentsFile:
    """A transcript in JSON.

    Attributes:
        document: what is in the file; None if it is no JSON object with segments.
        problem: why not, and the line, from 1.
        lines: the line of each segment, from 1.
    """

    document: Mapping[str, Json] | None
    problem: tuple[int, str] = (1, "")
    lines: tuple[int, ...] = ()

    @property
    def segments(self) -> tuple[Json, ...]:
        """The segments, of any type: the file is a stranger's."""
        segments = self.document.get("segments") if self.document else None
        return tuple(segments) if isinstance(segments, list) else ()


def parse_segments(text: str) -> SegmentsFile:
    """Read a transcript in JSON; a text that is none is one with a ``problem``."""
    source = text.removeprefix("\ufeff")
    try:
        document = msgspec.json.decode(source)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as e:
        return SegmentsFile(None, (_line_of_error(source, str(e)), f"this is no JSON ({e})"))
    if not isinstance(document, dict) or not isinstance(document.get("segments"), list):
        return SegmentsFile(None, (1, "there is no list of segments in this file"))
    return SegmentsFile(document, lines=tuple(_lines(source, document["segments"])))


def find_segment_violations(transcript: SegmentsFile, platform: str) -> tuple[Violation, ...]:
    """Return all places where a transcript in JSON is not as the namespace describes, by line."""
    source = PLATFORMS[platform].source
    if transcript.document is None:
        return (Violation("json", *transcript.problem, fixable=False, source=source),)
    found = [
        Violation(kind, line, message, fixable, source)
        for kind, line, message, fixable in (*_of_document(transcript), *_of_segments(transcript))
    ]
    return tuple(sorted(found, key=lambda violation: violation.line))


def mend_segments(transcript: SegmentsFile) -> str:
    """Return the JSON with what can be mended; fields that nobody forbids stay.

    Raises:
        ValueError: the file is no transcript in JSON.
    """
    if transcript.document is None:
        raise ValueError(transcript.problem[1])
    segments = [_mended(segment) for segment in transcript.segments if not _is_empty(segment)]
    document = {**transcript.document, "segments": sorted(segments, key=_start)}
    if not isinstance(document.get("version"), str):
        document = {"version": VERSION, **{key: value for key, value in document.items() if key != "version"}}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


_Problem = tuple[str, int, str, bool]
"""Kind, line, message, and whether it can be mended."""


def _of_document(transcript: SegmentsFile) -> Iterator[_Problem]:
    document = transcript.document or {}
    if not isinstance(document.get("version"), str):
        yield "version", 1, f"the version of the format is missing, such as {VERSION}", True
    if not transcript.segments:
        yield "no-cue", 1, "there is no segment in this file", False


def _of_segments(transcript: SegmentsFile) -> Iterator[_Problem]:
    for line, segment in zip(transcript.lines, transcript.segments, strict=True):
        if _is_empty(segment):
            yield "empty-cue", line, "the segment has no text", True
        else:
            yield from ((kind, line, message, fixable) for kind, message, fixable in _of_segment(segment))
    shown = [
        (line, segment)
        for line, segment in zip(transcript.lines, transcript.segments, strict=True)
        if not _is_empty(segment)
    ]
    for (_, before), (line, segment) in pairwise(shown):
        if _start(segment) < _start(before):
            yield "order", line, "the segment begins before the one above it", True


def _of_segment(segment: Json) -> Iterator[tuple[str, str, bool]]:
    if not isinstance(segment, dict):
        yield "field", "this is no segment with fields", False
        return
    if not isinstance(segment.get("body"), str):
        yield "field", "body is no text", False
    if not isinstance(segment.get("speaker", ""), str):
        yield "field", "speaker is no text", segment.get("speaker") is None
    for name in _TIMES:
        value = segment.get(name)
        if name == "endTime" and name not in segment:
            continue
        if _seconds(value) is None or not _is_number(value):
            yield "field", f"{name} is no number of seconds", _seconds(value) is not None
    start, end = (_seconds(segment.get(name)) for name in _TIMES)
    if start is not None and end is not None and end <= start:
        yield "no-length", "the segment does not end after it begins", True


def _mended(segment: Json) -> Json:
    if not isinstance(segment, dict):
        return segment
    made = {key: value for key, value in segment.items() if not (key == "speaker" and value is None)}
    for name in _TIMES:
        seconds = _seconds(made.get(name))
        if seconds is not None:
            made[name] = seconds
    start, end = (_seconds(made.get(name)) for name in _TIMES)
    if start is not None and end is not None and end <= start:
        del made["endTime"]  # it may be left out, and is not known
    return made


def _is_empty(segment: Json) -> bool:
    return isinstance(segment, dict) and isinstance(body := segment.get("body"), str) and not body.strip()


def _start(segment: Json) -> float:
    """Return the start of a segment for its place among others; one without a start is first."""
    seconds = _seconds(segment.get("startTime")) if isinstance(segment, dict) else None
    return -1.0 if seconds is None else seconds


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _seconds(value: Json) -> float | None:
    """Return a number of seconds, also one that is written as text; None for anything else."""
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value) and value >= 0:
        return value
    return None


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer with more than 308 digits
        return False


def _lines(source: str, segments: Sequence[Json]) -> Iterator[int]:
    """Yield the line of each segment; 1 for one that is neither an object nor a list."""
    lines = iter(_member_lines(source))
    for segment in segments:
        yield next(lines, 1) if isinstance(segment, dict | list) else 1


def _member_lines(source: str) -> list[int]:
    """Return the lines where objects and lists directly within the last list of segments of the top object begin."""
    lines: list[int] = []
    depth, name, at, line = 0, "", 0, 1
    inside = False
    for found in _MARK.finditer(source):
        mark = found[0]
        if mark[0] == '"':
            name = mark if depth == 1 else name
        elif mark in "{[":
            if depth == 1 and (inside := name == '"segments"' and mark == "["):
                lines = []
            elif inside and depth == _DEPTH_OF_SEGMENTS:
                line, at = line + source.count("\n", at, found.start()), found.start()
                lines.append(line)
            depth += 1
        else:
            depth -= 1
    return lines


def _line_of_error(source: str, message: str) -> int:
    """Return the line of the byte that a message of msgspec names, else the first."""
    found = re.search(r"\(byte ([0-9]+)\)", message)
    return source.encode("utf-8", "replace")[: int(found[1])].count(b"\n") + 1 if found else 1
