r"""Heard text as Markdown that reads as that very text: nothing in it becomes markup, a label, a time or a list.

Only what would mean something is escaped, so that the source stays pleasant to correct. The reader of transcripts
itself is asked, line by line, whether anything is left that it would take for more than words.
"""

from __future__ import annotations

import regex

from pipeline.reading.labels.forms import Cast, label_at
from pipeline.reading.markup.notation import CLOCK
from pipeline.reading.structure.blocks import split
from pipeline.schema import Chars

_MARKS = regex.compile(r"[\\`*_~<>|]|(?<=<)!|&(?=#?[A-Za-z0-9]{1,32};)")
_BRACKETED_TIME = regex.compile(rf"(?<=[(\[]){CLOCK}(?=[)\]])")
_FIRST_TIME = regex.compile(rf"[(\[]?{CLOCK}")
_LINE_START = regex.compile(
    r"(?:#{1,6}(?=\s|$)|[-+](?=\s|$)|-{2,}+\s*+$|={2,}+$|:(?=[|:\s-]*+$))|[0-9]{1,9}(?P<dot>[.)])(?=\s|$)"
)
_COLON = regex.compile(r"[:：]")


def escape(text: str) -> str:
    r"""The text with a backslash before each character that would be markup where it stands.

    >>> escape("_doListen is 2 * 3 <b> R&D &amp;")
    '\\_doListen is 2 \\* 3 \\<b\\> R&D \\&amp;'
    """
    return _BRACKETED_TIME.sub(_parted_time, _MARKS.sub(r"\\\g<0>", text))


def escape_start(text: str) -> str:
    r"""The beginning of a paragraph or turn, escaped already, so that no time stands there that the human typed.

    >>> escape_start("9:30 is late"), escape_start("It is 9:30")
    ('9\\:30 is late', 'It is 9:30')
    """
    if _FIRST_TIME.match(text):
        return _FIRST_TIME.sub(_parted_time, text, count=1)
    return _entity_of(text[0]) + text[1:] if _COLON.match(text) else text


def escape_line(line: str, cast: Cast | None = None) -> str:
    r"""A line of escaped text so that it is nothing but text, wherever it begins: no heading, list, label or note.

    Args:
        line: without white space before it.
        cast: the names that make a label of a line that goes on a paragraph with white space before it; None for any
            other line, where any name may make one.

    >>> escape_line("1. of all"), escape_line("Ann: hello"), escape_line("# is a hash")
    ('1\\. of all', 'Ann&#58; hello', '\\# is a hash')
    """
    if found := _LINE_START.match(line):
        at = found.start("dot") if found["dot"] else found.start()
        line = line[:at] + "\\" + line[at:]
    while (label := label_at(line, Chars(0, len(line)))) and (cast is None or cast.knows(label.name)):
        line = _COLON.sub(_entity, line, count=1)
    kinds = {block.kind for block in split(line)}
    return line if kinds <= {"paragraph"} else _entity_of(line[0]) + line[1:]


def _parted_time(found: regex.Match[str]) -> str:
    return found[0].replace(":", "\\:")


def _entity(found: regex.Match[str]) -> str:
    return _entity_of(found[0])


def _entity_of(character: str) -> str:
    return f"&#{ord(character)};"
