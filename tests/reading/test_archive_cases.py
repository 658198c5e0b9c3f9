"""Transcripts as public archives and other programs have them, rebuilt with invented words."""

from __future__ import annotations

import pytest

from pipeline.reading.lint.lint import find_issues
from tests.reading.views import kinds, read, turns, typed


def test_brackets_that_end_in_an_eight() -> None:
    """Times and references whose last digit is an eight close their brackets: there is nothing to report."""
    source = """
        **Ann Lee:** We began with a lamp and a box of screws.

        \\[23:58\\] The second box came later [see page 18], and the [inaudible 24:08] third one never.

        **Bob Ray:** That is how I remember it too.
        """

    assert find_issues(read(source)) == ()


def test_front_matter_with_blank_lines() -> None:
    """Front matter is hidden up to its closing line, with quoted text and block scalars that have blank lines."""
    source = """
        ---
        title: Ferns in the shade
        description: 'A talk with Bob Ray about
          what grows where no sun comes.

          '
        summary: |-
          Two people speak of ferns.

          They agree.
        tags:
        - garden
        ---

        # Ferns in the shade

        Ann Lee (00:00:00):
        Welcome to the garden hour.

        Bob Ray (00:00:34):
        Thank you for having me here.

        Ann Lee (00:00:41):
        What grows best in the shade?
        """

    assert read(source).title == "Ferns in the shade"
    assert [text for _, text in turns(source)] == [
        "Welcome to the garden hour.",
        "Thank you for having me here.",
        "What grows best in the shade?",
    ]


def test_a_line_in_three_backticks() -> None:
    """A line that begins and ends in three backticks is inline code: the turns below it are read."""
    source = """
        **Ann Lee:** I would write it like this:

        ```lamp.on()  // the same as lamp.switch(1)```

        **Bob Ray:** That is short.

        **Ann Lee:** And the long form is:

        ```
        lamp.switch(1)
        ```

        **Bob Ray:** I see.
        """

    assert turns(source) == [
        ("Ann Lee", "I would write it like this: lamp.on() // the same as lamp.switch(1)"),
        ("Bob Ray", "That is short."),
        ("Ann Lee", "And the long form is:"),
        ("Bob Ray", "I see."),
    ]


def test_a_plain_label_with_two_colons() -> None:
    """A second colon is no speech, and is reported once where it stands."""
    source = """
        Ann Lee: The lamp is in the shed.

        Bob Ray:: So is the rake.

        Ann Lee: Which of the two?

        Bob Ray: The old one.
        """

    assert turns(source) == [
        ("Ann Lee", "The lamp is in the shed."),
        ("Bob Ray", "So is the rake."),
        ("Ann Lee", "Which of the two?"),
        ("Bob Ray", "The old one."),
    ]
    assert [(issue.kind, issue.line) for issue in find_issues(read(source))] == [("double-colon", 3)]


@pytest.mark.parametrize("separator", ["\n", "\n\n"], ids=["lines", "paragraphs"])
def test_chevrons_right_before_the_name(separator: str) -> None:
    """``>>Name:`` without a blank is a label, at its first use too; nothing is a quotation."""
    source = separator.join(
        (">>Ann Lee: The lamp is in the shed.", ">>Bob Ray: So is the rake.", ">>Cora Moss: And I?", ">>Ann Lee: No.")
    )

    assert turns(source) == [
        ("Ann Lee", "The lamp is in the shed."),
        ("Bob Ray", "So is the rake."),
        ("Cora Moss", "And I?"),
        ("Ann Lee", "No."),
    ]
    assert find_issues(read(source)) == ()


@pytest.mark.parametrize("mark", ["**", "__", "*", ""], ids=["bold", "underscores", "emphasis", "none"])
def test_times_in_bold_without_a_name(mark: str) -> None:
    """A time in brackets and marks that begins a paragraph is a claim about its first word, and no word itself."""
    lines = ("The lamp is in the shed.", "So is the rake.", "Which of the two?")
    source = "\n\n".join(f"{mark}[00:00:{k}4]{mark} {line}" for k, line in enumerate(lines))

    assert turns(source) == [(None, line) for line in lines]
    assert [(digits, word) for digits, word, _ in typed(source)] == [
        ("00:00:04", "The"),
        ("00:00:14", "So"),
        ("00:00:24", "Which"),
    ]


@pytest.mark.parametrize("separator", ["- * -", "* * *", "- - -", "* - *", "+ - +", "- * *", "* -"])
def test_separators_of_list_marks(separator: str) -> None:
    """Lines of marks alone are separators or empty lists: nothing of them is a word, inside a turn or after it."""
    source = f"**Ann Lee**: The lamp.\n\n{separator}\n\n**Bob Ray**: The rake\n{separator}\nand more.\n\n{separator}\n"

    assert turns(source) == [("Ann Lee", "The lamp."), ("Bob Ray", "The rake and more.")]
    assert {kind for _, kind in kinds(source)} == {"spoken"}


def test_speech_that_begins_with_a_time_of_day() -> None:
    """What is said after a label may begin with a time or a score; only a time before a dash is a typed one."""
    source = """
        ANN: 6:52, a look at the lamp.

        BOB: 8:15 is early for a rake.

        ANN: 11:20 - this is what the sign said.

        BOB: 4:2 was the score.
        """

    assert turns(source) == [
        ("ANN", "6:52, a look at the lamp."),
        ("BOB", "8:15 is early for a rake."),
        ("ANN", "this is what the sign said."),
        ("BOB", "4:2 was the score."),
    ]
    assert typed(source) == [("11:20", "this", True)]


@pytest.mark.parametrize("separator", ["\n", "\n\n"], ids=["lines", "paragraphs"])
def test_plain_labels_that_occur_once_each(separator: str) -> None:
    """Full names that begin every turn are labels though no name recurs."""
    source = separator.join(
        ("Ann Lee: The lamp is in the shed, and so am I.", "Bob Ray: So is the rake.", "Cora Moss: I hope not.")
    )

    assert [speaker for speaker, _ in turns(source)] == ["Ann Lee", "Bob Ray", "Cora Moss"]
    assert find_issues(read(source)) == ()


def test_definitions_of_images_are_no_speech() -> None:
    """What a word processor puts below its text for each image is in no turn, whatever is in the image."""
    source = """
        **Ann Lee**: The lamp ![][image1] is here.

        [image1]: <data:image/png;base64,iVBORw0KGgo/+AAA+9=>

        **Bob Ray**: So it is.

        [image2]: <data:image/jpeg;base64,9j4AAQSkZJRg==> "A rake"
        [image3]: data:image/gif;base64,R0lGODlhAQABAIAAAA==
        """

    assert turns(source) == [("Ann Lee", "The lamp is here."), ("Bob Ray", "So it is.")]
    assert find_issues(read(source)) == ()


@pytest.mark.parametrize(
    "form",
    [
        "**{name}** {clock}\n{text}\n\n",
        "{name} {long}\n\n{text}\n\n",
        "[{long}] **{name}** {text}\n\n",
        "**{name}:[{long}]** {text}\n\n",
        "{name} ({long}):\n{text}\n\n",
        "[{long}]\n**{name}:** {text}\n\n",
    ],
)
def test_three_turns_of_two_people(form: str) -> None:
    """Three turns are enough, though one of the names occurs once: labels and times are read, and not spoken."""
    said = (("Dr. Ann Lee", "The lamp is here."), ("Bob Ray", "So it is."), ("Dr. Ann Lee", "Which of the two?"))
    source = "".join(
        form.format(name=name, text=text, clock=f"0:{k}4", long=f"00:00:{k}4") for k, (name, text) in enumerate(said)
    )

    assert turns(source) == list(said)
    assert [digits.removeprefix("00:0") for digits, _, heads in typed(source) if heads] == ["0:04", "0:14", "0:24"]


def test_minutes_with_a_presenter_in_each_section() -> None:
    """The presenter of a section and the list of who is there are nobody's speech, in each section."""
    source = """
        # 3 June Meeting Notes

        **Remote attendees:**
        | Name | Abbreviation |
        | ---- | ------------ |
        | Ann Lee | AL |
        | Bob Ray | BR |

        ## Lamps

        Presenter: Ann Lee (AL)

        - [slides](https://example.org/lamps)

        AL: The lamp is in the shed.

        BR: I saw it there.

        AL: Good.

        ## Rakes

        Presenter: Bob Ray (BR)

        BR: The rake is old.
        """

    assert turns(source) == [
        ("AL", "The lamp is in the shed."),
        ("BR", "I saw it there."),
        ("AL", "Good."),
        ("BR", "The rake is old."),
    ]


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
