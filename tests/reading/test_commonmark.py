"""What is shown and what is hidden is as CommonMark has it; markdown-it-py, which implements it, is the oracle.

Letters and digits are compared. Where the reader deviates on purpose (see ``hidden_text`` and ``inline``), the texts
that are drawn have no such place, or the oracle's tokens are read as the reader means them:

- an unclosed comment or fence hides one line: texts with one are left out;
- text after a comment on its line is Markdown, not HTML;
- the address of ``<https://…>`` is not shown, nor that of a link around a link;
- a paragraph goes on in a quote below it: no code span begins in one and ends in the other;
- a comment goes on past the end of a list item: one that begins inside an item ends there;
- indentation makes no code, and a fence with up to three spaces before it is in no list: no line has such a form;
- an underline makes a heading of one line only: no line is an underline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.reading.markup.hidden_text import mask_hidden_text
from pipeline.reading.markup.inline import render_inline
from pipeline.reading.structure.blocks import Block, split_blocks

_ORACLE = MarkdownIt("commonmark")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

INLINE = (
    "a", "b", "c1", " ", " ", "\n", ".", "*", "**", "_", "`", "``", "` `", "[", "]", "(", ")", "](/)", "](<x y>)", "![",
    "](b(c)d)", "](b\\)c 'd')", '](/ "e")', "![f](g)", "h<b>i", "j</b>", 'k<i title="l > m">', "n<br/>", "<!-- o -->",
    "`<!-- p -->`", "&amp;", "&nbsp;", "&#65;", "&#x42;", "&notit;", "&no", "&;", "\\", "\\*", "\\<", "\\`", "\\[",
    "<https://q.r>", "<s@t.u>", "<3", "!", "v<>w", "<!--x-->", "{", "~", "\xa0", "é",
)  # fmt: skip
"""Marks and text inside a paragraph."""

LINES = (
    "", "", "# ", "## ", "#", "####### ", "> ", "> # ", ">", "* ", "- ", "1. ", "1) ", "```", "````", "~~~", "```x ",
    "``` `", "``` ``` ", "~~~ `", "> ```", "> ~~~ ", "<!-- c -->", "<!-- c", "-->",
    "***", "+ ", "_ _ _",
)  # fmt: skip
"""What lines begin with."""


def oracle_text(tokens: list[Token]) -> Iterator[str]:
    """Yield the text that a reader sees."""
    addresses = False
    for token in tokens:
        if token.type == "html_block":
            yield from oracle_text(_ORACLE.parseInline(_COMMENT.sub(" ", token.content)))
        elif token.type == "link_open" and token.info == "auto":
            addresses = True
        elif token.type == "link_close" and addresses:
            addresses = False
        elif token.type in {"text", "code_inline"} and not addresses:
            yield token.content
        elif token.children and token.type != "image":
            yield from oracle_text(token.children)


def letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(character for character in text if character.isalnum())


def shown(source: str, kind: str | None = None) -> str:
    """Return the letters that the reader shows, in all blocks or in those of one kind."""
    text = mask_hidden_text(source).text
    return letters("".join(_block_text(text, block) for block in split_blocks(text) if kind in {None, block.kind}))


def _block_text(text: str, block: Block) -> str:
    return render_inline(text, block.pieces).text if block.pieces else ""


@settings(max_examples=500)
@given(st.lists(st.sampled_from(INLINE), max_size=14).map("".join))
@example("`a <!-- b --> c`")
@example("a `<!-- b\n--> c")
@example('a <i title="b > c">d')
@example("a &notit; b")
@example("\\<!-- a -->")
@example("[a](b\\)c) [d](e(f(g)))")
def test_inline_markup_hides_what_commonmark_hides(inside: str) -> None:
    """Of a paragraph the same letters are shown: code, links, images, tags, entities, escapes and comments."""
    source = f"x {inside} y".replace("\n", " z\nz ")

    expected = "".join(oracle_text(_ORACLE.parse(source)))
    assume("](" not in expected)

    assert shown(source) == letters(expected)


def documents() -> st.SearchStrategy[str]:
    """Draw lines that mean something in a block structure, each with a word of its own."""
    starts = st.lists(st.sampled_from(LINES), min_size=1, max_size=10)
    return starts.map(lambda lines: "\n".join(_line(start, index) for index, start in enumerate(lines)))


def _line(start: str, index: int) -> str:
    takes_word = start.endswith((" ", "`")) and not re.fullmatch(r"[> ]*(?:`{3,}|~{3,}| _)+", start)
    return f"{start}w{index}" if takes_word else start


@settings(max_examples=500)
@given(documents())
@example("```lamp.on()  // the same```\n\nw1\n\n```\nw4\n```")
@example("> ```\n> w1\n> ```\nw3")
@example("* ```\n  w1\n  ```\n\nw4")
@example("` w0\n<!-- ` -->\nw2")
def test_blocks_hide_what_commonmark_hides(source: str) -> None:
    """Of a document the same letters are shown: fenced code and comments hide the same lines."""
    assume(not mask_hidden_text(source).unclosed_fences)
    assume(all(source.endswith("-->", 0, one.end) for one in mask_hidden_text(source).comments))

    assert shown(source) == letters("".join(oracle_text(_ORACLE.parse(source))))


@settings(max_examples=300)
@given(documents())
def test_headings_are_those_of_commonmark(source: str) -> None:
    """The same lines are headings."""
    masked = mask_hidden_text(source)
    assume(not masked.unclosed_fences and all(source.endswith("-->", 0, one.end) for one in masked.comments))
    tokens = _ORACLE.parse(source)
    headings = [inside for token, inside in pairwise(tokens) if token.type == "heading_open"]

    assert shown(source, "heading") == letters("".join(oracle_text(headings)))
