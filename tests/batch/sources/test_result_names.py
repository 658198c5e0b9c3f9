from __future__ import annotations

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.sources.result_names import fold_result_name, natural_sort_key, safe_name

SHORT = st.text(st.sampled_from("ab/.\\\n\t\x00é\u202e😀\udcff ") | st.characters(), max_size=40)
ANY = SHORT | st.builds(lambda text, times, end: text * times + end, SHORT, st.sampled_from([10, 100]), SHORT)


@given(ANY)
def test_a_name_stays_below_its_folder(name: str) -> None:
    """A safe name is a relative path without ``..``, hidden parts, control characters and long parts."""
    safe = safe_name(name)
    parts = safe.split("/")

    assert not PurePosixPath(safe).is_absolute()
    assert all(part not in {"", ".", ".."} and not part.startswith(".") for part in parts)
    assert all(len(part.encode()) <= 200 for part in parts)
    assert all(letter.isprintable() or not letter.isascii() for letter in safe)


@given(ANY)
def test_a_safe_name_is_unchanged(name: str) -> None:
    """A second call changes nothing."""
    assert safe_name(safe_name(name)) == safe_name(name)


@given(ANY, ANY)
def test_different_names_stay_different(one: str, other: str) -> None:
    """Safe names are equal only if the names are, whatever was replaced in them."""
    assert (safe_name(one) == safe_name(other)) == (one == other)


def test_a_plain_name_is_safe() -> None:
    """Folders, spaces, emoji and other scripts are kept."""
    assert safe_name("season 1/07 茶 – 😀 tea's time") == "season 1/07 茶 – 😀 tea's time"


def test_case_and_unicode_form_are_folded() -> None:
    """Names that differ only in case or Unicode form are folded to the same."""
    assert fold_result_name("CAFE\u0301") == fold_result_name("café")


def test_numbers_are_sorted_by_value() -> None:
    """The tenth episode comes after the second."""
    assert sorted(["ep 10", "ep 2", "Ep 1"], key=natural_sort_key) == ["Ep 1", "ep 2", "ep 10"]
