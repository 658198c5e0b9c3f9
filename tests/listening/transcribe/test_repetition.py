from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.transcribe.repetition import LoopOptions, compression, loops, without_repeats
from tests.factories import heard

OPTIONS = LoopOptions()
SENTENCE = "Nobody who keeps a kettle near a compiler has ever waited for only one of the two to finish."


@pytest.mark.parametrize(
    "text",
    [
        "no " * 8,
        "thank you " * 4,
        "before it " + "and so we went " * 5 + "after it",
        "I think, I think. I THINK i think I think",
        f"{SENTENCE} " * 4,
    ],
)
def test_sees_a_loop(text: str) -> None:
    """Takes the same words in a row for a loop, whatever their length, case and punctuation."""
    assert loops(heard(text), OPTIONS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "well",
        "no no no no",
        "yeah yeah yeah yeah yeah yeah, it is",
        "very very very very big",
        "row, row, row your boat gently down the stream, row, row, row your boat gently down the stream",
        f"{SENTENCE} Every shelf comes with four quiet fans, six honest screws, and a leaflet.",
    ],
)
def test_lets_people_repeat_themselves(text: str) -> None:
    """Takes nothing for a loop that people do say."""
    assert not loops(heard(text), OPTIONS)


def test_sees_words_that_nobody_can_say() -> None:
    """Takes more words than fit in the time for a loop, wherever they stand."""
    calm = heard(SENTENCE, 0, 6_000)
    burst = heard("one two three four five six seven eight nine ten eleven twelve", 6_000, 6_400)

    assert not loops(calm, OPTIONS)
    assert loops((*calm, *burst, *heard("and so on and on", 6_400, 12_000)), OPTIONS)


def test_sees_a_long_passage_said_thrice() -> None:
    """Takes text that zip makes very small for a loop, though its phrases are too long to be compared."""
    passage = "we looked at the logs and then at the clock and then at each other for quite a while "

    assert compression(heard(passage * 3)) > OPTIONS.max_compression
    assert loops(heard(passage * 3), OPTIONS)


def test_keeps_one_round() -> None:
    """Keeps what stands before and behind a loop, and its first round with its own times."""
    words = heard("before it " + "and so we went " * 5 + "and so home")

    kept = without_repeats(words, OPTIONS)

    assert [word.text for word in kept] == ["before", "it", "and", "so", "we", "went", "home"]
    assert kept[:6] == words[:6]


@given(st.lists(st.sampled_from("abc"), max_size=80))
def test_one_round_is_no_loop(letters: list[str]) -> None:
    """Leaves no phrase in a row that is a loop, after as many passes as there are loops within loops."""
    words = heard(" ".join(letters))
    done = False
    while not done:
        fewer = without_repeats(words, OPTIONS)
        done, words = fewer == words, fewer

    assert not loops(words, LoopOptions(max_compression=100.0))
