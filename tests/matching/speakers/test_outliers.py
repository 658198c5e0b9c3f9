"""Outlier rejection: what a wrong label teaches is outvoted and is never part of a person's voice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct

from pipeline.matching.speakers.outliers import embedding_table, mean_cosine_similarity, reject_outliers
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import learn_episode
from tests.matching.made_profiles import book, taught_examples
from tests.matching.made_voices import UNUSABLE_EMBEDDINGS, voice_embedding


def set_aside(of: VoiceBook) -> list[tuple[str, str, str | None]]:
    """Return what is set aside: the name, the episode, and the name that it sounds like."""
    return [(doubt.name, doubt.enrolment.episode, doubt.sounds_like) for doubt in reject_outliers(of).outliers]


def similarities(of: VoiceBook) -> dict[str, float]:
    """Return the cosine similarity of each known voice to the real voice of that name."""
    known = reject_outliers(of)
    return {
        name: float(vector @ voice_embedding(name)) for name, vector in zip(known.names, known.embeddings, strict=True)
    }


def test_right_enrolments_are_kept() -> None:
    """If all labels are right, nothing is set aside, not even a guest of one episode."""
    right = book("Ann Bob", "Ann Bob", "Ann Bob Guest")

    assert set_aside(right) == []
    assert min(similarities(right).values()) > 0.9


@pytest.mark.parametrize("wrong", ["Bob/Ann", "Bob/Ann Ann/Bob", "Bob/Ann Cy"])
def test_a_wrong_enrolment_changes_no_voice(wrong: str) -> None:
    """What a whole episode under a wrong name teaches is set aside, and the voice of Ann is the same as without it."""
    poisoned = book("Ann Bob", "Ann Bob", wrong)

    assert ("Ann", "3", "Bob") in set_aside(poisoned)
    assert similarities(poisoned)["Ann"] == pytest.approx(similarities(book("Ann Bob", "Ann Bob"))["Ann"])


@given(st.permutations(["Ann Bob", "Ann Bob", "Ann Bob", "Bob/Ann Ann/Bob"]))
def test_the_order_of_episodes_does_not_matter(episodes: list[str]) -> None:
    """The episode with swapped names is set aside, first or last."""
    wrong = str(episodes.index("Bob/Ann Ann/Bob") + 1)

    assert set_aside(book(*episodes)) == [("Ann", wrong, "Bob"), ("Bob", wrong, "Ann")]


def test_two_people_of_one_name_are_not_mixed() -> None:
    """If two people have one name, the voice is that of the one in more episodes, and the other is set aside."""
    mixed = book("Ann John", "Ann Johnny/John", "Ann John")

    assert set_aside(mixed) == [("John", "2", None)]
    assert similarities(mixed)["John"] > 0.9


def test_one_against_one_sets_both_aside() -> None:
    """If two episodes give a name two voices, nobody is recognised under that name."""
    even = book("Ann John", "Ann Johnny/John")

    assert set_aside(even) == [("John", "1", None), ("John", "2", None)]
    assert reject_outliers(even).names == ("Ann",)


def test_a_name_that_sounds_like_another_is_no_voice_of_its_own() -> None:
    """A label such as Host, once on the voice of a well-known name, is set aside."""
    assert set_aside(book("Ann Ben", "Ann Ben", "Ann Ben", "Ben/Host")) == [("Host", "4", "Ben")]


def test_spellings_of_one_name_are_one_voice() -> None:
    """Ann in one season and Ann Lee in another are one person."""
    known = reject_outliers(
        learn_episode(book("Ann Bob", "Ann Bob"), taught_examples("3", {"Ann Lee": "Ann", "Bob": "Bob"}))
    )

    assert known.names == ("Ann", "Bob")
    assert known.outliers == ()


@pytest.mark.parametrize("encoded", UNUSABLE_EMBEDDINGS)
def test_an_enrolment_with_an_unusable_embedding_is_left_out(encoded: bytes) -> None:
    """An enrolment with bytes that are not finite whole floats changes no voice, and none of its examples is judged."""
    whole = book("Ann Bob", "Ann Bob")
    ann = whole.voices[0]
    first = ann.enrolments[0]
    damaged = replace(first, examples=(*first.examples, replace_struct(first.examples[0], embedding=encoded)))
    book_with_it = replace(whole, voices=(replace_struct(ann, enrolments=(*ann.enrolments, damaged)), whole.voices[1]))

    assert similarities(book_with_it) == similarities(whole)
    assert damaged not in embedding_table(book_with_it).enrolments
    assert mean_cosine_similarity(damaged, voice_embedding("Ann")) == pytest.approx(
        mean_cosine_similarity(first, voice_embedding("Ann"))
    )


def test_an_empty_book_knows_nobody() -> None:
    """An empty book has no names and no outliers."""
    assert reject_outliers(VoiceBook("Garden")).names == ()
