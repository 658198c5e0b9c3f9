"""Ranges of the text: what differs between two texts, and how ranges move with an edit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.shown_ranges import JOINED_CHARACTERS, changed_range, edited_range, joined_ranges, shifted
from pipeline.schema import Chars, Edit

texts = st.text("ab\n", max_size=12)


@given(texts, texts)
def test_the_range_that_differs(before: str, after: str) -> None:
    """Replacing the old range by the text of the new one makes one text of the other; nothing equal is at its ends."""
    changed = changed_range(before, after)

    new = after[changed.new.start : changed.new.end]
    assert before[: changed.old.start] + new + before[changed.old.end :] == after
    old = before[changed.old.start : changed.old.end]
    assert not (old and new) or (old[0] != new[0] and old[-1] != new[-1])


@given(texts, texts, st.integers(0, 12), st.integers(0, 12))
def test_ranges_move_with_the_text(before: str, after: str, one: int, other: int) -> None:
    """A range that an edit does not touch has the same text afterwards; one that it touches holds all that is new."""
    start, end = sorted((min(one, len(before)), min(other, len(before))))
    changed = changed_range(before, after)

    moved = shifted(Chars(start, end), changed)

    assert 0 <= moved.start <= moved.end <= len(after)
    if end < changed.old.start or start > changed.old.end:
        assert after[moved.start : moved.end] == before[start:end]
    else:
        assert moved.start <= changed.new.start
        assert moved.end >= changed.new.end


def test_near_ranges_are_joined() -> None:
    """Ranges with little between them, or that overlap, are one; the order of the input does not matter."""
    far = 100 + JOINED_CHARACTERS

    assert joined_ranges([Chars(far, far + 1), Chars(50, 100), Chars(0, 9)]) == [Chars(0, 100), Chars(far, far + 1)]


def test_the_range_of_edits() -> None:
    """Several edits have one range, from the first to the last, before and after them."""
    changed = edited_range("abcdef", [Edit(Chars(1, 2), "xyz"), Edit(Chars(4, 5), "")])

    assert (changed.old, changed.new) == (Chars(1, 5), Chars(1, 6))
    assert edited_range("abc", []).new == Chars(3, 3)
