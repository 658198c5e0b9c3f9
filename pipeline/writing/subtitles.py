"""Cues as files: SubRip (SRT) and WebVTT, plain enough for the strictest reader that podcast tools have.

SRT has no speakers, so a name stands before the text where the speaker changes (Podcasting 2.0, ``transcripts.md``).
SRT has no escapes either: where a text holds what readers take for markup or for the times of a cue, a word joiner
(U+2060), which nobody sees, is put into it. WebVTT (W3C) has ``<v Name>`` and escapes; some readers know no notes, no
cue ids and no closing tags, so there are none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex

from pipeline.times import ClockStyle, Ms, format_clock
from pipeline.writing.cues import Cue, speaker_lead
from pipeline.writing.line_breaks import width
from pipeline.writing.shown_words import clean

_CLOCK = ClockStyle(hours="always", width=2, decimals=3)
_WORD_JOINER = "\u2060"
_ARROW = regex.compile(r"(?<=--)(?=>)")
_TAG = regex.compile(r"(?<=[<{])(?=[ \t]*+[/\\\p{L}!])")
_STAMP = regex.compile(r"(?<=[0-9]:[0-9]{1,2}:[0-9]{1,2})(?=[.,][0-9])")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render_srt(cues: Iterable[Cue], max_width: int) -> str:
    """Write cues as SubRip: numbered from 1, each with a blank line after it, LF, no BOM.

    A name that does not fit on the first line has a line of its own.
    """
    return "".join(f"{number}\n{_srt_cue(cue, max_width)}\n" for number, cue in enumerate(cues, start=1))


def render_vtt(cues: Iterable[Cue]) -> str:
    """Write cues as WebVTT, each with its speaker's name in a voice tag, LF, no BOM."""
    return "WEBVTT\n" + "".join(f"\n{_vtt_cue(cue)}" for cue in cues)


def _srt_cue(cue: Cue, max_width: int) -> str:
    lines = list(cue.lines)
    if cue.speaker_changes and cue.speaker:
        lead = speaker_lead(clean(cue.speaker))
        if width(lead + lines[0]) <= max_width:
            lines[0] = _turning_mark(lead, lines[0]) + lead + lines[0]
        else:
            lines.insert(0, lead.rstrip())
    text = "".join(f"{_disarm(line)}\n" for line in lines)
    return f"{_clock(cue.span.start)} --> {_clock(cue.span.end)}\n".replace(".", ",") + text


def _turning_mark(lead: str, line: str) -> str:
    """What makes a line run as its text does where the name before it runs the other way: LRM or RLM, or nothing.

    A player takes a line's direction from its first strong letter (Unicode Bidirectional Algorithm, UAX #9, P2): after
    a Latin name it would show a Hebrew text as if it were English. The marks (2.6 there) are known even to players
    that know no isolates. WebVTT needs none, for there the name is no text.
    """
    way = _direction(line)
    return {"R": "\u200f", "L": "\u200e"}.get(way, "") if _direction(lead) not in ("", way) else ""


def _direction(text: str) -> str:
    ways = (unicodedata.bidirectional(character) for character in text)
    return next(("L" if way == "L" else "R" for way in ways if way in ("L", "R", "AL")), "")


def _disarm(line: str) -> str:
    for markup in (_ARROW, _TAG, _STAMP):
        line = markup.sub(_WORD_JOINER, line)
    return line


def _vtt_cue(cue: Cue) -> str:
    voice = f"<v {clean(cue.speaker).translate(_ESCAPES)}>" if cue.speaker else ""
    text = "\n".join(cue.lines).translate(_ESCAPES)
    return f"{_clock(cue.span.start)} --> {_clock(cue.span.end)}\n{voice}{text}\n"


def _clock(at: Ms) -> str:
    return format_clock(at, _CLOCK)
