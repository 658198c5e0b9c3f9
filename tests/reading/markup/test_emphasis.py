from __future__ import annotations

import re

import pytest

from pipeline.reading.markup.emphasis import Emphasis


def paired(text: str) -> str:
    """Return the text with a dot for each mark that pairs."""
    emphasis, marks = Emphasis(text), bytearray(len(text))
    for found in re.finditer(r"\*+|_+|~+", text):
        emphasis.read(*found.span())
    emphasis.mark_pairs(marks)
    return "".join("." if mark else character for mark, character in zip(marks, text, strict=True))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**a** _b_ ***c***", "..a.. .b. ...c..."),
        ("**a*", "*.a."),
        ("*a**", ".a.*"),
        ("a_b_c a*b*c", "a_b_c a.b.c"),
        ("2 * 3 ** 4", "2 * 3 ** 4"),
        ("~~a~~ ~b~ ~~~c~~~", "..a.. ~b~ ~~~c~~~"),
        ("*a _b* c_", ".a .b. c."),
        ("**", "**"),
    ],
)
def test_marks_that_pair_are_removed(text: str, shown: str) -> None:
    """Marks pair innermost first, as many as both runs have; those next to white space or inside words do not."""
    assert paired(text) == shown


def test_marks_of_an_images_text_pair_with_nothing() -> None:
    """Runs that are forgotten do not pair with those before them."""
    emphasis, marks = Emphasis("*a *b* c"), bytearray(8)
    for start in (0, 3, 5):
        emphasis.read(start, start + 1)
    emphasis.forget_from(3)
    emphasis.mark_pairs(marks)

    assert marks == bytearray(8)
