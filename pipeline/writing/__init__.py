"""The output formats, by the names that people type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from pipeline.writing.exports.audio_name import audio_name, recording_name
from pipeline.writing.exports.edit_list import EdlOptions, render_edl
from pipeline.writing.exports.elan import render_eaf
from pipeline.writing.exports.karaoke import render_ass, render_karaoke_vtt
from pipeline.writing.exports.nist_formats import render_ctm, render_rttm
from pipeline.writing.exports.otranscribe import render_otr
from pipeline.writing.exports.plain_text import TextOptions, render_maxqda, render_text
from pipeline.writing.exports.podcast_json import render_podcast_json
from pipeline.writing.exports.praat_textgrid import render_textgrid
from pipeline.writing.exports.speech_tiers import Tier, speaker_tiers
from pipeline.writing.exports.tab_separated import render_audacity, render_nvivo, render_tsv
from pipeline.writing.exports.timed_text import render_ttml
from pipeline.writing.exports.whisper_json import render_whisper_json
from pipeline.writing.exports.word_document import render_docx
from pipeline.writing.markdown import MarkdownOptions, render_markdown
from pipeline.writing.presets import FormatName, Limits
from pipeline.writing.shown_words import ShownTurn, clean_text, shown_turns
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
    txt: TextOptions = field(default_factory=TextOptions)
    edl: EdlOptions = field(default_factory=EdlOptions)
    audio_url: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name on the command line, the suffix of its files, and its renderer.

    Attributes:
        in_all: whether ``-f all`` writes it; a format for one kind of program is written only by its name.
        only_found: whether it leaves out the utterances that were not found surely.
        omission: returns why a result has nothing to say in this format, as a clause, so that no file is written; None
            if it has.
    """

    name: str
    suffix: str
    render: Callable[[Result, WritingOptions], str | bytes]
    in_all: bool = False
    only_found: bool = False
    omission: Callable[[Result, WritingOptions], str | None] = lambda *_: None

    def content(self, result: Result, options: WritingOptions) -> bytes:
        """Return the content of the file of a result; a text is UTF-8."""
        return _encoded(self.render(result, options))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A result in several formats.

    Attributes:
        contents: of the files, by the formats' names; those that have nothing to say are left out.
        remarks: lines for the user: what is left out and why, and what to know of the chapters.
    """

    contents: dict[str, bytes]
    remarks: tuple[str, ...] = ()


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
    "ttml": CueFormat("vtt", lambda result, cues, _: render_ttml(cues, result.hearing.language)),
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


def _text(result: Result, options: WritingOptions) -> str:
    return render_text(_turns(result, options), options.txt)


def _word_document(result: Result, options: WritingOptions) -> bytes:
    return render_docx(_turns(result, options), result.transcript, result.hearing.language)


def _textgrid(result: Result, options: WritingOptions) -> str:
    return render_textgrid(_tiers(result, options), result.hearing.duration)


def _eaf(result: Result, options: WritingOptions) -> str:
    return render_eaf(_tiers(result, options), audio_name(result.audio.path))


def _rttm(result: Result, options: WritingOptions) -> str:
    return render_rttm(_tiers(result, options), recording_name(result.audio.path))


def _ctm(result: Result, options: WritingOptions) -> str:
    return render_ctm(_tiers(result, options), recording_name(result.audio.path))


def _otr(result: Result, options: WritingOptions) -> str:
    return render_otr(_turns(result, options), audio_name(result.audio.path))


def _maxqda(result: Result, options: WritingOptions) -> str:
    return render_maxqda(_turns(result, options))


def _nvivo(result: Result, options: WritingOptions) -> str:
    return render_nvivo(_turns(result, options))


def _edl(result: Result, options: WritingOptions) -> str:
    return render_edl(_turns(result, options), recording_name(result.audio.path), options.edl)


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
        Format("srt", ".srt", _render_cues("srt"), in_all=True, only_found=True),
        Format("vtt", ".vtt", _render_cues("vtt"), in_all=True, only_found=True),
        Format("json", ".json", _json, in_all=True),
        Format("html", ".html", _page, in_all=True),
        *CHAPTERS.values(),
        Format("podcast-json", ".podcast.json", _render_cues("podcast-json"), only_found=True),
        Format("whisper-json", ".whisper.json", _render_cues("whisper-json"), only_found=True),
        Format("txt", ".timed.txt", _text, only_found=True),
        Format("docx", ".timed.docx", _word_document, only_found=True),
        Format("tsv", ".tsv", _render_cues("tsv"), only_found=True),
        Format("ass", ".ass", _render_cues("ass"), only_found=True),
        Format("karaoke", ".karaoke.vtt", _render_cues("karaoke"), only_found=True),
        Format("textgrid", ".TextGrid", _textgrid, only_found=True),
        Format("eaf", ".eaf", _eaf, only_found=True),
        Format("rttm", ".rttm", _rttm, only_found=True),
        Format("ctm", ".ctm", _ctm, only_found=True),
        Format("audacity", ".audacity.txt", _render_cues("audacity"), only_found=True),
        Format("otr", ".otr", _otr, only_found=True),
        Format("maxqda", ".maxqda.txt", _maxqda, only_found=True),
        Format("nvivo", ".nvivo.txt", _nvivo, only_found=True),
        Format("ttml", ".ttml", _render_cues("ttml"), only_found=True),
        Format("edl", ".edl", _edl, only_found=True),
    )
}


def render_all(names: Iterable[str], result: Result, options: WritingOptions) -> Rendered:
    """Render a result in several formats, by their names; equal cues are cut only once."""
    cues: dict[Limits, tuple[Cue, ...]] = {}
    contents: dict[str, bytes] = {}
    omitted: dict[str, list[str]] = {}
    for name in names:
        form = CUE_FORMATS.get(name)
        if form is None:
            if reason := FORMATS[name].omission(result, options):
                omitted.setdefault(reason, []).append(name)
            else:
                contents[name] = FORMATS[name].content(result, options)
            continue
        limits = options.cues.limits(result.hearing.language, form.limits)
        if limits not in cues:
            cues[limits] = cut_cues(result, options.cues, form.limits)
        contents[name] = _encoded(form.render(result, cues[limits], limits))
    left_out = tuple(f"{', '.join(names)}: not written, because {reason}" for reason, names in omitted.items())
    has_chapters = bool(CHAPTERS.keys() & contents.keys())
    return Rendered(contents, (*left_out, *(list_chapters(result, options.chapters).remarks if has_chapters else ())))


def _encoded(rendered: str | bytes) -> bytes:
    return rendered if isinstance(rendered, bytes) else rendered.encode()
