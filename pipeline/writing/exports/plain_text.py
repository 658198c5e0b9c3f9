"""Write turns as plain text: a line of the user's own form for each, or paragraphs for MAXQDA."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import regex

from pipeline.options import option
from pipeline.times import ClockStyle, format_clock
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn

_CLOCK = ClockStyle(hours="always", width=2)
_MAXQDA_CLOCK = ClockStyle(hours="always", width=2, decimals=1)
_MAX_NAME = 63
"""The longest name that MAXQDA takes for a speaker's (MAXQDA Manual, "Importing Focus Group Transcripts")."""

_FIELDS = ("start", "end", "speaker", "text")
_FIELD = regex.compile(r"\{([^{}]*)\}")
_WITH_NEIGHBOURS = r"[^\s{{}}]*+\{{(?:{names})\}}[^\s{{}}]*+[ ]*+"
"""A field, what touches it (brackets, a colon), and the spaces after it."""


@dataclass(frozen=True, slots=True)
class TextOptions:
    """The lines of the plain text (-f txt)."""

    times: bool = option(default=True, meaning="Write the times that the line has; without them, as if it had none.")
    line: str = option(
        "[{start}] {speaker}: {text}",
        "The line of each turn; {start}, {end}, {speaker} and {text} stand for its times, its speaker, what is said. "
        "Where a turn has no speaker, {speaker} is left out with the brackets or the colon that touch it.",
    )

    def __post_init__(self) -> None:
        unknown = [name for name in _FIELD.findall(self.line) if name not in _FIELDS]
        if unknown:
            raise ValueError(f"line has no field {{{unknown[0]}}}; there are {{{'}, {'.join(_FIELDS)}}}")


def render_text(turns: Iterable[ShownTurn], options: TextOptions) -> str:
    """Return each turn in the form of ``options.line``; times are ``00:09:30``."""
    line = options.line if options.times else _without(options.line, "start", "end")
    unnamed = _without(line, "speaker")
    return "".join(_fill(line if turn.speaker else unnamed, turn) + "\n" for turn in turns)


def render_maxqda(turns: Iterable[ShownTurn]) -> str:
    """Return turns as MAXQDA imports a focus group's transcript, which then plays the sound of each.

    A turn is its time, the speaker's name and a colon, and the text, with no space around the time; a blank line
    follows. A colon within a name would end it, and a longer name than MAXQDA's limit would not be read as one.
    """
    return "".join(f"{format_clock(turn.span.start, _MAXQDA_CLOCK)}{_maxqda_text(turn)}\n\n" for turn in turns)


def _maxqda_text(turn: ShownTurn) -> str:
    name = (turn.speaker or "").replace(":", "")[:_MAX_NAME].strip()
    return f"{name}: {line_text(turn.words)}" if name else line_text(turn.words)


def _without(line: str, *names: str) -> str:
    return regex.sub(_WITH_NEIGHBOURS.format(names="|".join(names)), "", line)


def _fill(line: str, turn: ShownTurn) -> str:
    values = {
        "start": format_clock(turn.span.start, _CLOCK),
        "end": format_clock(turn.span.end, _CLOCK),
        "speaker": turn.speaker or "",
        "text": line_text(turn.words),
    }
    return _FIELD.sub(lambda found: values[found[1]], line)
