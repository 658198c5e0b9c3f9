from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.ledger_rows import RequestedEpisode
from pipeline.batch.messages import Job, Outcome, Refusal
from pipeline.batch.reports.live_display import MAX_LISTED_REFUSALS, Estimate, LineDisplay, describe
from pipeline.progress import Step
from tests.batch.ledger_lines import waiting


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
        (Outcome("finish", figures={"drafted_words": 7}), "finished in 0.0 s; 7 words drafted"),
        (Outcome("draft", error="a\nb"), "failed: a b"),
    ],
)
def test_an_outcome_is_one_line(outcome: Outcome, line: str) -> None:
    """The line says what was done, how long it took, and what is left to do."""
    assert describe(outcome) == line


def test_an_unknown_size_is_not_zero() -> None:
    """Episodes of unknown size count the same, and a length from the feed counts before the file's size."""
    shown, _ = display(Clock())
    known = RequestedEpisode(Job("c", "c.mp3", length=7), "key", files={"audio": "100 bytes, 1"})
    shown.planned({"waiting": 3}, [requested("a", "as published"), requested("b"), known], [])

    assert shown._estimate.sizes == {"a": 1.0, "b": 100.0, "c": 7.0}
