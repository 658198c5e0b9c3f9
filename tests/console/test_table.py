from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.console.table import columns, table

CELLS = st.text(max_size=12)
CELLS_WITHOUT_BAR = st.text(st.characters(exclude_characters="|", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6), st.lists(CELLS, max_size=4))
def test_each_row_is_one_line(rows: list[list[str]], header: list[str]) -> None:
    """A table has one line a row and one for the header, whatever characters the cells contain."""
    assert table(rows, header).count("\n") == len(rows) + bool(header)
    assert len(table(rows, header).splitlines()) == len(rows) + bool(header)


@given(st.lists(st.tuples(CELLS_WITHOUT_BAR, CELLS_WITHOUT_BAR), min_size=2, max_size=6))
def test_second_columns_start_at_the_same_place(rows: list[tuple[str, str]]) -> None:
    """Every second cell starts at the same column of the terminal."""
    marked = [(first, f"|{second}") for first, second in rows]
    starts = {columns(line[: line.rindex("  |") + 2]) for line in table(marked).splitlines() if "  |" in line}

    assert len(starts) <= 1


def test_wide_and_combining_characters() -> None:
    """A wide character takes two columns and a combining one none."""
    assert [columns(text) for text in ("abc", "日本", "e\u0301", "")] == [3, 4, 1, 0]
