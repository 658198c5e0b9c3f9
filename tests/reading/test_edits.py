from __future__ import annotations

import pytest
from hypothesis import given

from pipeline.reading.edits import apply, undo
from pipeline.schema import Chars, Edit
from tests.strategies import edited, sources


@given(sources())
def test_without_edits_nothing_changes(source: str) -> None:
    """Without edits a source stays as it is."""
    assert apply(source, ()) == source


@given(edited())
def test_undoing_the_edits_restores_the_source(example: tuple[str, tuple[Edit, ...]]) -> None:
    """Undoing the edits restores the source."""
    source, edits = example
    assert apply(apply(source, edits), undo(source, edits)) == source


@given(edited())
def test_edits_equal_splices_from_the_end(example: tuple[str, tuple[Edit, ...]]) -> None:
    """Applying edits equals splicing them one by one from the end."""
    source, edits = example
    spliced = source
    in_place = sorted(enumerate(edits), key=lambda numbered: (numbered[1].chars, numbered[0]))
    for _, edit in reversed(in_place):
        spliced = spliced[: edit.chars.start] + edit.text + spliced[edit.chars.end :]
    assert apply(source, edits) == spliced


def test_each_kind_of_edit() -> None:
    """Edits insert, replace and remove at offsets of the source, in whatever order they are given."""
    edits = (Edit(Chars(8, 9), ""), Edit(Chars(0, 0), "0:17 - "), Edit(Chars(4, 8), "note"))
    assert apply("abc Note!", edits) == "0:17 - abc note"


def test_insertions_at_one_place() -> None:
    """Two insertions at one place keep their order, before what is replaced there."""
    edits = (Edit(Chars(1, 2), "X"), Edit(Chars(1, 1), "1"), Edit(Chars(1, 1), "2"))
    assert apply("abc", edits) == "a12Xc"


@pytest.mark.parametrize(
    "edits",
    [
        (Edit(Chars(0, 2), ""), Edit(Chars(1, 3), "")),
        (Edit(Chars(0, 3), ""), Edit(Chars(1, 1), "x")),
        (Edit(Chars(1, 2), "x"), Edit(Chars(1, 2), "y")),
    ],
)
def test_overlap_is_refused(edits: tuple[Edit, ...]) -> None:
    """Edits of the same characters are refused, since their order would decide."""
    with pytest.raises(ValueError, match="overlap"):
        apply("abcd", edits)
    with pytest.raises(ValueError, match="overlap"):
        undo("abcd", edits)


def test_beyond_the_end_is_refused() -> None:
    """An edit beyond the end of the source is refused."""
    with pytest.raises(ValueError, match="beyond the end"):
        apply("abc", (Edit(Chars(3, 4), ""),))
