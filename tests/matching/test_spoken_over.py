"""Where another person speaks over the last typed turn, it ends where its voice stops."""

from __future__ import annotations

import pytest

from pipeline.matching.continue_note import find_continue_point
from pipeline.matching.spoken_over import end_of_last_turn
from pipeline.schema import Turn
from pipeline.times import Ms, Span
from tests.matching.word_lists import align_and_time, prose

A, B, REST = prose(21, 40), prose(22, 40), prose(23, 80)
"""Two turns of 12 s each, and 24 s of untyped speech."""

TYPED = f"**Ann**: {A}\n\n**Bob**: {B}\n"


def turns(*spans: tuple[Ms, Ms, str]) -> tuple[Turn, ...]:
    """Return the turns of voices."""
    return tuple(Turn(Span(start, end), voice) for start, end, voice in spans)


def end_of(source: str, said: str, voices: tuple[Turn, ...]) -> Ms | None:
    """Return where the last turn of ``source`` ends by the voices."""
    transcript, _, _, words, utterances = align_and_time(source, said)
    return end_of_last_turn(transcript, words, utterances, voices)


@pytest.mark.parametrize("end", [23_750, 24_000, 25_400, 26_500])
def test_the_turn_ends_with_its_voice(end: Ms) -> None:
    """Bob's last word was heard at 24 s, but he speaks until ``end``, and Ann over him."""
    voices = turns((0, 12_000, "0"), (12_000, end, "1"), (23_000, 48_000, "0"))

    assert end_of(TYPED, f"{A} {B} {REST}", voices) == end


@pytest.mark.parametrize(
    "after",
    [
        [(12_000, 25_400, "1"), (25_400, 48_000, "0")],  # nobody speaks over it
        [(12_000, 25_400, "1"), (23_000, 24_500, "0")],  # Bob goes on when the other stops
        [(12_000, 23_600, "1"), (23_000, 48_000, "0")],  # the last word was found later
        [(12_000, 26_600, "1"), (23_000, 48_000, "0")],  # too far behind it
        [(24_100, 25_400, "1"), (23_000, 48_000, "0")],  # a later turn
        [(12_000, 25_400, "1"), (25_350, 48_000, "0")],  # hardly over it
    ],
)
def test_other_ends_of_voices_mean_nothing(after: list[tuple[Ms, Ms, str]]) -> None:
    """The voice must be heard to stop near the end that was found, while another one speaks."""
    assert end_of(TYPED, f"{A} {B} {REST}", turns((0, 12_000, "0"), *after)) is None


def test_placed_words_may_end_earlier() -> None:
    """Bob's last two words were not found: they are placed behind the others, though he stops after these."""
    typed = f"**Ann**: {A}\n\n**Bob**: {B} xylophone quizzes.\n"
    voices = turns((0, 12_000, "0"), (12_000, 24_100, "1"), (23_000, 48_000, "0"))

    assert end_of(typed, f"{A} {B} {REST}", voices) == 24_100


UNFOUND = f"**Ann**: {A}\n\n**Bob**: {B}\n\n**Ann**: Xylophones, quizzically?\n"
"""Ann's last turn is spoken over from its first word to its last: none of it is heard."""


def test_a_turn_of_which_nothing_is_found_is_its_voices() -> None:
    """Ann begins before Bob ends, and is interrupted by him; two pieces are one turn."""
    voices = turns((0, 12_000, "0"), (12_000, 48_000, "1"), (23_500, 24_600, "0"), (24_800, 25_900, "0"))

    assert end_of(UNFOUND, f"{A} {B} {REST}", voices) == 25_900


@pytest.mark.parametrize(
    "ann",
    [
        (24_400, 25_900),  # she begins too late
        (21_400, 24_100),  # too early
        (22_500, 23_900),  # she is done before
        (23_500, 40_000),  # too long for two words
        (23_900, 24_100),  # too short
    ],
)
def test_other_turns_are_not_that_turn(ann: tuple[Ms, Ms]) -> None:
    """Its voice must follow the turn before at once, for about as long as its words take."""
    voices = turns((0, 12_000, "0"), (12_000, 48_000, "1"), (*ann, "0"))

    assert end_of(UNFOUND, f"{A} {B} {REST}", voices) is None


@pytest.mark.parametrize(
    "source",
    ["", TYPED, f"{A}\n", f"**Ann**: {A}\n\n**Cid**: Xylophones, quizzically?\n"],
    ids=["nothing typed", "nothing heard of it", "no label", "an unknown voice"],
)
def test_without_a_voice_nothing_is_known(source: str) -> None:
    """There is no end where nothing was found, or nothing of the label."""
    assert end_of(source, REST if source == TYPED else f"{A} {REST}", turns((30_000, 40_000, "0"))) is None


def test_the_continue_point_is_that_end() -> None:
    """The note is where Bob's voice stops, not where his last heard word ends."""
    voices = turns((0, 12_000, "0"), (12_000, 25_400, "1"), (23_000, 48_000, "0"))
    found = align_and_time(TYPED, f"{A} {B} {REST}")

    assert find_continue_point(*found).at == 24_000
    assert find_continue_point(*found, turns=voices).at == 25_400
