"""Change sets: what CodeMirror wrote is read, and joining and mapping do what applying does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.changes import (
    MOST_UNITS,
    ChangeError,
    ChangeSet,
    compose,
    count_units,
    map_position,
    map_positions,
    parse_changes,
    replace_ranges,
)
from tests.desk.edited_pages import apply_to_page, change_pairs

RECORDED: tuple[tuple[str, list[object], str], ...] = (
    ("abcdef", [1, [2, "x", "y"], 1, [0, "zz"], 2], "ax\nydzzef"),
    ("a\nb", [[0, "", ""], 3], "\na\nb"),
    ("a😀b", [1, [2], 1], "ab"),
    ("a😀b", [3, [1, "😀😀"]], "a😀😀😀"),
    ("", [[0, "one", "two", ""]], "one\ntwo\n"),
    ("same", [4], "same"),
    ("", [], ""),
)
"""A page text, the JSON that CodeMirror made for a change of it, and the text that CodeMirror had then."""


@pytest.mark.parametrize(("text", "written", "expected"), RECORDED, ids=range(len(RECORDED)))
def test_recorded_changes(text: str, written: list[object], expected: str) -> None:
    """Applied to the text that it was made for, a recorded change gives the text that CodeMirror had."""
    changes = parse_changes(written)

    assert apply_to_page(text, changes) == expected
    assert (changes.units, changes.new_units) == (count_units(text), count_units(expected))


MAPPED: tuple[tuple[list[object], tuple[int, ...], tuple[int, ...]], ...] = (
    ([1, [2, "x", "y"], 1, [0, "zz"], 2], (0, 1, 1, 4, 5, 8, 9), (0, 1, 4, 4, 7, 8, 9)),
    ([[0, "ab"], 3], (0, 3, 4, 5), (2, 3, 4, 5)),
)
"""A change and what CodeMirror's ``mapPos`` gave for each position, before and after inserted text."""


@pytest.mark.parametrize(("written", "before", "after"), MAPPED, ids=range(len(MAPPED)))
def test_recorded_positions(written: list[object], before: tuple[int, ...], after: tuple[int, ...]) -> None:
    """Positions are mapped as CodeMirror maps them."""
    changes = parse_changes(written)
    places = range(len(before))

    assert tuple(map_positions(changes, places)) == before
    assert tuple(map_positions(changes, places, after=True)) == after


MALFORMED: tuple[object, ...] = (
    None, "3", {"0": 1}, [True], [1.0], [-1], ["a"], [[]], [["a"]], [[1, 2]], [[1, None]], [[-1, "a"]], [[1, "a\nb"]],
    [[0, "a\rb"]], [[0, "\ud83d"]], [[0, "\ude00"]], [10**30], [MOST_UNITS, 1], [[0, "ab"], MOST_UNITS - 1],
    [[True, "a"]], [None],
)  # fmt: skip


@pytest.mark.parametrize("written", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_changes(written: object) -> None:
    """What is no change set of a text that can be edited is refused with one class of error."""
    with pytest.raises(ChangeError):
        parse_changes(written)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_read_or_refused(value: object) -> None:
    """Any JSON value is a change set or a ``ChangeError``."""
    try:
        changes = parse_changes(value)
    except ChangeError:
        return
    assert parse_changes(changes.to_json()) == changes


@given(change_pairs())
def test_composed_changes_do_what_both_do(drawn: tuple[str, ChangeSet, ChangeSet]) -> None:
    """Applying the composition is applying one after the other."""
    text, first, second = drawn

    assert apply_to_page(text, compose(first, second)) == apply_to_page(apply_to_page(text, first), second)


@given(change_pairs())
def test_changes_survive_json(drawn: tuple[str, ChangeSet, ChangeSet]) -> None:
    """Written as JSON and read again, a change set is the same."""
    _, first, second = drawn

    assert parse_changes(first.to_json()) == first
    assert parse_changes(compose(first, second).to_json()) == compose(first, second)


@given(change_pairs(), st.booleans())
def test_positions_in_kept_text_follow_it(drawn: tuple[str, ChangeSet, ChangeSet], after: bool) -> None:  # noqa: FBT001
    """A position inside of kept text is mapped to the same place of that text, and order is kept."""
    _, changes, _ = drawn
    old = new = 0
    for part in changes.parts:
        if part.text is None:
            for step in range(1, part.units):
                assert map_position(changes, old + step, after=after) == new + step
        old, new = old + part.units, new + part.new_units
    mapped = map_positions(changes, range(changes.units + 1), after=after)
    assert mapped == sorted(mapped)
    assert all(0 <= at <= changes.new_units for at in mapped)


def test_changes_of_another_text_are_not_joined() -> None:
    """A change of a text of another length is refused, and a position beyond the end too."""
    with pytest.raises(ChangeError, match="2 units"):
        compose(parse_changes([1]), parse_changes([2]))
    with pytest.raises(ChangeError, match="position 3"):
        map_position(parse_changes([2]), 3)


def test_ranges_are_replaced() -> None:
    """Replacements at one place are one part, and what is between is kept."""
    changes = replace_ranges(5, [(1, 1, "x"), (1, 2, "y\nz"), (4, 5, "")])

    assert changes.to_json() == [1, [1, "xy", "z"], 2, [1]]
