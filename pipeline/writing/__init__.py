"""The output formats, by the names that people type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    render: Callable[[Result, WritingOptions], str | bytes]
    in_all: bool = False


@dataclass(frozen=True, slots=True)
class CueFormat:
    """A format that consists of cues: the format whose limits they keep, and its renderer."""

    limits: FormatName
    render: Callable[[Result, Sequence[Cue], Limits], str | bytes]


CUE_FORMATS: Mapping[str, CueFormat] = {
    "srt": CueFormat("srt", lambda _, cues, limits: render_srt(cues, limits.width)),
    "vtt": CueFormat("vtt", lambda _, cues, __: render_vtt(cues)),
}
"""The formats that consist of cues; those with equal limits have the same ones."""


def _render_cues(name: str) -> Callable[[Result, WritingOptions], str | bytes]:
    """Return the renderer of one of ``CUE_FORMATS``."""
    form = CUE_FORMATS[name]

    def render(result: Result, options: WritingOptions) -> str | bytes:
        limits = options.cues.limits(result.hearing.language, form.limits)
        return form.render(result, cut_cues(result, options.cues, form.limits), limits)

    return render


def _markdown(result: Result, options: WritingOptions) -> str:
    return render_markdown(result, options.markdown)


def _json(result: Result, _: WritingOptions) -> str:
    return render_json(result)


def _page(result: Result, options: WritingOptions) -> str:
    return render_page(result, options.audio_url or file_name_url(result.audio.path))


FORMATS: dict[str, Format] = {
    output_format.name: output_format
    for output_format in (
        Format("md", ".timed.md", _markdown, in_all=True),
        Format("srt", ".srt", _render_cues("srt"), in_all=True),
        Format("vtt", ".vtt", _render_cues("vtt"), in_all=True),
        Format("json", ".json", _json, in_all=True),
        Format("html", ".html", _page, in_all=True),
    )
}


def render_all(names: Iterable[str], result: Result, options: WritingOptions) -> dict[str, bytes]:
    """Return the content of a result's file in each of several formats; equal cues are cut only once.

    Texts are UTF-8.
    """
    cues: dict[Limits, tuple[Cue, ...]] = {}
    contents: dict[str, bytes] = {}
    for name in names:
        form = CUE_FORMATS.get(name)
        if form is None:
            contents[name] = file_content(FORMATS[name].render(result, options))
            continue
        limits = options.cues.limits(result.hearing.language, form.limits)
        if limits not in cues:
            cues[limits] = cut_cues(result, options.cues, form.limits)
        contents[name] = file_content(form.render(result, cues[limits], limits))
    return contents


def file_content(rendered: str | bytes) -> bytes:
    """Return what a renderer has made as the content of its file: a text in UTF-8."""
    return rendered if isinstance(rendered, bytes) else rendered.encode()
