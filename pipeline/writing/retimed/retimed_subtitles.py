"""Change the times of subtitles, SRT or WebVTT, and nothing else: every other byte of a kept cue stays as it is.

Cue breaks, text, tags, settings, identifiers, comments and styles are a person's work. So no cue is parsed into
anything: its timing line is found, and its digits are replaced. WebVTT: W3C, https://www.w3.org/TR/webvtt1/, section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pipeline.matching.cuts.time_map import TimeMap
from pipeline.times import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, Ms, Span, from_clock_parts
from pipeline.writing.retimed.retimed_text import RetimedText, is_shortened

_TIME = r"(?:[0-9]{1,5}:)?[0-9]{1,2}:[0-9]{2}[.,][0-9]{1,3}"
_TIMING = re.compile(rf"([ \t\ufeff]*)({_TIME})([ \t]*-->[ \t]*)({_TIME})(?![0-9:.,])")
_LOOSE_TIME = r"[0-9]{1,5}(?:(?:[ ]?[:.,;][ ]?[0-9]{1,9}){2,4}|[ ]?:[ ]?[0-9]{1,9})"
_LOOSE_TIMING = re.compile(
    rf"[ \t\ufeff]*{_LOOSE_TIME}[ \t]*(?P<arrow>-{{1,4}}[ ]?>|[=\u2012-\u2015]>|[\u2192\u21d2])[ \t]*{_LOOSE_TIME}"
)
"""What a person takes for a timing line: without ms, with other separators or another arrow, or in a wrong place."""

_PARTS = re.compile(r"(?:([0-9]+):)?([0-9]+):([0-9]+)([.,])([0-9]+)")
_INSIDE = re.compile(r"<((?:[0-9]{1,5}:)?[0-9]{2}:[0-9]{2}\.[0-9]{3})>")
"""A time within a cue of WebVTT, from which on its words count as said (section 3.5)."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_SIGNATURE = re.compile(r"\ufeff?WEBVTT(?:[ \t]|$)")
_LIKE = {"srt": "00:00:01,000 --> 00:00:02,000", "vtt": "00:00:01.000 --> 00:00:02.000"}
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t]|$)")


class TimingLineError(ValueError):
    """A line looks like the times of a cue and cannot be moved; ``str`` of it is the reason, as a clause.

    Attributes:
        line: from 1.
    """

    def __init__(self, line: int, like: str) -> None:
        self.line = line
        super().__init__(
            f"looks like the times of a cue and cannot be moved; write it like {like}, with a blank line above the cue"
        )


@dataclass(frozen=True, slots=True)
class _Cue:
    """Lines of a cue as indices: its identifier or timing line, its timing line, and the line after all of it."""

    first: int
    timing: int
    end: int


def retime_subtitles(source: str, cuts: TimeMap) -> RetimedText:
    """Return SRT or WebVTT with the times of the new cut.

    A cue whose sound was removed is removed with its identifier; the others keep theirs. One that crosses an edge ends,
    or begins, there; where something was added inside of it, it keeps the side that has more of it.

    Raises:
        TimingLineError: a line looks like the times of a cue, and would keep old times between moved ones.
    """
    lines = _LINE.findall(source)
    is_vtt = bool(lines) and _SIGNATURE.match(lines[0].rstrip("\r\n")) is not None
    cues = _vtt_cues(lines) if is_vtt else _srt_cues(lines)
    _check_timing_lines(lines, {cue.timing for cue in cues}, is_vtt=is_vtt)
    made: list[str] = []
    dropped: list[Span] = []
    done = shortened = 0
    for cue in cues:
        made += lines[done : cue.first]
        old = _span(lines[cue.timing])
        new = _kept(old, cuts)
        if new is None:
            dropped.append(old)
        else:
            shortened += is_shortened(cuts, old, new)
            text = lines[cue.timing + 1 : cue.end]
            made += (*lines[cue.first : cue.timing], _timing_line(lines[cue.timing], new))
            made += (_move_inside(line, cuts, new) for line in text) if is_vtt else text
        done = cue.end
    made += lines[done:]
    return RetimedText("".join(made), "cue", len(cues) - len(dropped), tuple(dropped), shortened)


def _vtt_cues(lines: Sequence[str]) -> list[_Cue]:
    """Return the blocks whose first or second line is a timing line; blank lines separate blocks."""
    cues: list[_Cue] = []
    for start, end, after in _blocks(lines):
        named = start + 1 < end and not _is_timing(lines[start])
        timing = start + named
        if _is_timing(lines[timing]):
            signature = named and start == 0 and _SIGNATURE.match(lines[0].rstrip("\r\n")) is not None
            cues.append(_Cue(timing if signature else start, timing, after))
    return cues


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the first line of each block, the one after its last, and the one after the blank lines below it."""
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and lines[end].strip("\r\n"):
            end += 1
        after = end
        while after < len(lines) and not lines[after].strip("\r\n"):
            after += 1
        if end > start:
            yield start, end, after
        start = after


def _srt_cues(lines: Sequence[str]) -> list[_Cue]:
    """Return a cue for each timing line; it lasts to the next one or its number, so its text may have blank lines."""
    timings = [k for k, line in enumerate(lines) if _is_timing(line)]
    firsts = [k - (k > 0 and lines[k - 1].strip("\ufeff \t\r\n").isdecimal()) for k in timings]
    return [
        _Cue(first, timing, end) for first, timing, end in zip(firsts, timings, [*firsts[1:], len(lines)], strict=False)
    ]


def _check_timing_lines(lines: Sequence[str], timings: AbstractSet[int], *, is_vtt: bool) -> None:
    """Refuse a line that looks like a timing line and is none. Below one, another arrow than theirs is text."""
    comments = {
        k
        for start, end, _ in (_blocks(lines) if is_vtt else ())
        if _NO_CUE.match(lines[start].rstrip("\r\n")) and timings.isdisjoint((start, start + 1))
        for k in range(start, end)
    }
    for k, line in enumerate(lines):
        found = None if k in timings or k in comments else _LOOSE_TIMING.match(line)
        if found and (found["arrow"] == "-->" or k - 1 not in timings):
            raise TimingLineError(k + 1, _LIKE["vtt" if is_vtt else "srt"])


def _is_timing(line: str) -> bool:
    return _TIMING.match(line) is not None


def _span(line: str) -> Span:
    """Return the times of a timing line; one that ends before it begins is empty."""
    found = _TIMING.match(line)
    start, end = (_parse(found[k]) for k in (2, 4)) if found else (0, 0)
    return Span(start, max(start, end))


def _kept(old: Span, cuts: TimeMap) -> Span | None:
    if old.duration:
        return cuts.keep(old)
    stretch = cuts.stretch_at(old.start)
    return None if stretch is None else Span(stretch.to_new(old.start), stretch.to_new(old.start))


def _timing_line(line: str, new: Span) -> str:
    def change(found: re.Match[str]) -> str:
        return f"{found[1]}{format_like(new.start, found[2])}{found[3]}{format_like(new.end, found[4])}"

    return _TIMING.sub(change, line, count=1)


def _move_inside(line: str, cuts: TimeMap, cue: Span) -> str:
    """Move the times within the text of a cue; they stay within it."""

    def change(found: re.Match[str]) -> str:
        at = min(max(cuts.place(_parse(found[1])), cue.start), cue.end)
        return f"<{format_like(at, found[1])}>"

    return _INSIDE.sub(change, line)


def _parse(text: str) -> Ms:
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError(f"not a time of subtitles: {text!r}")
    return from_clock_parts(found[1], found[2], found[3], found[5])


def format_like(at: Ms, like: str) -> str:
    """Return a time in the notation of another one: hours where that has them, or where they are needed."""
    found = _PARTS.fullmatch(like)
    hours, rest = divmod(at, MS_PER_HOUR)
    minutes, rest = divmod(rest, MS_PER_MINUTE)
    seconds, fraction = divmod(rest, MS_PER_SECOND)
    width = len(found[1]) if found and found[1] else 2
    mark = found[4] if found else "."
    shown = f"{minutes:02d}:{seconds:02d}{mark}{fraction:03d}"
    return f"{hours:0{width}d}:{shown}" if hours or (found and found[1]) else shown
