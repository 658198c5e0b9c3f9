from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from pipeline.reading.markup.hidden_text import mask_hidden_text
from pipeline.reading.markup.whitespace import BLANK
from pipeline.reading.structure.blocks import split_blocks, todo_clock
from pipeline.schema import Chars
from tests.strategies import sources


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("## A\nb\n c\n\nd", [("heading", ["A"]), ("paragraph", ["b", "c"]), ("paragraph", ["d"])]),
        ("A\n===\nB\n---", [("heading", ["A"]), ("heading", ["B"])]),
        ("**A**: b\n---", [("paragraph", ["**A**: b"]), ("rule", [])]),
        ("* a\n  b\n1. c", [("item", ["a", "b"]), ("item", ["c"])]),
        ("> a\n> b", [("paragraph", ["a", "b"])]),
        ("| a | b |\n| c |", [("paragraph", ["a", "b"]), ("paragraph", ["c"])]),
        ("a\n| b | c |\n|---|---|\n| d | e |\nf", [("paragraph", ["a"]), ("table", []), ("paragraph", ["f"])]),
        ("b | c\n--|--\nd | e\n\nf | g", [("table", []), ("paragraph", ["f | g"])]),
        (">> a\n>> b\n> c", [("paragraph", [">> a", ">> b", "c"])]),
        ("[a]: /b\nWIP\nTODO 12:00", [("definition", ["[a]: /b"]), ("wip", ["WIP"]), ("todo", ["TODO 12:00"])]),
        ("• a\n•\tb\n▪ c", [("item", ["a"]), ("item", ["b"]), ("item", ["c"])]),
        ("— Ann: a\n– Ann (0:17): b", [("item", ["Ann: a"]), ("item", ["Ann (0:17): b"])]),
        ("— Honey: a\n— Wax: b", [("paragraph", ["— Honey: a", "— Wax: b"])]),
        ("— Hola.\n— Ann: b\n- c", [("paragraph", ["— Hola.", "— Ann: b"]), ("item", ["c"])]),
        ("in\n2012. It", [("paragraph", ["in", "2012. It"])]),
    ],
)
def test_lines_are_grouped_as_markdown_blocks(text: str, blocks: list[tuple[str, list[str]]]) -> None:
    """Each block has its kind and the text of its lines, without marks and indentation."""
    found = split_blocks(text)

    assert [(block.kind, [text[piece.start : piece.end] for piece in block.pieces]) for block in found] == blocks


def test_the_clock_of_a_todo_is_found() -> None:
    """The digits alone are the clock; a block of another kind has none."""
    todo, other = split_blocks("TODO: continue at 12:00.\n\nwell")

    assert todo_clock("TODO: continue at 12:00.\n\nwell", todo) == Chars(18, 23)
    with pytest.raises(ValueError, match="no TODO"):
        todo_clock("TODO: continue at 12:00.\n\nwell", other)


@given(sources())
def test_blocks_are_in_order_and_disjoint(source: str) -> None:
    """Lines are within their block, no line ends with a blank, and blocks do not overlap."""
    text = mask_hidden_text(source).text
    blocks = split_blocks(text)
    lines = [line.chars for block in blocks for line in block.lines]

    assert [block.chars for block in blocks] == sorted(block.chars for block in blocks)
    assert all(b.chars.start <= line.chars.start <= line.chars.end <= b.chars.end for b in blocks for line in b.lines)
    assert all(one.end <= following.start for one, following in pairwise(lines))
    assert all((piece := text[line.start : line.end]) == piece.rstrip(BLANK) for line in lines)
