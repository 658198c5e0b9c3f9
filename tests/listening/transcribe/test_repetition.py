from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.transcribe.repetition import LoopOptions, compression_ratio, is_loop, without_repeats
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
def test_repeated_words_are_a_loop(text: str) -> None:
    """The same words several times in a row are a loop, whatever their length, case and punctuation."""
    assert is_loop(heard(text), OPTIONS)


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
def test_natural_repetition_is_not_a_loop(text: str) -> None:
    """Repetition that occurs in real speech is not a loop."""
    assert not is_loop(heard(text), OPTIONS)


def test_too_many_words_a_second_are_a_loop() -> None:
    """More words than fit in the time are a loop, wherever they are in the clip."""
    normal = heard(SENTENCE, 0, 6_000)
    burst = heard("one two three four five six seven eight nine ten eleven twelve", 6_000, 6_400)

    assert not is_loop(normal, OPTIONS)
    assert is_loop((*normal, *burst, *heard("and so on and on", 6_400, 12_000)), OPTIONS)


def test_a_long_passage_three_times_is_a_loop() -> None:
    """Text with a high compression ratio is a loop, though its phrase is longer than those that are compared."""
    passage = "we looked at the logs and then at the clock and then at each other for quite a while "

    assert compression_ratio(heard(passage * 3)) > OPTIONS.max_compression
    assert is_loop(heard(passage * 3), OPTIONS)


def test_one_round_of_a_loop_is_kept() -> None:
    """The words before and after a loop are kept, and its first round with its own times."""
    words = heard("before it " + "and so we went " * 5 + "and so home")

    kept = without_repeats(words, OPTIONS)

    assert [word.text for word in kept] == ["before", "it", "and", "so", "we", "went", "home"]
    assert kept[:6] == words[:6]


@given(st.lists(st.sampled_from("abc"), max_size=80))
def test_without_repeats_there_is_no_loop(letters: list[str]) -> None:
    """No loop is left after as many passes as there are loops within loops."""
    words = heard(" ".join(letters))
    done = False
    while not done:
        fewer = without_repeats(words, OPTIONS)
        done, words = fewer == words, fewer

    assert not is_loop(words, LoopOptions(max_compression=100.0))
