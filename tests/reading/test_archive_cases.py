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
