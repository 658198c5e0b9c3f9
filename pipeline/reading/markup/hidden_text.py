"""Mask the source text that is not rendered: comments, scripts, fenced code, front matter.

The text is masked, not removed: each of its code points becomes ``HIDDEN``, so that all offsets remain those of the
source. In the same step white space is unified (see ``whitespace``).

What is hidden is decided as CommonMark decides it, with these exceptions, by which typists lose less:

- a comment or a fence that is never closed hides its own line, not the rest of the document;
- a comment is hidden wherever it stands: inside a paragraph also across blank lines, and behind any indentation; the
  text after it on its line is read;
- of other HTML only scripts and style sheets are hidden. Text between tags is read as Markdown everywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

import regex

from pipeline.reading.markup.fences import OPENING_FENCE, FenceReader
from pipeline.reading.markup.front_matter import front_matter_end
from pipeline.reading.markup.whitespace import unify_white_space
from pipeline.schema import Chars

HIDDEN = "\0"
"""Replaces each hidden code point. One that the source itself contains is hidden as well."""

_START = re.compile(  # the module re is several times faster here
    rf"{OPENING_FENCE}|(?P<ticks>`++)|<!--|\\[\\`<]|(?m:^)[ ]{{0,3}}<(?P<tag>script|style)(?=[\s>])[^<>]*+(?<!/)>",
    re.IGNORECASE,
)
_MAY_HIDE = re.compile(r"<!--|```|~~~|<(?:script|style)", re.IGNORECASE)
"""What a text has if anything in it is hidden by a mark; without it no code span and no escape has to be found."""

_TICKS = re.compile(r"`+")
_PARAGRAPH_END = regex.compile(
    r"(?m)^[ \t]*+(?:\r?$|<!--|>|`{3,}+[^`\n]*+$|~{3}|(?:#{1,6}|[*+-]|[0-9]{1,9}[.)])(?:[ \t\r]|$)"
    r"|[*_=-][*_= \t-]*+\r?$)"
)


@dataclass(frozen=True, slots=True)
class MaskedSource:
    """A source, its text with all hidden parts masked, its comments, and the lines whose fence is never closed.

    ``len(text) == len(source)``; lines end with LF or CR LF in ``text``. ``comments`` are in order and include their
    marks.
    """

    source: str
    text: str
    comments: tuple[Chars, ...]
    unclosed_fences: tuple[Chars, ...] = ()


def mask_hidden_text(source: str) -> MaskedSource:
    """Mask the byte order mark, the front matter, comments, scripts and fenced code, in linear time."""
    return _Masker(source).mask()


class _Masker:
    """Reads the text from one mark to the next; each of them hides a range, or shows one (code, an escape)."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._text = unify_white_space(source)
        self._hidden: list[Chars] = []
        self._comments: list[Chars] = []
        self._unclosed: list[Chars] = []
        self._comment_close = 0
        self._fences = FenceReader(self._text)
        self._code = _CodeSpans(self._text)
        self._without_end: set[str] = set()  # tags that are not closed from here on

    def mask(self) -> MaskedSource:
        at = front_matter_end(self._text) or int(self._text.startswith("\ufeff"))
        if at:
            self._hidden.append(Chars(0, at))
        if _MAY_HIDE.search(self._text, at):
            while found := _START.search(self._text, at):
                at = self._read(found)
        return MaskedSource(self._source, self._masked(), tuple(self._comments), tuple(self._unclosed))

    def _read(self, found: re.Match[str]) -> int:
        """Hide what a mark hides, and return where to continue."""
        match found.lastgroup:
            case "ticks":
                return self._code.end(found.start(), found.end())
            case "fence":
                return self._fence(found)
            case "tag":
                return self._script(found)
        return self._comment(found.start()) if found[0] == "<!--" else found.end()

    def _hide(self, start: int, end: int) -> int:
        self._hidden.append(Chars(start, end))
        return end

    def _fence(self, opening: re.Match[str]) -> int:
        end = self._fences.end(opening)
        if end is None:
            end = opening.end()
            self._unclosed.append(Chars(opening.start("fence"), end))
        return self._hide(opening.start("fence"), end)

    def _comment(self, start: int) -> int:
        """Hide a comment; it ends with its line if another one opens before it closes."""
        inside = start + len("<!")
        if self._comment_close != -1 and self._comment_close < inside:
            self._comment_close = self._text.find("-->", inside)
        end = self._comment_close + len("-->")
        if self._comment_close == -1 or self._text.find("<!--", start + len("<!--"), end) != -1:
            end = _line_end(self._text, start)
        self._comments.append(Chars(start, end))
        return self._hide(start, end)

    def _script(self, opening: re.Match[str]) -> int:
        """Hide a script or style sheet with its tags; only a tag that is closed hides anything."""
        tag = opening["tag"].lower()
        closing = None if tag in self._without_end else _CLOSING_TAGS[tag].search(self._text, opening.end())
        if closing is None:
            self._without_end.add(tag)
            return opening.end()
        return self._hide(opening.start("tag") - 1, closing.end())

    def _masked(self) -> str:
        pieces, done = list[str](), 0
        for chars in self._hidden:
            pieces += (self._text[done : chars.start], HIDDEN * (chars.end - chars.start))
            done = chars.end
        pieces.append(self._text[done:])
        return "".join(pieces)


_CLOSING_TAGS = {tag: regex.compile(rf"</{tag}\s*+>", regex.IGNORECASE) for tag in ("script", "style")}


def _line_end(text: str, at: int) -> int:
    """Return where a line of a text with unified white space ends."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text.startswith("\r", end - 1) else end


class _CodeSpans:
    """Finds where code spans end, whose text hides nothing: at the next equal run of backticks in the paragraph."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._runs: dict[int, list[int]] | None = None
        self._paragraph_end = 0

    def end(self, start: int, end: int) -> int:
        """Return where the code span ends whose backticks are at ``start`` to ``end``; ``end`` if it is none."""
        if self._runs is None:
            self._runs = {}
            for found in _TICKS.finditer(self._text):
                self._runs.setdefault(len(found[0]), []).append(found.start())
        length = end - start
        runs = self._runs.get(length)  # None if a backslash precedes: then this is a part of a longer run
        following = bisect_left(runs, end) if runs else 0
        if not runs or following == len(runs) or runs[following] >= self._end_of_paragraph(end):
            return end
        return runs[following] + length

    def _end_of_paragraph(self, at: int) -> int:
        if self._paragraph_end <= at:
            found = _PARAGRAPH_END.search(self._text, at)
            self._paragraph_end = found.start() if found else len(self._text) + 1
        return self._paragraph_end
