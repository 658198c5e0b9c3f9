"""Find where fenced code ends.

The rules are CommonMark's (4.5), also for code in block quotes and list items, which ends with its quote or item at the
latest. It is lenient in one way: a fence that nothing closes hides only its own line, so that a typing mistake does not
hide an episode.
"""

from __future__ import annotations

import re
from typing import Literal

import regex

_PREFIX = r"(?P<indent>[ \t]*+)(?P<quote>(?:>[ \t]*+)*+)"
OPENING_FENCE = (
    rf"(?m:^){_PREFIX}(?P<item>(?:(?:[*+-]|[0-9]{{1,9}}[.)])[ \t]++)?)"
    r"(?P<fence>`{3,}+(?=[^`\r\n]*+(?:[\r\n]|$))|~{3,}+)[^\r\n]*+"
)
"""A line that opens fenced code, as a pattern; no backtick may follow the opening ones (the info string has none)."""

_CLOSING = re.compile(rf"(?m)^{_PREFIX}(?P<fence>`{{3,}}+|~{{3,}}+)[ \t]*+(?=\r?$)")
_QUOTE_LINES = regex.compile(r"(?:[ \t]*+>[^\n]*+(?:\n|$))*+")
_ITEM_LINES = regex.compile(r"(?:(?:[ ]{2}|[ ]?\t)[^\n]*+(?:\n|$)|[ \t\r]*+\n)*+")
_MAX_INDENT = 3  # spaces before a fence; with more it can only be in a list item

_Container = Literal["none", "quote", "item"]


class FenceReader:
    """Finds the ends of the fenced code in one text; each part of the text is searched for closing fences once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._read: dict[_Container, _ClosingFences] = {}

    def end(self, opening: re.Match[str]) -> int | None:
        """Return where the code ends that a match of ``OPENING_FENCE`` opens; None if nothing closes it."""
        container = _container(opening)
        following = self._text.find("\n", opening.end()) + 1 or len(self._text)
        closings = self._read.get(container)
        if closings is None or following > closings.end:
            end = _container_end(self._text, following, container)
            closings = self._read[container] = _ClosingFences(self._text, following, end, container)
        return closings.end_after(following, opening["fence"])


def _container(fence: re.Match[str]) -> _Container:
    if fence["quote"]:
        return "quote"
    is_in_item = bool(fence.groupdict().get("item")) or len(fence["indent"].expandtabs(4)) > _MAX_INDENT
    return "item" if is_in_item else "none"


def _container_end(text: str, at: int, container: _Container) -> int:
    """Return where the quote or the list item ends whose code begins at ``at``."""
    if container == "none":
        return len(text)
    found = (_QUOTE_LINES if container == "quote" else _ITEM_LINES).match(text, at)
    return int(found.end()) if found else at


class _ClosingFences:
    """The lines of one container that can close code, from the last one to the first."""

    def __init__(self, text: str, start: int, end: int, container: _Container) -> None:
        self.end = end
        self._fences: dict[str, list[tuple[int, int]]] = {"`": [], "~": []}  # end and length
        for found in _CLOSING.finditer(text, start, end):
            if _container(found) in (container, "none" if container == "item" else container):
                self._fences[found["fence"][0]].append((found.end(), len(found["fence"])))
        self._longest_after = {mark: _running_longest(fences) for mark, fences in self._fences.items()}

    def end_after(self, at: int, fence: str) -> int | None:
        """Return the end of the first closing line from ``at`` on that is as long as a fence; ``at`` never falls."""
        fences, longest = self._fences[fence[0]], self._longest_after[fence[0]]
        while fences and fences[-1][0] <= at:
            fences.pop()
            longest.pop()
        if not longest or longest[-1] < len(fence):
            return None
        while fences[-1][1] < len(fence):
            fences.pop()
            longest.pop()
        return fences[-1][0]


def _running_longest(fences: list[tuple[int, int]]) -> list[int]:
    """Reverse the fences, and return for each the longest one from there to the end."""
    fences.reverse()
    longest: list[int] = []
    for _, length in fences:
        longest.append(max(length, longest[-1] if longest else 0))
    return longest
