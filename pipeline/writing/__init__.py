"""The output formats, by the names that people type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.schema import Result
from pipeline.writing.chapters.chapter_files import (
    render_chapters_json,
    render_ffmetadata,
    render_psc,
    render_vtt_chapters,
)
from pipeline.writing.chapters.chapter_list import Chapter, ChapterOptions, list_chapters
from pipeline.writing.chapters.youtube_chapters import render_youtube, youtube_obstacle
from pipeline.writing.cues import Cue, CueOptions, cut_cues
from pipeline.writing.document import render_json
from pipeline.writing.markdown import MarkdownOptions, render_markdown
from pipeline.writing.presets import FormatName, Limits
from pipeline.writing.shown_words import clean_text
from pipeline.writing.subtitles import render_srt, render_vtt
from pipeline.writing.transcript_page import HtmlOptions, file_name_url, render_page


@dataclass(frozen=True, slots=True)
class WritingOptions:
    """The options of all formats.

    Attributes:
        audio_url: the address of the audio for the web page; None for a file of its name beside the page.
    """

    markdown: MarkdownOptions = field(default_factory=MarkdownOptions)
    cues: CueOptions = field(default_factory=CueOptions)
    html: HtmlOptions = field(default_factory=HtmlOptions)
    chapters: ChapterOptions = field(default_factory=ChapterOptions)
    audio_url: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name on the command line, the suffix of its files, and its renderer.

    Attributes:
        in_all: whether ``-f all`` writes it; a format for one kind of program is written only by its name.
        omission: returns why a result has nothing to say in this format, as a clause, so that no file is written; None
            if it has.
    """

    name: str
    suffix: str
    render: Callable[[Result, WritingOptions], str]
    in_all: bool = False
    omission: Callable[[Result, WritingOptions], str | None] = lambda *_: None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A result in several formats.

    Attributes:
        texts: by the formats' names; those that have nothing to say are left out.
        remarks: lines for the user: what is left out and why, and what to know of the chapters.
    """

    texts: dict[str, str]
    remarks: tuple[str, ...] = ()


def _markdown(result: Result, options: WritingOptions) -> str:
    return render_markdown(result, options.markdown)


SUBTITLES: dict[FormatName, Callable[[Sequence[Cue], Limits], str]] = {
    "srt": lambda cues, limits: render_srt(cues, limits.width),
    "vtt": lambda cues, _: render_vtt(cues),
}
"""The formats that consist of cues."""


def _json(result: Result, _: WritingOptions) -> str:
    return render_json(result)


def _page(result: Result, options: WritingOptions) -> str:
    return render_page(result, options.audio_url or file_name_url(result.audio.path))


def _chapters(result: Result, options: WritingOptions) -> tuple[Chapter, ...]:
    return list_chapters(result, options.chapters).chapters


def _chapters_json(result: Result, options: WritingOptions) -> str:
    return render_chapters_json(_chapters(result, options), clean_text(result.transcript.title or ""))


def _no_chapters(result: Result, options: WritingOptions) -> str | None:
    return list_chapters(result, options.chapters).reason


def _no_youtube_chapters(result: Result, options: WritingOptions) -> str | None:
    found = list_chapters(result, options.chapters)
    return found.reason or youtube_obstacle(found.chapters)


CHAPTERS: dict[str, Format] = {
    output_format.name: output_format
    for output_format in (
        Format("chapters", ".chapters.json", _chapters_json, in_all=True, omission=_no_chapters),
        Format("psc", ".psc.xml", lambda *given: render_psc(_chapters(*given)), omission=_no_chapters),
        Format(
            "youtube",
            ".youtube.txt",
            lambda *given: render_youtube(_chapters(*given)),
            omission=_no_youtube_chapters,
        ),
        Format(
            "vtt-chapters",
            ".chapters.vtt",
            lambda *given: render_vtt_chapters(_chapters(*given)),
            omission=_no_chapters,
        ),
        Format("ffmetadata", ".ffmetadata", lambda *given: render_ffmetadata(_chapters(*given)), omission=_no_chapters),
    )
}
"""The formats that consist of chapters."""

FORMATS: dict[str, Format] = {
    output_format.name: output_format
    for output_format in (
        Format("md", ".timed.md", _markdown, in_all=True),
        Format("srt", ".srt", lambda result, options: render_all(("srt",), result, options).texts["srt"], in_all=True),
        Format("vtt", ".vtt", lambda result, options: render_all(("vtt",), result, options).texts["vtt"], in_all=True),
        Format("json", ".json", _json, in_all=True),
        Format("html", ".html", _page, in_all=True),
        *CHAPTERS.values(),
    )
}


def render_all(names: Iterable[str], result: Result, options: WritingOptions) -> Rendered:
    """Render a result in several formats, by their names; subtitles with equal limits are cut only once."""
    cues: dict[Limits, tuple[Cue, ...]] = {}
    texts: dict[str, str] = {}
    omitted: dict[str, list[str]] = {}
    for name in names:
        subtitle_format = next((known for known in SUBTITLES if known == name), None)
        if subtitle_format is None:
            if reason := FORMATS[name].omission(result, options):
                omitted.setdefault(reason, []).append(name)
            else:
                texts[name] = FORMATS[name].render(result, options)
            continue
        limits = options.cues.limits(result.hearing.language, subtitle_format)
        if limits not in cues:
            cues[limits] = cut_cues(result, options.cues, subtitle_format)
        texts[name] = SUBTITLES[subtitle_format](cues[limits], limits)
    left_out = tuple(f"{', '.join(names)}: not written, because {reason}" for reason, names in omitted.items())
    has_chapters = bool(CHAPTERS.keys() & texts.keys())
    return Rendered(texts, (*left_out, *(list_chapters(result, options.chapters).remarks if has_chapters else ())))
