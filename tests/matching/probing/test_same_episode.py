"""A recording of another episode is recognised from a few windows; the right one is never taken for one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.matching.probing import LEAST_PROBED_MS
from pipeline.matching.probing.same_episode import MOST_WINDOWS, different_episode
from pipeline.matching.probing.search import PROBE_MS
from pipeline.reading.transcript import parse
from pipeline.schema import Hearing
from pipeline.times import Ms
from tests.matching.probing.made_episode import MadeTurn, heard, made_turns, text_of
from tests.matching.probing.windows import answer_of

WORDS = 3_000
"""Twenty minutes."""


def judged(typed: Sequence[MadeTurn], hearing: Hearing) -> tuple[bool, Ms]:
    """Whether the two are taken for different episodes, and how much was listened to for it."""
    return answer_of(different_episode(parse(text_of(typed)), hearing.duration), hearing)


PARTS: dict[str, Callable[[list[MadeTurn]], list[MadeTurn]]] = {
    "all": lambda turns: turns,
    "half of it": lambda turns: turns[: len(turns) // 2],
    "the last half": lambda turns: turns[len(turns) // 2 :],
    "a third in the middle": lambda turns: turns[len(turns) // 3 : 2 * len(turns) // 3],
    "without the middle third": lambda turns: turns[: len(turns) // 3] + turns[2 * len(turns) // 3 :],
    "a tenth": lambda turns: turns[: len(turns) // 10],
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("seed", range(2))
def test_the_right_episode_is_never_another_one(part: str, seed: int) -> None:
    """Whichever part of it is typed."""
    turns = made_turns(random.Random(seed), WORDS)

    assert not judged(PARTS[part](turns), heard(turns))[0]


@pytest.mark.parametrize("part", ["all", "half of it", "without the middle third"])
@pytest.mark.parametrize("seed", range(2))
def test_another_episode_is_other_by_few_windows(part: str, seed: int) -> None:
    """It has common words alone in common."""
    typed = PARTS[part](made_turns(random.Random(seed), WORDS))

    is_other, listened = judged(typed, heard(made_turns(random.Random(seed + 100), WORDS)))

    assert is_other
    assert listened <= MOST_WINDOWS * 2 * PROBE_MS


def test_two_windows_of_the_right_episode_are_enough() -> None:
    """Nothing is lost where they belong together."""
    turns = made_turns(random.Random(3), WORDS)

    assert judged(turns, heard(turns))[1] <= 4 * PROBE_MS


def test_an_opening_that_both_have_does_not_hide_another_episode() -> None:
    """A show begins and ends each episode with the same words."""
    opening = made_turns(random.Random(50), 120)
    typed = opening + made_turns(random.Random(1), WORDS)
    later = made_turns(random.Random(101), WORDS, start=opening[-1].end + 1_000)

    assert judged(typed, heard(opening + later))[0]


def test_there_is_no_verdict_on_little_text_or_a_short_recording() -> None:
    """Nothing is listened to either."""
    other = heard(made_turns(random.Random(100), WORDS))
    turns = made_turns(random.Random(1), WORDS)

    assert judged(turns[: len(turns) // 5], other) == (False, 0)
    assert judged(turns, replace(other, duration=LEAST_PROBED_MS - 1)) == (False, 0)


def test_music_is_no_evidence() -> None:
    """Of windows without words nothing follows, however many they are."""
    turns = made_turns(random.Random(1), WORDS)

    assert not judged(turns, replace(heard(turns), words=(), speech=()))[0]


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0.05, 1))
@settings(max_examples=6)
def test_any_part_of_the_right_episode_belongs_to_it(seed: int, first: float, share: float) -> None:
    """Wherever the typing begins and ends."""
    turns = made_turns(random.Random(seed), WORDS)
    begin = round(first * (len(turns) - 1))
    typed = turns[begin : begin + max(1, round(share * len(turns)))]

    assert not judged(typed, heard(turns))[0]
