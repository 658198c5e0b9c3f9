"""The style of a file."""

from __future__ import annotations

from textwrap import fill

import pytest
from hypothesis import given

from pipeline.reading.structure.document_frame import read_frame
from pipeline.reading.structure.file_style import FileStyle, LabelForm, colon_start, read_file_style
from pipeline.reading.transcript import parse
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
    """The form of most labels is found, without their times; the default if there is no evidence."""
    assert read_file_style(parse(source)).label == form


LONG = "so this is what was said and typed by somebody who likes to wrap the lines of a text at some column " * 3


@pytest.mark.parametrize("column", [60, 72, 79, 80, 100])
@pytest.mark.parametrize("indent", ["", " ", "    "])
def test_wrapping(column: int, indent: str) -> None:
    """The column at which the lines were wrapped is found, as exactly as the text shows it, and the indentation."""
    source = fill(f"**Ann**: {LONG}{LONG}", column, subsequent_indent=indent)
    found = read_file_style(parse(source))

    assert found.column is not None
    assert fill(f"**Ann**: {LONG}{LONG}", found.column, subsequent_indent=indent) == source
    assert found.indent == indent


def test_long_lines_and_lines_by_sense_are_not_wrapped() -> None:
    """One line for each paragraph, or for each thought, has no column."""
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
def test_what_surrounds_turns(source: str, expected: FileStyle) -> None:
    """List and quote marks, blank lines and line endings are part of the style."""
    assert read_file_style(parse(source)) == expected


def test_times() -> None:
    """A typed time at a label is part of the style, one inside a text is not."""
    assert read_file_style(parse("0:17 - **Ann**: hi")).has_times
    assert not read_file_style(parse("**Ann**: hi \\[0:17\\] there")).has_times


SHOW_STYLE = FileStyle(
    LabelForm("", ":"), column=72, indent="  ", prefix="* ", blank_lines=0, has_times=True, is_given=True
)


@pytest.mark.parametrize("source", ["", "Title\n=====\n\n<!-- Continue at 0:00! -->\n", "Some words alone.\n"])
def test_a_file_without_evidence_follows_its_show(source: str) -> None:
    """As long as nothing in the file says otherwise, its style is that of the show, but for its own line ending."""
    assert read_file_style(parse(source), SHOW_STYLE) == SHOW_STYLE
    assert read_file_style(parse(source.replace("\n", "\r\n")), SHOW_STYLE).label == SHOW_STYLE.label


def test_a_file_with_labels_has_its_own_style() -> None:
    """What the file shows wins; what it does not show yet is that of the show."""
    style = read_file_style(parse("**Ann:** One two.\n\n\n**Bo:** Three.\n"), SHOW_STYLE)

    assert (style.label, style.prefix, style.blank_lines) == (LabelForm("**", ":**"), "", 2)
    assert (style.column, style.indent) == (72, "  ")


@given(sources())
def test_any_file_has_a_style(source: str) -> None:
    """Whatever a file contains, its style and its frame can be read."""
    found = read_file_style(parse(source))

    assert found.ending in ("\n", "\r\n", "\r", "\v", "\u2028", "\u2029")
    assert read_frame(source) is not None


def test_colons() -> None:
    """The colon of a label is found, with its markup, in each form."""
    assert [colon_start(label) for label in ("**A**:", "**A:**", "A:", "**A:**:", "A")] == [5, 3, 1, 3, None]
