"""Text as a reader sees it, with the place in the source of every character."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain

import msgspec

from pipeline.schema import Chars

Change = tuple[int, int, str]
"""A range of the typed text and what is shown instead: nothing, or fewer characters than it has, or one for one."""


class Rendered(msgspec.Struct, frozen=True, gc=False):
    """Rendered text, and the place of each of its characters.

    ``editorial[i]`` is 1 for text in square brackets and for asides such as ``(*laughs*)``; ``literal[i]`` is 1 within
    code. Both are as long as the text.
    """

    text: str
    places: TypedLine | Places
    editorial: bytes
    literal: bytes

    def place(self, start: int, end: int) -> Chars:
        """Return the range of the source that shows as ``text[start:end]``, which is not empty."""
        return self.places.find(start, end)


class TypedLine(msgspec.Struct, frozen=True, gc=False):
    """The places of one line, from ``start`` to ``end``, that is shown as it is typed: what most texts are."""

    start: int
    end: int

    def as_typed_from(self, start: int) -> tuple[int, int]:  # noqa: ARG002 -- as of ``Places``
        """Return up to where the rendered text is shown as typed, and how far the source is shifted."""
        return self.end - self.start, self.start

    def find(self, start: int, end: int) -> Chars:
        """Return the range of the source of a range of the rendered text."""
        return Chars(self.start + start, self.start + end)


def typed_places(pieces: Sequence[Chars]) -> TypedLine | Places:
    """Return the places of a text that is shown as it is typed, with a line ending after each piece but the last."""
    return TypedLine(pieces[0].start, pieces[0].end) if len(pieces) == 1 else Places(pieces)


class Places:
    """Runs of characters that are shown as they are typed, or that are shown as a whole for a range of the source.

    Its size grows with the markup and the lines, not with the text.
    """

    __slots__ = ("_shown", "_source", "_source_end")

    def __init__(self, pieces: Sequence[Chars], changes: Iterable[Change] = ()) -> None:
        """Find the runs of a typed text.

        Args:
            pieces: the ranges of the source of which the typed text consists, with a line ending after each but the
                last one.
            changes: in order and disjoint.
        """
        self._shown = array("I")  # where each run begins in the rendered text; at the end the text's length
        self._source = array("I")
        self._source_end = array("I")
        lines = _Lines(pieces)
        at = length = shift = line_end = 0
        for start, end, shown in chain(changes, [(lines.length, lines.length, "")]):
            while at < start:
                if at >= line_end:
                    shift, line_end = lines.find(at)
                stop = min(start, line_end)
                self._add(length, at + shift, stop + shift)
                length += stop - at
                at = stop
            if shown:
                if start >= line_end:
                    shift, line_end = lines.find(start)
                source = start + shift
                if end > line_end:
                    shift, line_end = lines.find(end - 1)
                self._add(length, source, end + shift)
                length += len(shown)
            at = end
        self._shown.append(length)

    def _add(self, shown: int, source: int, source_end: int) -> None:
        self._shown.append(shown)
        self._source.append(source)
        self._source_end.append(source_end)

    def as_typed_from(self, start: int) -> tuple[int, int]:
        """Return up to where the rendered text from ``start`` on is shown as typed, and how far the source is shifted.

        The range is empty if the text at ``start`` is not shown as typed.
        """
        run = bisect_right(self._shown, start) - 1
        if not self._is_as_typed(run):
            return start, 0
        return self._shown[run + 1], self._source[run] - self._shown[run]

    def find(self, start: int, end: int) -> Chars:
        """Return the range of the source of a range of the rendered text that is not empty."""
        first = bisect_right(self._shown, start) - 1
        begin, source = self._shown[first], self._source[first]
        if end <= self._shown[first + 1] and self._is_as_typed(first):
            return Chars(source + start - begin, source + end - begin)
        last = first if end <= self._shown[first + 1] else bisect_right(self._shown, end - 1) - 1
        source_end = self._source_end[last]
        if self._is_as_typed(first):
            source += start - begin
        if self._is_as_typed(last):
            source_end += end - self._shown[last + 1]
        return Chars(source, source_end)

    def _is_as_typed(self, run: int) -> bool:
        return self._shown[run + 1] - self._shown[run] == self._source_end[run] - self._source[run]


class _Lines:
    """The lines of a typed text; they are asked for in order."""

    def __init__(self, pieces: Sequence[Chars]) -> None:
        self._pieces = pieces
        self._line = -1
        self._start = self._end = 0
        self.length = sum(piece.end - piece.start + 1 for piece in pieces) - bool(pieces)

    def find(self, typed: int) -> tuple[int, int]:
        """Return how far the source is shifted at a place, not before the last one, and where its line ends."""
        while typed >= self._end:
            self._line += 1
            self._start = self._end
            self._end += self._pieces[self._line].end - self._pieces[self._line].start + 1
        return self._pieces[self._line].start - self._start, self._end
