from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.edits import apply, undo
from pipeline.reading.transcript import parse
from pipeline.schema import Continue, Result
from pipeline.writing.markdown import MarkdownOptions, render_markdown, timed_edits
from tests.factories import result

SHOW = """\
    7: A Small Show
    ===

    Table Of Contents:

    1. [Introduction](#introduction)
    2. [News](#news)
    3. [Links](#links)

    ## Introduction

    **Ann Lee**: Hello and welcome.

    ## News

    **Bo Chan**: There is nothing new.

    ## Links

    **Ann Lee**: They are in the notes.
    """
ON = MarkdownOptions(toc_times=True)


def contents(source: str, made: Result, options: MarkdownOptions = ON) -> list[str]:
    """The lines with links after the edits."""
    assert made.transcript.source == dedent(source)
    return [line for line in render_markdown(made, options).splitlines() if "](#" in line]


def test_entries_get_the_times_of_their_sections() -> None:
    """Floored, as the times before the labels; a section that was not found surely gets none."""
    made = result(SHOW, starts={0: 1_900, 1: 3_600_999}, confidence={2: 0.4})

    assert contents(SHOW, made) == [
        "1. 0:01 - [Introduction](#introduction)",
        "2. 1:00:00 - [News](#news)",
        "3. [Links](#links)",
    ]


def test_without_the_option_the_contents_stay() -> None:
    """Nobody asked for them."""
    assert contents(SHOW, result(SHOW), MarkdownOptions()) == [
        "1. [Introduction](#introduction)",
        "2. [News](#news)",
        "3. [Links](#links)",
    ]


def test_contents_alone_can_have_times() -> None:
    """``times`` is about the labels."""
    text = render_markdown(result(SHOW, starts={0: 1_900}), MarkdownOptions(times=False, toc_times=True))

    assert "1. 0:01 - [Introduction]" in text
    assert "\n**Ann Lee**: Hello" in text


@pytest.mark.parametrize(
    ("label", "entry"),
    [
        ("\\[00:00:01\\] **Ann**: One", "- \\[00:00:00\\] [News](#news)"),
        ("[0:01] **Ann**: One", "- [0:00] [News](#news)"),
        ("00:00:01.50 **Ann**: One", "- 00:00:00 [News](#news)"),
        ("**Ann** (0:01): One", "- 0:00 - [News](#news)"),
        ("[0:01](https://example.org/1) **Ann**: One", "- 0:00 - [News](#news)"),
    ],
)
def test_times_are_written_as_in_the_file(label: str, entry: str) -> None:
    """Where its times precede its labels, without decimals; else in the usual form."""
    source = f"Contents\n\n- [News](#news)\n\n## News\n\n{label}\n"

    assert contents(source, result(source)) == [entry]


def test_times_that_are_there_stay() -> None:
    """They are replaced where times are to be fixed, in their own style, if they are off by two seconds or more."""
    source = "Contents\n\n- [News](#news) (00:59)\n- 0:02 [Links](#links)\n- [9:59 Bees](#bees)\n\n"
    source += "## News\n\n**Ann**: One.\n\n## Links\n\n**Bo**: Two.\n\n## Bees\n\n**Bo**: Three.\n"
    made = result(source)
    lines = [line for line in source.splitlines() if "](#" in line]

    assert contents(source, made) == lines
    assert contents(source, made, MarkdownOptions(toc_times=True, fix_times=True)) == [
        "- [News](#news) (00:00)",
        *lines[1:],
    ]


def test_times_are_behind_checkboxes() -> None:
    """A box stays a box, ticked or not, and a second run changes nothing."""
    source = "Contents\n\n- [ ] [News](#news)\n- [x] [Links](#links)\n\n"
    source += "## News\n\n**Ann**: One.\n\n## Links\n\n**Bo**: Two.\n"
    text = render_markdown(result(source, starts={1: 2_500}), MarkdownOptions(times=False, toc_times=True))
    lines = ["- [ ] 0:00 - [News](#news)", "- [x] 0:02 - [Links](#links)"]

    assert [line for line in text.splitlines() if "](#" in line] == lines
    assert contents(text, result(text, starts={1: 2_500})) == lines


SEPARATORS = st.sampled_from(["", "0:17 - ", "\\[0:17\\] ", "(1:00:17) ", "See "])
TITLES = ("News", "Café & Bar", "The 9:30 Club", "*Bees*", "[0.8]", "שלום")


@st.composite
def shows(draw: st.DrawFn) -> Result:
    """Draw an episode with a list of contents of any kind, and sections some of which were not found."""
    titles = draw(st.lists(st.sampled_from(TITLES), min_size=1, max_size=5))
    mark, before, after = (
        draw(st.sampled_from(["- ", "* ", "  - ", "- [ ] ", "* [x] "])),
        draw(SEPARATORS),
        draw(SEPARATORS),
    )
    heading = draw(st.sampled_from(["Contents\n\n", "## Table of Contents\n\n", ""]))
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    links = "".join(f"{mark}{before}[{title}](#{title.lower()}){after}\n" for title in titles)
    label = draw(st.sampled_from(["**Ann**: ", "0:01 - **Ann**: ", "\\[0:01\\] **Ann**: ", "**Ann** (0:01): "]))
    parts = "".join(f"## {title}\n\n{label}Words and words.\n\n" for title in titles)
    return result(
        parse(f"{heading}{links}\n{parts}".replace("\n", ending)),
        confidence=draw(st.dictionaries(st.integers(0, 4), st.sampled_from((0.0, 0.4)), max_size=3)),
        point=Continue(9_000, complete=False),
    )


@given(shows(), st.booleans())
def test_times_of_contents_can_be_undone_and_are_written_once(made: Result, fix: bool) -> None:  # noqa: FBT001 -- drawn
    """The source is restored to the byte, speech and sections are read as before, and a second run changes nothing."""
    options = MarkdownOptions(times=False, fix_times=fix, toc_times=True)
    source, edits = made.transcript.source, timed_edits(made, options)
    text = apply(source, edits)
    again = parse(text)

    assert apply(text, undo(source, edits)) == source
    assert [one.title for one in again.sections] == [one.title for one in made.transcript.sections]
    assert [word.text for word in again.words] == [word.text for word in made.transcript.words]
    assert timed_edits(_as_read(made, text), options) == ()


def _as_read(made: Result, text: str) -> Result:
    """The same result, of the text as it is now."""
    unsure = {k: timed.confidence for k, timed in enumerate(made.utterances) if not timed.is_sure}
    return result(parse(text), confidence=unsure, point=made.continue_point)
