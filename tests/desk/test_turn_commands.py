"""Commands about turns: edits in the file's own form that the reader then understands as meant."""

from __future__ import annotations

import pytest

from pipeline.desk.turn_commands import CommandError, TurnEdit, merge_turn, rename_speaker, set_speaker, split_turn
from pipeline.reading.edits import apply
from pipeline.reading.structure.file_style import FileStyle, read_file_style
from pipeline.reading.transcript import parse
from pipeline.schema import Result
from tests.factories import result as made_result

BOLD = "# 3: Tea with Ann\n\nPanel\n\n* Ann\n* Bo\n\n**Ann**: Hello to all. How are you?\n\n**Bo**: I am fine.\n"
PLAIN = "[0:01] ANN: Hello to all. How are you?\n\n[0:05] BO: I am fine.\n\n[0:09] ANN: Good.\n\n[0:12] BO: Bye.\n"
FORMS = {"bold": BOLD, "plain": PLAIN, "crlf": BOLD.replace("\n", "\r\n")}


def prepared(source: str) -> tuple[Result, FileStyle]:
    """A result for a text, and its style."""
    made = made_result(parse(source))
    return made, read_file_style(made.transcript)


def speakers(source: str) -> list[str | None]:
    """Who speaks, turn by turn, as the reader understands a text."""
    return [one.speaker for one in parse(source).utterances]


def edited(source: str, made: TurnEdit) -> str:
    """The text after a command."""
    return apply(source, made.edits)


@pytest.mark.parametrize("form", FORMS)
def test_another_speaker(form: str) -> None:
    """The name in the label of the turn at the caret is replaced, and nothing else."""
    source = FORMS[form]
    made, style = prepared(source)
    name = "BO" if form == "plain" else "Bo"

    new = edited(source, set_speaker(made, style, source.index("How are"), "Bo"))

    assert speakers(new)[:2] == [name, name]
    assert new.replace(name, "", 1) == source.replace("ANN" if form == "plain" else "Ann", "", 1) or "Tea with" in new
    assert len(new) == len(source) - 1


def test_a_new_label() -> None:
    """A turn without a label gets one; a new name is written once."""
    source = "Hello to all.\n\nHow are you?\n"
    made, style = prepared(source)

    assert edited(source, set_speaker(made, style, 20, "Zoë  Ek")) == "Hello to all.\n\n**Zoë Ek**: How are you?\n"


@pytest.mark.parametrize("breaks", [1, 2])
def test_a_label_on_an_empty_line(breaks: int) -> None:
    """On an empty line below a turn a new turn begins, after a blank line."""
    source = "**Ann**: Hello to all." + "\n" * breaks
    made, style = prepared(source)

    new = edited(source, set_speaker(made, style, len(source), "Bo"))

    assert new == "**Ann**: Hello to all.\n\n**Bo**: "


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=("lf", "crlf"))
def test_a_label_above_the_note(ending: str) -> None:
    """A new turn on the empty line above the note is apart from it, and the caret is where its words are typed."""
    source = "**Ann**: Hello to all.\n\n<!-- Continue at 9:30! -->\n".replace("\n", ending)
    made, style = prepared(source)

    command = set_speaker(made, style, source.index(f"{ending}<!--"), "Bo")

    assert edited(source, command) == source.replace("<!--", "**Bo**: \n\n<!--".replace("\n", ending))
    assert command.caret == len("\n**Bo**: ")


@pytest.mark.parametrize("form", FORMS)
def test_split_and_merge(form: str) -> None:
    """A turn is divided before a word, with a label in the file's form; merging takes it back."""
    source = FORMS[form]
    made, style = prepared(source)
    name = "BO" if form == "plain" else "Bo"

    new = edited(source, split_turn(made, style, source.index("How are"), name))

    assert speakers(new)[:2] == [speakers(source)[0], name]
    again, _ = prepared(new)
    merged = edited(new, merge_turn(again, new.index("How are")))
    assert merged == source


def test_split_without_a_name() -> None:
    """A turn whose speaker is not known begins with the label that says so."""
    made, style = prepared(BOLD)

    assert "all.\n\n****: How are" in edited(BOLD, split_turn(made, style, BOLD.index("How"), None))


def test_rename_everywhere() -> None:
    """All labels with a name and the panel get the new one; a title and what is said stay."""
    source = BOLD.replace("I am fine", "I am fine, Ann") + "\n**Ann**: Good.\n"
    made, style = prepared(source)

    new = edited(source, rename_speaker(made, style, "Ann", "Anna Lee"))

    assert speakers(new) == ["Anna Lee", "Bo", "Anna Lee"]
    assert "# 3: Tea with Ann\n" in new
    assert "* Anna Lee\n* Bo" in new
    assert "fine, Ann." in new


def test_what_is_not_possible() -> None:
    """A command that has no place, or a name that is none, is refused."""
    made, style = prepared(BOLD)
    with pytest.raises(CommandError, match="precedes"):
        merge_turn(made, BOLD.index("Hello"))
    with pytest.raises(CommandError, match="between two"):
        split_turn(made, style, BOLD.index("I am"), "Ann")
    with pytest.raises(CommandError, match="no turn"):
        set_speaker(made, style, 3, "Bo")
    with pytest.raises(CommandError, match="a name has"):
        set_speaker(made, style, BOLD.index("fine"), "***")
    with pytest.raises(CommandError, match="no label"):
        rename_speaker(made, style, "Cy", "Dee")
