"""Write cues as SubRip (SRT) and WebVTT, in a form that the strictest readers among podcast tools accept.

SRT has no speakers, so a name precedes the text where the speaker changes (Podcasting 2.0, ``transcripts.md``). SRT has
no escapes either: a text that readers would interpret as markup or as the times of a cue gets a word joiner (U+2060),
which is not visible. WebVTT (W3C) has ``<v Name>`` and escapes. Some readers do not support notes, cue ids and closing
tags, so there are none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex

from pipeline.times import ClockStyle, Ms, format_clock
from pipeline.writing.cues import Cue, speaker_lead
from pipeline.writing.line_breaks import display_width
from pipeline.writing.shown_words import clean_text

_CLOCK = ClockStyle(hours="always", width=2, decimals=3)
WORD_JOINER = "\u2060"
_ARROW = regex.compile(r"(?<=--)(?=>)")
_TAG = regex.compile(r"(?<=[<{])(?=[ \t]*+[/\\\p{L}!])")
_STAMP = regex.compile(r"(?<=[0-9]:[0-9]{1,2}:[0-9]{1,2})(?=[.,][0-9])")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render_srt(cues: Iterable[Cue], max_width: int, first: int = 1) -> str:
    """Return cues as SubRip: numbered from ``first``, each with a blank line after it, LF, no BOM.

    A name that does not fit on the first line has a line of its own.
    """
    return "".join(f"{number}\n{_srt_cue(cue, max_width)}\n" for number, cue in enumerate(cues, start=first))


def render_vtt(cues: Iterable[Cue]) -> str:
    """Return cues as WebVTT, each with its speaker's name in a voice tag, LF, no BOM."""
    return "WEBVTT\n" + "".join("\n" + vtt_cue(cue, escape_vtt("\n".join(cue.lines))) for cue in cues)


def vtt_cue(cue: Cue, text: str) -> str:
    """Return a cue of WebVTT with its times and its speaker; ``text`` is that of its lines, escaped."""
    voice = f"<v {escape_vtt(clean_text(cue.speaker))}>" if cue.speaker else ""
    return f"{clock(cue.span.start)} --> {clock(cue.span.end)}\n{voice}{text}\n"


def escape_vtt(text: str) -> str:
    """Return a text in which no reader finds a tag or a reference to a character.

    >>> escape_vtt("<b> & -->")
    '&lt;b&gt; &amp; --&gt;'
    """
    return text.translate(_ESCAPES)


def clock(at: Ms) -> str:
    """Return a time as WebVTT has it; SRT has a comma in the place of the full stop.

    >>> clock(61_250)
    '00:01:01.250'
    """
    return format_clock(at, _CLOCK)


def _srt_cue(cue: Cue, max_width: int) -> str:
    lines = list(cue.lines)
    if cue.speaker_changes and cue.speaker:
        lead = speaker_lead(clean_text(cue.speaker))
        if display_width(lead + lines[0]) <= max_width:
            lines[0] = _direction_mark(lead, lines[0]) + lead + lines[0]
        else:
            lines.insert(0, lead.rstrip())
    text = "".join(f"{_neutralize(line)}\n" for line in lines)
    return f"{clock(cue.span.start)} --> {clock(cue.span.end)}\n".replace(".", ",") + text


def _direction_mark(lead: str, line: str) -> str:
    """Return LRM or RLM if a line's text runs in another direction than the name before it, else nothing.

    A player takes a line's direction from its first strong letter (Unicode Bidirectional Algorithm, UAX #9, P2): after
    a Latin name it would display a Hebrew text as if it were English. The marks (section 2.6 there) are supported even
    by players that do not support isolates. WebVTT needs none, since the name is not part of the text there.
    """
    direction = _direction(line)
    return {"R": "\u200f", "L": "\u200e"}.get(direction, "") if _direction(lead) not in ("", direction) else ""


def _direction(text: str) -> str:
    directions = (unicodedata.bidirectional(character) for character in text)
    return next(("L" if one == "L" else "R" for one in directions if one in ("L", "R", "AL")), "")


def _neutralize(line: str) -> str:
    for markup in (_ARROW, _TAG, _STAMP):
        line = markup.sub(WORD_JOINER, line)
    return line
