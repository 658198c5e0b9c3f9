"""The example episode with the times of another cut or copy of it: each kind is one finding, and is corrected."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.reading.transcript import parse
from pipeline.times import Ms, format_clock, from_seconds, parse_clock
from tests.episodes.kept_hearing import TRANSCRIPT, TRUTH, kept_hearing
from tests.sample_episode import Command

STARTS: list[Ms] = [from_seconds(utterance["start"]) for utterance in TRUTH["utterances"]]
STEP = 9  # the first turn after an advert of 31.5 s that the other cut does not have
ADVERT_MS: Ms = 31_500
RATE = 1.05


def with_times(typed: Callable[[int, Ms], Ms]) -> str:
    """Return the example with a time before each label, given by the turn's index and its true start."""
    source = TRANSCRIPT.read_text(encoding="utf-8")
    for one in reversed(parse(source).utterances):
        time = format_clock(typed(one.index, STARTS[one.index]))
        source = f"{source[: one.time_at]}{time} - {source[one.time_at :]}"
    return source


def typed_times(path: Path) -> list[Ms]:
    """Return the times that stand in a file, in ms."""
    return [claim.at for claim in parse(path.read_text(encoding="utf-8")).claims]


def time_findings(outcome: str) -> list[dict[str, Any]]:
    """Return the findings about typed times of a printed document."""
    found: list[dict[str, Any]] = json.loads(outcome)["findings"]
    return [one for one in found if one["kind"].startswith("time-")]


KINDS: dict[str, tuple[Callable[[int, Ms], Ms], float, float, float]] = {
    "offset": (lambda _, at: at + 20_000, (STARTS[0] + 20_000) // 1_000, -20, 1),
    "step": (lambda k, at: at - (ADVERT_MS if k >= STEP else 0), (STARTS[STEP] - ADVERT_MS) // 1_000, 31.5, 1),
    "rate": (lambda _, at: round(at / RATE), STARTS[0] // RATE // 1_000, STARTS[0] * (1 - 1 / RATE) / 1_000, RATE),
}


@pytest.mark.parametrize("kind", KINDS)
def test_times_that_are_off_together_are_one_finding_and_are_fixed(
    kind: str, workspace: Path, cuemark: Command
) -> None:
    """It has place, amount and rate; after ``--fix-times`` all are right, and a second run changes nothing."""
    typed, place, by, rate = KINDS[kind]
    (workspace / "show.md").write_text(with_times(typed), encoding="utf-8")
    outcome = cuemark("align show.mp3 show.md --json", kept_hearing())
    (found,) = time_findings(outcome.out)
    fixed = cuemark("align show.mp3 show.md --in-place -f md --fix-times")
    once = (workspace / "show.md").read_bytes()
    times = typed_times(workspace / "show.md")
    again = cuemark("align show.mp3 show.md --in-place -f md -f json --fix-times --json")

    assert found["kind"] == "time-offset"
    assert (found["from"], found["until"]) == (place, None)
    assert abs(found["by"] - by) <= 1
    assert abs(found.get("rate", 1) - rate) < 0.005
    assert f"from {format_clock(from_seconds(found['from']))} on, the typed times" in fixed.err
    assert "--fix-times corrects them" in fixed.err
    assert all(abs(at - right) <= 1_500 for at, right in zip(times, STARTS, strict=True))
    assert time_findings(again.out) == []
    assert (workspace / "show.md").read_bytes() == once


def test_right_times_have_no_findings(workspace: Path, cuemark: Command) -> None:
    """The true starts, floored, are right, and stay."""
    (workspace / "show.md").write_text(with_times(lambda _, at: at), encoding="utf-8")
    before = typed_times(workspace / "show.md")
    outcome = cuemark("align show.mp3 show.md --json --fix-times --in-place -f md", kept_hearing())

    assert time_findings(outcome.out) == []
    assert typed_times(workspace / "show.md") == before


def test_the_rest_of_the_file_stays(workspace: Path, cuemark: Command) -> None:
    """Brackets, decimals and hours stay as they are typed, and so does every other byte but the note."""
    source = with_times(lambda _, at: at + 20_000)
    for clock in dict.fromkeys(format_clock(at + 20_000) for at in STARTS):
        source = source.replace(f"{clock} - **", f"[00:0{clock}.00] **")
    (workspace / "show.md").write_text(source, encoding="utf-8")
    cuemark("align show.mp3 show.md --fix-times --in-place -f md", kept_hearing())
    fixed = (workspace / "show.md").read_text(encoding="utf-8")

    def without(text: str) -> list[str]:
        transcript = parse(text)
        cut = [*(claim.chars for claim in transcript.claims), *(note.clock for note in transcript.notes)]
        edges = [0, *(edge for one in sorted(cut) for edge in (one.start, one.end)), len(text)]
        return [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]

    assert without(fixed) == without(source)
    clocks = [fixed[claim.chars.start : claim.chars.end] for claim in parse(fixed).claims]
    assert all(re.fullmatch(r"00:0[0-9]:[0-9]{2}\.[0-9]{2}", clock) for clock in clocks)
    assert all(abs(parse_clock(clock) - right) <= 1_500 for clock, right in zip(clocks, STARTS, strict=True))
