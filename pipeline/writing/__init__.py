"""What an episode's result can be written as: each format by the name that people type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.schema import Result
from pipeline.writing.cues import CueOptions, cut
from pipeline.writing.document import render_json
from pipeline.writing.markdown import MarkdownOptions, render_markdown
from pipeline.writing.subtitles import render_srt, render_vtt


@dataclass(frozen=True, slots=True)
class WritingOptions:
    """The options of all formats."""

    markdown: MarkdownOptions = field(default_factory=MarkdownOptions)
    cues: CueOptions = field(default_factory=CueOptions)


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name on the command line, what its files' names end with, and its text."""

    name: str
    suffix: str
    render: Callable[[Result, WritingOptions], str]


def _markdown(result: Result, options: WritingOptions) -> str:
    return render_markdown(result, options.markdown)


def _srt(result: Result, options: WritingOptions) -> str:
    limits = options.cues.limits(result.hearing.language, "srt")
    return render_srt(cut(result, options.cues, "srt"), limits.width)


def _vtt(result: Result, options: WritingOptions) -> str:
    return render_vtt(cut(result, options.cues, "vtt"))


def _json(result: Result, _: WritingOptions) -> str:
    return render_json(result)


FORMATS: dict[str, Format] = {
    made.name: made
    for made in (
        Format("md", ".timed.md", _markdown),
        Format("srt", ".srt", _srt),
        Format("vtt", ".vtt", _vtt),
        Format("json", ".json", _json),
    )
}
