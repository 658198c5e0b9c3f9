"""Labels and findings as public archives have them, and what is none, rebuilt with invented words."""

from __future__ import annotations

import pytest

from pipeline.reading.lint.lint import find_issues
from tests.reading.views import read, turns, typed


def test_questions_and_answers_after_a_talk() -> None:
    """``Q - text`` and ``A - text`` are labels though they are few, beside names with a colon; other dashes are not."""
    talk = "We came to see the lamp - a small one - in the shed.\n\n" * 9
    source = (
        f"{talk}Q - Who lit it?\n\nA - I did.\n\nQ - And why?\n\nA - To see - as one does.\n\n"
        "Ann Lee: One more.\n\nSo - that is all.\n\nAnn Lee: Thank you.\n"
    )

    assert [one for one in turns(source) if one[0]] == [
        ("Q", "Who lit it?"),
        ("A", "I did."),
        ("Q", "And why?"),
        ("A", "To see - as one does."),
        ("Ann Lee", "One more. So - that is all."),
        ("Ann Lee", "Thank you."),
    ]


def test_a_time_and_a_colon_after_the_name() -> None:
    """``Name 00:00:03:`` on a line of its own is a label with a typed time; no digit of it is spoken."""
    said = [("Ann", "The lamp."), ("Bob", "The rake."), ("Ann", "Which one?"), ("Bob", "The old one.")]
    source = "".join(f"{name} 00:00:{k}4:\n\n{text}\n\n" for k, (name, text) in enumerate(said))

    assert turns(source) == said
    assert [digits for digits, _, heads in typed(source) if heads] == ["00:00:04", "00:00:14", "00:00:24", "00:00:34"]


def test_nicknames_in_lower_case() -> None:
    """A nickname is a label where it begins turns as often as it is said, and a word of the language is none."""
    source = """
        AL: Did you see it, lampkin?

        lampkin: I saw it, as lampkin does.

        AL: And so?

        lampkin: It is lit. Note: it was dark, and a note of it was here, note the date.

        Zorro: I lit it, with the other zorro.

        AL: Note the date.

        Zorro: Yes.

        AL: No.

        Zorro: But I did.

        Zorro: And I do.
        """

    assert [speaker for speaker, _ in turns(source)] == [
        "AL", "lampkin", "AL", "lampkin", "Zorro", "AL", "Zorro", "AL", "Zorro", "Zorro",
    ]  # fmt: skip


@pytest.mark.parametrize("first", ["Lamps for all: A way to light the shed", "Rake 24: Why it is old"])
def test_a_title_with_a_colon_above_a_talk(first: str) -> None:
    """A first line that is no sentence, with sentences below it, is no label of the talk."""
    below = "I came to speak of lamps.\n\nThey are small, and they are lit.\n"

    assert [speaker for speaker, _ in turns(f"{first}\n\n{below}")] == [None, None, None]
    assert [speaker for speaker, _ in turns(f"Ann Lee: {below}")] == ["Ann Lee"]


def test_headings_in_the_lists_of_notes() -> None:
    """Bold words that begin list items are labels only where they name somebody who has another turn."""
    notes = "- **Small lamps**: cheap, and lit.\n- **Large lamps**: they last.\n- **Rakes:** none.\n"
    spoken_items = "* **Ann**: One.\n* **Bob**: Two.\n* **Ann**: Three.\n* **Bob**: Four.\n"

    assert [speaker for speaker, _ in turns(notes)] == [None, None, None]
    assert [speaker for speaker, _ in turns(f"**Ann**: So.\n\n{notes}\n**Bob**: Yes.\n")] == ["Ann", "Bob"]
    assert [speaker for speaker, _ in turns(spoken_items)] == ["Ann", "Bob", "Ann", "Bob"]


def test_initials_that_a_full_name_introduces() -> None:
    """``Ann Lee (AL)`` is a label where ``AL`` is one, both are one person, and there is nothing to report."""
    source = """
        Ann Lee (AL): The lamp is in the shed.

        Bob Ray (BR): I saw it there.

        AL: Good.

        BR: Was it?

        BR/CM: There too.

        Cora Moss (CM): I am new here, and I like lamps.

        AL (by chat): I see. It is of [0, 3) or (3, 6] metres.
        """

    assert [speaker for speaker, _ in turns(source)] == [
        "Ann Lee (AL)", "Bob Ray (BR)", "AL", "BR", "BR/CM", "Cora Moss (CM)", "AL (by chat)",
    ]  # fmt: skip
    assert find_issues(read(source)) == ()


def test_presenters_with_their_initials() -> None:
    """A line of minutes in which everybody has initials is nobody's speech, however the names are written."""
    source = """
        AL: The lamp is in the shed.

        BR: I saw it there.

        Presenters: Ann Lee (AL), rake42 (RK)

        AL: Good.

        BR: Yes.
        """

    assert turns(source)[1] == ("BR", "I saw it there.")


def test_lines_that_are_no_labels_are_not_reported() -> None:
    """Numbered things, phrases, addresses, and a name that somebody speaks to are not reported as possible labels."""
    source = """
        AL: The lamp is in the shed, with its light source, and Cora Moss is here.

        BR: I saw it there.

        Table 2: all of the lamps, lit at one time

        One Time Lamp (OTL): it is lit once

        Light Source: the shed

        Lamp Makers: https://example.org/lamps

        Cora Moss - you lit it.

        AL: Good.

        BR: Yes.
        """

    assert find_issues(read(source)) == ()


def test_brackets_and_comments_that_are_spoken_of_are_not_reported() -> None:
    """A bracket by itself after other signs is said, and so is a comment in code; one before words is not closed."""
    source = "**Ann**: It is ?.[ and #[“, or `<!-- -->` in code.\n\n**Bob**: So [this is left open.\n"

    assert [(issue.kind, issue.line) for issue in find_issues(read(source))] == [("unclosed", 3)]


def test_new_names_are_reported_next_to_labels_alone() -> None:
    """A name that occurs once is reported where a turn may begin, and a term that a talk explains is not."""
    talk = """
        AL: The lamp is in the shed.

        {near}: I saw it there, and so did all of us.

        AL: Good.

        It is a lamp that is lit.

        Zorkmid: a lamp that is lit by two of us at the same time.

        It is lit.

        AL: And so it is.
        """

    assert [(issue.kind, issue.line) for issue in find_issues(read(talk.format(near="Cora")))] == [
        ("possible-label", 3)
    ]


def test_a_label_above_a_heading() -> None:
    """What is below a heading is said by whoever is named right above it, at the time that is typed there."""
    source = """
        Ann Lee: 0:05

        The lamp is in the shed.

        Bob Ray: 0:10

        I saw it.

        Cora Moss: 0:20

        ## Rakes

        They are old.

        But they last.

        Ann Lee: 0:30

        Good.
        """

    assert turns(source)[1:] == [
        ("Bob Ray", "I saw it."),
        ("Cora Moss", "They are old. But they last."),
        ("Ann Lee", "Good."),
    ]
    assert [claim.at for claim in read(source).claims] == [5_000, 10_000, 20_000, 30_000]
    assert [(issue.kind, issue.line) for issue in find_issues(read(source))] == [("empty-label", 9)]


@pytest.mark.parametrize(
    "between",
    [
        "",
        "```\ncode\n```\n\n## Rakes\n\n",
        "<!-- Continue at 0:30! -->\n\n",
        "| a | b |\n|---|---|\n| c | d |\n\n## Rakes\n\n",
    ],
)
def test_a_label_that_is_not_right_above_a_heading(between: str) -> None:
    """A label without words is skipped where a label, a note or a table follows it."""
    below = "They are old.\n" if between else "## Rakes\n\n**Bob**: They are old.\n"

    read_turns = turns(f"**Ann**: So.\n\n**Bob**: Yes.\n\n**Ann**:\n\n{between}{below}")

    assert read_turns == [("Ann", "So."), ("Bob", "Yes."), ("Bob", "They are old.")]


def test_questions_that_people_with_names_answer() -> None:
    """``Q - text`` is a label where those who answer have labels; what has none is not read as the question's."""
    asked = "Q - Who lit it?\n\n{0}I did - as one does.\n\nQ - And why?\n\n{0}To see.\n\n"

    assert turns(f"AL: The lamp.\n\nBR: It is lit.\n\n{asked.format('AL: ')}BR: Yes.\n") == [
        ("AL", "The lamp."),
        ("BR", "It is lit."),
        ("Q", "Who lit it?"),
        ("AL", "I did - as one does."),
        ("Q", "And why?"),
        ("AL", "To see."),
        ("BR", "Yes."),
    ]
    assert "Q" not in dict(turns(f"AL: The lamp.\n\nBR: It is lit.\n\n{asked.format('')}AL: So.\n\nBR: Yes.\n"))


def test_a_name_that_begins_with_digits() -> None:
    """``0xLAMP`` is a label where it recurs as others do; a number with a unit, and one that occurs once, are none."""
    source = """
        AL: Did you see it?

        0xLAMP: I saw it.

        AL: And so?

        0xLAMP: It is lit.

        2nd: it was dark.

        2nd: it was small.

        2nd: it was old.

        0xLAMP : Yes.

        3rakes: they are old, and so are we.
        """

    assert turns(source)[2:] == [
        ("AL", "And so?"),
        ("0xLAMP", "It is lit. 2nd: it was dark. 2nd: it was small. 2nd: it was old."),
        ("0xLAMP", "Yes. 3rakes: they are old, and so are we."),
    ]


@pytest.mark.parametrize("term", ["Outcome", "Justification", "Notably"])
def test_words_that_begin_a_remark_are_not_reported(term: str) -> None:
    """A word with which people begin a remark or the record of one is not reported as a possible name."""
    around = "AL: The lamp is in the shed.\n\nBR: I saw it there.\n\n"

    assert find_issues(read(f"{around}{term}: all of us like the lamp\n\n{around}")) == ()
