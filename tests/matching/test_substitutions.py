"""Typed words in whose place others were heard are found, and what a typist writes on purpose is none."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.substitutions import LONGEST_MS, MOST_WORDS, Substitution, find_substitutions
from pipeline.reading.transcript import parse
from tests.matching.word_lists import heard_words, make_hearing, prose

BEFORE, AFTER = "the harbour master told us that", "walked along every narrow street before sunrise"


def found_in(typed: str, said: str, language: str = "en") -> list[Substitution]:
    """The substitutions of a turn."""
    transcript = parse(f"**Ann**: {typed}\n")
    hearing = replace(make_hearing(heard_words(said)), language=language)
    alignment = align(transcript.words, hearing.words, AlignOptions())
    return list(find_substitutions(transcript, hearing, alignment))


def pairs(typed: str, said: str) -> list[tuple[str, str]]:
    """The typed and the heard words of each substitution between two passages that match."""
    transcript, hearing = parse(f"**Ann**: {BEFORE} {typed} {AFTER}"), heard_words(f"{BEFORE} {said} {AFTER}")
    return [
        (
            " ".join(transcript.words[k].shown for k in one.written),
            " ".join(hearing[j].text for j in one.heard),
        )
        for one in found_in(f"{BEFORE} {typed} {AFTER}", f"{BEFORE} {said} {AFTER}")
    ]


@pytest.mark.parametrize(
    ("typed", "said", "expected"),
    [
        ("Wilhelmina", "Philomena", [("Wilhelmina", "Philomena")]),
        ("casual", "causal", [("casual", "causal")]),
        ("lanterns", "mustard", [("lanterns", "mustard")]),
        ("fifteen", "50", [("fifteen", "50")]),
        ("115", "15", [("115", "15")]),
        ("1990s", "1980s", [("1990s", "1980s")]),
        ("cat", "catalogue", [("cat", "catalogue")]),
        ("Wilhelmina.", "Philomena.", [("Wilhelmina.", "Philomena.")]),
        ("Wilhelmina Brandt", "Philomena Grant", [("Wilhelmina", "Philomena"), ("Brandt", "Grant")]),
        ("Abington", "have in done Abingdon", [("Abington", "Abingdon")]),
        ("having done", "Avingdon", [("having done", "Avingdon")]),
        ("um casual", "causal uh", [("casual", "causal")]),
        ("dot run rough", "runLater", [("run rough", "runLater")]),
        ("lower ali", "lowercase", [("lower ali", "lowercase")]),
        ("Wilhelmina really", "Philomena", [("Wilhelmina", "Philomena")]),
        ("Abington having done", "Abingdon", [("Abington", "Abingdon")]),
    ],
)
def test_other_words_are_found(typed: str, said: str, expected: list[tuple[str, str]]) -> None:
    """Alike or not where one stands for one; of several, those that are alike; fillers are no words."""
    assert pairs(typed, said) == expected


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("builds", "build"),
        ("forgotten", "forgot"),
        ("it's", "it is"),
        ("they'd", "they would"),
        ("isn't", "was not"),
        ("mak’st", "makes"),
        ("Feed'st", "feet"),
        ("gonna", "going to"),
        ("visualising", "visualizing"),
        ("colours", "colors"),
        ("lower case", "lowercase"),
        ("3.11", "3 .11"),
        ("100", "a hundred"),
        ("II", "2"),
        ("Mr", "mister"),
        ("Prof.", "professor"),
        ("Oct.", "October"),
        ("etc.", "et cetera"),
        ("II", "two"),
        ("XIV", "fourteenth"),
        ("a**hole", "asshole"),
        ("1990s", "90s"),
        ("10k", "ten thousand"),
        ("$5", "five bucks"),
        ("½", "half"),
        ("this", "that"),
        ("kettle", "um"),
        ("kettle", ""),
        ("", "kettle"),
        ("Ann", "Anna"),
        ("went", "has already gone"),
        ("CI", "continuous integration"),
        ("[Laughter]", "kettle"),
        ("disposed", "-sposed"),
        ("a jar of very yellow honey with lemon", "some pots full of clear marmalade and sugar"),
    ],
)
def test_what_is_written_on_purpose_is_not(typed: str, said: str) -> None:
    """Forms of a word, contractions, numbers, common words, fillers, speakers' names, passages in other words."""
    assert pairs(typed, said) == []


def test_both_stretches_are_of_one_sound_between_the_same_neighbours() -> None:
    """They differ in the words that are compared alone, which are the ones with a place."""
    (one,) = found_in(f"{BEFORE} Wilhelmina {AFTER}", f"{BEFORE} Philomena {AFTER}")

    assert (one.typed_stretch.start, one.typed_stretch.end) == (one.heard_stretch.start, one.heard_stretch.end)
    assert [word.keys for word in one.typed_stretch.words] == [("that",), ("wilhelmina",), ("walked",)]
    assert [word.keys for word in one.heard_stretch.words] == [("that",), ("philomena",), ("walked",)]
    assert one.typed_stretch.places == one.heard_stretch.places == (None, 6, None)
    assert one.typed_stretch.is_comparison
    assert one.typed_stretch.start.start < one.span.start < one.span.end < one.typed_stretch.end.end


def test_at_the_end_of_a_text_one_side_is_enough() -> None:
    """The first and the last word have one neighbour; between passages that are not typed there is no evidence."""
    first, last = found_in(f"Casual {AFTER} casual", f"causal {AFTER} causal")

    assert (first.written.start, last.written.start) == (0, 8)
    assert found_in("Casual weather", "causal weather") == []


@pytest.mark.parametrize(("change", "is_found"), [("", True), ("\n\n**Bob**:", False)])
def test_words_of_two_turns_are_not_one(change: str, *, is_found: bool) -> None:
    """Two people who each say one do not say the word that was heard."""
    assert bool(found_in(f"{BEFORE} having{change} done {AFTER}", f"{BEFORE} Avingdon {AFTER}")) == is_found


def test_another_language_has_none() -> None:
    """The phone classifier knows English alone."""
    assert found_in(f"{BEFORE} casual {AFTER}", f"{BEFORE} causal {AFTER}", "de") == []


@given(st.integers(0, 999), st.lists(st.integers(0, 79), max_size=12, unique=True))
@example(500, [0, 1, 2, 56, 57])  # two heard words for one typed one, and none for the next
def test_whatever_is_replaced_the_words_are_in_order(seed: int, places: list[int]) -> None:
    """None is in two substitutions, none has more words than it may, and all sounds are within the recording."""
    typed = prose(seed, 80).split()
    other = prose(seed + 1, 80).split()
    said = [other[k] if k in places else word for k, word in enumerate(typed)]

    found = found_in(" ".join(typed), " ".join(said))

    for one, following in pairwise(found):
        assert one.written.end <= following.written.start
        assert one.heard.end <= following.heard.start
    for one in found:
        assert 1 == min(len(one.written), len(one.heard)) <= max(len(one.written), len(one.heard)) <= MOST_WORDS
        assert 0 <= one.typed_stretch.start.start < one.typed_stretch.end.end <= 80 * 300 + 1_000
        assert one.typed_stretch.end.end - one.typed_stretch.start.start <= LONGEST_MS
