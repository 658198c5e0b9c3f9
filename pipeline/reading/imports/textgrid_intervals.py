"""Read a TextGrid of Praat in its long or its short text format.

Both are one format: only texts in quotation marks and numbers that stand alone count, the rest is for people. praatio
reads texts that look like the words between as structure, so it is not used here.

Source: Praat's manual, "TextGrid file formats".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from pipeline.reading.imports.annotation_tiers import AnnotationTier, Interval, tier_pieces
from pipeline.reading.imports.pieces import ImportedFileError, Piece, milliseconds

_TOKEN = re.compile(r'"(?P<text>(?:[^"]++|"")*+)"|(?P<open>")|(?<!\S)![^\n]*|(?P<word>[^\s"]++)')
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,3})?")
_INTERVALS, _POINTS = "IntervalTier", "TextTier"


def read_textgrid(source: str) -> Iterator[Piece]:
    """Return the pieces of a TextGrid.

    Raises:
        ImportedFileError: it is broken; the message has the line.
    """
    return tier_pieces(_Tokens(source).tiers())


class _Tokens:
    """The texts and numbers of a file, in order."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found = _TOKEN.finditer(source)
        self._at = 0

    def tiers(self) -> Iterator[AnnotationTier]:
        """Yield the tiers that have intervals; tiers of points say nothing about when somebody speaks."""
        self._skip(texts=2, numbers=2)
        for _ in range(self._count()):
            kind, name = self._text(), self._text()
            self._skip(numbers=2)
            number = self._count()
            if kind == _INTERVALS:
                yield AnnotationTier(name, tuple(self._interval() for _ in range(number)))
            elif kind == _POINTS:
                for _ in range(number):
                    self._number()
                    self._text()
            else:
                raise self._broken()

    def _skip(self, *, texts: int = 0, numbers: int = 0) -> None:
        for _ in range(texts):
            self._text()
        for _ in range(numbers):
            self._number()

    def _interval(self) -> Interval:
        start, end, text = self._number(), self._number(), self._text()
        begin, finish = milliseconds(max(0.0, start)), milliseconds(max(0.0, end))
        if begin is None or finish is None or finish < begin:
            raise self._broken()
        return Interval(begin, begin, finish, text)

    def _text(self) -> str:
        value = self._next()
        if isinstance(value, str):
            return value
        raise self._broken()

    def _number(self) -> float:
        value = self._next()
        if isinstance(value, float) and math.isfinite(value):
            return value
        raise self._broken()

    def _count(self) -> int:
        value = self._number()
        if value < 0 or value != int(value):
            raise self._broken()
        return int(value)

    def _next(self) -> str | float | None:
        for found in self._found:
            self._at = found.start()
            if found["text"] is not None:
                return found["text"].replace('""', '"')
            if found["open"]:
                return None
            if found["word"] and _NUMBER.fullmatch(found["word"]):
                return float(found["word"])
        self._at = len(self._source)
        return None

    def _broken(self) -> ImportedFileError:
        line = self._source.count("\n", 0, self._at) + 1
        return ImportedFileError("is a TextGrid of Praat that is broken or cut off here", line)
