"""Voice book updates: each episode is learned once, in any order, and a voice is forgotten completely."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct

from pipeline.matching.speakers.outliers import reject_outliers
from pipeline.matching.speakers.profile import MAX_NAME_LENGTH, VoiceBook, clean_name
from pipeline.matching.speakers.profile_updates import (
    MAX_ENROLMENTS_PER_VOICE,
    MAX_EXAMPLES_PER_ENROLMENT,
    allow_voice,
    forget_voice,
    forgotten_name,
    learn_episode,
    merge_books,
    rename_voice,
    select_voices,
    weights_match,
)
from pipeline.schema import VoiceExamples
from tests.matching.made_profiles import WEIGHTS, audio_sha256, book, taught_examples
from tests.matching.made_voices import voice_embedding

PEOPLE = st.lists(st.sampled_from(["Ann", "Bob", "Cy", "ANN", "Ann/Bob"]), min_size=1, max_size=3, unique=True)
EPISODES = st.lists(PEOPLE.map(" ".join), min_size=1, max_size=5).map(
    lambda parts: [taught_examples(str(k), people, each=2) for k, people in enumerate(parts)]
)
EMPTY = VoiceBook("Garden")


def learned(episodes: list[VoiceExamples], before: VoiceBook = EMPTY) -> VoiceBook:
    """Return a book that has learned these episodes, in this order."""
    return reduce(learn_episode, episodes, before)


def names(of: VoiceBook) -> list[str]:
    """Return the names in a book."""
    return [one.name for one in of.voices]


@given(EPISODES, st.randoms())
def test_the_order_of_learning_does_not_matter(episodes: list[VoiceExamples], chance: st.DrawFn) -> None:
    """The book is the same whatever episode is learned first."""
    mixed = list(episodes)
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    assert learned(mixed) == learned(episodes)


@given(EPISODES)
def test_learning_twice_is_learning_once(episodes: list[VoiceExamples]) -> None:
    """Learning all episodes again changes nothing."""
    once = learned(episodes)

    assert learned(episodes, once) == once


@given(EPISODES)
def test_a_book_can_be_sent_to_another_process(episodes: list[VoiceExamples]) -> None:
    """A book and the examples of an episode survive pickling."""
    assert pickle.loads(pickle.dumps(learned(episodes))) == learned(episodes)  # noqa: S301 -- our own bytes
    assert pickle.loads(pickle.dumps(episodes)) == episodes  # noqa: S301 -- the same


def test_learning_again_replaces_what_the_episode_taught() -> None:
    """Learning an episode again keeps nothing of a label that was corrected meanwhile."""
    before = learned([taught_examples("1", "Ann Bob"), taught_examples("2", "Ann")])
    after = learn_episode(before, taught_examples("1", "Bob Cy"))

    assert {one.name: [own.episode for own in one.enrolments] for one in after.voices} == {
        "Ann": ["2"],
        "Bob": ["1"],
        "Cy": ["1"],
    }


def test_an_episode_without_labels_takes_back_what_it_taught() -> None:
    """Learning an episode again without labels leaves an empty book, which any weights match."""
    assert learn_episode(learned([taught_examples("1", "Ann")]), taught_examples("1", {})) == EMPTY


def test_no_episode_and_no_person_grows_without_bounds() -> None:
    """A book keeps a few examples of each person in an episode, and the longest episodes, in any order."""
    many = [taught_examples(str(k), "Ann", each=9 if k % 2 else 2) for k in range(20)]
    one = learned(many).voices[0]

    assert len(one.enrolments) == MAX_ENROLMENTS_PER_VOICE
    assert max(len(own.examples) for own in one.enrolments) == MAX_EXAMPLES_PER_ENROLMENT
    assert sum(len(own.examples) == MAX_EXAMPLES_PER_ENROLMENT for own in one.enrolments) == 10
    assert learned(many[::-1]).voices[0] == one


def test_other_weights_teach_nothing() -> None:
    """A book stays as it is if the embeddings are of other weights."""
    before = learned([taught_examples("1", "Ann")])
    other = replace(taught_examples("2", "Bob"), weights="1" * 64)

    assert (weights_match(before, WEIGHTS), weights_match(before, "1" * 64), weights_match(EMPTY, "1" * 64)) == (
        True,
        False,
        True,
    )
    assert learn_episode(before, other) == before


def test_spellings_that_differ_in_case_are_one_person() -> None:
    """``ANN LEE``, ``Ann Lee`` and ``ann lee`` are one person, in mixed case."""
    ann = {"1": "ANN LEE", "2": "Ann Lee", "3": "ann lee"}

    assert names(learned([taught_examples(episode, {name: "Ann"}) for episode, name in ann.items()])) == ["Ann Lee"]


@given(st.text(max_size=300))
def test_any_label_gives_a_name_that_a_book_may_hold(label: str) -> None:
    """A name from any label is clean, short, and has no control characters."""
    for name in names(learned([taught_examples("1", {label: "Ann"})])):
        assert name == clean_name(name)
        assert name.isprintable() or " " in name or not name.isascii()
        assert len(name) <= MAX_NAME_LENGTH


def test_a_renamed_voice_is_learned_under_its_new_name() -> None:
    """A label with an old name teaches the new one, through two changes, and back again."""
    twice = rename_voice(rename_voice(book("Oscar"), "Oscar", "Oskar"), "Oskar", "Oskar Lind")
    after = learn_episode(twice, taught_examples("2", {"Oscar": "Oscar"}))

    assert [(one.name, len(one.enrolments)) for one in after.voices] == [("Oskar Lind", 2)]
    assert names(
        learn_episode(rename_voice(after, "Oskar Lind", "Oscar"), taught_examples("3", {"Oskar": "Oscar"}))
    ) == ["Oscar"]


def test_merging_brings_the_episodes_together() -> None:
    """Renaming to an existing name merges both; of an episode with both, the longer enrolment stays."""
    after = rename_voice(book("Ann Host/Ben", "Ben"), "Host", "Ben")

    assert {one.name: [own.episode for own in one.enrolments] for one in after.voices}.keys() == {"Ann", "Ben"}
    assert len(after.voices[1].enrolments) == 2


def test_a_forgotten_voice_is_not_learned_again_until_it_is_allowed() -> None:
    """A forgotten person is not learned in any spelling, and is learned again once allowed."""
    without = forget_voice(rename_voice(book("Ann Bob", "Ann Bob"), "Ann", "Ann Lee"), "Ann Lee")
    again = learn_episode(
        without, taught_examples("3", {"Ann": "Ann", "ann lee": "Ann", "Anne Lee": "Ann", "Bob": "Bob"})
    )

    assert names(without) == names(again) == ["Bob"]
    assert forgotten_name(again, "Ann") == "Ann Lee"
    assert names(learn_episode(allow_voice(again, "Ann Lee"), taught_examples("3", "Ann"))) == ["Ann Lee", "Bob"]


def test_forgetting_leaves_nothing_that_sounds_like_the_person() -> None:
    """Forgetting also removes what a wrong label put under another name, and nothing of that other person."""
    before = book("Ann Bob", "Ann Bob", "Ann/Bob Cy")
    after = forget_voice(before, "Ann")

    sounds = [
        np.frombuffer(one.embedding, "<f4")
        for own in after.voices
        for enrolment in own.enrolments
        for one in enrolment.examples
    ]
    assert max(float(voice_embedding("Ann") @ sound) for sound in sounds) < 0.5
    assert {one.name: len(one.enrolments) for one in after.voices} == {"Bob": 2, "Cy": 1}


def test_selected_voices_are_the_named_ones_only() -> None:
    """The selection has the named voices only: no others, no forgotten names, no renamed labels."""
    whole = rename_voice(forget_voice(book("Ann Bob Cy Dan"), "Dan"), "Cy", "Cyril")

    assert select_voices(whole, ["Bob"]) == replace(whole, voices=(whole.voices[1],), forgotten=(), renamed={})


def test_merging_books_adds_and_replaces() -> None:
    """Merging adds people and episodes, replaces those that both have, and adds no person that was forgotten."""
    both = merge_books(forget_voice(book("Ann Bob", "Ann"), "Bob"), book("Ann Bob", "Ann", "Cy"))

    assert {one.name: len(one.enrolments) for one in both.voices} == {"Ann": 2, "Cy": 1}
    assert merge_books(both, both) == both


@pytest.mark.parametrize("garbage", [b"", b"123", b"\xff" * 16, np.zeros(192, "<f4").tobytes()])
def test_unusable_embeddings_are_left_out(garbage: bytes) -> None:
    """An enrolment with unusable embeddings is no known voice, and all others still are."""
    good = book("Ann", "Ann")
    bad = replace_struct(good.voices[0].enrolments[0].examples[0], embedding=garbage)
    spoilt = learn_episode(good, VoiceExamples(audio_sha256("9"), "9", WEIGHTS, {"Eve": (bad,)}))

    assert reject_outliers(spoilt).names == ("Ann",)
