"""A file's own hand."""

from __future__ import annotations

from textwrap import fill

import pytest
from hypothesis import given

from pipeline.reading.structure.document_frame import DocumentFrame, read_frame
from pipeline.reading.structure.draft_comments import END_OF_DRAFT, draft_comment, find_draft_comments
from pipeline.reading.structure.file_style import FileStyle, LabelForm, colon_start, read_file_style
from pipeline.reading.transcript import parse
from pipeline.times import ClockStyle
from tests.episodes.kept_hearing import TRANSCRIPT
from tests.strategies import sources


@pytest.mark.parametrize(
    ("source", "form"),
    [
        ("**Ann**: hi\n\n**Bo**: ho", LabelForm("**", "**:", " ")),
        ("**Ann:** hi\n\n**Bo:** ho\n\n**Cy**: well", LabelForm("**", ":**", " ")),
        ("**Ann:**\n\nhi\n\n**Bo:**\n\nho", LabelForm("**", ":**", "\n\n")),
        ("**Ann:**\nhi\n\n**Bo:**\nho", LabelForm("**", ":**", "\n")),
        ("Ann: hi\n\nBo: ho\n\nAnn: hi\n\nBo: ho", LabelForm("", ":", " ")),
        ("ANN: hi\n\nBO: ho\n\nANN: hi\n\nBO: ho", LabelForm("", ":", " ", capitals=True)),
        ("__Ann__ : hi", LabelForm("__", "__ :", " ")),
        ("0:17 - **Ann**: hi", LabelForm("**", "**:", " ")),
        ("**Ann (0:17):** hi", LabelForm("**", ":**", " ")),
        ("**Ann:** \\[00:17.10\\] hi", LabelForm("**", ":**", " ")),
        ("**[Ann](https://example.org)**: hi", LabelForm("**", "**:", " ")),
        ("****: hi", LabelForm("**", "**:", " ")),
        ("no labels at all", LabelForm("**", "**:", " ")),
    ],
)
def test_labels(source: str, form: LabelForm) -> None:
    """The form that most labels have, without their times; the community's where there is none to follow."""
    assert read_file_style(parse(source)).label == form


LONG = "so this is what was said and typed by somebody who likes to wrap the lines of a text at some column " * 3


@pytest.mark.parametrize("column", [60, 72, 79, 80, 100])
@pytest.mark.parametrize("indent", ["", " ", "    "])
def test_wrapping(column: int, indent: str) -> None:
    """The column that the lines were wrapped at, to within what the text tells, and the indentation."""
    source = fill(f"**Ann**: {LONG}{LONG}", column, subsequent_indent=indent)
    found = read_file_style(parse(source))

    assert found.column is not None
    assert fill(f"**Ann**: {LONG}{LONG}", found.column, subsequent_indent=indent) == source
    assert found.indent == indent


def test_long_lines_and_lines_by_sense_are_not_wrapped() -> None:
    """One line for each paragraph, or one for each thought, is no column."""
    lengths = (9, 16, 11, 21, 13, 18, 10, 24, 15, 12, 19, 14)
    by_sense = "**Ann**: " + ",\n".join(" ".join(["line"] * length) for length in lengths)

    assert read_file_style(parse(f"**Ann**: {LONG}\n\n**Bo**: {LONG}")).column is None
    assert read_file_style(parse(by_sense)).column is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("- **Ann**: hi\n- **Bo**: ho", FileStyle(prefix="- ", blank_lines=0)),
        ("> **Ann**: hi\n>\n> **Bo**: ho", FileStyle(prefix="> ", blank_lines=1)),
        ("**Ann**: hi\r\n\r\n\r\n**Bo**: ho", FileStyle(ending="\r\n", blank_lines=2)),
        ("", FileStyle()),
    ],
)
def test_what_is_around_turns(source: str, expected: FileStyle) -> None:
    """List and quote marks, blank lines and line endings."""
    assert read_file_style(parse(source)) == expected


def test_times() -> None:
    """A typed time at a label is a habit, one inside a text is none."""
    assert read_file_style(parse("0:17 - **Ann**: hi")).has_times
    assert not read_file_style(parse("**Ann**: hi \\[0:17\\] there")).has_times


@given(sources())
def test_any_file_has_habits(source: str) -> None:
    """Whatever a file holds, its habits can be read, and its frame too."""
    found = read_file_style(parse(source))

    assert found.ending in ("\n", "\r\n", "\r")
    assert read_frame(source) is not None


def test_colons() -> None:
    """The colon of a label, with its marks, in each form."""
    assert [colon_start(label) for label in ("**A**:", "**A:**", "A:", "**A:**:", "A")] == [5, 3, 1, 3, None]


def test_the_frame_is_the_samples() -> None:
    """The example's frame is the community's; other forms are kept, and what is missing stays missing."""
    other = "# My Show\n\n### Participants\n\n- Ann\n- Bo\n\nOne\n---\n\n**Ann**: hi\n"

    assert read_frame(TRANSCRIPT.read_text(encoding="utf-8")) == DocumentFrame()
    assert read_frame("") == DocumentFrame()
    assert read_frame(other) == DocumentFrame("# ", "### Participants", "- ", None, "1. ", "---")


def test_the_comment_is_found_again_and_is_no_note() -> None:
    """The comment above a draft is known by its words, and neither it nor the one below is a note or speech."""
    comment = draft_comment(571_900, ClockStyle())
    source = f"**Ann**: hi\n\n{comment}\n\n**Bo**: ho\n\n{END_OF_DRAFT}\n"

    assert [source[chars.start : chars.end] for chars in find_draft_comments(source)] == [comment]
    assert (parse(source).notes, len(parse(source).words), len(parse(source).utterances)) == ((), 2, 2)
