"""What a wrong label teaches is outvoted: it never becomes a part of anybody's voice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.speakers.outliers import reject_outliers
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import learn_episode
from tests.matching.made_profiles import book, taught_examples
from tests.matching.made_voices import voice_embedding


def aside(of: VoiceBook) -> list[tuple[str, str, str | None]]:
    """What is set aside: the name, the episode, and whom it sounds like."""
    return [(doubt.name, doubt.enrolment.episode, doubt.sounds_like) for doubt in reject_outliers(of).outliers]


def likeness(of: VoiceBook) -> dict[str, float]:
    """How alike each believed voice is to the real one of that name."""
    known = reject_outliers(of)
    return {
        name: float(vector @ voice_embedding(name)) for name, vector in zip(known.names, known.embeddings, strict=True)
    }


def test_right_lessons_are_believed() -> None:
    """Sets nothing aside where all labels are right, for a guest of one episode neither."""
    right = book("Ann Bob", "Ann Bob", "Ann Bob Guest")

    assert aside(right) == []
    assert min(likeness(right).values()) > 0.9


@pytest.mark.parametrize("wrong", ["Bob/Ann", "Bob/Ann Ann/Bob", "Bob/Ann Cy"])
def test_a_wrong_lesson_poisons_nobody(wrong: str) -> None:
    """Sets aside what a whole episode under a wrong name taught, and knows Ann as well as without it."""
    poisoned = book("Ann Bob", "Ann Bob", wrong)

    assert ("Ann", "3", "Bob") in aside(poisoned)
    assert likeness(poisoned)["Ann"] == pytest.approx(likeness(book("Ann Bob", "Ann Bob"))["Ann"])


@given(st.permutations(["Ann Bob", "Ann Bob", "Ann Bob", "Bob/Ann Ann/Bob"]))
def test_it_does_not_matter_when_the_wrong_one_comes(episodes: list[str]) -> None:
    """Believes the three right ones, whether the swapped names came first or last."""
    wrong = str(episodes.index("Bob/Ann Ann/Bob") + 1)

    assert aside(book(*episodes)) == [("Ann", wrong, "Bob"), ("Bob", wrong, "Ann")]


def test_two_people_of_one_name_are_not_mixed() -> None:
    """Believes the one whom more episodes have, and says that the other is somebody else."""
    mixed = book("Ann John", "Ann Johnny/John", "Ann John")

    assert aside(mixed) == [("John", "2", None)]
    assert likeness(mixed)["John"] > 0.9


def test_one_against_one_nobody_is_believed() -> None:
    """Recognises nobody as John while it cannot be known which of two voices is his."""
    even = book("Ann John", "Ann Johnny/John")

    assert aside(even) == [("John", "1", None), ("John", "2", None)]
    assert reject_outliers(even).names == ("Ann",)


def test_a_name_that_sounds_like_another_is_no_voice_of_its_own() -> None:
    """Sets aside a label such as Host that stands once on a voice whose name is well known."""
    assert aside(book("Ann Ben", "Ann Ben", "Ann Ben", "Ben/Host")) == [("Host", "4", "Ben")]


def test_spellings_of_one_name_are_one_voice() -> None:
    """Knows one person where labels say Ann in one season and Ann Lee in another."""
    known = reject_outliers(
        learn_episode(book("Ann Bob", "Ann Bob"), taught_examples("3", {"Ann Lee": "Ann", "Bob": "Bob"}))
    )

    assert known.names == ("Ann", "Bob")
    assert known.outliers == ()


def test_an_empty_book_knows_nobody() -> None:
    """Has no names and no doubts before anything is learned."""
    assert reject_outliers(VoiceBook("Garden")).names == ()
