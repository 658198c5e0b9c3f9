"""Both texts become tokens over one vocabulary, weighted by how rare they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.tokens import key_similarity, similarity_table, spoken_words, tokenize
from pipeline.reading.transcript import parse

KEYS = st.text("abcde", min_size=1, max_size=8)


def test_keys_are_numbered_in_order_over_both_texts() -> None:
    """A word of several keys has as many tokens, and equal keys have one number."""
    texts = tokenize([("we",), ("zero", "point", "eight"), ()], [("point",), ("we",)], [0, 0, 1])

    assert texts.vocabulary == ("we", "zero", "point", "eight")
    assert (texts.written.ids.tolist(), texts.written.word) == ([0, 1, 2, 3], (0, 1, 1, 1))
    assert (texts.heard.ids.tolist(), texts.heard.word) == ([2, 0], (0, 1))


def test_a_position_is_inside_a_turn_between_two_tokens_of_it() -> None:
    """It is not before the first token, between two turns, or after the last token."""
    texts = tokenize([("a",), ("b",), ("c",)], [], [0, 0, 1])

    assert texts.inside_turn.tolist() == [False, True, False, False]
    assert texts.turns.tolist() == [0, 0, 1]


def test_a_rare_word_proves_more_than_a_common_one() -> None:
    """A word that is heard once has the weight 1, and the most common word the least weight."""
    texts = tokenize([("kettle",), ("the",)], [("kettle",), *[("the",)] * 99], [0, 0])

    assert texts.weight.tolist() == pytest.approx([1.0, 0.2])


@pytest.mark.parametrize(
    ("words", "expected"), [([("a",), ("b", "c")], 1), ([("我", "们"), ("喝", "茶")], 2), ([("我", "们"), ("ok",)], 2)]
)
def test_a_word_of_a_script_without_spaces_has_several_tokens(words: list[tuple[str, ...]], expected: int) -> None:
    """Their mean number is counted if most of the text is in such a script; else it is 1."""
    assert tokenize(words, words, [0] * len(words)).tokens_per_word == expected


@given(KEYS, KEYS)
def test_similarity_is_symmetric_and_1_for_equal_keys_alone(a: str, b: str) -> None:
    """It is 0, or from 0.7 to 1."""
    similarity = key_similarity(a, b)

    assert similarity == key_similarity(b, a)
    assert (similarity == 1) == (a == b)
    assert similarity == 0 or 0.7 <= similarity <= 1


@given(st.lists(KEYS, min_size=1, max_size=6), st.lists(KEYS, min_size=1, max_size=6))
def test_the_table_has_the_similarity_of_each_pair(written: list[str], heard: list[str]) -> None:
    """Each cell is that of the two keys by themselves."""
    texts = tokenize([(key,) for key in written], [(key,) for key in heard], [0] * len(written))

    table = similarity_table(texts, texts.written.ids, texts.heard.ids)

    expected = [[key_similarity(a, b) for b in heard] for a in written]
    assert table == pytest.approx(np.array(expected, dtype=np.float32), abs=1e-6)


def test_words_of_an_editor_do_not_count_as_speech() -> None:
    """Neither do marks and words without a sound."""
    transcript = parse("**Ann**: well [Laughter] — yes [unintelligible] indeed\n")

    counted = spoken_words(transcript, transcript.utterances[0].words)

    assert [transcript.words[k].shown for k in counted] == ["well", "yes", "indeed"]
