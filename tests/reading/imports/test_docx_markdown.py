from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.imports.docx_blocks import TextBlock, TextRun
from pipeline.reading.imports.docx_markdown import DocumentText, document_text
from pipeline.reading.transcript import parse


def line(text: str, node: int = 0) -> tuple[TextRun, ...]:
    """A line; what is between stars is bold."""
    parts = text.split("*")
    return tuple(TextRun(part, k % 2 == 1, node * 10 + k) for k, part in enumerate(parts) if part)


def made(*blocks: str | tuple[str, ...]) -> DocumentText:
    """A document of paragraphs, which begin with ``#`` for a heading, and rows."""
    return document_text(
        [
            TextBlock(1 + len(one) - len(one.lstrip("#")) - 1, ((line(one.lstrip("#"), n),),))
            if isinstance(one, str)
            else TextBlock(0, tuple((line(cell, 10 * n + k),) for k, cell in enumerate(one)))
            for n, one in enumerate(blocks)
        ]
    )


@pytest.mark.parametrize(
    ("blocks", "markdown"),
    [
        (["#The Show", "##Start", "Hi."], "# The Show\n\n## Start\n\nHi.\n"),
        (["*Ann Lee:* Hi.", "More: of it."], "**Ann Lee**: Hi.\n\nMore: of it.\n"),
        (["*Ann*: Hi.", "0:02 Bob: No."], "**Ann**: Hi.\n\n0:02 **Bob**: No.\n"),
        (["*Ann Lee*: Hi."], "**Ann Lee**: Hi.\n"),
        (["[00:01] Ann: Hi.", "00:02 - Bob: Hi."], "[00:01] **Ann**: Hi.\n\n00:02 - **Bob**: Hi.\n"),
        (["Ann (00:01): Hi.", "Bob (00:02): Hi."], "**Ann** (00:01): Hi.\n\n**Bob** (00:02): Hi.\n"),
        (["Ann", "Hi.", "Ann", "Bye."], "**Ann:**\n\nHi.\n\n**Ann:**\n\nBye.\n"),
        (["*Ann*", "Hi.", "*Bob*", "No.", "*Ann*", "Bye."], "**Ann:**\n\nHi.\n\n**Bob:**\n\nNo.\n\n**Ann:**\n\nBye.\n"),
        (["*The start*", "Ann: Hi.", "Ann: Bye."], "## The start\n\n**Ann**: Hi.\n\n**Ann**: Bye.\n"),
        (["רותי:\u200f שלום.", "דן: שלום.", "רותי: כן."], "**רותי**:\u200f שלום.\n\n**דן**: שלום.\n\n**רותי**: כן.\n"),
        (["*Never do this.*", "So there."], "Never do this.\n\nSo there.\n"),
        (["Ann  0:03", "Hi."], "**Ann:**  0:03\n\nHi.\n"),
        ([("0:01", "Ann", "Hi."), ("Bob:", "No.")], "[0:01] **Ann**: Hi.\n\n**Bob**: No.\n"),
        ([("1", "Ann Lee", "Hi.", "[0:01]"), ("0:02", "0:03")], "[0:01] **1**: Hi.\n\nAnn Lee\n\n[0:03] 0:02\n"),
    ],
)  # fmt: skip
def test_documents_become_markdown(blocks: list[str | tuple[str, ...]], markdown: str) -> None:
    """Speakers become bold labels, and nothing else is markup."""
    assert made(*blocks).markdown == markdown


def test_a_heading_of_two_lines_is_one() -> None:
    """A break in it is a space."""
    assert document_text([TextBlock(2, ((line("Part one"), line("The end")),))]).markdown == "## Part one The end\n"


def test_nothing_else_is_markup() -> None:
    """What has a meaning in Markdown has a backslash before it."""
    lines = ["a * _b_ <c> &amp; [d](e)", "# no", "---"]

    text = document_text([TextBlock(0, (((TextRun(one, bold=False, node=0),),),)) for one in lines])

    assert text.markdown == "a \\* \\_b\\_ \\<c\\> \\&amp; [d]\\(e)\n\n\\# no\n\n\\---\n"


@given(st.lists(st.lists(st.text("aB *_#<>[]()&:\\`~|=-+.1 \t", min_size=1, max_size=12), min_size=1, max_size=4)))
def test_text_stays_text(paragraphs: list[list[str]]) -> None:
    """Each word of the document is a word of the Markdown or a label, and the places say where it comes from."""
    blocks = [
        TextBlock(0, (((*(TextRun(part, bold=False, node=k) for k, part in enumerate(parts)),),),))
        for parts in paragraphs
        if "".join(parts).strip()
    ]

    text = document_text(blocks)

    for place in text.places:
        assert place.length > 0
        assert place.offset + place.length <= max(len(part) for parts in paragraphs for part in parts)
    assert [one.start for one in text.places] == sorted(one.start for one in text.places)
    copied = "".join(text.markdown[one.start : one.start + one.length] for one in text.places)
    assert "".join(copied.split()) == "".join("".join(map("".join, paragraphs)).split())
    parse(text.markdown)


def test_long_lines_are_read_in_linear_time() -> None:
    """Neither spaces nor marks nor names make it slow."""
    for junk in (" " * 100_000, "*" * 100_000, "a " * 50_000, "A" * 100_000, "[00:01" * 20_000, "a: " * 30_000):
        document_text([TextBlock(0, (((TextRun(junk + "x", bold=True, node=0),),),))])
        document_text(
            [TextBlock(0, ((tuple(TextRun(junk[k : k + 9], bold=True, node=k) for k in range(0, 100_000, 9)),),))]
        )
