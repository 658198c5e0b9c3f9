"""A voice book learns each episode once, in any order, and forgets completely."""

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
from pipeline.matching.speakers.profile import LONGEST_NAME, VoiceBook, clean_name
from pipeline.matching.speakers.profile_updates import (
    MOST_EXAMPLES,
    MOST_LESSONS,
    allowed,
    excerpt,
    fits,
    forgotten,
    forgotten_as,
    joined,
    learn,
    renamed,
)
from pipeline.schema import VoiceExamples
from tests.matching.made_profiles import WEIGHTS, audio, book, lesson
from tests.matching.made_voices import voice

PEOPLE = st.lists(st.sampled_from(["Ann", "Bob", "Cy", "ANN", "Ann/Bob"]), min_size=1, max_size=3, unique=True)
EPISODES = st.lists(PEOPLE.map(" ".join), min_size=1, max_size=5).map(
    lambda parts: [lesson(str(k), people, each=2) for k, people in enumerate(parts)]
)
EMPTY = VoiceBook("Garden")


def learned(lessons: list[VoiceExamples], before: VoiceBook = EMPTY) -> VoiceBook:
    """A book that has learned these, in this order."""
    return reduce(learn, lessons, before)


def names(of: VoiceBook) -> list[str]:
    """The people in a book."""
    return [one.name for one in of.voices]


@given(EPISODES, st.randoms())
def test_the_order_of_learning_does_not_matter(lessons: list[VoiceExamples], chance: st.DrawFn) -> None:
    """Gives the same book whatever episode is learned first."""
    mixed = list(lessons)
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    assert learned(mixed) == learned(lessons)


@given(EPISODES)
def test_learning_twice_is_learning_once(lessons: list[VoiceExamples]) -> None:
    """Changes nothing when all episodes are learned again."""
    once = learned(lessons)

    assert learned(lessons, once) == once


@given(EPISODES)
def test_a_book_can_be_sent_to_another_process(lessons: list[VoiceExamples]) -> None:
    """Survives pickling, and so do the examples that come back."""
    assert pickle.loads(pickle.dumps(learned(lessons))) == learned(lessons)  # noqa: S301 -- our own bytes
    assert pickle.loads(pickle.dumps(lessons)) == lessons  # noqa: S301 -- the same


def test_learning_again_replaces_what_the_episode_taught() -> None:
    """Keeps nothing of a label that has been corrected since."""
    before = learned([lesson("1", "Ann Bob"), lesson("2", "Ann")])
    after = learn(before, lesson("1", "Bob Cy"))

    assert {one.name: [own.episode for own in one.enrolments] for one in after.voices} == {
        "Ann": ["2"],
        "Bob": ["1"],
        "Cy": ["1"],
    }


def test_an_episode_without_labels_takes_back_what_it_taught() -> None:
    """Leaves an empty book, which any weights fit again."""
    assert learn(learned([lesson("1", "Ann")]), lesson("1", {})) == EMPTY


def test_no_episode_and_no_person_grows_without_bounds() -> None:
    """Keeps a few examples of each person in an episode, and the best of many episodes, in any order."""
    many = [lesson(str(k), "Ann", each=9 if k % 2 else 2) for k in range(20)]
    one = learned(many).voices[0]

    assert len(one.enrolments) == MOST_LESSONS
    assert max(len(own.examples) for own in one.enrolments) == MOST_EXAMPLES
    assert sum(len(own.examples) == MOST_EXAMPLES for own in one.enrolments) == 10
    assert learned(many[::-1]).voices[0] == one


def test_other_weights_teach_nothing() -> None:
    """Leaves a book as it is where vectors cannot be compared."""
    before = learned([lesson("1", "Ann")])
    other = replace(lesson("2", "Bob"), weights="1" * 64)

    assert (fits(before, WEIGHTS), fits(before, "1" * 64), fits(EMPTY, "1" * 64)) == (True, False, True)
    assert learn(before, other) == before


def test_spellings_that_differ_in_case_are_one_person() -> None:
    """Gathers ``ANN LEE`` and ``Ann Lee`` under the plainer of them."""
    ann = {"1": "ANN LEE", "2": "Ann Lee", "3": "ann lee"}

    assert names(learned([lesson(episode, {name: "Ann"}) for episode, name in ann.items()])) == ["Ann Lee"]


@given(st.text(max_size=300))
def test_any_label_gives_a_name_that_a_book_may_hold(label: str) -> None:
    """Learns a stranger's label in a form that is read again, and that no terminal obeys."""
    for name in names(learned([lesson("1", {label: "Ann"})])):
        assert name == clean_name(name)
        assert name.isprintable() or " " in name or not name.isascii()
        assert len(name) <= LONGEST_NAME


def test_a_renamed_voice_is_learned_under_its_new_name() -> None:
    """Follows a name that labels still use, through two changes, and back again."""
    twice = renamed(renamed(book("Oscar"), "Oscar", "Oskar"), "Oskar", "Oskar Lind")
    after = learn(twice, lesson("2", {"Oscar": "Oscar"}))

    assert [(one.name, len(one.enrolments)) for one in after.voices] == [("Oskar Lind", 2)]
    assert names(learn(renamed(after, "Oskar Lind", "Oscar"), lesson("3", {"Oskar": "Oscar"}))) == ["Oscar"]


def test_merging_brings_the_episodes_together() -> None:
    """Makes one person of two names; of an episode with both, the longer lesson stays."""
    after = renamed(book("Ann Host/Ben", "Ben"), "Host", "Ben")

    assert {one.name: [own.episode for own in one.enrolments] for one in after.voices}.keys() == {"Ann", "Ben"}
    assert len(after.voices[1].enrolments) == 2


def test_a_forgotten_voice_is_not_learned_again_until_it_is_allowed() -> None:
    """Leaves a person out in every spelling that labels have, and lets the person back in when told to."""
    without = forgotten(renamed(book("Ann Bob", "Ann Bob"), "Ann", "Ann Lee"), "Ann Lee")
    again = learn(without, lesson("3", {"Ann": "Ann", "ann lee": "Ann", "Anne Lee": "Ann", "Bob": "Bob"}))

    assert names(without) == names(again) == ["Bob"]
    assert forgotten_as(again, "Ann") == "Ann Lee"
    assert names(learn(allowed(again, "Ann Lee"), lesson("3", "Ann"))) == ["Ann Lee", "Bob"]


def test_forgetting_leaves_nothing_that_sounds_like_the_person() -> None:
    """Removes also what a wrong label has filed under somebody else's name, and nothing that is that person's own."""
    before = book("Ann Bob", "Ann Bob", "Ann/Bob Cy")
    after = forgotten(before, "Ann")

    sounds = [
        np.frombuffer(one.embedding, "<f4") for own in after.voices for page in own.enrolments for one in page.examples
    ]
    assert max(float(voice("Ann") @ sound) for sound in sounds) < 0.5
    assert {one.name: len(one.enrolments) for one in after.voices} == {"Bob": 2, "Cy": 1}


def test_an_excerpt_holds_nobody_who_is_not_named() -> None:
    """Gives the named voices alone: no others, no forgotten names, no labels."""
    whole = renamed(forgotten(book("Ann Bob Cy Dan"), "Dan"), "Cy", "Cyril")

    assert excerpt(whole, ["Bob"]) == replace(whole, voices=(whole.voices[1],), forgotten=(), renamed={})


def test_joining_takes_what_is_not_there() -> None:
    """Adds people and episodes, replaces those that both have, and takes nobody who is to stay forgotten."""
    both = joined(forgotten(book("Ann Bob", "Ann"), "Bob"), book("Ann Bob", "Ann", "Cy"))

    assert {one.name: len(one.enrolments) for one in both.voices} == {"Ann": 2, "Cy": 1}
    assert joined(both, both) == both


@pytest.mark.parametrize("garbage", [b"", b"123", b"\xff" * 16, np.zeros(192, "<f4").tobytes()])
def test_vectors_that_are_none_are_nobodys(garbage: bytes) -> None:
    """Believes nothing of a lesson whose vectors cannot be used, and still all others."""
    good = book("Ann", "Ann")
    bad = replace_struct(good.voices[0].enrolments[0].examples[0], embedding=garbage)
    spoilt = learn(good, VoiceExamples(audio("9"), "9", WEIGHTS, {"Eve": (bad,)}))

    assert reject_outliers(spoilt).names == ("Ann",)
