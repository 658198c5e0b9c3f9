from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.sources.feed_copies import find_copies
from pipeline.batch.sources.feed_parser import Enclosure, Episode


def episode(guid: str, title: str, day: int | None, file: str = "") -> Episode:
    """Return an episode."""
    published = datetime(2026, 1, day, tzinfo=UTC) if day else None
    return Episode(guid, title, published=published, enclosures=(Enclosure(f"https://e.org/{file}"),) if file else ())


WELL = episode("42", "The well", 5, "a1.mp3")


def test_one_identifier_and_another_common_value_make_a_copy() -> None:
    """The title, the time or the address without its query is enough, next to the identifier."""
    assert find_copies([WELL, episode("42", "the  WELL", 6, "b.mp3")]) == [None, WELL]
    assert find_copies([WELL, episode("42", "Renamed", 5, "b.mp3")]) == [None, WELL]
    assert find_copies([WELL, episode("42", "Renamed", 6, "a1.mp3?token=zz")]) == [None, WELL]


def test_an_identifier_alone_makes_no_copy() -> None:
    """Two episodes that have one identifier by mistake are two."""
    mill = episode("42", "The mill", 6, "a2.mp3")

    assert find_copies([WELL, mill, episode("42", "The mill", 7, "a2.mp3?x")]) == [None, None, mill]


def test_another_identifier_makes_no_copy() -> None:
    """A repeat of an old episode under an identifier of its own is an episode."""
    assert find_copies([WELL, episode("43", "The well", 5, "a1.mp3")]) == [None, None]


def test_without_an_identifier_all_values_count() -> None:
    """Only the query may be another one."""
    first = episode("", "Tale", 5, "a1.mp3")

    assert find_copies([first, episode("", "Tale", 5, "a1.mp3?x"), episode("", "Tale", 5, "a2.mp3")]) == [
        None,
        first,
        None,
    ]


EPISODES = st.lists(
    st.builds(episode, st.sampled_from(["", "1", "2"]), st.sampled_from("AB"), st.sampled_from([None, 1, 2]),
              st.sampled_from(["", "a.mp3", "a.mp3?x", "b.mp3"])),
    max_size=8,
)  # fmt: skip


@given(EPISODES)
def test_no_copy_is_an_original(episodes: list[Episode]) -> None:
    """What others are copies of is taken itself, and what stays has no copies in it."""
    copies = find_copies(episodes)
    originals = [one for one, copy in zip(episodes, copies, strict=True) if copy is None]

    assert all(copy in originals for copy in copies if copy is not None)
    assert find_copies(originals) == [None] * len(originals)
