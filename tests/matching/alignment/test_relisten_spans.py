"""Spans to transcribe again are chosen where they are worth it, and the better reading is kept."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.relisten_spans import (
    CALL_COST_MS,
    WHISPER_WINDOW_MS,
    RelistenOptions,
    UnmatchedPassage,
    find_passages_to_relisten,
    keep_better_readings,
)
from pipeline.schema import HeardWord, Hearing, WrittenWord
from pipeline.times import Ms, Span
from tests.matching.word_lists import WORD_MS, heard_words, make_hearing, prose, written_words

BEFORE = "we walked along the river for an hour and then"
AFTER = "came to the door and asked whether we would like some tea"
TEXT = f"{BEFORE} Philomena Okoro {AFTER}"
ALL = RelistenOptions(most_share=1.0)


def passages_in(text: str, hearing: Hearing, options: RelistenOptions = ALL) -> tuple[UnmatchedPassage, ...]:
    """Return the spans that are worth transcribing again."""
    words = written_words(text)
    return find_passages_to_relisten(words, hearing, align(words, hearing.words, AlignOptions()), options)


def texts(words: tuple[HeardWord, ...]) -> str:
    """Return the words as a line."""
    return " ".join(word.text for word in words)


def after_second_pass(text: str, hearing: Hearing, *readings: tuple[HeardWord, ...]) -> Hearing:
    """Return the hearing after a second pass with these readings of its spans."""
    words = written_words(text)
    alignment = align(words, hearing.words, AlignOptions())
    found = find_passages_to_relisten(words, hearing, alignment, ALL)
    return keep_better_readings(words, hearing, alignment, tuple(zip(found, readings, strict=True)), AlignOptions())


def test_a_misheard_name_is_transcribed_again() -> None:
    """The span has the unmatched written words, and matched words on both sides of them."""
    hearing = make_hearing(heard_words(f"{BEFORE} fill a minor {AFTER}"))
    start = 10 * WORD_MS

    assert passages_in(TEXT, hearing) == (
        UnmatchedPassage(
            span=Span(start - 2 * WORD_MS, start + 5 * WORD_MS),
            core=Span(start, start + 3 * WORD_MS),
            written=passages_in(TEXT, hearing)[0].written,
            heard=passages_in(TEXT, hearing)[0].heard,
            pairings=passages_in(TEXT, hearing)[0].pairings,
        ),
    )
    assert [TEXT.split()[k] for k in passages_in(TEXT, hearing)[0].written] == ["Philomena", "Okoro"]
    assert [hearing.words[j].text for j in passages_in(TEXT, hearing)[0].heard] == ["fill", "a", "minor"]


def test_speech_without_words_is_transcribed_again() -> None:
    """The span has written words in whose place there is speech and no heard word."""
    whole = heard_words(f"{BEFORE} {AFTER}")
    late = tuple(HeardWord(word.text, word.span.shift(1_500), word.probability) for word in whole[10:])

    assert [passage.core for passage in passages_in(TEXT, make_hearing((*whole[:10], *late)))] == [Span(3_000, 4_500)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT, TEXT),
        (f"{BEFORE} {AFTER}", f"{BEFORE} fill a minor oh {AFTER}"),
        (TEXT, f"{BEFORE} {AFTER}"),
        (f"{BEFORE} Philomena {AFTER}", f"{BEFORE} filler {AFTER}"),
        (TEXT, f"{BEFORE} {prose(3, 60)} {AFTER}"),
    ],
    ids=["all matched", "only heard", "no time for it", "too few words", "another passage"],
)
def test_what_is_not_worth_it_has_no_span(text: str, said: str) -> None:
    """There is no span for heard words that are not written, nor for written words without speech."""
    assert passages_in(text, make_hearing(heard_words(said))) == ()


def test_another_episode_costs_no_more_than_its_share() -> None:
    """The cost of all spans is bounded, however much does not fit."""
    hearing = make_hearing(heard_words(prose(1, 1_500)))
    total = sum(span.duration for span in hearing.speech)

    found = passages_in(prose(2, 1_500), hearing, RelistenOptions(most_share=0.1, fewest_words=1))

    assert sum(CALL_COST_MS + passage.span.duration for passage in found) <= total / 10
    assert passages_in(prose(2, 1_500), hearing, RelistenOptions(most_share=0)) == ()


@given(st.integers(0, 50), st.integers(1, 60), st.integers(1, 400))
def test_spans_are_in_order_and_fit_the_window(seed: int, mistakes: int, per_word: Ms) -> None:
    """Whatever was misheard, cores are disjoint, in order and inside their spans, and no span is longer than 30 s."""
    words = prose(seed, 120).split()
    said = ["mmh" if k % (mistakes + 1) == 0 else word for k, word in enumerate(words)]
    hearing = make_hearing(heard_words(" ".join(said), per_word=per_word))

    found = passages_in(" ".join(words), hearing, RelistenOptions(most_share=1.0, fewest_words=1))

    assert all(one.core.end <= two.core.start for one, two in pairwise(found))
    assert all(passage.core == passage.core.clip(passage.span) for passage in found)
    assert all(passage.span.duration <= WHISPER_WINDOW_MS and passage.span.end <= hearing.duration for passage in found)


# --- the second reading --------------------------------------------------------------------------------------------


def test_a_better_reading_is_kept() -> None:
    """Its words replace the old ones, without the known words around them, and no other word moves."""
    hearing = make_hearing(heard_words(f"{BEFORE} fill a minor {AFTER}"))
    reading = heard_words("and then Philomena Okoro came to", 8 * WORD_MS, per_word=400)

    words = after_second_pass(TEXT, hearing, reading).words

    assert texts(words) == f"{BEFORE} Philomena Okoro {AFTER}"
    assert (words[:10], words[12:]) == (hearing.words[:10], hearing.words[13:])
    assert all(one.span.end <= two.span.start for one, two in pairwise(words))


@pytest.mark.parametrize(
    "reading",
    ["", "fill a minor", "Philomena oh so and there we were", "fill a minor oh"],
    ids=lambda text: text or "-",
)
def test_a_worse_reading_is_refused(reading: str) -> None:
    """The old words stay if the new ones match no more, or add more words that are not written."""
    hearing = make_hearing(heard_words(f"{BEFORE} fill a minor {AFTER}"))

    assert after_second_pass(TEXT, hearing, heard_words(reading, 3_000, per_word=100)) == hearing


@given(st.lists(st.sampled_from(f"{TEXT} mmh so".split()), max_size=12), st.integers(2_000, 5_000))
def test_no_reading_loses_a_match(reading: list[str], start: Ms) -> None:
    """Whatever is heard, as many written words are matched as before, and all words stay in order."""
    hearing = make_hearing(heard_words(f"{BEFORE} fill a minor {AFTER}"))
    words: tuple[WrittenWord, ...] = written_words(TEXT)

    after = after_second_pass(TEXT, hearing, heard_words(" ".join(reading), start, per_word=150))

    matched = [
        sum(len(pair.written) for pair in align(words, one.words, AlignOptions()).pairings if pair.score > 0)
        for one in (hearing, after)
    ]
    assert matched[0] <= matched[1]
    assert all(one.span.start <= two.span.start for one, two in pairwise(after.words))
