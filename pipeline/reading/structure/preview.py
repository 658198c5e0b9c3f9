"""Read the title of a text and count its labels, without reading its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.reading.labels.forms import find_known_speakers, find_labels
from pipeline.reading.markup.hidden_text import mask_hidden_text
from pipeline.reading.structure.blocks import Block, split_blocks
from pipeline.reading.structure.outline import read_outline

_MAX_FRONT_LINES = 60
_TITLE = re.compile(r"title[ \t]*:[ \t]*(\S.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Preview:
    """The title, None if there is none, and the number of labels, as ``transcript`` finds them."""

    title: str | None
    labels: int


def read_preview(source: str) -> Preview:
    r"""Read the title and count the labels of a text or of its beginning.

    It does not read the words, which take most of the time of a full reading. A title in front matter (lines between
    two ``---``) takes precedence over a heading.

    >>> read_preview("# 7: Tea\n\n**Ann**: Hello.")
    Preview(title='7: Tea', labels=1)
    """
    masked = mask_hidden_text(source)
    outline = read_outline(masked, split_blocks(masked.text))
    lines = [line.chars for part in outline.flow if isinstance(part, Block) for line in part.lines if not line.indented]
    known = find_known_speakers(masked.text, lines, tuple(outline.panel))
    labels = sum(1 for line in lines for _ in find_labels(masked.text, line, known, indented=False))
    return Preview(_front_title(source) or outline.title, labels)


def _front_title(source: str) -> str | None:
    first, *lines = source.removeprefix("\ufeff").splitlines()[:_MAX_FRONT_LINES] or [""]
    if first.strip() != "---" or "---" not in lines:
        return None
    found = (_TITLE.match(line) for line in lines[: lines.index("---")])
    return next((title[1].strip().strip("\"'") for title in found if title), None)
