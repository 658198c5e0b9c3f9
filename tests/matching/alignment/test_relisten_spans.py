"""Where it is worth listening again, and when the second reading is the better one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.relisten_spans import (
    CALL_COST_MS,
    WHISPER_WINDOW_MS,
    Probe,
    ProbeOptions,
    find_probes,
    take_better,
)
from pipeline.schema import HeardWord, Hearing, WrittenWord
from pipeline.times import Ms, Span
from tests.matching.word_lists import PER_WORD, heard, hearing, prose, written

BEFORE = "we walked along the river for an hour and then"
AFTER = "came to the door and asked whether we would like some tea"
TEXT = f"{BEFORE} Philomena Okoro {AFTER}"
ALL = ProbeOptions(most_share=1.0)


def probes(text: str, ear: Hearing, options: ProbeOptions = ALL) -> tuple[Probe, ...]:
    """Where it is worth listening again."""
    words = written(text)
    return find_probes(words, ear, align(words, ear.words, AlignOptions()), options)


def texts(words: tuple[HeardWord, ...]) -> str:
    """Them as a line."""
    return " ".join(word.text for word in words)


def second(text: str, ear: Hearing, *readings: tuple[HeardWord, ...]) -> Hearing:
    """The hearing after a second look that hears these in its stretches."""
    words = written(text)
    alignment = align(words, ear.words, AlignOptions())
    found = find_probes(words, ear, alignment, ALL)
    return take_better(words, ear, alignment, tuple(zip(found, readings, strict=True)), AlignOptions())


def test_a_misheard_name_is_listened_to_again() -> None:
    """Finds written words that are not matched beside heard ones, and takes matched words around them along."""
    ear = hearing(heard(f"{BEFORE} fill a minor {AFTER}"))
    start = 10 * PER_WORD

    assert probes(TEXT, ear) == (
        Probe(
            span=Span(start - 2 * PER_WORD, start + 5 * PER_WORD),
            core=Span(start, start + 3 * PER_WORD),
            written=probes(TEXT, ear)[0].written,
            heard=probes(TEXT, ear)[0].heard,
            pairings=probes(TEXT, ear)[0].pairings,
        ),
    )
    assert [TEXT.split()[k] for k in probes(TEXT, ear)[0].written] == ["Philomena", "Okoro"]
    assert [ear.words[j].text for j in probes(TEXT, ear)[0].heard] == ["fill", "a", "minor"]


def test_speech_without_words_is_listened_to_again() -> None:
    """Finds written words where somebody speaks and nothing was heard."""
    whole = heard(f"{BEFORE} {AFTER}")
    late = tuple(HeardWord(word.text, word.span.shift(1_500), word.probability) for word in whole[10:])

    assert [probe.core for probe in probes(TEXT, hearing((*whole[:10], *late)))] == [Span(3_000, 4_500)]


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
def test_what_is_not_worth_it(text: str, said: str) -> None:
    """Listens again neither to what is written nowhere, nor for what nobody says."""
    assert probes(text, hearing(heard(said))) == ()


def test_another_episode_costs_no_more_than_its_share() -> None:
    """Takes a bounded part of the audio, whatever does not fit."""
    ear = hearing(heard(prose(1, 1_500)))
    total = sum(span.duration for span in ear.speech)

    found = probes(prose(2, 1_500), ear, ProbeOptions(most_share=0.1, fewest_words=1))

    assert sum(CALL_COST_MS + probe.span.duration for probe in found) <= total / 10
    assert probes(prose(2, 1_500), ear, ProbeOptions(most_share=0)) == ()


@given(st.integers(0, 50), st.integers(1, 60), st.integers(1, 400))
def test_probes_are_in_order_and_short(seed: int, mistakes: int, per_word: Ms) -> None:
    """Whatever was misheard: cores are disjoint and in order, inside their spans, and none is longer than 30 s."""
    words = prose(seed, 120).split()
    said = ["mmh" if k % (mistakes + 1) == 0 else word for k, word in enumerate(words)]
    ear = hearing(heard(" ".join(said), per_word=per_word))

    found = probes(" ".join(words), ear, ProbeOptions(most_share=1.0, fewest_words=1))

    assert all(one.core.end <= two.core.start for one, two in pairwise(found))
    assert all(probe.core == probe.core.clip(probe.span) for probe in found)
    assert all(probe.span.duration <= WHISPER_WINDOW_MS and probe.span.end <= ear.duration for probe in found)


# --- the second reading --------------------------------------------------------------------------------------------


def test_a_better_reading_is_taken() -> None:
    """Puts its words in the place of the old ones, without the known ones around them, and moves no other word."""
    ear = hearing(heard(f"{BEFORE} fill a minor {AFTER}"))
    reading = heard("and then Philomena Okoro came to", 8 * PER_WORD, per_word=400)

    words = second(TEXT, ear, reading).words

    assert texts(words) == f"{BEFORE} Philomena Okoro {AFTER}"
    assert (words[:10], words[12:]) == (ear.words[:10], ear.words[13:])
    assert all(one.span.end <= two.span.start for one, two in pairwise(words))


@pytest.mark.parametrize(
    "reading",
    ["", "fill a minor", "Philomena oh so and there we were", "fill a minor oh"],
    ids=lambda text: text or "-",
)
def test_a_worse_reading_is_refused(reading: str) -> None:
    """Keeps the old words where the new ones match no more, or bring more that nobody wrote."""
    ear = hearing(heard(f"{BEFORE} fill a minor {AFTER}"))

    assert second(TEXT, ear, heard(reading, 3_000, per_word=100)) == ear


@given(st.lists(st.sampled_from(f"{TEXT} mmh so".split()), max_size=12), st.integers(2_000, 5_000))
def test_no_reading_makes_it_worse(reading: list[str], start: Ms) -> None:
    """Whatever is heard: as many written words are matched as before, and all words stay in order."""
    ear = hearing(heard(f"{BEFORE} fill a minor {AFTER}"))
    words: tuple[WrittenWord, ...] = written(TEXT)

    after = second(TEXT, ear, heard(" ".join(reading), start, per_word=150))

    matched = [
        sum(len(pair.written) for pair in align(words, one.words, AlignOptions()).pairings if pair.score > 0)
        for one in (ear, after)
    ]
    assert matched[0] <= matched[1]
    assert all(one.span.start <= two.span.start for one, two in pairwise(after.words))
