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

_BESIDE = 0.022
"""What listening takes longer while another process separates the speakers. That takes half of the cores: see
``Expected.part_passed``."""

_COSTS = {
    LISTENING: 0.052,
    LISTENING_AGAIN: 0.0025,
    SCORING: 0.001,
    TIMING: 0.010,
    COMPARING: 0.0005,
    TURNS: 0.005,
    VOICES: 0.009,
    SAMPLES: 0.007,
    TIMING_DRAFT: 0.010,
}
"""The seconds that each stage takes for a second of audio, in the order of the stages, where all is typed. Measured on
an hour of podcasts with two cores; on another machine their ratios matter, and these change less."""

_OF_TEXT = (LISTENING_AGAIN, SCORING, TIMING, COMPARING)
_OF_VOICES = (TURNS, VOICES, SAMPLES)

_PRIOR_S = 5.0
"""So many seconds of work at the usual pace are added to what was measured: a stage's first steps say little."""

_OWN_PART = 0.5
"""From this part on, a stage's own pace alone says how long the rest of it takes; before, it has a share in that, since
a stage's first steps may wait for processes that start. Chosen by hand."""


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


@dataclass(frozen=True, slots=True)
class Expected:
    """How long the stages of a run usually take.

    Attributes:
        seconds: of each stage, in the order of the stages.
        beside: by how many of these listening takes longer because the speakers are separated beside it.
    """

    seconds: Mapping[str, float]
    beside: float = 0.0

    def part_passed(self, stage: str, share: float) -> float:
        """Return the part of a stage's time, 0 to 1, that has passed when a share of its work is done.

        Listening takes twice its time until the speakers are separated, which happens at first.

        >>> expected = Expected({LISTENING: 100.0}, beside=30.0)  # it would take 70 s by itself
        >>> [expected.part_passed(LISTENING, share) for share in (0.0, 0.3, 0.5, 1.0)]
        [0.0, 0.42, 0.65, 1.0]
        """
        if stage != LISTENING or not self.beside:
            return share
        alone = self.seconds[stage] - self.beside
        return min(2 * alone * share, alone * share + self.beside) / self.seconds[stage]


def expect(
    duration_s: float, *, typed: float, voices: Literal["beside", "after", "no"], forces: bool, drafts: bool
) -> Expected:
    """Return how long each stage of a run usually takes.

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
    beside = _BESIDE * (voices == "beside")
    costs = {**_COSTS, LISTENING: _COSTS[LISTENING] + beside}
    seconds = {stage: duration_s * cost * shares[stage] for stage, cost in costs.items() if shares[stage]}
    return Expected(seconds, duration_s * beside)


def seconds_at_own_pace(elapsed: float, before: float, part: float) -> float:
    """Return the seconds that a stage still takes, if it went from ``before`` to ``part`` in ``elapsed`` seconds.

    >>> seconds_at_own_pace(30.0, 0.25, 0.5)
    60.0
    """
    return elapsed * (1 - part) / (part - before)


class TimeLeft:
    """A ``Progress`` that passes each step on, with the time that is left of the run.

    The pace of what is done so far, against what was expected of it, is that of the stages to come. Stages that are
    left out count for nothing.

    Args:
        progress: gets the steps.
        expected: how long each stage usually takes (see ``expect``).
        now: a monotonic clock, in seconds.
    """

    def __init__(self, progress: Progress, expected: Expected, now: Callable[[], float] = time.monotonic) -> None:
        self._progress, self._expected, self._now = progress, expected, now
        self._order = [*expected.seconds]
        self._begun: dict[str, tuple[float, float]] = {}  # when a stage was first reported, and its part then
        self._part: dict[str, float] = {}

    def __call__(self, step: Step) -> None:
        """Pass a step on."""
        if step.stage not in self._expected.seconds or step.total is None:
            self._progress(step)
            return
        now, part = self._now(), self._expected.part_passed(step.stage, step.share)
        self._begun.setdefault(step.stage, (now, part))
        self._part[step.stage] = part
        self._progress(replace(step, left_s=self._left(step.stage, now)))

    def _left(self, current: str, now: float) -> float:
        """Return the seconds from now to the end of the last stage."""
        place, seconds = self._order.index(current), self._expected.seconds
        began, part = min(self._begun.values())[0], self._part[current]
        earlier = sum(seconds[stage] for stage in self._order[:place] if stage in self._begun)
        done = earlier + seconds[current] * part
        pace = (now - began + _PRIOR_S) / (done + _PRIOR_S)
        own = pace * seconds[current] * (1 - part)
        at, part_then = self._begun[current]
        if part > part_then:
            weight = min(1.0, (part - part_then) / _OWN_PART)
            own += weight * (seconds_at_own_pace(now - at, part_then, part) - own)
        later = ((stage, 1 - self._part.get(stage, 0.0)) for stage in self._order[place + 1 :])
        return own + pace * sum(seconds[stage] * part_left for stage, part_left in later)
