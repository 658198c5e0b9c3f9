from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.batch.messages import Job, Plan
from pipeline.batch.settled_files import SETTLED_S, FileMonitor


@dataclass
class Clock:
    """A clock that a test moves on."""

    at: float = 0.0

    def __call__(self) -> float:
        """Tell what it shows."""
        return self.at


def taken(monitor: FileMonitor, plan: Plan) -> list[str]:
    """The names of what is whole."""
    growing = monitor.growing(plan)
    return [job.name for job in plan.jobs if job.name not in growing]


def test_a_growing_file_is_not_taken(tmp_path: Path) -> None:
    """Takes an episode when neither of its files has changed for ten seconds, and not before."""
    audio, text = tmp_path / "a.mp3", tmp_path / "a.md"
    audio.write_bytes(b"1")
    text.write_text("1")
    plan = Plan((Job("a", str(audio), str(text)),))
    clock = Clock()
    monitor = FileMonitor(clock)

    assert taken(monitor, plan) == []
    clock.at = SETTLED_S - 1
    audio.write_bytes(b"12")
    assert taken(monitor, plan) == []
    clock.at = SETTLED_S + 1
    assert taken(monitor, plan) == []
    clock.at = 2 * SETTLED_S - 1
    assert taken(monitor, plan) == ["a"]
    text.write_text("12")
    assert taken(monitor, plan) == []


def test_one_growing_file_keeps_no_other_back(tmp_path: Path) -> None:
    """Takes the others, what lies at addresses at once, and what is not there, so that it is told."""
    growing, whole = tmp_path / "a.mp3", tmp_path / "b.mp3"
    growing.write_bytes(b"1")
    whole.write_bytes(b"1")
    there = Job("c", "s3://show/c.mp3")
    plan = Plan((Job("a", str(growing)), Job("b", str(whole)), there, Job("d", str(tmp_path / "none.mp3"))))
    clock = Clock()
    monitor = FileMonitor(clock)

    assert taken(monitor, plan) == ["c"]
    clock.at = SETTLED_S
    growing.write_bytes(b"12")
    assert taken(monitor, plan) == ["b", "c", "d"]
