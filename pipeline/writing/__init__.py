"""The output formats, by the names that people type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.schema import Result
from pipeline.writing.cues import Cue, CueOptions, cut_cues
from pipeline.writing.document import render_json
from pipeline.writing.exports.audio_name import audio_name, recording_name
from pipeline.writing.exports.elan import render_eaf
from pipeline.writing.exports.karaoke import render_ass, render_karaoke_vtt
from pipeline.writing.exports.nist_formats import render_ctm, render_rttm
from pipeline.writing.exports.otranscribe import render_otr
from pipeline.writing.exports.plain_text import TextOptions, render_maxqda, render_text
from pipeline.writing.exports.podcast_json import render_podcast_json
from pipeline.writing.exports.praat_textgrid import render_textgrid
from pipeline.writing.exports.speech_tiers import Tier, speaker_tiers
from pipeline.writing.exports.tab_separated import render_audacity, render_nvivo, render_tsv
from pipeline.writing.exports.whisper_json import render_whisper_json
from pipeline.writing.exports.word_document import render_docx
from pipeline.writing.markdown import MarkdownOptions, render_markdown
from pipeline.writing.presets import FormatName, Limits
from pipeline.writing.shown_words import ShownTurn, shown_turns
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
    txt: TextOptions = field(default_factory=TextOptions)
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
    "podcast-json": CueFormat("vtt", lambda _, cues, __: render_podcast_json(cues)),
    "whisper-json": CueFormat("vtt", lambda result, cues, _: render_whisper_json(cues, result.hearing.language)),
    "tsv": CueFormat("vtt", lambda _, cues, __: render_tsv(cues)),
    "audacity": CueFormat("vtt", lambda _, cues, __: render_audacity(cues)),
    "ass": CueFormat("vtt", lambda _, cues, __: render_ass(cues)),
    "karaoke": CueFormat("vtt", lambda _, cues, __: render_karaoke_vtt(cues)),
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


def _turns(result: Result, options: WritingOptions) -> Iterator[ShownTurn]:
    """Yield the turns that the exports have: those of the subtitles."""
    cues = options.cues
    return shown_turns(result, keep_editorial=cues.keep_editorial, speaker_labels=cues.speaker_labels)


def _tiers(result: Result, options: WritingOptions) -> tuple[Tier, ...]:
    return speaker_tiers(_turns(result, options))


def _of_tiers_and_recording(
    render: Callable[[Sequence[Tier], str], str],
) -> Callable[[Result, WritingOptions], str]:
    return lambda result, options: render(_tiers(result, options), recording_name(result.audio.path))


def _textgrid(result: Result, options: WritingOptions) -> str:
    return render_textgrid(_tiers(result, options), result.hearing.duration)


def _word_document(result: Result, options: WritingOptions) -> bytes:
    return render_docx(_turns(result, options), result.transcript, result.hearing.language)


FORMATS: dict[str, Format] = {
    output_format.name: output_format
    for output_format in (
        Format("md", ".timed.md", _markdown, in_all=True),
        Format("srt", ".srt", _render_cues("srt"), in_all=True),
        Format("vtt", ".vtt", _render_cues("vtt"), in_all=True),
        Format("json", ".json", _json, in_all=True),
        Format("html", ".html", _page, in_all=True),
        Format("podcast-json", ".podcast.json", _render_cues("podcast-json")),
        Format("whisper-json", ".whisper.json", _render_cues("whisper-json")),
        Format("txt", ".timed.txt", lambda result, options: render_text(_turns(result, options), options.txt)),
        Format("docx", ".docx", _word_document),
        Format("tsv", ".tsv", _render_cues("tsv")),
        Format("ass", ".ass", _render_cues("ass")),
        Format("karaoke", ".karaoke.vtt", _render_cues("karaoke")),
        Format("textgrid", ".TextGrid", _textgrid),
        Format(
            "eaf", ".eaf", lambda result, options: render_eaf(_tiers(result, options), audio_name(result.audio.path))
        ),
        Format("rttm", ".rttm", _of_tiers_and_recording(render_rttm)),
        Format("ctm", ".ctm", _of_tiers_and_recording(render_ctm)),
        Format("audacity", ".audacity.txt", _render_cues("audacity")),
        Format(
            "otr", ".otr", lambda result, options: render_otr(_turns(result, options), audio_name(result.audio.path))
        ),
        Format("maxqda", ".maxqda.txt", lambda result, options: render_maxqda(_turns(result, options))),
        Format("nvivo", ".nvivo.txt", lambda result, options: render_nvivo(_turns(result, options))),
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
