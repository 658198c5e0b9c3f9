"""Splices: the only way in which a transcript is ever changed, and the way back.

An edit puts a text in the place of a stretch of the source. What no edit names stays as it is, to the code point,
so a Markdown writer that could get something wrong does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from pipeline.schema import Chars, Edit


def apply(source: str, edits: Iterable[Edit]) -> str:
    """Put every edit's text in its place.

    Offsets are those of ``source``, whatever the order of the edits. Insertions at one place keep the order in which
    they are given; one at the edge of a replaced stretch stays outside of it.

    Raises:
        ValueError: two edits overlap, or one lies beyond the end.

    >>> apply("a c", [Edit(Chars(2, 2), "b ")])
    'a b c'
    """
    pieces, done = list[str](), 0
    for edit in _in_order(source, edits):
        pieces += (source[done : edit.chars.start], edit.text)
        done = edit.chars.end
    pieces.append(source[done:])
    return "".join(pieces)


def undo(source: str, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits that lead from ``apply(source, edits)`` back to ``source``, to the code point.

    Raises:
        ValueError: as ``apply`` does.

    >>> undo("a c", [Edit(Chars(2, 2), "b ")])
    (Edit(chars=Chars(start=2, end=4), text=''),)
    """
    back, shift = [], 0
    for edit in _in_order(source, edits):
        start = edit.chars.start + shift
        back.append(Edit(Chars(start, start + len(edit.text)), source[edit.chars.start : edit.chars.end]))
        shift += len(edit.text) - (edit.chars.end - edit.chars.start)
    return tuple(back)


def _in_order(source: str, edits: Iterable[Edit]) -> list[Edit]:
    ordered = sorted(edits, key=lambda edit: edit.chars)
    for edit, following in pairwise(ordered):
        if following.chars.start < edit.chars.end:
            raise ValueError(f"edits overlap: {edit.chars} and {following.chars}")
    if ordered and max(edit.chars.end for edit in ordered) > len(source):
        raise ValueError(f"an edit lies beyond the end of the text: {ordered[-1].chars} of {len(source)}")
    return ordered
