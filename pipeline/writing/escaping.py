"""Escape heard text so that it is read back as the same text, without markup, labels, times or lists.

Only what would have a meaning is escaped, so that the source is easy to correct. Line by line, the reader of
transcripts itself is asked whether it would read anything else than words.
"""

from __future__ import annotations

import regex

from pipeline.reading.labels.forms import KnownSpeakers, label_at
from pipeline.reading.markup.notation import CLOCK, INSIDE_BRACKETS
from pipeline.reading.structure.blocks import split_blocks
from pipeline.schema import Chars

_MARKS = regex.compile(r"[\\`*_~<>|]|(?<=<)!|&(?=#?[A-Za-z0-9]{1,32};)")
_BRACKETED_TIME = regex.compile(rf"(?<=[(\[]){INSIDE_BRACKETS}(?=[)\]])")
_LEADING_TIME = regex.compile(rf"[(\[]?{CLOCK}")
_LINE_START = regex.compile(
    r"(?:#{1,6}(?=\s|$)|[-+](?=\s|$)|-{2,}+\s*+$|={2,}+$|:(?=[|:\s-]*+$))|[0-9]{1,9}(?P<dot>[.)])(?=\s|$)"
)
_COLON = regex.compile(r"[:：]")


def escape(text: str) -> str:
    r"""Return the text with a backslash before each character that would be markup at its place.

    >>> escape("_doListen is 2 * 3 <b> R&D &amp;")
    '\\_doListen is 2 \\* 3 \\<b\\> R&D \\&amp;'
    """
    return _BRACKETED_TIME.sub(_escape_time, _MARKS.sub(r"\\\g<0>", text))


def escape_start(text: str) -> str:
    r"""Return escaped text for the start of a paragraph or turn, so that no typed time is read there.

    >>> escape_start("9:30 is late"), escape_start("It is 9:30")
    ('9\\:30 is late', 'It is 9:30')
    """
    if _LEADING_TIME.match(text):
        return _LEADING_TIME.sub(_escape_time, text, count=1)
    return _character_entity(text[0]) + text[1:] if _COLON.match(text) else text


def escape_line(line: str, known: KnownSpeakers | None = None) -> str:
    r"""Return a line of escaped text so that it is read as nothing but text: no heading, list, label or note.

    Args:
        line: without white space before it.
        known: for a line that continues a paragraph and begins with white space: the names that make a label there;
            None for any other line, in which any name may make one.

    >>> escape_line("1. of all"), escape_line("Ann: hello"), escape_line("# is a hash")
    ('1\\. of all', 'Ann&#58; hello', '\\# is a hash')
    """
    if found := _LINE_START.match(line):
        at = found.start("dot") if found["dot"] else found.start()
        line = line[:at] + "\\" + line[at:]
    while (label := label_at(line, Chars(0, len(line)))) and (known is None or known.includes(label.name)):
        line = _COLON.sub(_entity, line, count=1)
    kinds = {block.kind for block in split_blocks(line)}
    return line if kinds <= {"paragraph"} else _character_entity(line[0]) + line[1:]


def _escape_time(found: regex.Match[str]) -> str:
    return found[0].replace(":", "\\:").replace(".", "\\.")


def _entity(found: regex.Match[str]) -> str:
    return _character_entity(found[0])


def _character_entity(character: str) -> str:
    return f"&#{ord(character)};"
