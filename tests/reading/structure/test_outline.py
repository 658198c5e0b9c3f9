from __future__ import annotations

import pytest

from tests.reading.views import notes, read, turns

SPEECH = "**Ann**: One."


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("7: A Show\n===", "7: A Show"),
        ("# [7 A Show](https://example.org) #", "7 A Show"),
        ("Our Show: Bees\n===", "Our Show: Bees"),
        ("[Our Show: Bees](https://example.org)\n==============", "Our Show: Bees"),
        ("**Bo**: It is so.\n===", None),
        ("## A Part", None),
    ],
)
def test_title(heading: str, title: str | None) -> None:
    """The first heading of the first level is the title, with its link's text; no other heading is."""
    assert read(f"{heading}\n\n{SPEECH}\n\n# Another").title == title


@pytest.mark.parametrize(
    "panel",
    [
        "Panel:\n\n* Ann Lee\n* [Bo Ek](https://example.org)",
        "**Panel:**\n\n- Ann Lee (@ann)\n\n- Bo Ek, host",
        "## Panelists\n\n1. Ann Lee - our host\n2. Bo Ek",
        "Panel:\nAnn Lee\nBo Ek",
        "Panel: Ann Lee, Bo Ek",
        "Panelists: Ann Lee and Bo Ek",
        "Hosts:\n\n* Ann Lee\n\nGuests:\n\n* Bo Ek",
        "**Hosts:** Ann Lee\n\n**Guests:** Bo Ek",
    ],
)
def test_panel(panel: str) -> None:
    """The names of the panel are read, without descriptions, and are not speech."""
    text = f"{panel}\n\n{SPEECH}"
    assert (read(text).panel, turns(text), read(text).sections) == (("Ann Lee", "Bo Ek"), [("Ann", "One.")], ())


@pytest.mark.parametrize(
    "contents",
    [
        "Table Of Contents:\n\n1. [A](#a)\n   * B\n2. C",
        "## Contents\n\n* A",
        "1. [A](#a)\n2. [B](#b)",
        "Links:\n\n* [A](https://example.org)",
        "Guests: Bo Ek",
        "## Hosts\n\n* Ann\n\n## Start",
    ],
)
def test_lists_that_are_not_spoken(contents: str) -> None:
    """Contents and links are not speech; half a panel is not a panel, since others speak too."""
    text = f"{contents}\n\n{SPEECH}\n\n## End"
    assert (turns(text), read(text).panel) == ([("Ann", "One.")], ())


def test_sections() -> None:
    """The headings that divide the episode are sections, each with the first utterance at or after it."""
    text = f"# Title\n\n## A ##\n\n{SPEECH}\n\nB [b](#b)\n---\n\n### C\n\n{SPEECH}\n\n## 12:30\n\n{SPEECH}\n\n## D"
    sections = read(text).sections
    assert [(section.title, section.utterance) for section in sections] == [("A", 0), ("B b", 1), ("C", 1), ("D", 3)]
    assert read(text).source[slice(sections[1].chars.start, sections[1].chars.end)] == "B [b](#b)\n---"


@pytest.mark.parametrize(
    "line", ["Note: check the name.", "**Links:** [A](#a), [B](#b)", "*Editor's note*: cut\nhere."]
)
def test_editors_lines(line: str) -> None:
    """A paragraph that begins like an editor's line is not speech, and the turn continues below it."""
    assert turns(f"{SPEECH}\n\n{line}\n\nTwo.") == [("Ann", "One. Two.")]


def test_speech_below_an_editors_line() -> None:
    """A turn directly below an editor's line is not lost."""
    assert turns(f"Note: check.\n{SPEECH}") == [(None, "Note: check."), ("Ann", "One.")]


@pytest.mark.parametrize(("rule", "is_heading"), [("-----------", True), ("---------------", False), ("---", False)])
def test_section_with_a_colon(rule: str, is_heading: bool) -> None:  # noqa: FBT001 -- a value to compare with
    """Text with a colon above dashes is a heading if they have its length, else it is speech."""
    text = f"{SPEECH}\n\nPart 2: Bees\n{rule}\n\nTwo."
    assert [section.title for section in read(text).sections] == ["Part 2: Bees"] * is_heading
    assert turns(text) == ([("Ann", "One."), ("Ann", "Two.")] if is_heading else [("Ann", "One. Part 2: Bees Two.")])


def test_rule_below_a_turn() -> None:
    """Dashes below a turn are a rule, and the turn is not a heading."""
    assert turns("**Ann**: One.\n---\nTwo.\nThree.\n---") == [("Ann", "One. Two. Three.")]


@pytest.mark.parametrize(
    ("comment", "clock"),
    [
        ("<!-- Continue at 9:30! -->", "9:30"),
        ("<!--continue from 01:09:30.5-->", "01:09:30.5"),
        ("<!-- 9:30: resume here -->", "9:30"),
        ("<!-- I stopped after 0:10 of work,\n at 9:30 -->", "0:10"),
        ("<!-- typed from 0:10, pick up at 9:30 -->", "9:30"),
        ("<!-- Transcript continues at 9:30 -->", "9:30"),
        ("<!-- TODO 9:30 -->", "9:30"),
        ("<!-- WIP, from 9:30! -->", "9:30"),
    ],
)
def test_note_in_a_comment(comment: str, clock: str) -> None:
    """A comment with a time and a word for continuing is a note in any wording; the time after that word counts."""
    assert notes(f"{SPEECH}\n\n{comment}\n\n") == [("comment", comment, clock)]


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- Drafted by cuemark from 9:31 -->",
        "<!-- sponsor at 9:30 -->",
        "<!-- The music stops at 9:30 -->",
        "<!-- The jingle continues until 9:30 -->",
        "<!-- TODO: check the name at 9:30 -->",
        "<!-- continue soon -->",
        "```\n<!-- Continue at 9:30 -->\n```",
        "Continue at 9:30",
    ],
)
def test_no_note(comment: str) -> None:
    """A comment without the time or the word is not a note, and neither is text outside a comment."""
    assert notes(f"{SPEECH}\n\n{comment}") == []


@pytest.mark.parametrize(
    ("end", "note"),
    [
        ("## 16:12\n\nWIP\n", "## 16:12\n\nWIP"),
        ("## 16:12", "## 16:12"),
        ("## [1:16:12]\n\n(wip)\n\n## Plugs\n\nMore.", "## [1:16:12]\n\n(wip)"),
        ("16:12\n---\n\n***\n\n## Plugs", "16:12\n---"),
    ],
)
def test_note_in_a_heading(end: str, note: str) -> None:
    """A heading that is only a time is a note if nothing or WIP follows, and the WIP is part of the note."""
    found = notes(f"{SPEECH}\n\n{end}")
    assert [(form, text) for form, text, _ in found] == [("heading", note)]
    assert all(section.title == "Plugs" for section in read(f"{SPEECH}\n\n{end}").sections)


def test_time_above_speech_is_no_note() -> None:
    """A heading that is only a time, with speech below it, is neither a note nor a section."""
    text = f"{SPEECH}\n\n## 16:12\n\n{SPEECH}"
    assert (notes(text), read(text).sections, len(turns(text))) == ([], (), 2)


def test_todo() -> None:
    """A TODO with a time is a note only if it is alone on its line, even within a paragraph."""
    text = f"TODO 0:10 is in here\n\n{SPEECH}\nTODO 12:00\n\nWIP\n\n* TODO: continue at 13:00"
    assert notes(text) == [("todo", "TODO 12:00", "12:00"), ("todo", "TODO: continue at 13:00", "13:00")]
    assert turns(text) == [(None, "TODO 0:10 is in here"), ("Ann", "One.")]


def test_several_notes() -> None:
    """The notes are in the order of their places."""
    text = f"<!-- Continue at 0:30 -->\n\n{SPEECH}\n\nTODO 12:00\n\n<!-- Stopped at 9:30 -->"
    assert [clock for _, _, clock in notes(text)] == ["0:30", "12:00", "9:30"]
