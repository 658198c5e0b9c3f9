"""Apply edits to a transcript's source, and undo them.

An edit replaces a range of the source. Everything outside the edited ranges stays the same, to the code point. This
is the only way in which a transcript is changed, so no Markdown writer is needed that could get something wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from pipeline.schema import Chars, Edit


def apply(source: str, edits: Iterable[Edit]) -> str:
    """Apply all edits to a source.

    Offsets refer to ``source``, in whatever order the edits are given. Insertions at one place keep the given order; an
    insertion at the edge of a replaced range stays outside of it.

    Raises:
        ValueError: two edits overlap, or one is beyond the end of the source.

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
    """Return the edits that turn ``apply(source, edits)`` back into ``source``, to the code point.

    Raises:
        ValueError: two edits overlap, or one is beyond the end of the source.

    >>> undo("a c", [Edit(Chars(2, 2), "b ")])
    (Edit(chars=Chars(start=2, end=4), text=''),)
    """
    inverse, shift = [], 0
    for edit in _in_order(source, edits):
        start = edit.chars.start + shift
        inverse.append(Edit(Chars(start, start + len(edit.text)), source[edit.chars.start : edit.chars.end]))
        shift += len(edit.text) - (edit.chars.end - edit.chars.start)
    return tuple(inverse)


def _in_order(source: str, edits: Iterable[Edit]) -> list[Edit]:
    ordered = sorted(edits, key=lambda edit: edit.chars)
    for edit, following in pairwise(ordered):
        if following.chars.start < edit.chars.end:
            raise ValueError(f"edits overlap: {edit.chars} and {following.chars}")
    if ordered and max(edit.chars.end for edit in ordered) > len(source):
        raise ValueError(f"an edit is beyond the end of the text: {ordered[-1].chars} of {len(source)}")
    return ordered
