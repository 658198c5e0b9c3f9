from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.ledger_rows import RequestedEpisode
from pipeline.batch.messages import Job, Outcome, Refusal
from pipeline.batch.reports.live_display import (
    MAX_LISTED_REFUSALS,
    Estimate,
    LineDisplay,
    describe,
)
from pipeline.console.output import format_estimate
from pipeline.progress import Step
from tests.batch.ledger_lines import waiting
from tests.terminal import run_on_terminal


@dataclass
class Clock:
    """A clock that a test sets."""

    at: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.at


def requested(name: str, audio: str = "100 bytes, 1") -> RequestedEpisode:
    """An episode with an audio file of this fingerprint."""
    return RequestedEpisode(Job(name, f"{name}.mp3"), "key", files={"audio": audio})


def display(clock: Clock) -> tuple[LineDisplay, list[str]]:
    """A display, and the lines that it prints."""
    lines: list[str] = []
    return LineDisplay(Estimate(clock), lines.append), lines


def test_the_estimate_is_proportional_to_the_audio() -> None:
    """After a quarter of the bytes in ten seconds, thirty seconds remain."""
    clock = Clock()
    estimate = Estimate(clock)
    estimate.expect({"a": 100.0, "b": 300.0})
    estimate.advance("a", 0.0)
    assert estimate.remaining_s is None

    clock.at = 10.0
    estimate.settle("a", failed=False)
    assert estimate.remaining_s == pytest.approx(30.0)

    estimate.advance("b", 0.5)
    assert estimate.share == pytest.approx(250 / 400)


def test_a_failure_is_no_measure_of_the_work() -> None:
    """A failed episode leaves the whole work, instead of counting as work done in no time."""
    estimate = Estimate(Clock())
    estimate.expect({"a": 100.0, "b": 300.0})
    estimate.advance("a", 0.5)
    estimate.settle("a", failed=True)

    assert (estimate.share, estimate.remaining_s) == (0.0, None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1)), max_size=20))
def test_the_share_never_decreases_while_episodes_advance(steps: list[tuple[str, float]]) -> None:
    """A second pass over an episode's audio does not move its share back."""
    estimate = Estimate(Clock())
    estimate.expect({"a": 1.0, "b": 2.0, "c": 3.0})
    shares = [0.0]
    for name, share in steps:
        estimate.advance(name, share)
        shares.append(estimate.share)

    assert shares == sorted(shares)
    assert shares[-1] <= 1.0


def of_feed(name: str, length: int | None) -> RequestedEpisode:
    """An episode whose publisher states this length."""
    return RequestedEpisode(Job(name, f"https://e.org/{name}", length=length), "key", files={"audio": "as published"})


@pytest.mark.parametrize("length", [None, 0, 1, 1_024, 9_999, 10**15])
def test_a_placeholder_is_no_length(length: int | None) -> None:
    """Lengths that no episode has are unknown."""
    shown, _ = display(Clock())
    shown.planned({"waiting": 2}, [of_feed("a", length), of_feed("b", 50_000_000)], [])

    assert shown._estimate.sizes == {"a": None, "b": 50_000_000.0}


def test_the_time_left_is_not_made_of_placeholders() -> None:
    """After one of a hundred episodes of unknown length, 99 times as much time is left, not millions of hours."""
    clock = Clock()
    shown, lines = display(clock)
    unknown = [of_feed(f"e{number}", 1) for number in range(50)]
    known = [of_feed(f"k{number}", 50_000_000 + number) for number in range(50)]
    shown.planned({"waiting": 100}, [*unknown, *known], [])
    shown.began(waiting("e0"))
    clock.at = 60.0
    shown.settled("e0", Outcome("draft", figures={"seconds": 60.0, "drafted_words": 9}))

    assert lines[-1].endswith(f"about {format_estimate(99 * 60)} left")


def test_the_real_size_counts_as_soon_as_it_is_known() -> None:
    """A download tells how large the audio is, and the others that are unknown count as the mean."""
    clock = Clock()
    shown, lines = display(clock)
    shown.planned({"waiting": 3}, [of_feed("a", 20_000), of_feed("b", None), of_feed("c", 90_000_000)], [])
    shown.began(waiting("a"))
    shown.stepped("a", Step("downloading", 1, 30_000_000, "bytes"))
    clock.at = 60.0
    shown.settled("a", Outcome("draft", figures={"seconds": 60.0, "drafted_words": 9}))

    assert lines[-1].endswith(f"about {format_estimate(60 * (60 + 90) / 30)} left")


def test_a_run_is_displayed_line_by_line() -> None:
    """The plan, each outcome with the remaining time and each new warning once, and the end have a line."""
    clock = Clock()
    shown, lines = display(clock)
    shown.planned({"waiting": 2, "done": 1, "failed": 1}, [requested("a"), requested("b")], [])
    shown.began(waiting("a"))
    shown.stepped("a", Step("listening", 1, 2, "ms"))
    clock.at = 100.0
    shown.settled("a", Outcome("draft", figures={"seconds": 100.0, "drafted_words": 1234}, warnings=("odd\nfile",)))
    shown.began(waiting("b"))
    shown.settled("b", Outcome("align", error="b.mp3: is damaged", warnings=("odd\nfile",)))
    shown.remark("something\nelse")
    shown.ended({"done": 2, "failed": 2})

    assert lines == [
        "batch: 4 episodes: 2 to do, 1 done before, 1 failed before (--retry-failed tries them again)",
        "[1/2] a: drafted in 2 min; 1234 words drafted; odd file; about 2 min left",
        "[2/2] b: failed: b.mp3: is damaged",
        "something else",
        "batch: 2 done, 2 failed; cuemark batch status shows each",
    ]


def test_refusals_are_listed_once_and_up_to_a_limit() -> None:
    """Only new refusals are printed, and a line counts those above the limit."""
    shown, lines = display(Clock())
    refusals = [Refusal(f"{number}.mp3", "no text") for number in range(MAX_LISTED_REFUSALS + 3)]
    shown.planned({"refused": len(refusals)}, [], refusals)
    first = list(lines)
    shown.planned({"refused": len(refusals)}, [], refusals)

    assert lines == first
    assert first[1] == "  not taken: 0.mp3: no text"
    assert (len(first), first[-1]) == (
        MAX_LISTED_REFUSALS + 2,
        "  … and 3 more, all of them on the summary page",
    )


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (
            Outcome("align", figures={"seconds": 42, "continue_at": 1805.25}, findings={"not-heard": 1}),
            "aligned in 42 s; note 30:05; 1 thing to look at",
        ),
        (
            Outcome("align", figures={"seconds": 1, "continue_at": None, "complete": True}, findings={"note-moved": 2}),
            "aligned in 1.0 s; the transcript is complete",
        ),
        (Outcome("align"), "aligned in 0.0 s; note not moved, because nothing was found"),
        (
            Outcome("align", figures={"coverage": 0.6}, findings={"incomplete-audio": 1}),
            (
                "aligned in 0.0 s; note not moved, because all that is heard is typed, and the audio is an incomplete "
                "download; 1 thing to look at"
            ),
        ),
        (Outcome("finish", figures={"drafted_words": 7}), "finished in 0.0 s; 7 words drafted"),
        (Outcome("draft", error="a\nb"), "failed: a b"),
    ],
)
def test_an_outcome_is_one_line(outcome: Outcome, line: str) -> None:
    """The line says what was done, how long it took, and what is left to do."""
    assert describe(outcome) == line


def test_an_unknown_size_is_not_zero() -> None:
    """An episode of unknown size counts as the mean of the others, and a file's size before a stated length."""
    shown, _ = display(Clock())
    known = RequestedEpisode(Job("c", "c.mp3", length=7), "key", files={"audio": "100 bytes, 1"})
    shown.planned({"waiting": 3}, [requested("a", "as published"), requested("b"), known], [])

    assert shown._estimate.sizes == {"a": None, "b": 100.0, "c": 100.0}


ON_A_TERMINAL = """
from pipeline.batch.messages import Outcome
from pipeline.batch.reports.live_display import display_on_stderr
from pipeline.progress import Step
from tests.batch.ledger_lines import waiting
from tests.batch.reports.test_live_display import requested

with display_on_stderr() as display:
    display.planned({"waiting": 1}, [requested("a\\x1b[2Jb", "10 bytes, 1")], [])
    display.began(waiting("a\\x1b[2Jb"))
    display.stepped("a\\x1b[2Jb", Step("listening", 5, 10, "ms"))
    display.settled("a\\x1b[2Jb", Outcome("align", error="is\\x07 damaged"))
    display.ended({"failed": 1})
"""


def test_bars_on_a_terminal() -> None:
    """Draws a bar for each episode and one for all on a terminal, without control characters of a name."""
    status, _, shown = run_on_terminal([sys.executable, "-c", ON_A_TERMINAL], variables={"COLUMNS": "80"})

    assert status == 0, shown
    assert "a\N{REPLACEMENT CHARACTER}[2Jb: failed: is\N{REPLACEMENT CHARACTER} damaged" in shown
    assert "1 of 1" in shown
    assert "\x1b[2J" not in shown
    assert "\x07" not in shown
