r"""Give each kind of line ending and of space one spelling, and know the characters that have no width.

A line ends at CR LF, LF, a lone CR, U+2028, U+2029 and VT, which word processors write for a line break inside a
paragraph. FF and NEL (U+0085) end no line: FF stands between two pages of one paragraph, and NEL is in practice the
ellipsis of Windows-1252 in a file that was decoded wrongly. They are spaces, as all other characters with Unicode's
property White_Space are.

>>> unify_white_space("a\u2028b\xa0c")
'a\nb c'
"""

from __future__ import annotations

import re
from bisect import bisect_right

import regex

LINE_ENDING = r"(?>\r\n|[\r\n\v\u2028\u2029])"
"""One line ending of a source, as a pattern."""

LINE_ENDS = "\r\n\v\u2028\u2029"
"""The characters of all line endings."""

ZERO_WIDTH_SPACE = "\u200b"
"""Separates two words and has no width; unlike a space it is no white space to Markdown's rules."""

IGNORABLE = "\xad\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u206f\ufff9-\ufffb\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
"""Characters that are no part of a word as people see it, for a set in a pattern.

They are the soft hyphen, the word joiner and other invisible operators, a byte order mark inside the text, the
directional formatting that works in pairs (half of a pair would reorder a whole subtitle), annotation marks and control
characters. Not in the set are characters that change how their neighbours look: joiners and non-joiners, variation
selectors, and the marks U+200E, U+200F and U+061C.
"""

BLANK = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\0\xad\u2060\ufeff" + ZERO_WIDTH_SPACE
"""The characters at the ends of a line that are not visible; NUL is what hidden text is masked with."""

_ENDING = regex.compile(LINE_ENDING)
_COMMON_ENDING = regex.compile(r"\r\n|[\r\n]")
_LAST_ENDING = regex.compile(rf"(?r){LINE_ENDING}")
_UNUSUAL_ENDING = re.compile(r"\r(?!\n)|[\v\u2028\u2029]")
_UNUSUAL_SPACE = re.compile(r"[\f\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def unify_white_space(source: str) -> str:
    """Return the text with LF for each line ending but CR LF, and a space for each space but the tab.

    The length stays the same, so all offsets remain those of the source.
    """
    return _UNUSUAL_SPACE.sub(" ", _UNUSUAL_ENDING.sub("\n", source))


def line_ending(source: str) -> str:
    """Return the line ending for new lines of a text: its first one, CR and LF before rarer ones; LF if it has none."""
    found = _COMMON_ENDING.search(source) or _ENDING.search(source)
    return found[0] if found else "\n"


def split_lines(source: str) -> list[str]:
    """Return the lines of a text without their line endings; the last one is empty if the text ends with one."""
    return [str(line) for line in _ENDING.split(source)]


def count_lines(source: str) -> int:
    r"""Return how many lines a text has; a line ending at its end begins no further one.

    >>> count_lines(""), count_lines("a\r\nb"), count_lines("a\r\nb\r")
    (0, 2, 2)
    """
    ends = sum(1 for _ in _ENDING.finditer(source))
    return ends + bool(source and line_start(source, len(source)) < len(source))


class LineIndex:
    r"""The lines of a source as an editor counts them: the line of an offset, and the column within it.

    >>> lines = LineIndex("a\n\nb\r\nc\rd")
    >>> [lines.line(at) for at in (0, 3, 6, 8)]
    [1, 3, 4, 5]
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._starts = [0, *(found.end() for found in _ENDING.finditer(source))]

    def line(self, at: int) -> int:
        """Return the line of an offset, counted from 1."""
        return bisect_right(self._starts, at)

    def column(self, at: int) -> int:
        """Return the column of an offset in its line, in characters from 1; a byte order mark is not counted."""
        start = self._starts[self.line(at) - 1]
        return at - max(start, self.source.startswith("\ufeff")) + 1


def line_start(source: str, at: int) -> int:
    """Return where the line that contains ``at`` begins."""
    found = _LAST_ENDING.search(source, 0, at)
    return found.end() if found else 0


def line_end(source: str, at: int) -> int:
    """Return where the line that contains ``at`` ends, before its line ending."""
    found = _ENDING.search(source, at)
    return found.start() if found else len(source)


def line_below(source: str, at: int) -> int:
    """Return where the line after the one that contains ``at`` begins; the end of the text if there is none."""
    found = _ENDING.search(source, at)
    return found.end() if found else len(source)


def line_above(source: str, at: int) -> int:
    """Return where the line before the one that contains ``at`` begins; 0 if there is none."""
    found = _LAST_ENDING.search(source, 0, at)
    return line_start(source, found.start()) if found else 0
