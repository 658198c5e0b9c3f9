"""A transcript that is spoilt keeps the true times of what is left of it."""

from __future__ import annotations

import re
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.transcript import parse
from pipeline.times import Span
from scripts.spoil_text import (
    Sentence,
    Turn,
    Turns,
    in_capitals,
    one_in,
    paraphrased,
    rendered,
    stopped,
    with_longer_turns,
    with_swapped_turns,
    with_turns_between,
    without_every,
)

TEXTS = st.sampled_from(["I waited for the tram.", "Version 0.8, please!", "Why not?", "It isn't \\_here [Laughter]."])


@st.composite
def many_turns(draw: st.DrawFn) -> Turns:
    """Turns of one to three sentences, each of which is said a second after the one before it."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=12))
    numbers = iter(range(sum(sizes)))
    return tuple(
        Turn(
            draw(st.sampled_from(["Ann Lee", "Bo Ek"])),
            tuple(Sentence(draw(TEXTS), Span(1_000 * k, 1_000 * k + 900)) for k in islice(numbers, size)),
        )
        for size in sizes
    )


def sentences(turns: Turns) -> list[Sentence]:
    """The sentences of all turns."""
    return [one for turn in turns for one in turn.sentences]


def spans(turns: Turns) -> list[Span]:
    """When the sentences are said that anybody says."""
    return [one.span for one in sentences(turns) if one.span]


def number_of_words(turns: Turns) -> int:
    """How many words are written."""
    return sum(len(one.text.split()) for one in sentences(turns))


@given(many_turns(), st.integers(2, 5))
def test_every_nth_sentence_is_left_out(turns: Turns, nth: int) -> None:
    """The others stay in their order, and no turn is empty."""
    every = sentences(turns)

    found = without_every(turns, nth)

    assert sentences(found) == [one for k, one in enumerate(every, start=1) if k % nth]
    assert all(turn.sentences for turn in found)


@given(many_turns(), st.integers(1, 12))
def test_one_turn_in_some_is_kept(turns: Turns, nth: int) -> None:
    """The first of each, unchanged."""
    found = one_in(turns, nth)

    assert len(found) == -(-len(turns) // nth)
    assert all(found[k] is turns[k * nth] for k in range(len(found)))


@given(many_turns(), st.floats(0, 1))
def test_a_stopped_transcript_is_the_beginning(turns: Turns, share: float) -> None:
    """A share of the turns, and never none."""
    found = stopped(turns, share)

    assert found == turns[: len(found)]
    assert len(found) == max(1, round(share * len(turns)))


@given(many_turns(), st.floats(0, 1), st.integers(0, 100))
def test_a_paraphrase_has_the_same_length_and_times(turns: Turns, share: float, seed: int) -> None:
    """As many words in each sentence, at the same times, the same at each run; a share of 0 changes nothing."""
    found = paraphrased(turns, share, seed)

    assert spans(found) == spans(turns)
    assert [len(one.text.split()) for one in sentences(found)] == [len(one.text.split()) for one in sentences(turns)]
    assert paraphrased(turns, share, seed) == found
    assert paraphrased(turns, 0, seed) == turns


def test_a_share_of_the_words_is_replaced() -> None:
    """About as many as wanted; names in brackets, numbers and words with signs in them stay."""
    turns = tuple(Turn("Ann Lee", (Sentence("we saw it and [Laughter] 0.8 isn't far", None),)) for _ in range(100))

    found = sentences(paraphrased(turns, 0.3, 1))

    replaced = sum(word not in {"we", "saw", "it", "and", "far"} for one in found for word in one.text.split()) - 300
    assert 110 <= replaced <= 190  # of 500
    assert all("[Laughter] 0.8 isn't" in one.text for one in found)


@given(many_turns(), st.integers(3, 6))
def test_some_neighbours_are_swapped(turns: Turns, nth: int) -> None:
    """All turns are there, none is moved by more than one place, and the last one stays."""
    found = with_swapped_turns(turns, nth)

    assert sorted(spans(found)) == spans(turns)
    assert all(turn in turns[max(0, k - 1) : k + 2] for k, turn in enumerate(found))
    assert found[-1] == turns[-1]
    assert found != turns or len(turns) < 4 or turns[1] == turns[2]


@given(many_turns())
def test_capitals_have_no_punctuation(turns: Turns) -> None:
    """No small letter and no sign at the end of a word is left; numbers and brackets stay."""
    found = in_capitals(turns)

    text = " ".join(one.text for one in sentences(found))
    assert text == text.upper()
    assert not re.search(r"[.,?!](\s|$)", text)
    assert number_of_words(found) == number_of_words(turns)
    assert text.count("0.8") == sum(one.text.count("0.8") for one in sentences(turns))
    assert spans(found) == spans(turns)


@given(many_turns(), st.integers(0, 100))
def test_twice_as_long_has_as_many_sentences_that_nobody_says(turns: Turns, seed: int) -> None:
    """The true ones stay as they are; no invented one is there twice."""
    between, longer = with_turns_between(turns, seed), with_longer_turns(turns, seed)

    assert between[::2] == turns
    assert all(turn.span is None for turn in between[1::2])
    assert [turn.span for turn in longer] == [turn.span for turn in turns]
    for found in (between, longer):
        invented = [one.text for one in sentences(found) if one.span is None]
        assert len(set(invented)) == len(invented) == len(sentences(turns))


def test_no_more_is_invented_than_there_is() -> None:
    """Refuses a text that is too long, so that nothing is said twice."""
    turns = (Turn("Ann Lee", 10_000 * (Sentence("No.", None),)),)

    with pytest.raises(ValueError, match="only 900 sentences can be invented"):
        with_turns_between(turns, 1)


@given(many_turns())
def test_a_rendered_transcript_is_read_as_what_it_was(turns: Turns) -> None:
    """One utterance for each turn, with its speaker, and each sentence at its offset."""
    text, offsets = rendered(turns)
    document = parse(text)

    assert [one.speaker for one in document.utterances] == [turn.speaker for turn in turns]
    assert [
        [text[at : at + len(one.text)] for at, one in zip(starts, turn.sentences, strict=True)]
        for starts, turn in zip(offsets, turns, strict=True)
    ] == [[one.text for one in turn.sentences] for turn in turns]
