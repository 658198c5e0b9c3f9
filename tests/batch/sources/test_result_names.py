from __future__ import annotations

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.sources.result_names import fold_result_name, natural_sort_key, safe_name

ANY = st.text(st.sampled_from("ab/.\\\n\t\x00é\u202e😀\udcff ") | st.characters(), max_size=40)


@given(ANY)
def test_a_name_stays_below_its_folder(name: str) -> None:
    """Gives a relative path without a step up, without what moves a cursor, in text that any disk can hold."""
    safe = safe_name(name)
    parts = safe.split("/")

    assert not PurePosixPath(safe).is_absolute()
    assert all(part not in {"", ".", ".."} and not part.startswith(".") for part in parts)
    assert all(len(part.encode()) <= 209 for part in parts)
    assert all(letter.isprintable() or not letter.isascii() for letter in safe)


@given(ANY)
def test_a_safe_name_is_left_as_it_is(name: str) -> None:
    """Changes nothing twice."""
    assert safe_name(safe_name(name)) == safe_name(name)


@given(ANY, ANY)
def test_two_names_stay_two(one: str, other: str) -> None:
    """Makes no two names alike that were not, whatever had to be replaced in them."""
    assert (safe_name(one) == safe_name(other)) == (one == other)


def test_a_plain_name_is_safe() -> None:
    """Keeps folders, spaces, emoji and other scripts."""
    assert safe_name("season 1/07 茶 – 😀 tea's time") == "season 1/07 茶 – 😀 tea's time"


def test_names_that_one_disk_holds_as_one_are_folded_alike() -> None:
    """Knows letters of other case and of another Unicode form for the same."""
    assert fold_result_name("CAFE\u0301") == fold_result_name("café")


def test_numbers_are_put_in_order_as_people_count() -> None:
    """Puts the tenth episode behind the second."""
    assert sorted(["ep 10", "ep 2", "Ep 1"], key=natural_sort_key) == ["Ep 1", "ep 2", "ep 10"]
