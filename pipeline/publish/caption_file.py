"""Read subtitles, SRT or WebVTT, by any program, with the line of everything, so that problems can be shown and mended.

The reader is lenient: whatever a person would take for a cue is one, and each line of the file is part of a cue, of a
comment, or is kept as unreadable. WebVTT: W3C, https://www.w3.org/TR/webvtt1/, section 4. SubRip has no specification;
Matroska describes what it is: https://www.matroska.org/technical/subtitles.html#srt-subtitles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pipeline.times import ClockStyle, Ms, format_clock, from_clock_parts
from pipeline.writing.presets import FormatName

BlockKind = Literal["note", "style", "unreadable"]

_LINE_ENDING = re.compile(r"\r\n|\r|\n")
_SIGNATURE = re.compile(r"WEBVTT(?:[ \t].*)?")
_NOTE = re.compile(r"NOTE(?:[ \t].*)?")
_STYLE = re.compile(r"(?:STYLE|REGION)[ \t]*")
_TIME = r"(?:([0-9]{1,4})[ ]?:[ ]?)?([0-9]{1,3})[ ]?:[ ]?([0-9]{1,2})(?:[ ]?[.,]([0-9]{1,3}))?"
_TIMING = re.compile(rf"[ \t\ufeff]*{_TIME}[ \t]*(-{{1,4}}>|[\u2013\u2014]>|\u2192)[ \t]*{_TIME}((?:[ \t].*)?)")
_ARROW = "-->"
_CLOCK = ClockStyle(hours="always", width=2, decimals=3)
_WELL_FORMED = {
    "srt": re.compile(r"[0-9]{2,}:[0-5][0-9]:[0-5][0-9],[0-9]{3} --> [0-9]{2,}:[0-5][0-9]:[0-5][0-9],[0-9]{3}"),
    "vtt": re.compile(
        r"(?:[0-9]{2,}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3} --> (?:[0-9]{2,}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3}"
    ),
}


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong to no cue: a comment, a style sheet or region, or what cannot be read. ``line`` is from 1."""

    kind: BlockKind
    line: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaptionCue:
    """A cue as it is written.

    Attributes:
        line: its timing line, counted from 1; the text begins in the next one.
        identifier: the line above the timing line, in SRT a number; None if there is none.
        start, end: in ms; the end may be before the start.
        well_formed: whether the times are written as the format demands.
        settings: what follows the times on their line, without white space around it.
        text: its lines, those after a blank line within it too; none is blank.
        text_lines: the lines of the file that they are, from 1.
        blank_before: the number of blank lines above it.
        blocks: what follows it before the next cue.
    """

    line: int
    identifier: str | None
    start: Ms
    end: Ms
    well_formed: bool
    settings: str
    text: tuple[str, ...]
    text_lines: tuple[int, ...]
    blank_before: int
    blocks: tuple[Block, ...] = ()

    @property
    def first_line(self) -> int:
        """The line of the identifier, or the timing line if there is none."""
        return self.line - (self.identifier is not None)


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """Subtitles as they are written.

    Attributes:
        has_bom: whether the text begins with a byte order mark.
        has_lone_cr: whether a line ends with a carriage return alone.
        signature: the first line of WebVTT; None if the file does not begin with it.
        header: the lines directly below the signature.
        blocks: what is before the first cue.
        blank_lines_at_end: blank lines after the last line; -1 if that one has no line ending.
    """

    form: FormatName
    has_bom: bool
    has_lone_cr: bool
    signature: str | None
    header: tuple[str, ...]
    blocks: tuple[Block, ...]
    cues: tuple[CaptionCue, ...]
    blank_lines_at_end: int


def form_of(text: str, named: FormatName) -> FormatName:
    r"""Return the format of subtitles by their content; ``named``, what their suffix says, where that leaves a doubt.

    >>> form_of("1\n00:00:01,000 --> 00:00:02,000\nHello\n", "vtt"), form_of("WEBVTT\n", "srt")
    ('srt', 'vtt')
    """
    lines = _LINE_ENDING.split(text.removeprefix("\ufeff"))
    if _SIGNATURE.fullmatch(lines[0]):
        return "vtt"
    timing = next((line for line in lines if is_timing(line)), "")
    return "srt" if "," in timing.partition(_ARROW)[0] else named


def parse_captions(text: str, form: FormatName) -> CaptionFile:
    """Read subtitles; any text is subtitles, of no cues at worst."""
    lines = _LINE_ENDING.split(text.removeprefix("\ufeff"))
    timings = [k for k, line in enumerate(lines) if is_timing(line)]
    signed = form == "vtt" and _SIGNATURE.fullmatch(lines[0]) is not None
    firsts = list(_first_lines(lines, timings, form, int(signed)))
    above = int(signed)
    until = firsts[0] if firsts else len(lines)
    while signed and above < until and lines[above].strip():
        above += 1
    cues = [
        _cue(lines, form, (first, timing, end), _blanks_before(lines, first))
        for first, timing, end in zip(firsts, timings, [*firsts[1:], len(lines)], strict=False)
    ]
    return CaptionFile(
        form,
        has_bom=text.startswith("\ufeff"),
        has_lone_cr=re.search(r"\r(?!\n)", text) is not None,
        signature=lines[0] if signed else None,
        header=tuple(lines[1:above]) if signed else (),
        blocks=tuple(_kept(_blocks(lines, above, until), form)),
        cues=tuple(cues),
        blank_lines_at_end=_blanks_before(lines, len(lines)) - 1,
    )


def is_timing(line: str) -> bool:
    """Return whether a line has the times of a cue, also with a wrong arrow or without hours or milliseconds.

    >>> is_timing("00:01.000 --> 00:02.000 align:start"), is_timing("0:00:01,0 -> 0:00:02,0"), is_timing("1:30 -> 2:00")
    (True, True, False)
    """
    found = _TIMING.fullmatch(line)
    return found is not None and (found[5] == _ARROW or (found[4] is not None and found[9] is not None))


def render_timing(start: Ms, end: Ms, form: FormatName) -> str:
    """Return the times of a cue as the format demands, with hours.

    >>> render_timing(1_000, 3_723_004, "srt")
    '00:00:01,000 --> 01:02:03,004'
    """
    timing = f"{format_clock(start, _CLOCK)} {_ARROW} {format_clock(end, _CLOCK)}"
    return timing.replace(".", ",") if form == "srt" else timing


def _first_lines(lines: Sequence[str], timings: Sequence[int], form: FormatName, start: int) -> Iterator[int]:
    """Yield the first line of each cue: its identifier's, if it has one.

    A line above the times is an identifier if a blank line is above it. In SRT a number is one anyway, unless it is all
    the text that the cue before it has.
    """
    for before, timing in pairwise((start - 1, *timings)):
        above = timing - 1
        named = (
            above > before
            and lines[above].strip() != ""
            and _ARROW not in lines[above]
            and not (form == "vtt" and _opening(lines[above]) != "unreadable")
        )
        alone = above == start or (above - 1 > before and not lines[above - 1].strip())
        numbered = form == "srt" and lines[above].strip().isdecimal() and above - 1 > before
        yield above if named and (alone or numbered) else timing


def _cue(lines: Sequence[str], form: FormatName, place: tuple[int, int, int], blank_before: int) -> CaptionCue:
    first, timing, end = place
    found = _TIMING.fullmatch(lines[timing])
    if found is None:
        raise ValueError(f"not a timing line: {lines[timing]!r}")
    blocks = list(_blocks(lines, timing + 1, end))
    of_text = _number_of_text_blocks(blocks, form, timing + 1)
    texts = [(start + k, text) for start, block in blocks[:of_text] for k, text in enumerate(block)]
    settings = found[10].strip()
    times = lines[timing].rstrip().removesuffix(settings).rstrip()
    return CaptionCue(
        line=timing + 1,
        identifier=lines[first].strip() if first < timing else None,
        start=_ms(found, 1),
        end=_ms(found, 6),
        well_formed=_WELL_FORMED[form].fullmatch(times) is not None,
        settings=settings,
        text=tuple(text for _, text in texts),
        text_lines=tuple(k + 1 for k, _ in texts),
        blank_before=blank_before,
        blocks=tuple(_kept(blocks[of_text:], form)),
    )


def _number_of_text_blocks(blocks: Sequence[tuple[int, tuple[str, ...]]], form: FormatName, below: int) -> int:
    """Return how many runs of lines are the text of a cue: up to a comment, a style, or times that cannot be read.

    The lines right below the times, from the index ``below`` on, are text whatever they look like.
    """
    for k, (start, lines) in enumerate(blocks):
        opens = form == "vtt" and _opening(lines[0]) != "unreadable"
        if start != below and (opens or has_arrow(lines)):
            return k
    return len(blocks)


def _blocks(lines: Sequence[str], start: int, end: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the runs of lines that are not blank, with the index of their first one."""
    while start < end:
        if not lines[start].strip():
            start += 1
            continue
        until = start
        while until < end and lines[until].strip():
            until += 1
        yield start, tuple(lines[start:until])
        start = until


def _kept(blocks: Iterable[tuple[int, tuple[str, ...]]], form: FormatName) -> Iterator[Block]:
    for start, lines in blocks:
        yield Block(_opening(lines[0]) if form == "vtt" else "unreadable", start + 1, lines)


def _opening(line: str) -> BlockKind:
    if _NOTE.fullmatch(line):
        return "note"
    return "style" if _STYLE.fullmatch(line) else "unreadable"


def has_arrow(lines: Iterable[str]) -> bool:
    """Return whether lines have the arrow of times, so that readers may take them for a cue."""
    return any(_ARROW in line for line in lines)


def _blanks_before(lines: Sequence[str], end: int) -> int:
    number = 0
    while number < end and not lines[end - number - 1].strip():
        number += 1
    return number


def _ms(found: re.Match[str], group: int) -> Ms:
    return from_clock_parts(found[group], found[group + 1], found[group + 2], found[group + 3])
