"""Read the title of a text and count its labels, without reading its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.reading.labels.grammar import find_labels
from pipeline.reading.markup.hidden_text import mask_hidden_text
from pipeline.reading.markup.whitespace import split_lines
from pipeline.reading.structure.blocks import split_blocks
from pipeline.reading.structure.outline import read_file_grammar, read_outline, speech_lines

_MAX_FRONT_LINES = 60
_TITLE = re.compile(r"title[ \t]*[:=][ \t]*(\S.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Preview:
    """The title, None if there is none, and the number of labels, as ``transcript`` finds them."""

    title: str | None
    labels: int


def read_preview(source: str) -> Preview:
    r"""Read the title and count the labels of a text or of its beginning.

    It does not read the words, which take most of the time of a full reading. A title in front matter (lines between
    two ``---`` or ``+++``) takes precedence over a heading.

    >>> read_preview("# 7: Tea\n\n**Ann**: Hello.")
    Preview(title='7: Tea', labels=1)
    """
    masked = mask_hidden_text(source)
    outline = read_outline(masked, split_blocks(masked.text))
    grammar = read_file_grammar(masked, outline)
    labels = len(grammar.headings) + sum(
        len(find_labels(masked.text, line, grammar)) for line in speech_lines(masked.text, outline)
    )
    return Preview(_front_title(source) or outline.title, labels)


def _front_title(source: str) -> str | None:
    first, *lines = split_lines(source.removeprefix("\ufeff"))[:_MAX_FRONT_LINES]
    mark = first.strip()
    if mark not in {"---", "+++"} or mark not in lines:
        return None
    found = (_TITLE.match(line) for line in lines[: lines.index(mark)])
    return next((title[1].strip().strip("\"'") for title in found if title), None)
