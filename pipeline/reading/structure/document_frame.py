"""Read how a show lays out its transcripts (title, panel, contents, sections) from one of them, for a new one.

Each part has the form of the sample and is left out if the sample has none. Without a sample the default is used::

    24: A Secure Show
    ===

    Panel:

    * Daniel Shaw

    Table Of Contents:

    1. [Introduction](#introduction)

    ## Introduction
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from pipeline.reading.markup.hidden_text import MaskedSource, mask_hidden_text
from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.markup.whitespace import line_end
from pipeline.reading.structure.blocks import Block, split_blocks
from pipeline.reading.structure.outline import CONTENTS_HEADINGS, PANEL_HEADINGS, fold_heading

_LIST_MARK = regex.compile(r"[-*+][ \t]++|[0-9]++[.)][ \t]++")


@dataclass(frozen=True, slots=True)
class DocumentFrame:
    """The parts of a document around its speech, as lines.

    Attributes:
        title: the marks below the title (``===``) or before it (``# ``, known by its trailing space).
        panel: the line above the names; None if there is no panel.
        bullet: the list mark before a name.
        contents: the line above the table of contents; None if there is none.
        item: the list mark before its entries; ``1. `` counts them.
        section: the marks before a section's title (``## ``) or below it (``---``).
    """

    title: str = "==="
    panel: str | None = "Panel:"
    bullet: str = "* "
    contents: str | None = "Table Of Contents:"
    item: str = "1. "
    section: str = "## "


_DEFAULT = DocumentFrame()


def read_frame(source: str) -> DocumentFrame:
    """Read the document frame of a transcript; the default if it has neither headings nor a panel."""
    masked = mask_hidden_text(source)
    blocks = split_blocks(masked.text)
    headings = [block for block in blocks if block.kind == "heading"]
    panel = next((k for k, block in enumerate(blocks) if _folded_heading(masked, block) in PANEL_HEADINGS), None)
    contents = next((k for k, block in enumerate(blocks) if _folded_heading(masked, block) in CONTENTS_HEADINGS), None)
    if not headings and panel is None:
        return DocumentFrame()
    other_headings = [
        block for block in headings if _folded_heading(masked, block) not in PANEL_HEADINGS | CONTENTS_HEADINGS
    ]
    sections = other_headings[1:]
    return DocumentFrame(
        title=_heading_form(masked, other_headings[0]) if other_headings else _DEFAULT.title,
        panel=_first_line(masked, blocks[panel]) if panel is not None else None,
        bullet=_list_mark(masked, blocks, panel, _DEFAULT.bullet),
        contents=_first_line(masked, blocks[contents]) if contents is not None else None,
        item=_list_mark(masked, blocks, contents, _DEFAULT.item),
        section=_heading_form(masked, sections[0]) if sections else _DEFAULT.section,
    )


def _folded_heading(masked: MaskedSource, block: Block) -> str:
    """Return the first line of a heading or paragraph as list headings are compared; empty for other blocks."""
    if block.kind not in ("heading", "paragraph"):
        return ""
    return fold_heading(rendered_text(masked.text, block.pieces[:1]))


def _heading_form(masked: MaskedSource, heading: Block) -> str:
    """Return ``## `` for a heading with such marks before it, ``===`` or ``---`` for an underlined one."""
    if masked.text[heading.chars.start] == "#":
        return "#" * heading.level + " "
    return "===" if heading.level == 1 else "---"


def _first_line(masked: MaskedSource, block: Block) -> str:
    return masked.source[block.chars.start : line_end(masked.source, block.chars.start)].strip()


def _list_mark(masked: MaskedSource, blocks: Sequence[Block], heading: int | None, default: str) -> str:
    """Return the mark of the list below a heading."""
    if heading is None or heading + 1 >= len(blocks) or blocks[heading + 1].kind != "item":
        return default
    found = _LIST_MARK.match(masked.source, blocks[heading + 1].chars.start)
    return found[0] if found else default
