from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.structure.contents import find_contents, heading_anchor
from pipeline.reading.transcript import parse
from pipeline.schema import Transcript

SECTIONS = "## Introduction\n\n**Ann**: Hello.\n\n## Café & Bar\n\n**Bo**: Good morning.\n"


def entries(source: str) -> list[tuple[str, str | None]]:
    """The text of each entry's line from its start, and its time."""
    return [
        (source[one.start :].partition("\n")[0], source[one.clock.start : one.clock.end] if one.clock else None)
        for one in find_contents(parse(source))
    ]


def leads_to(transcript: Transcript) -> list[int]:
    """The sections that the entries lead to."""
    return [one.section for one in find_contents(transcript)]


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ("1. [Introduction](#introduction)", None),
        ("* [Introduction](#introduction)", None),
        ("  - [**Introduction**](#introduction)", None),
        ("- [Introduction](#somewhere)", None),
        ("- [Start](#Introduction)", None),
        ("1. 0:17 - [Introduction](#introduction)", "0:17"),
        ("1. \\[00:00:17\\] [Introduction](#introduction)", "00:00:17"),
        ("- [0:17] [Introduction](#introduction)", "0:17"),
        ("- [Introduction](#introduction) (0:17)", "0:17"),
        ("- [Introduction](#introduction) – 1:00:17", "1:00:17"),
    ],
)
def test_entries_are_links_to_sections(line: str, time: str | None) -> None:
    """Under a heading, with any list mark, with a time on either side of the link or none."""
    source = f"Table of Contents:\n\n{line}\n\n{SECTIONS}"

    assert entries(source) == [(line.lstrip(" ").partition(" ")[2], time)]
    assert leads_to(parse(source)) == [0]


@pytest.mark.parametrize(
    ("line", "text", "time"),
    [
        ("- [ ] [Introduction](#introduction)", "[Introduction](#introduction)", None),
        ("* [x]  [Introduction](#introduction)", "[Introduction](#introduction)", None),
        ("1. [X] 0:17 - [Introduction](#introduction)", "0:17 - [Introduction](#introduction)", "0:17"),
    ],
)
def test_an_entry_begins_behind_its_checkbox(line: str, text: str, time: str | None) -> None:
    """Sites show a box only if it is the first in the item."""
    assert entries(f"Contents\n\n{line}\n\n{SECTIONS}") == [(text, time)]


@pytest.mark.parametrize(
    "line",
    [
        "- [Elsewhere](#elsewhere)",
        "- [Introduction](https://example.org/#introduction)",
        "- Introduction",
        "- See [Introduction](#introduction)",
        "- [Introduction](#introduction) 0:17 0:18",
        "<!-- - [Introduction](#introduction) -->",
        "[Introduction](#introduction)",
    ],
)
def test_other_lines_are_no_entries(line: str) -> None:
    """A link to something else, or with other words beside it."""
    assert entries(f"Contents\n\n{line}\n\n{SECTIONS}") == []


def test_a_contents_list_needs_no_heading() -> None:
    """It is known by its links."""
    assert leads_to(parse(f"- [Introduction](#introduction)\n- [Café & Bar](#caf%C3%A9--bar)\n\n{SECTIONS}")) == [0, 1]


def test_a_time_in_the_link_counts() -> None:
    """But not one that is in the title of the section itself."""
    source = dedent(
        """\
        Contents

        - [0:17 Introduction](#introduction)
        - [The 9:30 Club](#the-930-club)

        ## Introduction

        **Ann**: Hello.

        ## The 9:30 Club

        **Ann**: Hello.
        """
    )

    assert [(one.section, one.has_time, one.clock) for one in find_contents(parse(source))] == [
        (0, True, None),
        (1, False, None),
    ]


def test_sections_of_one_name_have_their_own_entries() -> None:
    """In order, or by the numbers that sites append to the anchors; an entry too many leads nowhere."""
    same = "## News\n\n**Ann**: One.\n\n## News\n\n**Ann**: Two.\n\n## Links\n\n**Ann**: Three.\n"

    assert leads_to(parse(f"Contents\n\n{'- [News](#news)' + chr(10)}{'- [News](#news)' + chr(10)}\n{same}")) == [0, 1]
    assert leads_to(parse(f"Contents\n\n- [News](#news-1)\n- [Links](#links)\n\n{same}")) == [1, 2]
    assert leads_to(parse("Contents\n\n" + "- [News](#news)\n" * 3 + f"\n{same}")) == [0, 1]


def test_two_lists_may_lead_to_one_section() -> None:
    """At the top and at the end."""
    source = f"Contents\n\n- [Introduction](#introduction)\n\n{SECTIONS}\nContents\n\n- [Introduction](#introduction)\n"

    assert leads_to(parse(source)) == [0, 0]


def test_anchors_are_those_of_sites() -> None:
    """Lower case, without punctuation, a hyphen for each blank."""
    assert heading_anchor("What's new in 0.8.3? – R&D") == "whats-new-in-083--rd"


@given(st.text(st.sampled_from("ab [](#)0:17-*`\\\n"), max_size=60))
def test_any_list_is_read(text: str) -> None:
    """Each entry is inside the text, and leads to a section that there is."""
    transcript = parse(f"Contents\n\n- {text}\n\n{SECTIONS}")

    assert all(
        one.section < len(transcript.sections) and one.start <= len(transcript.source)
        for one in find_contents(transcript)
    )
