"""A short look at the beginning of a text: what it is called, and how many turns have a label. Pure, and quick."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.reading.labels.forms import find_cast, find_labels
from pipeline.reading.markup.hidden_text import read_page
from pipeline.reading.structure.blocks import Block, split
from pipeline.reading.structure.outline import read_outline

_MOST_FRONT_LINES = 60
_TITLE = re.compile(r"title[ \t]*:[ \t]*(\S.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Glance:
    """The title of a text, None where it has none, and the number of labels, as ``transcript`` would find them."""

    title: str | None
    labels: int


def glance(source: str) -> Glance:
    r"""Look at a text or at its beginning, without its words, which take most of the time that reading takes.

    A title in the lines between two ``---``, which some programs put before a text, comes before a heading.

    >>> glance("# 7: Tea\n\n**Ann**: Hello.")
    Glance(title='7: Tea', labels=1)
    """
    page = read_page(source)
    outline = read_outline(page, split(page.text))
    lines = [line.chars for part in outline.flow if isinstance(part, Block) for line in part.lines if not line.indented]
    cast = find_cast(page.text, lines, tuple(outline.panel))
    labels = sum(1 for line in lines for _ in find_labels(page.text, line, cast, indented=False))
    return Glance(_front_title(source) or outline.title, labels)


def _front_title(source: str) -> str | None:
    first, *lines = source.removeprefix("\ufeff").splitlines()[:_MOST_FRONT_LINES] or [""]
    if first.strip() != "---" or "---" not in lines:
        return None
    found = (_TITLE.match(line) for line in lines[: lines.index("---")])
    return next((title[1].strip().strip("\"'") for title in found if title), None)
