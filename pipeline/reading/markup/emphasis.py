"""Find the marks of emphasis that a renderer removes: stars, underscores and double tildes that pair."""

from __future__ import annotations

import unicodedata
from array import array
from functools import lru_cache

_OPENS, _CLOSES = 1, 2


class Emphasis:
    """Runs of emphasis marks in the order of the text, and which of them pair (CommonMark 6.2, GitHub's ``~~``)."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = array("I")
        self._ends = array("I")
        self._roles = bytearray()

    def read(self, start: int, end: int) -> None:
        """Read the run of equal marks at ``start`` to ``end``."""
        mark = self._text[start]
        if mark == "~" and end - start != len("~~"):
            return
        role = _role(self._text[start - 1 : start], mark, self._text[end : end + 1])
        if role:
            self._starts.append(start)
            self._ends.append(end)
            self._roles.append(role)

    def forget_from(self, start: int) -> None:
        """Forget the runs from a place on: those of an image's text, which is not shown."""
        while self._starts and self._starts[-1] >= start:
            self._starts.pop()
            self._ends.pop()
            self._roles.pop()

    def mark_pairs(self, marks: bytearray) -> None:
        """Set ``marks[i]`` to 1 for each mark that pairs: the last of an opening run, the first of a closing one."""
        openers: dict[str, list[tuple[int, int]]] = {}
        for start, end, role in zip(self._starts, self._ends, self._roles, strict=True):
            stack = openers.setdefault(self._text[start], [])
            at = start
            while role & _CLOSES and at < end and stack:
                opens_at, opens_end = stack.pop()
                number = min(opens_end - opens_at, end - at)
                marks[opens_end - number : opens_end] = marks[at : at + number] = b"\1" * number
                at += number
                if opens_at < opens_end - number:
                    stack.append((opens_at, opens_end - number))
            if role & _OPENS and at == start:
                stack.append((start, end))


@lru_cache(maxsize=1 << 12)  # texts have few neighbours of marks
def _role(before: str, mark: str, after: str) -> int:
    """Return whether a run of marks between two characters can open and can close emphasis, as flags."""
    left = (
        bool(after)
        and not after.isspace()
        and (not _is_punctuation(after) or not before.strip() or _is_punctuation(before))
    )
    right = (
        bool(before)
        and not before.isspace()
        and (not _is_punctuation(before) or not after.strip() or _is_punctuation(after))
    )
    if mark == "_":
        opens, closes = left and (not right or _is_punctuation(before)), right and (not left or _is_punctuation(after))
    else:
        opens, closes = left, right
    return _OPENS * opens + _CLOSES * closes


def _is_punctuation(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "PS"
