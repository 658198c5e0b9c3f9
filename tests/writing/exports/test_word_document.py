from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

from docx2python import docx2python
from hypothesis import given, settings
from lxml import etree

from pipeline.schema import Transcript
from pipeline.times import Span
from pipeline.writing.exports.word_document import render_docx
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn, ShownWord
from tests.factories import transcript
from tests.writing.exports.turn_samples import hostile_turns, turn

WORDS = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}

EPISODE = transcript(
    """
    # 7: The Slow Build

    ## Introduction

    **Ann**: Hello.

    ## Left out

    **Bo**: Nobody heard this.

    ## The & end

    **Ann**: Bye.
    """
)
NOTHING = replace(EPISODE, title=None, sections=())


def paragraphs(content: bytes) -> list[str]:
    """The text of each paragraph, as docx2python has it; a line break is a newline."""
    with docx2python(BytesIO(content)) as document:
        return document.text.split("\n\n") if document.text else []


def xml(content: bytes) -> etree._Element:
    """The document's part of the archive, whose parts are all whole."""
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return etree.fromstring(archive.read("word/document.xml"))


def test_headings_are_above_their_turns() -> None:
    """Title and sections are headings; a section of which nothing was found has none."""
    turns = [turn("Ann", "Hello."), turn("Ann", "Bye.", 3_661_000, index=2)]
    content = render_docx(turns, EPISODE, "en")
    styles = [one.get(f"{{{WORDS['w']}}}val") for one in xml(content).iterfind(".//w:pStyle", WORDS)]

    assert paragraphs(content) == [
        "7: The Slow Build",
        "Introduction",
        "[0:00] Ann: Hello.",
        "The & end",
        "[1:01:01] Ann: Bye.",
    ]
    assert styles == ["Title", "Heading1", "Heading1"]


def test_a_turn_is_one_paragraph_with_its_speaker_in_bold() -> None:
    """A blank line within a turn is a line break; nothing but the name is bold."""
    words = (
        ShownWord("So", Span(0, 300), "space"),
        ShownWord("what", Span(300, 600), "space"),
        ShownWord("is", Span(600, 900), "paragraph"),
        ShownWord("it?", Span(900, 1_000), "space"),
    )
    content = render_docx([ShownTurn(0, "Ann Lee", words)], NOTHING, "en")
    runs = xml(content).findall(".//w:p/w:r", WORDS)

    assert ["".join(run.itertext()) for run in runs] == ["[0:00] ", "Ann Lee: ", "So whatis it?"]
    assert [run.find("w:rPr/w:b", WORDS) is not None for run in runs] == [False, True, False]
    assert len(xml(content).findall(".//w:br", WORDS)) == 1


def test_a_language_from_right_to_left_has_its_direction() -> None:
    """Paragraphs and runs say so; others say nothing."""
    turns = [turn("דנה", "שלום")]

    assert len(xml(render_docx(turns, NOTHING, "he")).findall(".//w:p/w:pPr/w:bidi", WORDS)) == 1
    assert len(xml(render_docx(turns, NOTHING, "he")).findall(".//w:r/w:rPr/w:rtl", WORDS)) == 3
    assert xml(render_docx(turns, NOTHING, "en")).find(".//w:bidi", WORDS) is None


def test_the_same_turns_give_the_same_bytes() -> None:
    """No date of its writing and nobody's name is in the file."""
    content = render_docx([turn("Ann", "Hello.")], EPISODE, "en")

    assert content == render_docx([turn("Ann", "Hello.")], EPISODE, "en")
    with ZipFile(BytesIO(content)) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"python-docx" not in archive.read("docProps/core.xml")


@settings(max_examples=25)
@given(hostile_turns())
def test_whatever_was_typed_is_text(turns: tuple[ShownTurn, ...]) -> None:
    """Each turn is one paragraph, which has the name and the words and nothing else."""
    empty: Transcript = NOTHING
    texts = ["".join(one.itertext()) for one in xml(render_docx(turns, empty, "en")).iterfind(".//w:p", WORDS)]

    assert [_without_space(text.partition("] ")[2]) for text in texts] == [
        _without_space((f"{one.speaker}: " if one.speaker else "") + line_text(one.words)) for one in turns
    ]


def _without_space(text: str) -> str:
    return "".join(text.split())
