from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.edits import apply
from pipeline.reading.markup.whitespace import (
    BLANK,
    IGNORABLE,
    LineIndex,
    count_lines,
    line_above,
    line_below,
    line_end,
    line_ending,
    line_start,
    split_lines,
    unify_white_space,
)
from pipeline.reading.transcript import parse
from pipeline.schema import Chars, Edit
from tests.reading.views import turns
from tests.strategies import sources

ENDINGS = ("\n", "\r\n", "\r", "\v", "\u2028", "\u2029")
SPACES = [chr(code) for code in range(0x3001) if chr(code).isspace() and chr(code) not in "".join(ENDINGS)]


def names(characters: str) -> list[str]:
    """Return how a test names characters that nobody sees."""
    return [f"U+{ord(character):04X}" for character in characters]


@pytest.mark.parametrize("ending", ENDINGS, ids=repr)
def test_every_line_ending_ends_a_line(ending: str) -> None:
    """Headings, labels, lists and paragraphs are read the same whatever ends their lines."""
    source = "# Ferns\n\nPanel:\n\n* Ann\n\n**Ann**: One,\ntwo.\n**Bo**: Three.\n\n## Shade\n\nFour."
    transcript = parse(source.replace("\n", ending))

    assert turns(source.replace("\n", ending)) == [("Ann", "One, two."), ("Bo", "Three."), ("Bo", "Four.")]
    assert (transcript.title, transcript.panel) == ("Ferns", ("Ann",))
    assert [section.title for section in transcript.sections] == ["Shade"]


@pytest.mark.parametrize("space", SPACES, ids=names("".join(SPACES)))
def test_every_space_separates_words(space: str) -> None:
    """Words, headings and labels are read the same whatever space is in them."""
    source = "**Ann Lee**: Let the fans spin.\n\n0:17 - Ann Lee: So."

    assert turns(source.replace(" ", space)) == turns(source)


@given(sources())
def test_unified_white_space_is_in_the_same_places(source: str) -> None:
    """The text has the same length; only white space differs, and the lines are those of the source."""
    text = unify_white_space(source)

    assert len(text) == len(source)
    assert all(new == old or (new in " \n" and old.isspace()) for new, old in zip(text, source, strict=True))
    assert [len(line) for line in re.split(r"\r?\n", text)] == [len(line) for line in split_lines(source)]
    assert unify_white_space(text) == text


@given(sources(), st.data())
def test_lines_around_a_place(source: str, data: st.DataObject) -> None:
    """The line of a place is the one that splitting finds, and so are its neighbours."""
    starts, at = [0], 0
    for line in split_lines(source)[:-1]:
        at += len(line)
        at += 2 if source.startswith("\r\n", at) else 1
        starts.append(at)
    index = data.draw(st.integers(0, len(starts) - 1))
    line = split_lines(source)[index]
    place = starts[index] + data.draw(st.integers(0, len(line)))

    assert line_start(source, place) == starts[index]
    assert line_end(source, place) == starts[index] + len(line)
    assert line_below(source, place) == (starts[index + 1] if index + 1 < len(starts) else len(source))
    assert line_above(source, place) == starts[max(0, index - 1)]
    assert count_lines(source) == len(starts) - (starts[-1] == len(source))
    lines = LineIndex(source)
    assert (lines.line(place), lines.column(place)) == (
        index + 1, place - starts[index] + 1 - (index == 0 and source.startswith("\ufeff")),
    )  # fmt: skip


def test_the_first_line_ending_is_a_files_own() -> None:
    """New lines end as the first line does that ends with CR or LF, else as the first line; LF is the default."""
    assert [line_ending(f"a{ending}b{ending}") for ending in ENDINGS] == list(ENDINGS)
    assert (line_ending("a\v\u2028b\r\n\n"), line_ending("a")) == ("\r\n", "\n")


def test_ignored_characters_have_no_width() -> None:
    """Each ignored character is a format or control character; joiners and the three direction marks are kept."""
    ignored = [chr(code) for code in range(0x10000) if re.match(f"[{IGNORABLE}]", chr(code))]

    assert {unicodedata.category(character) for character in ignored} <= {"Cf", "Cc", "Cn"}
    assert not set(ignored) & set("\0\t\n\r\x0b\x0c\x85\u200b\u200c\u200d\u200e\u200f\u061c\ufe0f")
    assert {"\xad", "\u2060", "\ufeff", "\u202e", "\u2066"} <= set(ignored)
    assert {" ", "\t", "\xa0", "\ufeff", "\u200b", "\0"} <= set(BLANK)


@pytest.mark.parametrize("ending", ENDINGS, ids=repr)
def test_edits_keep_every_line_ending(ending: str) -> None:
    """An inserted time leaves all line endings as they are."""
    source = "**Ann**: One.\n\n**Bo**: Two.\n".replace("\n", ending)
    starts = [one.time_at or 0 for one in parse(source).utterances]

    edited = apply(source, [Edit(Chars(at, at), "0:17 - ") for at in starts])

    assert edited == "0:17 - **Ann**: One.\n\n0:17 - **Bo**: Two.\n".replace("\n", ending)
