"""Subtitles by any program are read with the line of everything."""

from __future__ import annotations

from textwrap import dedent

import pysubs2
import pytest
from hypothesis import given

from pipeline.publish.caption_file import CaptionFile, form_of, parse_captions
from pipeline.schema import Result
from pipeline.writing import WritingOptions, render_all
from pipeline.writing.presets import FormatName
from tests.publish.wild_captions import LINE_ENDINGS, texts
from tests.writing.strategies import results

VTT = """\
WEBVTT - made by hand
Kind: captions

NOTE who
made this

intro
00:01.000 --> 00:02.500 align:start
<v Ann>Hello

there

NOTE later

00:00:03,000 -> 00:00:04,000
Bob
00:00:05.000 --> 00:00:06.000
six
"""


def shown(captions: CaptionFile) -> list[tuple[int, str | None, int, int, tuple[str, ...]]]:
    """What most tests compare of each cue: line, identifier, start, end, text."""
    return [(cue.line, cue.identifier, cue.start, cue.end, cue.text) for cue in captions.cues]


@pytest.mark.parametrize("ending", LINE_ENDINGS, ids=["LF", "CR LF", "CR"])
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["no BOM", "BOM"])
def test_webvtt(ending: str, bom: str) -> None:
    """Finds cues, comments and settings at their lines, with any line endings and a byte order mark."""
    captions = parse_captions(bom + VTT.replace("\n", ending), "vtt")

    assert shown(captions) == [
        (8, "intro", 1_000, 2_500, ("<v Ann>Hello", "there")),
        (15, None, 3_000, 4_000, ("Bob",)),
        (17, None, 5_000, 6_000, ("six",)),
    ]
    assert (captions.signature, captions.header) == ("WEBVTT - made by hand", ("Kind: captions",))
    assert [(block.kind, block.line, block.lines) for block in captions.blocks] == [
        ("note", 4, ("NOTE who", "made this"))
    ]
    assert [(block.kind, block.line) for block in captions.cues[0].blocks] == [("note", 13)]
    assert [cue.settings for cue in captions.cues] == ["align:start", "", ""]
    assert [cue.well_formed for cue in captions.cues] == [True, False, True]
    assert captions.cues[0].text_lines == (9, 11)
    assert (captions.has_bom, captions.has_lone_cr) == (bool(bom), ending == "\r")


def test_srt_without_blank_lines() -> None:
    """A number above times begins a cue, though no blank line is above it; a number that is all the text stays text."""
    text = "1\n00:00:01,000 --> 00:00:02,000\nA\n2\n00:00:02,500 --> 00:00:03,000\n42\n\n3\n0:00:04 --> 0:00:05\nC"

    assert shown(parse_captions(text, "srt")) == [
        (2, "1", 1_000, 2_000, ("A",)),
        (5, "2", 2_500, 3_000, ("42",)),
        (9, "3", 4_000, 5_000, ("C",)),
    ]


def test_what_cannot_be_read_is_kept() -> None:
    """Times that cannot be read begin no cue, and are not taken for the text of the one above."""
    captions = parse_captions(
        dedent(
            """\
            1
            00:00:01,000 --> 00:00:02,000
            A

            2
            00:0x:02,000 --> 00:00:03,000
            lost
            """
        ),
        "srt",
    )

    assert shown(captions) == [(2, "1", 1_000, 2_000, ("A",))]
    assert [(block.kind, block.line) for block in captions.cues[0].blocks] == [("unreadable", 5)]


@pytest.mark.parametrize(
    ("text", "named", "form"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\nA\n", "vtt", "srt"),
        ("\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nA\n", "srt", "vtt"),
        ("00:01.000 --> 00:02.000\nA\n", "vtt", "vtt"),
        ("WEBVTTX\n", "srt", "srt"),
        ("", "vtt", "vtt"),
    ],
)
def test_format_by_content(text: str, named: FormatName, form: FormatName) -> None:
    """Its signature makes a file WebVTT and commas in its times make it SRT, whatever its name says."""
    assert form_of(text, named) == form


@given(texts())
def test_every_line_has_one_place(text: str) -> None:
    """Each line that is not blank is exactly one of: signature, header, identifier, times, text, block."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for form in ("srt", "vtt"):
        captions = parse_captions(text, form)
        numbers = list(range(1, 1 + len(captions.header) + (captions.signature is not None)))
        blocks = [*captions.blocks, *(block for cue in captions.cues for block in cue.blocks)]
        for block in blocks:
            numbers += range(block.line, block.line + len(block.lines))
        for cue in captions.cues:
            numbers += [*range(cue.first_line, cue.line + 1), *cue.text_lines]

        assert sorted(numbers) == [k for k, line in enumerate(lines, start=1) if line.strip()]
        assert all(
            lines[k - 1] == text for cue in captions.cues for k, text in zip(cue.text_lines, cue.text, strict=True)
        )


@given(results())
def test_agrees_with_another_reader(result: Result) -> None:
    """What cuemark writes is read with the times and texts that pysubs2 reads."""
    rendered = render_all(("srt", "vtt"), result, WritingOptions())
    for form in ("srt", "vtt"):
        text = rendered.contents[form].decode()
        theirs = pysubs2.SSAFile.from_string(text, format_=form, keep_html_tags=True) if "-->" in text else []
        read = [(cue.start, cue.end, "\n".join(cue.text)) for cue in parse_captions(text, form).cues]

        assert read == [(cue.start, cue.end, cue.text.replace("\\N", "\n")) for cue in theirs]
