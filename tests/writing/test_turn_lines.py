"""Turns as lines; that any turn is read back is a law in ``test_finished``."""

from __future__ import annotations

import pytest

from pipeline.reading.structure.file_style import FileStyle, LabelForm, read_file_style
from pipeline.reading.transcript import parse
from pipeline.schema import DraftTurn
from pipeline.times import Span
from pipeline.writing.turn_lines import UNNAMED_LABEL, TurnStyle, turn_style, write_turns

OWN_LINE = FileStyle(label=LabelForm(closing=":**", gap="\n\n"))


def style_of(file_style: FileStyle, *turns: DraftTurn, times: bool = False) -> TurnStyle:
    """Return the style of turns in an empty document."""
    return turn_style(parse(""), file_style, turns, times=times)


def turn(text: str, name: str | None = "Ann Lee") -> DraftTurn:
    """Return a drafted turn that begins at 0:17."""
    return DraftTurn(name, Span(17_000, 20_000), (), text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Well, so.", "**Ann Lee:**\n\nWell, so."),
        ("Note: so.", "**Ann Lee:** Note: so."),
        ("Panel", "**Ann Lee:** Panel"),
        ("Well.\n\nSo.", "**Ann Lee:**\n\nWell.\n\nSo."),
        ("That is all we have.\n\nShow notes: so.", "**Ann Lee:**\n\nThat is all we have. Show notes: so."),
    ],
)
def test_no_paragraph_begins_like_an_editors_line(text: str, written: str) -> None:
    """Text that would be read as no speech follows its label on the same line, or the paragraph before it."""
    one = turn(text)

    assert write_turns([one], style_of(OWN_LINE, one)) == written


def test_a_label_has_its_time_where_the_file_has_times() -> None:
    """The time precedes the label, or its colon, in the notation of the file."""
    one = turn("So.")
    before = read_file_style(parse("0:01 - **Ann Lee**: hi"))
    inside = read_file_style(parse("**Ann Lee (0:01):** hi"))

    assert write_turns([one], style_of(before, one, times=True)) == "0:17 - **Ann Lee**: So."
    assert write_turns([one], style_of(inside, one, times=True)) == "**Ann Lee (0:17):** So."


def test_a_speaker_without_a_name_has_the_unnamed_label() -> None:
    """No name, and a name that no label can carry, give the label without a name."""
    style = style_of(FileStyle())

    assert [style.label(name)[1] for name in (None, "Notes", "Bo")] == [UNNAMED_LABEL, UNNAMED_LABEL, "**Bo**:"]


def test_turns_are_wrapped_and_quoted_as_the_file_is() -> None:
    """Lines end at the column, wrapped ones are indented, and every line of a quotation is quoted."""
    one = turn("So this is it, and no more.")
    wrapped = FileStyle(column=24, indent="  ")
    quoted = FileStyle(prefix="> ")

    assert write_turns([one], style_of(wrapped, one)) == "**Ann Lee**: So this is\n  it, and no more."
    assert write_turns([one, one], style_of(quoted, one)) == (
        "> **Ann Lee**: So this is it, and no more.\n>\n> **Ann Lee**: So this is it, and no more."
    )
