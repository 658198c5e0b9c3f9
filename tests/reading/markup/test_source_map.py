from __future__ import annotations

import pytest

from pipeline.reading.markup.source_map import Places, typed_places
from pipeline.schema import Chars


def test_places_of_text_that_is_shown_as_typed() -> None:
    """Each character is at its own place, also on the lines after the first."""
    places = Places([Chars(5, 8), Chars(20, 22)])  # "abc", "de"

    assert [places.find(at, at + 1) for at in range(6)] == [Chars(at, at + 1) for at in (5, 6, 7, 8, 20, 21)]
    assert places.find(1, 5) == Chars(6, 21)


@pytest.mark.parametrize("pieces", [[Chars(5, 8)], [Chars(5, 8), Chars(20, 22)]], ids=["one line", "two lines"])
def test_typed_text_has_the_places_of_a_text_without_changes(pieces: list[Chars]) -> None:
    """One line has no table of places, and says of each range what the table says."""
    typed, places = typed_places(pieces), Places(pieces)
    ranges = [(start, end) for start in range(3) for end in range(start + 1, 4)]

    assert [typed.find(*one) for one in ranges] == [places.find(*one) for one in ranges]
    assert isinstance(typed, Places) == (len(pieces) > 1)


def test_one_typed_line_is_shown_as_typed_to_its_end() -> None:
    """The words of a line are all as far from their places in the source."""
    assert typed_places([Chars(5, 8)]).as_typed_from(1) == Places([Chars(5, 8)]).as_typed_from(1) == (3, 5)


def test_places_of_text_that_is_shown_differently() -> None:
    """A character that stands for several has their whole range; removed ones belong to none."""
    places = Places([Chars(10, 20)], [(0, 2, ""), (3, 8, "&"), (9, 10, "")])  # "**a&amp;b*" is shown as "a&b"

    assert [places.find(at, at + 1) for at in range(3)] == [Chars(12, 13), Chars(13, 18), Chars(18, 19)]
    assert places.find(0, 3) == Chars(12, 19)
