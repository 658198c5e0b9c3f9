from __future__ import annotations

import re

import pysubs2
from hypothesis import given

from pipeline.schema import Result
from pipeline.times import Span
from pipeline.writing.cues import CueOptions, cut_cues
from pipeline.writing.subtitles import render_srt, render_vtt
from tests.writing.cue_samples import cue_of
from tests.writing.strategies import cue_options, results

CUES = (
    cue_of(Span(0, 1_500), ("Hello & welcome", "to <NodeUp>."), "Ann", speaker_changes=True),
    cue_of(Span(1_583, 3_000), ("There were releases.",), "Ann", speaker_changes=False),
    cue_of(Span(3_661_001, 3_662_000), ("0.8.3!",), "Bo > Li\n", speaker_changes=True),
    cue_of(Span(3_663_000, 3_664_000), ("Nobody knows who.",), None, speaker_changes=False),
)


def test_srt_names_the_speaker_where_it_changes() -> None:
    """Cues are numbered from 1, with comma times and LF, and a blank line after each."""
    assert render_srt(CUES, 42) == (
        "1\n00:00:00,000 --> 00:00:01,500\nAnn: Hello & welcome\nto <\u2060NodeUp>.\n\n"
        "2\n00:00:01,583 --> 00:00:03,000\nThere were releases.\n\n"
        "3\n01:01:01,001 --> 01:01:02,000\nBo > Li: 0.8.3!\n\n"
        "4\n01:01:03,000 --> 01:01:04,000\nNobody knows who.\n\n"
    )


def test_vtt_names_the_speaker_of_every_cue() -> None:
    """There are a header, voice tags and escapes, and neither notes nor cue ids."""
    assert render_vtt(CUES) == (
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:01.500\n<v Ann>Hello &amp; welcome\nto &lt;NodeUp&gt;.\n"
        "\n00:00:01.583 --> 00:00:03.000\n<v Ann>There were releases.\n"
        "\n01:01:01.001 --> 01:01:02.000\n<v Bo &gt; Li>0.8.3!\n"
        "\n01:01:03.000 --> 01:01:04.000\nNobody knows who.\n"
    )


def test_without_cues_the_files_are_valid() -> None:
    """The SRT is empty and the WebVTT has only its header."""
    assert (render_srt((), 42), render_vtt(())) == ("", "WEBVTT\n")


def test_a_long_name_has_its_own_line() -> None:
    """A name that does not fit before its text is on a line above it."""
    named = cue_of(Span(0, 1_000), ("Hello and good morning everybody",), "Daniel Shaw", speaker_changes=True)

    assert render_srt([named], 42).splitlines()[2:] == ["Daniel Shaw:", "Hello and good morning everybody", ""]


def test_a_text_is_not_read_as_a_cue() -> None:
    """A text that looks like a cue's times, or like markup, is read back as text."""
    texts = ("7", "00:00:01,000 --> 00:00:02,000", "a --> b", "<b>{\\an8}", "< i>", "NOTE this")
    cues = [
        cue_of(Span(1_000 * k, 1_000 * k + 900), (text,), None, speaker_changes=False) for k, text in enumerate(texts)
    ]

    srt, vtt = render_srt(cues, 42), render_vtt(cues)

    assert [event.text.replace("\u2060", "") for event in pysubs2.SSAFile.from_string(srt, "srt")] == list(texts)
    assert srt.count("-->") == vtt.count("-->") == len(texts)
    assert srt.replace("\u2060", "").count("-->") == len(texts) + 2


@given(results(), cue_options())
def test_an_independent_reader_reads_srt_back(made: Result, options: CueOptions) -> None:
    """pysubs2 reads the same times and texts from the SRT."""
    cues = cut_cues(made, options)
    # pysubs2 reads a last line of digits as the next cue's number; so there is one
    events = pysubs2.SSAFile.from_string(
        render_srt(cues, options.limits("en", "srt").width) + f"{len(cues) + 1}\n", "srt"
    )

    assert [(event.start, event.end) for event in events] == [(cue.span.start, cue.span.end) for cue in cues]
    for event, cue in zip(events, cues, strict=True):
        name = f"{cue.speaker}: " if cue.speaker_changes else ""
        assert _flat(event.text) == _flat(name + "".join(cue.lines))


@given(results(), cue_options())
def test_an_independent_reader_reads_vtt_back(made: Result, options: CueOptions) -> None:
    """pysubs2 reads the same times, voices and texts from the WebVTT."""
    cues = cut_cues(made, options)
    # pysubs2 takes a last line of digits for the next cue's identifier; so there is one
    identified = re.sub(r"(?m)^(?=\S+ --> )", "1\n", render_vtt(cues)) + "\n1\n"
    events = pysubs2.SSAFile.from_string(identified, "vtt", keep_html_tags=True)

    assert [(event.start, event.end) for event in events] == [(cue.span.start, cue.span.end) for cue in cues]
    for event, cue in zip(events, cues, strict=True):
        voice = f"<v {cue.speaker}>" if cue.speaker else ""
        assert _flat(event.text) == _flat(voice + "".join(cue.lines))


def _flat(text: str) -> str:
    """Return the text without layout, escapes and direction marks."""
    for written, read in (
        ("\u200e", ""),
        ("\u200f", ""),
        ("\\N", ""),
        ("\u2060", ""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        (" ", ""),
    ):
        text = text.replace(written, read)
    return text


def test_a_name_does_not_change_the_direction_of_its_text() -> None:
    """In SRT a line's direction is marked if the name before it runs the other way."""
    other = cue_of(Span(0, 1_000), ("שלום",), "Ann", speaker_changes=True)
    same = cue_of(Span(0, 1_000), ("שלום",), "דנה", speaker_changes=True)

    assert render_srt([other], 42).splitlines()[2] == "\u200fAnn: שלום"
    assert render_srt([same], 42).splitlines()[2] == "דנה: שלום"
    assert render_vtt([other]).splitlines()[3] == "<v Ann>שלום"
