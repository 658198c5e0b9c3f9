"""The output formats, by the names that people type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.schema import Result
from pipeline.writing.cues import Cue, CueOptions, cut_cues
from pipeline.writing.document import render_json
from pipeline.writing.markdown import MarkdownOptions, render_markdown
from pipeline.writing.presets import FormatName, Limits
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
    audio_url: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name on the command line, the suffix of its files, and its renderer.

    Attributes:
        in_all: whether ``-f all`` writes it; a format for one kind of program is written only by its name.
    """

    name: str
    suffix: str
    render: Callable[[Result, WritingOptions], str]
    in_all: bool = False


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


FORMATS: dict[str, Format] = {
    output_format.name: output_format
    for output_format in (
        Format("md", ".timed.md", _markdown, in_all=True),
        Format("srt", ".srt", lambda result, options: render_all(("srt",), result, options)["srt"], in_all=True),
        Format("vtt", ".vtt", lambda result, options: render_all(("vtt",), result, options)["vtt"], in_all=True),
        Format("json", ".json", _json, in_all=True),
        Format("html", ".html", _page, in_all=True),
    )
}


def render_all(names: Iterable[str], result: Result, options: WritingOptions) -> dict[str, str]:
    """Render a result in several formats, by their names; subtitles with equal limits are cut only once."""
    cues: dict[Limits, tuple[Cue, ...]] = {}
    texts: dict[str, str] = {}
    for name in names:
        subtitle_format = next((known for known in SUBTITLES if known == name), None)
        if subtitle_format is None:
            texts[name] = FORMATS[name].render(result, options)
            continue
        limits = options.cues.limits(result.hearing.language, subtitle_format)
        if limits not in cues:
            cues[limits] = cut_cues(result, options.cues, subtitle_format)
        texts[name] = SUBTITLES[subtitle_format](cues[limits], limits)
    return texts
