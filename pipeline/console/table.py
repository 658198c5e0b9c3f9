"""Rows of text in columns, for people."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_GAP = "  "


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = ()) -> str:
    """Format rows as a table, each column as wide as its widest cell; one line a row, nothing is wrapped or cut.

    Control characters and line breaks in a cell become a space, so a stranger's text cannot leave its row.

    Args:
        rows: cells; a row may have fewer than others.
        header: the columns' names; empty for a table without a header.

    >>> print(table([("Ann", "12"), ("Bob", "3")], ("who", "words")), end="")
    who  words
    Ann  12
    Bob  3
    """
    cells = [[_cell(cell) for cell in row] for row in ([header] if header else []) + list(rows)]
    widths = [max(map(columns, column)) for column in _transposed(cells)]
    return "".join(f"{_GAP.join(_padded(row, widths)).rstrip()}\n" for row in cells)


def columns(text: str) -> int:
    """Return the columns of a text in a terminal (Unicode UAX #11: wide characters take two, combining ones none).

    >>> columns("naïve"), columns("日本")
    (5, 4)
    """
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(mark) in "WF" else 1
        for mark in text
        if not unicodedata.combining(mark) and unicodedata.category(mark) not in {"Cf", "Me", "Mn"}
    )


def _cell(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(mark) in {"Cc", "Zl", "Zp"} else mark for mark in text)


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=False)]


def _transposed(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[row[k] for row in rows if k < len(row)] for k in range(max(map(len, rows), default=0))]
