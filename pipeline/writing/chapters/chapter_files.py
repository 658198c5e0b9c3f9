"""Write chapters as files for players and other programs: JSON, Podlove Simple Chapters, WebVTT, FFmpeg's metadata.

Titles come from strangers: in each format they are text and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import regex

from pipeline.times import to_seconds
from pipeline.writing.chapters.chapter_list import Chapter
from pipeline.writing.subtitles import clock, escape_vtt

JSON_VERSION = "1.2.0"

_PSC = "http://podlove.org/simple-chapters"
_SPECIAL = regex.compile(r"[=;#\\\n]")


def render_chapters_json(chapters: Iterable[Chapter], episode: str) -> str:
    """Return chapters as JSON chapters 1.2 of the Podcasting 2.0 namespace, for ``<podcast:chapters>`` in a feed.

    Times are seconds with three decimals. The format is ``docs/examples/chapters/jsonChapters.md`` in the namespace's
    repository.

    Args:
        chapters: in order.
        episode: its title; empty if it is not known.
    """
    document = {
        "version": JSON_VERSION,
        **({"title": episode} if episode else {}),
        "chapters": [{"startTime": to_seconds(one.span.start), "title": one.title} for one in chapters],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def render_psc(chapters: Iterable[Chapter]) -> str:
    """Return chapters as Podlove Simple Chapters 1.2: an XML document whose element can be put into a feed's item."""
    from lxml import etree  # noqa: PLC0415 -- only this format needs it

    root = etree.Element(f"{{{_PSC}}}chapters", {"version": "1.2"}, nsmap={"psc": _PSC})
    for one in chapters:
        etree.SubElement(root, f"{{{_PSC}}}chapter", {"start": clock(one.span.start), "title": one.title})
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return document.decode()


def render_vtt_chapters(chapters: Iterable[Chapter]) -> str:
    """Return chapters as WebVTT (W3C), for ``<track kind="chapters">``: a cue for each, its text is the title."""
    cues = (f"\n{clock(one.span.start)} --> {clock(one.span.end)}\n{escape_vtt(one.title)}\n" for one in chapters)
    return "WEBVTT\n" + "".join(cues)


def render_ffmetadata(chapters: Iterable[Chapter]) -> str:
    r"""Return chapters as a metadata file of FFmpeg (``ffmpeg -i AUDIO -i THIS -map_chapters 1``), in ms.

    ``=``, ``;``, ``#``, ``\`` and line ends are escaped (ffmpeg-formats, section "Metadata").
    """
    parts = (
        f"\n[CHAPTER]\nTIMEBASE=1/1000\nSTART={one.span.start}\nEND={one.span.end}\n"
        f"title={_SPECIAL.sub(_escape, one.title)}\n"
        for one in chapters
    )
    return ";FFMETADATA1\n" + "".join(parts)


def _escape(found: regex.Match[str]) -> str:
    return "\\" + found[0]
