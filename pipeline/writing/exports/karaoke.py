r"""Write subtitles in which each word is lit as it is spoken: ASS, by pysubs2, and WebVTT with times within its cues.

ASS has ``{\k20}`` before a word: it is lit for 20 hundredths of a second. WebVTT has ``<00:00:01.300>`` before a word
(W3C WebVTT, "WebVTT cue text", cue timestamps); such times ascend, and lie within the cue's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.times import Ms
from pipeline.writing.cues import Cue, speaker_lead
from pipeline.writing.shown_words import ShownWord
from pipeline.writing.subtitles import clock, escape_vtt, vtt_cue

_MS_PER_TICK = 10
"""ASS counts hundredths of a second."""

_WIDTH, _HEIGHT, _FONT_SIZE, _MARGIN = 1280, 720, 44, 40
"""Of the picture that sizes refer to; a player scales them to its own."""

_LIT, _UNLIT = (255, 255, 255), (150, 150, 150)
_TEXT_ESCAPES = str.maketrans({"\\": "\\\u2060", "{": "\\{", "}": "\\}"})
r"""A brace begins commands, and so does a backslash, unless a word joiner follows; libass knows ``\{``."""


def render_ass(cues: Sequence[Cue]) -> str:
    """Return cues as ASS, each with its speaker as the actor and before the text where the speaker changes."""
    from pysubs2 import Color, SSAEvent, SSAFile  # noqa: PLC0415 -- only this format needs it

    document = SSAFile()
    document.info |= {"PlayResX": str(_WIDTH), "PlayResY": str(_HEIGHT)}
    style = document.styles["Default"]
    style.fontsize, style.marginv = float(_FONT_SIZE), _MARGIN
    style.primarycolor, style.secondarycolor = Color(*_LIT), Color(*_UNLIT)
    document.events = [
        SSAEvent(
            start=_ticks(cue.span.start) * _MS_PER_TICK,
            end=_ticks(cue.span.end) * _MS_PER_TICK,
            name=(cue.speaker or "").replace(",", ""),  # fields are separated by commas
            text=_ass_text(cue),
        )
        for cue in cues
    ]
    return document.to_string("ass", header_notice="")


def render_karaoke_vtt(cues: Sequence[Cue]) -> str:
    """Return cues as WebVTT with the time of each word; otherwise as ``render_vtt`` does."""
    return "WEBVTT\n" + "".join(f"\n{vtt_cue(cue, ''.join(_vtt_text(cue)))}" for cue in cues)


def _ass_text(cue: Cue) -> str:
    """Return the text of an event: a word is lit from its start to that of the next one."""
    lead = speaker_lead(cue.speaker).translate(_TEXT_ESCAPES) if cue.speaker and cue.speaker_changes else ""
    begin, end = _ticks(cue.span.start), _ticks(cue.span.end)
    starts = [begin]
    for word in cue.words:
        starts.append(min(max(_ticks(word.span.start), starts[-1]), end))
    lengths = [right - left for left, right in pairwise([*starts, end])]
    words = (
        f"{{\\k{length}}}{space}{word.text.translate(_TEXT_ESCAPES)}"
        for (word, space), length in zip(_spaced(cue, "\\N"), lengths[1:], strict=True)
    )
    pause = f"{{\\k{lengths[0]}}}" if lengths[0] else ""
    return lead + pause + "".join(words)


def _vtt_text(cue: Cue) -> Iterator[str]:
    latest = cue.span.start
    for word, space in _spaced(cue, "\n"):
        yield space
        if latest < word.span.start < cue.span.end:
            latest = word.span.start
            yield f"<{clock(latest)}>"
        yield escape_vtt(word.text)


def _spaced(cue: Cue, line_end: str) -> Iterator[tuple[ShownWord, str]]:
    """Yield each word of a cue with what separates it from the one before it."""
    for number, row in enumerate(cue.rows):
        for place, word in enumerate(row):
            space = "" if word.glued else " "
            yield word, space if place else line_end if number else ""


def _ticks(at: Ms) -> int:
    return round(at / _MS_PER_TICK)
