from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.time_pieces import LEAST_DRIFT_MS, TimePiece, fit_time_pieces
from pipeline.times import MS_PER_SECOND, Ms

TURN_MS: Ms = 20_000


def said(num: int) -> list[Ms]:
    """Return when so many turns of 20 s start."""
    return [100_000 + TURN_MS * k for k in range(num)]


def typed(starts: Sequence[Ms], by: Sequence[float]) -> list[Ms]:
    """Return these starts, each typed so many seconds early, floored to the second."""
    return [(at - round(MS_PER_SECOND * s)) // MS_PER_SECOND * MS_PER_SECOND for at, s in zip(starts, by, strict=True)]


def pieces(by: Sequence[float]) -> tuple[TimePiece, ...]:
    """Return the pieces of turns of 20 s that were typed so many seconds early."""
    return fit_time_pieces(typed(said(len(by)), by), said(len(by)))


def off(by: Sequence[float]) -> list[tuple[int, float]]:
    """Return the index and the seconds of each piece."""
    return [(piece.start, piece.by / MS_PER_SECOND) for piece in pieces(by)]


def test_a_constant_offset_is_one_piece() -> None:
    """All times are off by one constant, give or take what flooring does."""
    assert off([30.2, 30.9, 30.4, 29.8]) == [(0, 31.0)]


def test_a_step_begins_where_it_shows() -> None:
    """The times before a step are a piece that needs no correction."""
    assert off([0, 0, 0, 31.5, 31.5, 31.5]) == [(0, 0.0), (3, 32.0)]


def test_each_step_is_a_piece() -> None:
    """Two adverts are two pieces, and a cut after them a third one."""
    assert off([0] * 4 + [30] * 4 + [75] * 4 + [55] * 4) == [(0, 0.0), (4, 30.0), (8, 75.0), (12, 55.0)]


def test_offsets_that_differ_by_two_seconds_are_two_pieces() -> None:
    """What is as far apart as the tolerance reaches on both sides is not taken for one offset."""
    assert off([5] * 4 + [0] * 4 + [7] * 4) == [(0, 5.0), (4, 0.0), (8, 7.0)]


def test_a_passage_in_the_middle_is_off_alone() -> None:
    """Three times that are off alike among right ones are a piece, and the right ones after them are another."""
    assert off([0] * 5 + [60] * 3 + [0] * 5) == [(0, 0.0), (5, 60.0), (8, 0.0)]


def test_two_times_that_are_off_alike_are_single_errors() -> None:
    """Two are no piece in the middle, nor at an end."""
    assert off([0] * 5 + [60, 60] + [0] * 5 + [-30]) == [(0, 0.0)]
    assert off([0] * 5 + [-30] + [0] * 5 + [60, 60]) == [(0, 0.0)]


def test_single_errors_do_not_hide_a_step() -> None:
    """A wrong time on either side of a step belongs to no piece, and the step begins at its first right time."""
    assert off([0, 0, -40, 0, 600, 20, 20, 300, 20, 20]) == [(0, 0.0), (5, 20.0)]


def test_scattered_errors_are_no_piece() -> None:
    """Three times that are off alike, with right ones between them, are single errors."""
    assert off([0, 60, 0, 0, 60, 0, 0, 60, 0]) == [(0, 0.0)]


def test_a_rate_is_one_piece() -> None:
    """A copy at another speed has an offset that grows evenly."""
    (piece,) = pieces([0.04 * at / MS_PER_SECOND for at in said(30)])

    assert piece.start == 0
    assert piece.rate == pytest.approx(1 / 0.96, abs=0.002)
    assert piece.shift(typed([600_000], [24])[0]) == pytest.approx(24_000, abs=1_000)


def test_a_rate_with_a_step_is_two_pieces_of_one_rate() -> None:
    """An advert in a copy at another speed is a step too."""
    first, second = pieces([0.04 * at / MS_PER_SECOND + (30 if k >= 15 else 0) for k, at in enumerate(said(30))])

    assert (first.start, second.start) == (0, 15)
    assert first.rate == second.rate == pytest.approx(1 / 0.96, abs=0.002)
    assert second.by - first.shift(second.origin) == pytest.approx(30_000 / 0.96, abs=1_500)


def from_the_middle(num: int, middle: int, change: float) -> list[float]:
    """Return by how many seconds times are early that are right up to the middle, and then of a faster copy."""
    return [max(0.0, change * (at - said(num)[middle]) / MS_PER_SECOND) for at in said(num)]


def test_a_rate_may_begin_in_the_middle() -> None:
    """The times before it are right, and no ladder of steps stands for those after it."""
    right, other = pieces(from_the_middle(40, 20, 0.04))

    assert (right.start, right.by, right.rate) == (0, 0, 1.0)
    assert other.start in range(20, 24)  # the first ones are still less than 2 s off
    assert other.rate == pytest.approx(1 / 0.96, abs=0.002)


def test_a_rate_may_end_in_the_middle() -> None:
    """What follows is off by one constant."""
    by = [min(one, 16.0) for one in from_the_middle(40, 0, 0.04)]

    first, second = pieces(by)

    assert first.rate == pytest.approx(1 / 0.96, abs=0.003)
    assert (second.rate, round(second.by, -3)) == (1.0, 16_000)
    assert second.start in range(17, 24)


def test_three_points_on_a_line_are_no_rate() -> None:
    """A rate needs five times; three that differ from each other are single errors."""
    assert off([0, 0, 0, 0, 10, 20, 30]) == [(0, 0.0)]


def test_steps_are_no_rate() -> None:
    """Adverts at even distances are steps, though a line goes through their middle."""
    assert [start for start, _ in off([0] * 4 + [20] * 4 + [40] * 4 + [60] * 4)] == [0, 4, 8, 12]


noise = st.integers(0, 999).map(lambda ms: ms / MS_PER_SECOND)


@given(st.data(), st.lists(st.tuples(st.integers(4, 12), st.integers(5, 600)), min_size=1, max_size=4))
def test_planted_steps_are_found(data: st.DataObject, plan: list[tuple[int, int]]) -> None:
    """Each piece starts where it was planted and is off by the planted amount, to within a second."""
    sizes, steps = [size for size, _ in plan], [s * (-1) ** k for k, (_, s) in enumerate(plan)]
    levels, edges = list(accumulate(steps)), [0, *accumulate(sizes)][:-1]
    by = [level + data.draw(noise) for level, size in zip(levels, sizes, strict=True) for _ in range(size)]

    found = pieces(by)

    assert [piece.start for piece in found] == edges
    assert all(abs(one.by - MS_PER_SECOND * of) < 2 * MS_PER_SECOND for one, of in zip(found, levels, strict=True))


@given(st.integers(20, 60), st.floats(0.03, 0.1), st.sampled_from((-1, 1)), st.data())
def test_a_planted_rate_is_found(num: int, change: float, sign: int, data: st.DataObject) -> None:
    """All times are right after the correction, and it is one piece."""
    starts = said(num)
    by = [sign * change * at / MS_PER_SECOND + data.draw(noise) for at in starts]
    times = typed(starts, by)

    (piece,) = fit_time_pieces(times, starts)

    assert all(abs(at + piece.shift(at) - right) < LEAST_DRIFT_MS for at, right in zip(times, starts, strict=True))


@given(st.integers(15, 40), st.integers(20, 40), st.floats(0.03, 0.1), st.sampled_from((-1, 1)), st.integers(0, 10**6))
def test_a_rate_that_begins_anywhere_is_found(before: int, after: int, change: float, sign: int, seed: int) -> None:
    """It is two pieces, of which one has a rate; the times that were up to 80 s off are right afterwards."""
    starts, random = said(before + after), Random(seed)
    times = typed(starts, [sign * one + random.random() for one in from_the_middle(before + after, before, change)])

    found = fit_time_pieces(times, starts)

    assert [piece.rate != 1 for piece in found] == [False, True]
    for k, (at, right) in enumerate(zip(times, starts, strict=True)):
        piece = found[k >= found[1].start]
        assert abs(at + piece.shift(at) - right) < LEAST_DRIFT_MS


@given(st.integers(0, 10**6), st.sampled_from((((0.25, 30), (0.5, 45), (0.75, -20)), ((0.4, 31.5),))))
def test_many_imprecise_times_have_no_rate(seed: int, steps: tuple[tuple[float, float], ...]) -> None:
    """A rate is no way to follow the noise: each of its runs has to make a difference."""
    random = Random(seed)
    starts = said(300)
    by = [sum(size for share, size in steps if n >= share * len(starts)) for n in range(len(starts))]

    found = fit_time_pieces(typed(starts, [one + random.gauss(0, 1) for one in by]), starts)

    assert {piece.rate for piece in found} == {1.0}


@given(st.lists(st.tuples(st.integers(2, 6), st.integers(10, 900), st.sampled_from((-1, 1))), max_size=12))
def test_right_times_with_single_errors_have_no_piece_that_is_off(errors: list[tuple[int, int, int]]) -> None:
    """Whatever the errors are, with two right times or more between them they stay single."""
    by = [s for right, size, sign in errors for s in (*[0] * right, sign * size)]

    assert [piece for piece in pieces([*by, 0, 0]) if abs(piece.by) >= LEAST_DRIFT_MS] == []


@given(st.lists(st.integers(-1_999, 1_999), max_size=40))
def test_right_times_have_no_pieces(errors: list[int]) -> None:
    """Times within two seconds have nothing to explain."""
    starts = said(len(errors))

    assert fit_time_pieces([at + by for at, by in zip(starts, errors, strict=True)], starts) == ()
