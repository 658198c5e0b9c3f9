"""How a show frames its transcripts: title, panel, contents and sections, read from one of them for another.

Each part is as the sample has it, and left out where the sample has none. Without a sample it is the community's::

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

from pipeline.reading.labels.forms import fold_name
from pipeline.reading.markup.hidden_text import Page, line_end, read_page
from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.structure.blocks import Block, split
from pipeline.reading.structure.outline import CONTENTS_HEADS, PANEL_HEADS

_MARK = regex.compile(r"[-*+][ \t]++|[0-9]++[.)][ \t]++")


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts around the speech, as lines.

    Attributes:
        title: what stands below the title ("===") or before it ("# "); the first is told by its lack of a space.
        panel: the line above the names; None where there is none.
        bullet: what stands before a name.
        contents: the line above the table of contents; None where there is none.
        item: what stands before its entries; ``1. `` counts them.
        section: what stands before a section's title ("## ") or below it ("---").
    """

    title: str = "==="
    panel: str | None = "Panel:"
    bullet: str = "* "
    contents: str | None = "Table Of Contents:"
    item: str = "1. "
    section: str = "## "


_USUAL = Frame()


def frame_of(source: str) -> Frame:
    """Read the frame of a transcript; the community's own where it frames nothing."""
    page = read_page(source)
    blocks = split(page.text)
    headings = [block for block in blocks if block.kind == "heading"]
    panel = next((k for k, block in enumerate(blocks) if _head(page, block) in PANEL_HEADS), None)
    contents = next((k for k, block in enumerate(blocks) if _head(page, block) in CONTENTS_HEADS), None)
    if not headings and panel is None:
        return Frame()
    framed = [block for block in headings if _head(page, block) not in PANEL_HEADS | CONTENTS_HEADS]
    sections = framed[1:]
    return Frame(
        title=_form(page, framed[0]) if framed else _USUAL.title,
        panel=_first_line(page, blocks[panel]) if panel is not None else None,
        bullet=_mark(page, blocks, panel, _USUAL.bullet),
        contents=_first_line(page, blocks[contents]) if contents is not None else None,
        item=_mark(page, blocks, contents, _USUAL.item),
        section=_form(page, sections[0]) if sections else _USUAL.section,
    )


def _head(page: Page, block: Block) -> str:
    """The first line of a heading or paragraph, folded, as the heads of lists are told."""
    if block.kind not in ("heading", "paragraph"):
        return ""
    return fold_name(rendered_text(page.text, block.pieces[:1])).rstrip(":： ")


def _form(page: Page, heading: Block) -> str:
    """``## `` for a heading behind such marks, ``===`` or ``---`` for one above such a line."""
    if page.text[heading.chars.start] == "#":
        return "#" * heading.level + " "
    return "===" if heading.level == 1 else "---"


def _first_line(page: Page, block: Block) -> str:
    return page.source[block.chars.start : line_end(page.source, block.chars.start)].strip()


def _mark(page: Page, blocks: Sequence[Block], head: int | None, default: str) -> str:
    """The mark of the list below a head."""
    if head is None or head + 1 >= len(blocks) or blocks[head + 1].kind != "item":
        return default
    found = _MARK.match(page.source, blocks[head + 1].chars.start)
    return found[0] if found else default
