"""Issues of labels, as ``find_issues`` reports them among all others of the same lines."""

from __future__ import annotations

import pytest

from pipeline.reading.lint.lint import LintIssue, find_issues
from pipeline.reading.transcript import parse

PANEL = "Panel:\n\n* Ann Lee\n* Bo Ek\n\n"
TALK = "**Ann Lee**: Hello to all of you.\n\n**Bo Ek**: And hello from me.\n\n"
NO_TIME = "cannot be read as a time; write it like 9:30 or 1:02:03"


def issues(source: str) -> tuple[LintIssue, ...]:
    """Return all issues of a source."""
    return find_issues(parse(source))


def reported(source: str) -> list[tuple[str, int, str, str]]:
    """Return kind, line, message and text of each issue."""
    return [(issue.kind, issue.line, issue.message, issue.text) for issue in issues(source)]


@pytest.mark.parametrize(
    ("label", "kind", "message"),
    [
        ("**Bo Ek:**:", "double-colon", "read as the label of Bo Ek; one colon is enough"),
        ("**Bo Ek**::", "double-colon", "read as the label of Bo Ek; one colon is enough"),
        ("****:", "empty-label", "the label has no name"),
        ("**???**:", "empty-label", "the label has no name"),
    ],
)
def test_labels_that_are_not_quite_right(label: str, kind: str, message: str) -> None:
    """A label with two colons is reported with what it is read as, and a label without a name is reported."""
    assert reported(f"{PANEL}{TALK}{label} Yes.\n") == [(kind, 10, message, label)]


def test_labels_without_words() -> None:
    """A speaker's label without words is reported; "Break" is no speaker, and its label is intended."""
    source = f"{PANEL}{TALK}**Bo Ek**:\n\n****:\n\n**Break:** \\[00:11:37.24\\]\n\n**Ann Lee:**\n\nBelow it.\n"

    assert reported(source) == [
        ("empty-label", 10, "no words follow the label of Bo Ek; it is skipped", "**Bo Ek**:"),
        ("empty-label", 12, "the label has no name, and no words follow", "****:"),
    ]


def test_a_label_with_a_time_and_no_words_says_when_nobody_speaks() -> None:
    """A break with the time at which it begins is intended, also if another one has an end; a speaker's is not."""
    source = "**Break:** [0:30] to [0:40]\n\n**Break:** [0:50]\n\n"
    assert reported(TALK + source + TALK) == []
    assert reported(f"{TALK * 3}**Bo Ek**: [0:30]\n\n{TALK}") == [
        ("empty-label", 13, "no words follow the label of Bo Ek; it is skipped", "**Bo Ek**:")
    ]
    assert [kind for kind, *_ in reported(f"{PANEL}{TALK}**Bo Ek**: [0:30]\n\n")] == ["empty-label"]


@pytest.mark.parametrize(
    ("line", "text", "why"),
    [
        ("**Bo Ek** Yes.", "**Bo Ek**", "looks like the label of Bo Ek, but has no colon; read as speech"),
        (
            "0:17 - **Bo Ek** - Yes.",
            "0:17 - **Bo Ek**",
            "looks like the label of Bo Ek, but has no colon; read as speech",
        ),
        ("Bo Ek\nYes.", "Bo Ek", "looks like the label of Bo Ek, but has no colon; read as speech"),
        (
            "**Bo Ek: Yes.",
            "**Bo Ek:",
            "looks like the label of Bo Ek, but only half of its ** are there; read as speech",
        ),
        (
            "Bo Ek:** Yes.",
            "Bo Ek:**",
            "looks like the label of Bo Ek, but only half of its ** are there; read as speech",
        ),
        (
            "Bo Ek**: Yes.",
            "Bo Ek**:",
            "looks like the label of Bo Ek, but only half of its ** are there; read as speech",
        ),
        ("Ann: Yes.", "Ann:", "read as speech, not as a label, because Ann is not on the panel and has no other turn"),
        ("*Bo*: Yes.", "*Bo*:", "read as speech, not as a label, because Bo is not on the panel and has no other turn"),
    ],
)
def test_lines_that_look_like_a_label(line: str, text: str, why: str) -> None:
    """A line that begins with a panel name and is read as speech is reported."""
    assert reported(f"{PANEL}{TALK}{line}\n") == [("possible-label", 10, why, text)]


@pytest.mark.parametrize(
    "line",
    [
        "So: here we are.", "Star Wars: A New Hope.", "**Note** that.", "**Really**, yes.", "Ann said yes.",
        "Ann Lee is here.", "Example Code: this.", "**Warning**: hot.", "12: a show.", "Ratio 3:4, at 9 o'clock.",
        "Daniel: no, that is not what Ann said.", "http://example.org/: a place", "*Ann Lee* said so.",
    ],
)  # fmt: skip
def test_speech_is_no_label(line: str) -> None:
    """Words with a colon, or in bold, that are near no name are not reported."""
    source = f"{PANEL}{TALK}{line}\n"
    unknown = [issue for issue in issues(source) if issue.kind != "unknown-name"]

    assert unknown == []


def test_a_plain_name_among_plain_labels() -> None:
    """A name that occurs once is a label where the file's others are written so; among bold labels it is text."""
    talk = "Ann Lee: Hello.\n\nBo Ek: Hello.\n\n" * 2

    assert reported(f"{talk}Cy Dunn: Hello.\n") == []
    assert parse(f"{talk}Cy Dunn: Hello.\n").utterances[-1].speaker == "Cy Dunn"
    assert reported(f"{TALK * 2}Cy Dunn: Hello.\n") == []
    assert parse(f"{TALK * 2}Cy Dunn: Hello.\n").utterances[-1].speaker == "Bo Ek"


def test_code_is_what_somebody_says() -> None:
    """A label above code has no words, and is not empty."""
    assert reported(f"{PANEL}{TALK}**Bo Ek**:\n\n```\nlamp.on()\n```\n\n**Ann Lee**: It is on.\n") == []


@pytest.mark.parametrize("line", ["- July: five days in Berlin with all", "Rules of Tea:", "Website: example.org"])
def test_items_and_headings_are_no_doubtful_labels(line: str) -> None:
    """An item of a list, a heading of what follows and a key with its value are not what somebody says."""
    talk = "Ann: Hello to all of you.\n\nBo: Hello.\n\n" * 2
    assert reported(f"{talk}{line}\n\nAnn: So it is.\n") == []


def test_names_in_a_list_are_no_labels() -> None:
    """People who volunteered, one in each item of a list, are no turns that lost their colons."""
    assert reported(f"{PANEL}{TALK}They are these:\n\n* Bo Ek\n* Ann Lee\n") == []


def test_a_turn_of_laughter_alone_has_no_empty_label() -> None:
    """What is written after a label may be no speech; only a label with nothing after it is reported."""
    assert reported(f"{PANEL}{TALK}**Bo Ek**: \\[laughs\\]\n\n**Ann Lee**: It grew.\n") == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("9.30 - **Bo Ek**: Yes.", "9.30"),
        ("[0:75] **Bo Ek**: Yes.", "[0:75]"),
        ("1h02m03s Bo Ek: Yes.", "1h02m03s"),
        ("**Bo Ek**: Yes [00:04:08:12] and no.", "[00:04:08:12]"),
        ("**Bo Ek**: Yes \\[0:99\\] and no.", "\\[0:99\\]"),
    ],
)
def test_times_that_cannot_be_read(line: str, text: str) -> None:
    """Text in the place or the brackets of a time that is no time is reported."""
    assert reported(f"{PANEL}{TALK}{line}\n") == [("other-timestamps", 10, NO_TIME, text)]
