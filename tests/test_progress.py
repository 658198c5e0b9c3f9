"""The time that is left of a run, from what its stages usually cost and how fast they are here."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.console.progress_display import LEAST_LEFT_S
from pipeline.progress import (
    LISTENING,
    SAMPLES,
    TIMING,
    TIMING_DRAFT,
    VOICES,
    Expected,
    Step,
    TimeLeft,
    expect,
)

Beside = Literal["beside", "after", "no"]
FIRST_MINUTE_S = 60.0


class Run:
    """A run whose stages take known times; keeps the estimated time left, with the true one.

    Where the speakers are separated beside listening, this is half as fast until they are.
    """

    def __init__(self, expected: Expected, actual: dict[str, float]) -> None:
        self.now = 0.0
        self.estimates: list[tuple[float, float, float]] = []  # seconds since the start, estimated, true
        self._end = sum(actual.values())
        progress = TimeLeft(self._keep, expected, lambda: self.now)
        for stage, seconds in actual.items():
            start = self.now
            # the part of the time in which it is
            slow = 2 * expected.beside / expected.seconds[LISTENING] if stage == LISTENING else 0.0
            for percent in range(101):
                passed = percent / 100
                done = passed / 2 if passed < slow else passed - slow / 2
                self.now = start + seconds * passed
                progress(Step(stage, done / (1 - slow / 2), 1.0))
            self.now = start + seconds

    def _keep(self, step: Step) -> None:
        assert step.left_s is not None
        self.estimates.append((self.now, step.left_s, self._end - self.now))


@given(
    duration=st.floats(300, 4 * 3_600),
    typed=st.floats(0.05, 1.0),
    voices=st.sampled_from(["beside", "after", "no"]),
    drafts=st.booleans(),
    pace=st.floats(0.1, 8.0),
    varied=st.lists(st.floats(0.9, 1.1), min_size=9, max_size=9),
)
def test_it_is_within_a_third_after_the_first_minute(
    *, duration: float, typed: float, voices: Beside, drafts: bool, pace: float, varied: list[float]
) -> None:
    """Whatever the machine's pace, if its stages differ by up to a tenth from it."""
    expected = expect(duration, typed=typed, voices=voices, forces=True, drafts=drafts)
    actual = {
        stage: seconds * pace * factor
        for (stage, seconds), factor in zip(expected.seconds.items(), varied, strict=False)
    }

    for at, estimated, true in Run(expected, actual).estimates:
        if at >= FIRST_MINUTE_S and true >= LEAST_LEFT_S:
            assert abs(estimated - true) <= true / 3


def test_stages_that_are_left_out_do_not_count() -> None:
    """What was heard before is not listened to again: the rest is estimated from its own pace."""
    expected = expect(3_600, typed=1.0, voices="after", forces=True, drafts=False)
    actual = {stage: 2 * seconds for stage, seconds in expected.seconds.items() if stage in {VOICES, SAMPLES}}

    for at, estimated, true in Run(expected, actual).estimates:
        if at >= FIRST_MINUTE_S and true >= LEAST_LEFT_S:
            assert estimated == pytest.approx(true, rel=0.1)


@given(alone=st.floats(1, 1_000), beside=st.floats(0, 1_000), share=st.floats(0, 1), more=st.floats(0, 1))
def test_the_part_that_has_passed_grows_with_the_work(alone: float, beside: float, share: float, more: float) -> None:
    """From nothing to all; other stages are as fast at all times."""
    beside = min(beside, alone)
    expected = Expected({LISTENING: alone + beside, TIMING: 10.0}, beside)

    assert expected.part_passed(LISTENING, 0.0) == 0.0
    assert expected.part_passed(LISTENING, 1.0) == pytest.approx(1.0)
    first, second = sorted((share, more))
    assert expected.part_passed(LISTENING, first) <= expected.part_passed(LISTENING, second)
    assert expected.part_passed(TIMING, share) == share


def test_other_steps_pass_without_a_time() -> None:
    """A download, or a stage of unknown length, says nothing about the run."""
    steps: list[Step] = []
    progress = TimeLeft(steps.append, Expected({LISTENING: 60.0}), lambda: 0.0)

    progress(Step("model base", 1, 2, "bytes"))
    progress(Step(LISTENING, 1, None))

    assert [(step.stage, step.left_s) for step in steps] == [("model base", None), (LISTENING, None)]


def test_expected_stages_are_those_of_the_run() -> None:
    """Without voices, forced alignment or drafts, these stages cost nothing; the rest is listening."""
    of_all = expect(600, typed=0.5, voices="after", forces=True, drafts=True).seconds
    of_none = expect(600, typed=0.0, voices="no", forces=False, drafts=True).seconds

    assert {TIMING, TIMING_DRAFT, VOICES} <= of_all.keys()
    assert of_all[TIMING] == pytest.approx(of_all[TIMING_DRAFT])
    assert [*of_none] == [LISTENING]
