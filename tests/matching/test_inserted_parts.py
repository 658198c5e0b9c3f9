from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.inserted_parts import inserted_parts
from pipeline.schema import Result
from pipeline.times import MS_PER_SECOND, Ms, Span, format_clock
from tests.factories import result

TURN: Ms = 20_000
SAID: Ms = 20 * 300
"""A turn of twenty words; the rest of its time is a pause."""


def aligned(typed: Sequence[Ms], starts: Sequence[Ms], pauses: dict[int, Ms] | None = None) -> Result:
    """Turns of twenty words, typed at some times and said at others; a pause is before the word of an index."""
    source = "\n\n".join(f"{format_clock(at)} - **Ann**: {' '.join(['so'] * 20)}" for at in typed)
    return result(f"{source}\n", starts=dict(enumerate(starts)), pauses=pauses or {})


def parts(made: Result) -> tuple[Span, ...]:
    """What was put into the audio."""
    return inserted_parts(made.transcript, made.words, made.utterances)


def with_steps(steps: Sequence[tuple[int, Ms]], turns: int) -> tuple[list[Ms], list[Ms]]:
    """The typed times of turns, and when they are said; before each turn named, so much was put in."""
    typed = [TURN * k for k in range(turns)]
    return typed, [at + sum(by for turn, by in steps if turn <= k) for k, at in enumerate(typed)]


def test_adverts_between_turns() -> None:
    """Each one is where the turn before it ends, and as long as the step."""
    made = aligned(*with_steps([(3, 30_000), (8, 61_000)], 12))

    assert parts(made) == (
        Span(2 * TURN + SAID, 2 * TURN + SAID + 30_000),
        Span(7 * TURN + 30_000 + SAID, 7 * TURN + 91_000 + SAID),
    )


def test_an_advert_within_a_turn() -> None:
    """It is where nobody says what is typed, not at the end of the turn."""
    typed, starts = with_steps([(3, 30_000)], 6)
    made = aligned(typed, starts, pauses={2 * 20 + 10: 30_000})

    assert parts(made) == (Span(2 * TURN + 10 * 300, 2 * TURN + 10 * 300 + 30_000),)


def test_before_the_first_turn() -> None:
    """All times are early by what was put before the beginning."""
    assert parts(aligned(*with_steps([(0, 15_000)], 5))) == (Span(0, 15_000),)


@pytest.mark.parametrize(
    ("typed", "starts"),
    [
        ([TURN * k for k in range(6)], [TURN * k for k in range(6)]),  # right
        (with_steps([(3, -12_000)], 6)),  # something was taken out
        (with_steps([(3, 4_000)], 6)),  # too short
        ([0, 20_000, 40_000, 40_000, 60_000, 80_000], [TURN * k for k in range(6)]),  # typed wrong: nothing is there
        ([TURN * k for k in range(8)], [22_000 * k for k in range(8)]),  # another speed
    ],
)
def test_nothing_was_put_in(typed: list[Ms], starts: list[Ms]) -> None:
    """Right times, a cut, a short step, a mistake, and another speed are no adverts."""
    assert parts(aligned(typed, starts)) == ()


def test_without_typed_times() -> None:
    """Nothing is known."""
    assert parts(result("**Ann**: so it is\n")) == ()


@given(st.lists(st.tuples(st.integers(3, 8), st.integers(6, 600)), max_size=5))
def test_each_planted_part_is_found_once(plan: list[tuple[int, int]]) -> None:
    """Whatever was put in with three turns or more between: as many parts, with the length of each."""
    steps: list[tuple[int, Ms]] = []
    turn = 0
    for more, seconds in plan:
        turn += more
        steps.append((turn, seconds * MS_PER_SECOND))
    found = parts(aligned(*with_steps(steps, turn + 4)))

    assert [one.duration for one in found] == [by for _, by in steps]
