"""Write turns as a document of oTranscribe (``.otr``): JSON, in which the text is HTML with time stamps to click on."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import msgspec

from pipeline.times import ClockStyle, format_clock, to_seconds
from pipeline.writing.cues import speaker_lead
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn

_CLOCK = ClockStyle(hours="always")


def render_otr(turns: Iterable[ShownTurn], audio: str) -> str:
    """Return the document: a paragraph for each turn, with its time, the speaker in bold, and the text.

    Args:
        audio: the name of the audio file; oTranscribe asks for it, because a page cannot open a file by itself.
    """
    text = "".join(map(_paragraph, turns))
    document = {"text": text, "media": audio, "media-source": "", "media-time": 0}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _paragraph(turn: ShownTurn) -> str:
    start = turn.span.start
    stamp = (
        f'<span class="timestamp" contenteditable="false" data-timestamp="{to_seconds(start)}">'
        f"{format_clock(start, _CLOCK)}</span>&nbsp;"
    )
    name = f"<b>{escape(speaker_lead(turn.speaker))}</b>" if turn.speaker else ""
    return f"<p>{stamp}{name}{escape(line_text(turn.words))}</p>"
