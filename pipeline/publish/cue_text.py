"""The text of a cue: its markup, its voices, and its words."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from pipeline.writing.presets import FormatName

_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>")
_OPEN_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t][^<>]*(?:<|$)")
_TAGS = {
    "srt": re.compile(r"</?(?:b|i|u|s|font)(?:[ \t][^<>]*)?/?>|\{\\[^{}]*\}", re.IGNORECASE),
    "vtt": re.compile(r"<(?!v[. \t])[^<>]*>"),
}
"""SRT: the tags that players know, and the overrides of ASS. WebVTT: all tags but those that open a voice."""

_MOST_NESTED = 10
_TAG_STARTS = {ord("<"): None, ord("{"): None}
"""What is removed from a line with tags within tags within tags: no person types it, and a reader must end."""


def voices(text: Sequence[str]) -> tuple[str, ...]:
    """Return the names in the voice tags of a cue of WebVTT, in order."""
    return tuple(html.unescape(found[1]).strip() for line in text for found in _VOICE.finditer(line))


def has_open_voice_tag(text: Sequence[str]) -> bool:
    """Return whether a voice tag has no end, so that players take the text after it for a name."""
    return _OPEN_VOICE.search(" ".join(text)) is not None


def without_tags(text: Sequence[str], form: FormatName) -> tuple[str, ...]:
    r"""Return the lines without markup but voice tags; a line that has nothing else is left out.

    >>> without_tags(("<v Ann>So <i>this</i>", "</v>"), "vtt"), without_tags((r"{\an8}2 <3",), "srt")
    (('<v Ann>So this',), ('2 <3',))
    """
    return tuple(line for line in (_untagged(line, form) for line in text) if line.strip())


def _untagged(line: str, form: FormatName) -> str:
    """Remove tags until there is none: what is left around a removed one may be one again."""
    for _ in range(_MOST_NESTED):
        shorter = _TAGS[form].sub("", line)
        if shorter == line:
            return line
        line = shorter
    return line.translate(_TAG_STARTS)


def plain_text(line: str, form: FormatName) -> str:
    """Return what a player shows of a line.

    >>> plain_text("<v Ann>R&amp;D <b>now</b>", "vtt")
    'R&D now'
    """
    shown = _untagged(line, form)
    return html.unescape(_VOICE.sub("", shown)) if form == "vtt" else shown


def is_wordless(text: Sequence[str], form: FormatName) -> bool:
    """Return whether a cue shows nothing."""
    return not any(plain_text(line, form).strip() for line in text)
