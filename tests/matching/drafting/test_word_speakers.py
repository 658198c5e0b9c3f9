"""The speaker of each heard word."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.drafting.word_speakers import assign_words, remove_back_channels
from pipeline.schema import HeardWord
from pipeline.times import Span
from tests.factories import heard
from tests.partial_results import voices


def speaker_texts(said: str, *names: tuple[str | None, int]) -> list[tuple[str | None, str]]:
    """Return who says what of a text that takes 300 ms a word."""
    words = heard(said)
    return [
        (one.speaker, " ".join(word.text for word in words[one.run.start : one.run.end]))
        for one in assign_words(words, voices(*names))
    ]


@pytest.mark.parametrize("edge", [300, 600, 900, 1_200, 1_500])
def test_a_change_goes_to_the_end_of_a_sentence(edge: int) -> None:
    """A change of voice that is a few words off is moved to the end of the sentence."""
    said = speaker_texts("That is all. And so we left it", ("Ann", edge), ("Bo", 9_000))

    assert said == [("Ann", "That is all."), ("Bo", "And so we left it")]


def test_a_sentence_of_two_people_is_split_at_a_clause() -> None:
    """Without the end of a sentence nearby, the change is at a clause; without one, where the voice changes."""
    assert speaker_texts("so we went there, and then we left it all be", ("Ann", 1_500), ("Bo", 9_000))[0][1] == (
        "so we went there,"
    )
    assert speaker_texts("so we went there and then we left it all be", ("Ann", 1_500), ("Bo", 9_000))[0][1] == (
        "so we went there and"
    )


def test_without_voices_there_is_one_run_without_a_speaker() -> None:
    """Without voices there is one run without a speaker, and without words there is none."""
    assert speaker_texts("well then.") == [(None, "well then.")]
    assert assign_words((), voices(("Ann", 900))) == ()


def test_a_back_channel_inside_a_sentence_is_left_out() -> None:
    """A yeah inside the sentence of another speaker is removed; an answer after a sentence is kept."""
    words = heard("so we moved yeah the forum. Right. And it went")
    said = assign_words(words, voices(("Ann", 900), ("Bo", 1_200), ("Ann", 1_800), ("Bo", 2_100), ("Ann", 9_000)))
    kept = remove_back_channels(said, words)

    assert [(one.speaker, words[one.run.start].text) for one in kept][-3:] == [
        ("Ann", "the"), ("Bo", "Right."), ("Ann", "And"),
    ]  # fmt: skip
    assert "yeah" not in [words[at].text for one in kept for at in one.run]


def test_a_long_word_over_missed_speech_counts_as_a_word() -> None:
    """A word that the engine stretched over missed speech does not keep a sentence from its speaker."""
    first = heard("So that is all of it.")
    words = (*first, HeardWord("That", Span(2_000, 6_000), 0.2), *heard("is what I thought too.", 6_000))
    said = assign_words(words, voices(("Ann", 6_200), ("Bo", 9_000)))

    assert [(one.speaker, words[one.run.start].text) for one in said] == [("Ann", "So"), ("Bo", "That")]


@given(
    st.lists(st.sampled_from(("so", "well.", "then,", "why?")), max_size=40),
    st.lists(st.tuples(st.sampled_from(("Ann", "Bo", None)), st.integers(1, 3_000)), max_size=12),
)
def test_runs_tile_the_words(said: list[str], lengths: list[tuple[str | None, int]]) -> None:
    """Every word is in one run, in order, and neighbours have different speakers."""
    ends = [sum(length for _, length in lengths[: k + 1]) for k in range(len(lengths))]
    turns = voices(*((name, end) for (name, _), end in zip(lengths, ends, strict=True)))
    found = assign_words(heard(" ".join(said)), turns)

    assert [at for one in found for at in one.run] == list(range(len(said)))
    assert all(a.speaker != b.speaker for a, b in pairwise(found))
