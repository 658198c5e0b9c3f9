"""Heard text is escaped so that it is read back as the same text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from pipeline.reading.markup.whitespace import IGNORABLE, ZERO_WIDTH_SPACE
from pipeline.reading.transcript import parse
from pipeline.writing.escaping import escape, escape_line, escape_start
from tests.partial_results import heard_texts


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ('plain words, and 0.8 (really) it\'s "so"', 'plain words, and 0.8 (really) it\'s "so"'),
        ("R&D, AT&T and 5 < 6", "R&D, AT&T and 5 \\< 6"),
        ("&amp; <!-- **", "\\&amp; \\<\\!-- \\*\\*"),
        ("[12:30] and (9:30)", "[12\\:30] and (9\\:30)"),
    ],
)
def test_only_what_means_something_is_escaped(text: str, escaped: str) -> None:
    """Ordinary text stays as it is; markup gets a backslash."""
    assert escape(text) == escaped


@pytest.mark.parametrize("line", ["1. of", "# x", "- x", "--", "==", "WIP", "TODO 12:00", "Ann: x", "12:30 Ann: x"])
def test_no_line_is_more_than_text(line: str) -> None:
    """A paragraph that begins like something else is read as words of the turn before it."""
    transcript = parse(f"Panel:\n\n* Ann\n\n**Bo**: well\n\n{escape_line(escape_start(escape(line)))} so")

    assert [word.shown for word in transcript.words] == ["well", *line.split(), "so"]
    assert (len(transcript.utterances), transcript.sections, transcript.notes) == (1, (), ())


@given(heard_texts())
def test_any_text_survives(texts: list[str]) -> None:
    """Any heard text, except what only the editor may write or nobody sees, is read back as the same words."""
    words = " ".join(texts).replace("[", "(").replace("]", ")").replace("\0", "").split()
    text = " ".join(["so", *words])
    source = f"**Ann**: {escape(text)}"

    shown = "".join("".join(word.shown.split()) for word in parse(source).words)
    assert shown == re.sub(rf"[\s{ZERO_WIDTH_SPACE}{IGNORABLE}]", "", text)
