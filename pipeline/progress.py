"""Progress of long stages: a callback that the caller passes in; no stage prints.

The stages of a whole run are named here, with what each usually costs, so that the time that is left of the run is
known before its later stages have begun.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

LISTENING = "listening"
LISTENING_AGAIN = "listening again"
SCORING = "scoring the sounds"
TIMING = "timing words"
COMPARING = "comparing words with the sound"
READING = "reading the audio"
TURNS = "finding turns"
VOICES = "comparing voices"
SAMPLES = "sampling voices"
TIMING_DRAFT = "timing the draft"

_BESIDE = 0.035
"""What listening takes longer while another process separates the speakers."""

_COSTS = {
    LISTENING: 0.055,
    LISTENING_AGAIN: 0.005,
    SCORING: 0.003,
    TIMING: 0.015,
    COMPARING: 0.001,
    TURNS: 0.010,
    VOICES: 0.010,
    SAMPLES: 0.012,
    TIMING_DRAFT: 0.015,
}
"""The seconds that each stage takes for a second of audio, in the order of the stages, where all is typed. Measured
with ``scripts/benchmark_speed.py`` on two cores; on another machine their ratios matter, and these change less."""

_OF_TEXT = (LISTENING_AGAIN, SCORING, TIMING, COMPARING)
_OF_VOICES = (TURNS, VOICES, SAMPLES)

_PRIOR_S = 5.0
"""So many seconds of work at the usual pace are added to what was measured: a stage's first steps say little."""

_OWN_SHARE = 0.1
"""From this share on, a stage's own pace says how long the rest of it takes. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage's progress: ``done`` of ``total`` (None if it is not known), in ``unit``.

    Attributes:
        left_s: the estimated seconds to the end of the whole run; None if it is not known.
    """

    stage: str
    done: float
    total: float | None
    unit: Literal["bytes", "ms", "steps"] = "steps"
    left_s: float | None = field(default=None, compare=False)

    @property
    def share(self) -> float:
        """The part of the stage that is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


Progress = Callable[[Step], None]
"""Called repeatedly; the first call with a stage's name starts it, ``done == total`` ends it."""


def silent(step: Step) -> None:
    """Ignore the progress."""


def expected_seconds(
    duration_s: float, *, typed: float, voices: Literal["beside", "after", "no"], forces: bool, drafts: bool
) -> dict[str, float]:
    """Return how long each stage of a run usually takes, in seconds, in the order of the stages.

    Args:
        duration_s: of the audio.
        typed: the part of it that is typed, 0 to 1.
        voices: when the speakers are separated: beside listening, after it, or not.
        forces: whether word times come from forced alignment.
        drafts: whether what is not typed is drafted.
    """
    shares = dict.fromkeys(_COSTS, 1.0)
    shares |= dict.fromkeys(_OF_TEXT, typed)
    if voices != "after":
        shares |= dict.fromkeys(_OF_VOICES, 0.0)
    if not forces:
        shares |= dict.fromkeys((SCORING, TIMING, COMPARING, TIMING_DRAFT), 0.0)
    shares[TIMING_DRAFT] *= (1 - typed) * drafts
    costs = {**_COSTS, LISTENING: _COSTS[LISTENING] + _BESIDE * (voices == "beside")}
    return {stage: duration_s * cost * shares[stage] for stage, cost in costs.items() if shares[stage]}


def seconds_at_own_pace(elapsed: float, before: float, share: float) -> float:
    """Return the seconds that a stage still takes, if it went from ``before`` to ``share`` in ``elapsed`` seconds.

    >>> seconds_at_own_pace(30.0, 0.25, 0.5)
    60.0
    """
    return elapsed * (1 - share) / (share - before)


class TimeLeft:
    """A ``Progress`` that passes each step on, with the time that is left of the run.

    The pace of what is done so far, against what was expected of it, is that of the stages to come. Stages that are
    left out count for nothing.

    Args:
        progress: gets the steps.
        expected: how long each stage usually takes, in their order (see ``expected_seconds``).
        now: a monotonic clock, in seconds.
    """

    def __init__(
        self, progress: Progress, expected: Mapping[str, float], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._progress, self._expected, self._now = progress, expected, now
        self._order = [*expected]
        self._begun: dict[str, tuple[float, float]] = {}  # when a stage was first reported, and its share then
        self._share: dict[str, float] = {}

    def __call__(self, step: Step) -> None:
        """Pass a step on."""
        if step.stage not in self._expected or step.total is None:
            self._progress(step)
            return
        now = self._now()
        self._begun.setdefault(step.stage, (now, step.share))
        self._share[step.stage] = step.share
        self._progress(replace(step, left_s=self._left(step.stage, now)))

    def _left(self, current: str, now: float) -> float:
        """Return the seconds from now to the end of the last stage."""
        place = self._order.index(current)
        began, share = min(self._begun.values())[0], self._share[current]
        earlier = sum(self._expected[stage] for stage in self._order[:place] if stage in self._begun)
        done = earlier + self._expected[current] * share
        pace = (now - began + _PRIOR_S) / (done + _PRIOR_S)
        own = pace * self._expected[current] * (1 - share)
        at, share_then = self._begun[current]
        if share - share_then >= _OWN_SHARE:
            own = seconds_at_own_pace(now - at, share_then, share)
        later = ((stage, 1 - self._share.get(stage, 0.0)) for stage in self._order[place + 1 :])
        return own + pace * sum(self._expected[stage] * share_left for stage, share_left in later)
