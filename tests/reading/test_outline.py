from __future__ import annotations

import pytest

from tests.reading.views import notes, read, turns

SPEECH = "**Ann**: One."


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("7: A Show\n===", "7: A Show"),
        ("# [7 A Show](https://example.org) #", "7 A Show"),
        ("## A Part", None),
    ],
)
def test_title(heading: str, title: str | None) -> None:
    """Takes the first heading of the first level, its link's text, for the title, and no other."""
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
    ],
)
def test_panel(panel: str) -> None:
    """Reads the names of the panel, without what is said of them, and takes them for no speech."""
    text = f"{panel}\n\n{SPEECH}"
    assert (read(text).panel, turns(text), read(text).sections) == (("Ann Lee", "Bo Ek"), [("Ann", "One.")], ())


@pytest.mark.parametrize(
    "contents",
    [
        "Table Of Contents:\n\n1. [A](#a)\n   * B\n2. C",
        "## Contents\n\n* A",
        "1. [A](#a)\n2. [B](#b)",
        "Links:\n\n* [A](https://example.org)",
    ],
)
def test_lists_that_nobody_reads_out(contents: str) -> None:
    """Takes contents and links for no speech."""
    assert turns(f"{SPEECH}\n\n{contents}") == [("Ann", "One.")]


def test_sections() -> None:
    """Names the headings that part the episode, with the first utterance at or after each."""
    text = f"# Title\n\n## A ##\n\n{SPEECH}\n\nB [b](#b)\n---\n\n### C\n\n{SPEECH}\n\n## 12:30\n\n{SPEECH}\n\n## D"
    sections = read(text).sections
    assert [(section.title, section.utterance) for section in sections] == [("A", 0), ("B b", 1), ("C", 1), ("D", 3)]
    assert read(text).source[slice(sections[1].chars.start, sections[1].chars.end)] == "B [b](#b)\n---"


def test_rule_below_a_turn() -> None:
    """Takes dashes below a turn for a rule, which makes no heading of what is said."""
    assert turns("**Ann**: One.\n---\nTwo.\nThree.\n---") == [("Ann", "One. Two. Three.")]


@pytest.mark.parametrize(
    ("comment", "clock"),
    [
        ("<!-- Continue at 9:30! -->", "9:30"),
        ("<!--continue from 01:09:30.5-->", "01:09:30.5"),
        ("<!-- 9:30: resume here -->", "9:30"),
        ("<!-- I stopped after 0:10 of work,\n at 9:30 -->", "0:10"),
        ("<!-- typed from 0:10, pick up at 9:30 -->", "9:30"),
    ],
)
def test_note_in_a_comment(comment: str, clock: str) -> None:
    """Finds a note in any wording that has a time and says to go on, and takes the time after that word."""
    assert notes(f"{SPEECH}\n\n{comment}\n\n") == [("comment", comment, clock)]


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- Drafted by cuemark from 9:31 -->",
        "<!-- sponsor at 9:30 -->",
        "<!-- continue soon -->",
        "```\n<!-- Continue at 9:30 -->\n```",
        "Continue at 9:30",
    ],
)
def test_no_note(comment: str) -> None:
    """Takes no comment for a note that lacks the time or the word, and nothing but a comment."""
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
    """Takes a heading that is only a time for a note where nothing or WIP follows, and that WIP for a part of it."""
    found = notes(f"{SPEECH}\n\n{end}")
    assert [(form, text) for form, text, _ in found] == [("heading", note)]
    assert all(section.title == "Plugs" for section in read(f"{SPEECH}\n\n{end}").sections)


def test_time_above_speech_is_no_note() -> None:
    """Takes a heading that is only a time, with speech below it, for neither a note nor a section."""
    text = f"{SPEECH}\n\n## 16:12\n\n{SPEECH}"
    assert (notes(text), read(text).sections, len(turns(text))) == ([], (), 2)


def test_todo() -> None:
    """Finds a TODO with a time only where it stands alone on its line, even within a paragraph."""
    text = f"TODO 0:10 is in here\n\n{SPEECH}\nTODO 12:00\n\nWIP\n\n* TODO: continue at 13:00"
    assert notes(text) == [("todo", "TODO 12:00", "12:00"), ("todo", "TODO: continue at 13:00", "13:00")]
    assert turns(text) == [(None, "TODO 0:10 is in here"), ("Ann", "One.")]


def test_several_notes() -> None:
    """Gives the notes in the order in which they stand."""
    text = f"<!-- Continue at 0:30 -->\n\n{SPEECH}\n\nTODO 12:00\n\n<!-- Stopped at 9:30 -->"
    assert [clock for _, _, clock in notes(text)] == ["0:30", "12:00", "9:30"]
