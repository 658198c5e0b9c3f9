"""Turns whose words fit another position as well are found, and no others."""

from __future__ import annotations

import pytest

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.ambiguity import ambiguous_utterances
from pipeline.reading.transcript import parse
from tests.matching.word_lists import heard_words, make_hearing, prose

BEFORE, AFTER = prose(1, 30), prose(2, 30)
SENTENCE = "that is what we believed back then"


def ambiguous(turns: list[str], said: str) -> frozenset[int]:
    """Return the ambiguous ones of these turns."""
    transcript = parse("\n\n".join(f"**{'AB'[k % 2]}**: {turn}" for k, turn in enumerate(turns)))
    hearing = make_hearing(heard_words(said))
    return ambiguous_utterances(transcript, hearing, align(transcript.words, hearing.words, AlignOptions()))


@pytest.mark.parametrize(
    ("turns", "said", "expected"),
    [
        pytest.param([BEFORE, SENTENCE, AFTER], f"{BEFORE} {SENTENCE} {AFTER}", set(), id="said once"),
        pytest.param([BEFORE, SENTENCE, AFTER], f"{BEFORE} {SENTENCE} {SENTENCE} {AFTER}", {1}, id="said twice"),
        pytest.param(
            [BEFORE, SENTENCE, SENTENCE, AFTER],
            f"{BEFORE} {SENTENCE} {SENTENCE} {AFTER}",
            set(),
            id="said twice and typed twice",
        ),
        pytest.param(
            [BEFORE, SENTENCE, AFTER],
            f"{BEFORE} {SENTENCE} {prose(3, 60)} {SENTENCE} {prose(4, 60)} {AFTER}",
            set(),
            id="said again much later",
        ),
        pytest.param([BEFORE, "Yes.", AFTER], f"{BEFORE} yes {AFTER}", set(), id="short, nothing around it"),
        pytest.param([BEFORE, "Yes.", AFTER], f"{BEFORE} um yes {AFTER}", {1}, id="short, with a jump"),
    ],
)
def test_ambiguous_turns(turns: list[str], said: str, expected: set[int]) -> None:
    """A turn is ambiguous if it is repeated next to itself, or short with unwritten words around it."""
    assert ambiguous(turns, said) == expected


def test_a_turn_that_begins_twice_is_ambiguous() -> None:
    """If its words do not say which of the two beginnings was typed, either may be meant."""
    first, rest = "nine hundred lovely days", "without any updates whatsoever is remarkable"

    typed = f"{first} {rest.removeprefix('without ')}"

    assert ambiguous([BEFORE, typed], f"{BEFORE} {first} {first} {rest}") == {1}
