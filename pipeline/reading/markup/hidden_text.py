"""Mask the source text that is not rendered: comments, fenced code, front matter.

The text is masked, not removed: each of its code points becomes ``HIDDEN``, so that all offsets remain those of the
source.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

from pipeline.schema import Chars

HIDDEN = "\0"
"""Replaces each hidden code point. One that the source itself contains is hidden as well."""

BLANK = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + HIDDEN
"""The characters at the ends of a line that are not visible."""

_START = regex.compile(r"(?<!`)<!--|(?:^|(?<=[\r\n]))[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\r\n]*+")
_CLOSING_FENCE = regex.compile(r"(?:^|(?<=[\r\n]))[ ]{0,3}(?P<fence>`{3,}|~{3,})[ \t]*+(?=[\r\n]|$)")
_LINE_END = regex.compile(r"\r\n|\r|\n|$")
_FRONT_MATTER = regex.compile(
    r"\ufeff?(?P<block>---[ \t]*+(?:\r\n?|\n)(?=[\w-]++:)"
    r"(?:(?!---[ \t]*+(?:[\r\n]|$))[\w \t#-][^\r\n]*+(?:\r\n?|\n))*+---[ \t]*+)(?=[\r\n]|$)"
)


@dataclass(frozen=True, slots=True)
class MaskedSource:
    """A source, its text with all hidden parts masked, and its comments.

    ``len(text) == len(source)``; ``comments`` are in order and include their marks.
    """

    source: str
    text: str
    comments: tuple[Chars, ...]


def mask_hidden_text(source: str) -> MaskedSource:
    """Mask the byte order mark, the front matter, the comments and the fenced code, in linear time.

    A comment or a fence that is never closed hides only its own line, so that a typing mistake does not hide an
    episode.
    """
    hidden = _front(source)
    comments = []
    commenter, fencer = _Comments(source), _Fences(source)
    at = hidden[-1].end if hidden else 0
    while found := _START.search(source, at):
        if found["fence"]:
            chars = fencer.cover(found)
        else:
            chars = commenter.cover(found.start())
            comments.append(chars)
        hidden.append(chars)
        at = chars.end
    return MaskedSource(source, _masked(source, hidden), tuple(comments))


def line_end(text: str, at: int) -> int:
    """Return where the line that contains ``at`` ends, before its line ending."""
    found = _LINE_END.search(text, at)
    return found.start() if found else len(text)


def _front(source: str) -> list[Chars]:
    if found := _FRONT_MATTER.match(source):
        return [Chars(0, found.end("block"))]
    return [Chars(0, 1)] if source.startswith("\ufeff") else []


def _masked(source: str, hidden: list[Chars]) -> str:
    pieces, done = list[str](), 0
    for chars in hidden:
        pieces += (source[done : chars.start], HIDDEN * (chars.end - chars.start))
        done = chars.end
    pieces.append(source[done:])
    return "".join(pieces)


class _Comments:
    """Finds the ends of comments; searches for each ``-->`` once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._close = 0

    def cover(self, start: int) -> Chars:
        """Return the comment that opens at ``start``; it ends with its line if another one opens before it closes."""
        if self._close != -1 and self._close < start + len("<!"):
            self._close = self._source.find("-->", start + len("<!"))
        end = self._close + len("-->")
        if self._close == -1 or self._source.find("<!--", start + len("<!--"), end) != -1:
            end = line_end(self._source, start)
        return Chars(start, end)


class _Fences:
    """Finds the ends of fenced code; searches for each closing fence once."""

    def __init__(self, source: str) -> None:
        self._closings = {
            mark: [
                (found.end(), len(found["fence"]))
                for found in _CLOSING_FENCE.finditer(source)
                if found["fence"][0] == mark
            ]
            for mark in "`~"
        }
        self._longest_after = {mark: _running_longest(closings) for mark, closings in self._closings.items()}

    def cover(self, opening: regex.Match[str]) -> Chars:
        """Return the code from the opening to the closing fence; only the opening line if nothing closes it."""
        mark, length = opening["fence"][0], len(opening["fence"])
        closings, longest = self._closings[mark], self._longest_after[mark]
        while closings and closings[-1][0] <= opening.end():
            closings.pop()
            longest.pop()
        if longest and longest[-1] >= length:
            while closings[-1][1] < length:
                closings.pop()
                longest.pop()
            return Chars(opening.start(), closings[-1][0])
        return Chars(opening.start(), opening.end())


def _running_longest(closings: list[tuple[int, int]]) -> list[int]:
    """Reverse the closings, and return for each the longest fence from there to the end of the source."""
    closings.reverse()
    longest: list[int] = []
    for _, length in closings:
        longest.append(max(length, longest[-1] if longest else 0))
    return longest
