from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.lint.lint import LintIssue, find_issues
from pipeline.reading.markup.whitespace import split_lines
from pipeline.reading.transcript import parse
from pipeline.times import format_clock
from tests.strategies import LINE_ENDINGS, NAMES, sources

PANEL = "Panel:\n\n* Ann Lee\n* Bo Ek\n\n"
TALK = "**Ann Lee**: Hello to all of you.\n\n**Bo Ek**: And hello from me.\n\n"
CLEAN_WORDS = (
    "so", "We've", "hello,", "naïve", "0.8.3", "`apt-get`", "[shelf](https://example.org/a_(b))", "\\_start", "&amp;",
    "*very*", "**bold**", "[Laughter]", "(*sighs*)", "Bo [Ek]", "[unintelligible]", "😀", "שלום", "今日は", "why?",
    "that:", "R&D", "...", "[sic]", "don't",
)  # fmt: skip
NOTE = "write it as <!-- Continue at 9:30! -->"


def issues(source: str) -> tuple[LintIssue, ...]:
    """Return all issues of an indented block of source."""
    return find_issues(parse(dedent(source)))


def reported(source: str) -> list[tuple[str, int, str, str]]:
    """Return kind, line, message and text of each issue."""
    return [(issue.kind, issue.line, issue.message, issue.text) for issue in issues(source)]


def test_names_that_are_not_on_the_panel() -> None:
    """Each spelling is reported once, at its first label, with the name that is meant."""
    source = f"{PANEL}{TALK}0:17 - **Bo Eck**: Yes.\n\n**Dora Fox**: No.\n\n**Bo Eck:** Yes, again.\n"

    assert reported(source) == [
        ("name-variant", 10, "“Bo Eck” is not on the panel; Bo Ek is (2 turns)", "**Bo Eck**:"),
        ("unknown-name", 12, "“Dora Fox” is not on the panel (1 turn)", "**Dora Fox**:"),
    ]


def test_a_name_in_two_spellings() -> None:
    """Without a panel, the rarer spelling is reported."""
    assert reported(f"{TALK * 4}**Bo  ek**: Yes.\n\n**Anna Lee**: No.\n") == [
        ("name-variant", 17, "“Bo ek” (1 turn) is probably Bo Ek", "**Bo ek**:"),
        ("name-variant", 19, "“Anna Lee” (1 turn) is probably Ann Lee", "**Anna Lee**:"),
    ]


def test_a_name_that_two_people_have() -> None:
    """A short name of two people is reported with both, and neither of them is without a turn."""
    panel = "Panel:\n\n* Chris Lee\n* Chris Park\n* Ann Lee\n* Bo Ek\n\n"

    assert reported(f"{panel}{TALK}**Chris**: Yes.\n") == [
        ("name-variant", 12, "“Chris” is not on the panel; it may be Chris Lee or Chris Park (1 turn)", "**Chris**:")
    ]
    assert reported("**Chris Lee**: Yes.\n\n**Chris Park**: No.\n\n**Chris**: Well.\n\n**Park**: Oh.\n") == [
        ("name-variant", 5, "“Chris” (1 turn) may be Chris Lee or Chris Park", "**Chris**:"),
        ("name-variant", 7, "“Park” (1 turn) is probably Chris Park", "**Park**:"),
    ]


def test_a_guest_off_the_panel_in_two_spellings() -> None:
    """The name that is meant is not said to be on the panel."""
    panel = "Panel:\n\n* Ann Lee\n* Bo Ek\n\n"

    assert reported(f"{panel}{TALK}**Eve Gray**: Yes.\n\n**Gray**: No.\n")[1][2] == (
        "“Gray” is not on the panel; it is probably Eve Gray (1 turn)"
    )


def test_a_panel_name_without_a_turn_is_reported_at_the_end_only() -> None:
    """A name without a turn is reported if no note says that turns are to come; a misspelt name has turns."""
    ended = "Panel:\n\n* Cy Dunn\n* Ann Lee\n* Beau Ekman\n\n" + TALK.replace("Bo Ek", "Beau Eckman")
    issue = issues(ended)[0]

    assert (issue.kind, issue.line, issue.column, issue.understood) == ("unused-panel-name", 3, 3, True)
    assert [issue.kind for issue in issues(ended)] == ["unused-panel-name", "name-variant"]
    assert [issue.kind for issue in issues(f"{ended}<!-- Continue at 9:30! -->\n")] == ["name-variant"]


@pytest.mark.parametrize(
    ("times", "found"),
    [
        (["0:10", "0:20", "0:20", "1:00:00"], []),
        (["0:50", "1:00", "0:59", "1:20"], []),  # rounded in two ways
        (["0:50", "1:00", "0:58", "1:20"], [(3, "1:00 is later than 0:58 after it, in line 5")]),
        (["0:10", "9:00", "0:30", "0:40"], [(3, "9:00 is later than 0:30 after it, in line 5")]),
        (["0:50", "1:00", "0:30", "1:20"], [(5, "0:30 is earlier than 1:00 before it, in line 3")]),
        (
            ["0:50", "1:00", "1:10", "0:05", "0:06"],
            [(7, "0:05 is earlier than 1:10 before it, in line 5, and 1 more after it do not fit either")],
        ),
    ],
)
def test_times_out_of_order(times: list[str], found: list[tuple[int, str]]) -> None:
    """The fewest times that the others contradict are reported, adjacent ones together."""
    source = "".join(f"{time} - **Ann Lee**: Yes.\n\n" for time in times)

    assert [(line, message) for kind, line, message, _ in reported(source) if kind == "times-out-of-order"] == found
    assert len(issues(source)) == len(found)


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("<!-- Continue at 9.30! -->", f"looks like a note, but has no time like 9:30; {NOTE}"),
        ("<!-- TODO: continue here -->", f"looks like a note, but has no time like 9:30; {NOTE}"),
        ("<!-- todo 9h30 -->", f"looks like a note, but has no time like 9:30; {NOTE}"),
        ("Continue at 9:30!", f"looks like a note, but is read as speech; {NOTE}"),
        ("[Continue from 9.30]", f"looks like a note, but is read as speech; {NOTE}"),
        ("TODO 9.30", f"looks like a note, but is read as speech; {NOTE}"),
        ("## 9.30", f"looks like a time, but is read as a section's title; {NOTE}"),
    ],
)
def test_notes_that_cannot_be_read(note: str, message: str) -> None:
    """Text that is meant as a note and not read as one is reported."""
    assert reported(f"{PANEL}{TALK}{note}\n") == [("note-unreadable", 10, message, note)]


@pytest.mark.parametrize(
    "remark",
    [
        "<!-- a remark -->", "<!-- They continued for a while, see part 2. -->", "<!-- TODO: names -->",
        "## 2.0", "Continue at your own risk.", "## Node 0.8", "<!-- Drafted by cuemark from 9:31 -->",
    ],
)  # fmt: skip
def test_remarks_are_no_notes(remark: str) -> None:
    """Other comments, sections and words are not reported."""
    assert reported(f"{PANEL}{TALK}{remark}\n") == []


def test_several_notes_and_one_in_the_middle() -> None:
    """The issue says which note is updated, and that there are turns below it."""
    source = f"{TALK}<!-- Continue at 1:00! -->\n\n{TALK}TODO 2:00\n\n9:00 - {TALK}"

    assert reported(source) == [
        (
            "several-notes",
            5,
            "one of several notes; the last, in line 11, is kept up to date, this one stays",
            "<!-- Continue at 1:00! -->",
        ),
        (
            "note-in-the-middle",
            11,
            "2 turns below this note; cuemark moves it below them, unless it marks a hole before them",
            "TODO 2:00",
        ),
    ]


def test_a_note_that_an_earlier_time_contradicts() -> None:
    """A note with a time before one that is typed above it is reported."""
    assert reported("9:40 - **Ann Lee**: Yes.\n\n<!-- Continue at 9:30! -->\n") == [
        (
            "times-out-of-order",
            3,
            "the note says 9:30, but 9:40 is above it in line 1",
            "<!-- Continue at 9:30! -->",
        )
    ]


def test_line_endings_of_two_kinds() -> None:
    """They are reported at the first of the rarer kind; a byte order mark is no issue."""
    (issue,) = find_issues(parse("\ufeff**Ann**: Yes.\r\n\r\n**Ann**: No.\n\r\n**Ann**: Yes.\r\n"))

    assert issue == LintIssue(
        "mixed-line-endings",
        line=3,
        column=13,
        message="lines end in different ways: 4 with CRLF, 1 with LF; all are kept",
        text="",
    )


def test_lines_and_columns_are_those_of_an_editor() -> None:
    """Lines are counted by any line ending, columns in characters without a byte order mark."""
    source = "\ufeff**李雷**: 你 [好\r\r**Ann**: 😀 **b\r\n\r\n**Ann**: c `d"

    assert [
        (issue.line, issue.column, issue.text) for issue in find_issues(parse(source)) if issue.kind == "unclosed"
    ] == [
        (1, 11, "[好"),
        (3, 12, "**b"),
        (5, 12, "`d"),
    ]


def test_what_is_wrong_often_is_reported_once() -> None:
    """Repeated slips are one issue, at the first place, with their number and the last line."""
    found = issues(TALK + "**Ann Lee:**: Yes.\n\n" * 3)

    assert [(issue.kind, issue.line, issue.message) for issue in found] == [
        ("double-colon", 5, "read as the label of Ann Lee; one colon is enough (3 times, the last in line 9)"),
    ]


def test_nobody_is_named() -> None:
    """A file without any label is reported, and so are labels inside fenced code."""
    assert [issue.kind for issue in issues("One.\n\nTwo.\n\nThree.\n")] == ["no-labels"]
    hidden = "**Ann**: One.\n\n```\n**Bo**: Two.\n\n**Ann**: Three.\n```\n"
    assert [(issue.kind, issue.line) for issue in issues(hidden)] == [("hidden-labels", 3)]


def test_lines_that_begin_with_times() -> None:
    """Times that are read as typed times without brackets are counted; nothing has to be changed."""
    (found,) = [issue for issue in issues("0:01 One.\n\n0:04 Two.\n\n0:09 Three.\n") if issue.kind != "no-labels"]
    assert (found.kind, found.line, found.understood) == ("leading-times", 1, True)
    assert found.message == "3 lines without a label begin with a time, read as a typed time, not as speech"


def test_lines_with_a_label_are_not_counted_among_those_that_begin_with_times() -> None:
    """Only lines whose time is read as a typed time because of the others are counted: no label, no wrapped line."""
    lines = (
        "0:01 One.\n\n0:04 Three\n 0:05 is wrapped.\n\n0:09 Four.\n\n0:11 - **Ann**: So.\n\n"
        "**Ann** [0:12]: So.\n\n0:14 **Ann**: So.\n"
    )
    (found,) = [issue for issue in issues(lines) if issue.kind == "leading-times"]
    assert found.message.startswith("3 lines without a label begin with a time")


@pytest.mark.parametrize(
    "paragraph",
    [
        "**Ann**: so [this is\na long one\nthat ends] here.",
        "**Ann**: so [this is\n- a long one,\n- which ends] here.",
        "**Ann**: so [this is\n**Bob**: a long one\n**Ann**: that ends] here.",
        "> **Ann**: so [this is **Bob**: a\n> long one] here.",
    ],
    ids=["lines", "items", "turns", "a quotation"],
)
def test_brackets_of_several_lines_of_one_paragraph_are_closed(paragraph: str) -> None:
    """A bracket ends anywhere before the next blank line, also in another item or turn; after it, it does not."""
    assert [issue.kind for issue in issues(f"{paragraph}\n\n**Bob**: Two.\n\n**Ann**: One.\n")] == []
    assert [issue.text for issue in issues("**Ann**: so [this is\n\nthe **Bob**: end] here.\n\n**Bob**: Two.\n")] == [
        "[this is", "] here.",
    ]  # fmt: skip


@pytest.mark.parametrize("label", ["Ann & Bob", "Ann + Bob", "Ann and Bob", "Bob & Ann"])
def test_a_joint_label_is_no_variant_of_one_of_its_names(label: str) -> None:
    """It is none although nobody else has the other name, and the name alone is no variant of it."""
    talk = f"**Ann**: Hello.\n\n**Cy**: Hello.\n\n**{label}**: Hello.\n"

    assert reported(talk) == []
    assert [issue.kind for issue in issues(f"Panel:\n\n* Ann\n* Cy\n\n{talk}")] == ["unknown-name"]


def test_times_of_several_parts() -> None:
    """A clock that starts again is reported once; the times of each part are compared with each other alone."""
    part = "".join(f"{time} - **Ann Lee**: Yes.\n\n" for time in ("0:10", "5:00", "9:00"))
    assert [(issue.kind, issue.line) for issue in issues(part * 2)] == [("times-start-again", 7)]
    assert [issue.kind for issue in issues(part + "0:05 - **Ann Lee**: Yes.\n")] == ["times-out-of-order"]


def test_the_quoted_text_is_short_and_on_one_line() -> None:
    """A long text is shortened, and several lines are joined."""
    assert [issue.text for issue in issues(f"{TALK}<!-- never ends {'and on ' * 40}\n")] == [
        "<!-- never ends and on and on and on an…"
    ]
    assert [issue.text for issue in issues(f"{TALK}## 1:00\n\nWIP\n\n## 2:00\n\nWIP\n")] == ["## 1:00 WIP"]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "**李雷**：大家好，歡迎收聽。[笑聲]\n\n李雷：还有一次。\n\n**李雷**：再见",
        "**محمد علي**: مرحبا بكم في البرنامج «اليوم».\n\n**محمد علي**: نعم",
        "**Zoë Ångström**: Così, l'été — « bonjour » à tous ; ¿qué tal?\n\nGut: das war's. Eine Frage: was nun?",
        "**สมชาย**: สวัสดีครับ\n\n**田中さん**：[笑] はい。「そう：です」",
        "**Иван Петров**: Привет: сегодня.\n\nЕщё: одно.",
    ],
)
def test_other_scripts_are_no_issue(source: str) -> None:
    """A text is not reported for being in another language or script."""
    assert reported(source) == []


@given(sources())
def test_any_text_can_be_checked(source: str) -> None:
    """The issues are in the order of their places, each of which exists in the file."""
    lines = split_lines(source)
    found = find_issues(parse(source))

    assert [(issue.line, issue.column) for issue in found] == sorted((issue.line, issue.column) for issue in found)
    assert all(1 <= issue.line <= len(lines) for issue in found)
    assert all(1 <= issue.column <= len(lines[issue.line - 1]) + 2 for issue in found)
    assert all("\n" not in issue.message + issue.text and len(issue.text) <= 40 for issue in found)


@st.composite
def clean(draw: st.DrawFn) -> str:
    """Draw a transcript without issues: each panel member speaks, times rise, and the one note is at the end."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    words = st.lists(st.sampled_from(CLEAN_WORDS), max_size=6)
    timed, bold = draw(st.booleans()), draw(st.sampled_from(("**{}**: ", "**{}:** ", "{}: ")))
    speakers = names + draw(st.lists(st.sampled_from(names), max_size=6))
    turns = [
        (f"{format_clock(k * 21_000)} - " if timed else "") + bold.format(name) + " ".join(["well", *draw(words)])
        for k, name in enumerate(speakers)
    ]
    panel = "Panel:\n\n" + "".join(f"* {name}\n" for name in names)
    parts = ["12: A Quiet Show\n===", panel, "## New Shelves", *turns, "<!-- Continue at 59:30! -->\n"]
    ending = draw(st.sampled_from(LINE_ENDINGS))
    return draw(st.sampled_from(("", "\ufeff"))) + "\n\n".join(parts).replace("\n", ending)


@given(clean())
def test_a_clean_transcript_has_no_issues(source: str) -> None:
    """Nothing is reported for a correct transcript, in any notation and script."""
    assert find_issues(parse(source)) == ()
