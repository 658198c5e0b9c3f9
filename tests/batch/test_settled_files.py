from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.batch.messages import Job, Plan
from pipeline.batch.settled_files import SETTLED_S, FileMonitor


@dataclass
class Clock:
    """A clock that a test sets."""

    at: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.at


def complete(monitor: FileMonitor, plan: Plan) -> list[str]:
    """Return the names of the episodes whose files are complete."""
    growing = monitor.growing(plan)
    return [job.name for job in plan.jobs if job.name not in growing]


def test_an_episode_is_complete_when_its_files_stop_changing(tmp_path: Path) -> None:
    """An episode is complete only if neither of its files has changed for ``SETTLED_S``."""
    audio, text = tmp_path / "a.mp3", tmp_path / "a.md"
    audio.write_bytes(b"1")
    text.write_text("1")
    plan = Plan((Job("a", str(audio), str(text)),))
    clock = Clock()
    monitor = FileMonitor(clock)

    assert complete(monitor, plan) == []
    clock.at = SETTLED_S - 1
    audio.write_bytes(b"12")
    assert complete(monitor, plan) == []
    clock.at = SETTLED_S + 1
    assert complete(monitor, plan) == []
    clock.at = 2 * SETTLED_S - 1
    assert complete(monitor, plan) == ["a"]
    text.write_text("12")
    assert complete(monitor, plan) == []


def test_a_growing_file_delays_only_its_own_episode(tmp_path: Path) -> None:
    """Other episodes, files at addresses, and missing files, which must be reported, are not delayed."""
    growing, whole = tmp_path / "a.mp3", tmp_path / "b.mp3"
    growing.write_bytes(b"1")
    whole.write_bytes(b"1")
    there = Job("c", "s3://show/c.mp3")
    plan = Plan((Job("a", str(growing)), Job("b", str(whole)), there, Job("d", str(tmp_path / "none.mp3"))))
    clock = Clock()
    monitor = FileMonitor(clock)

    assert complete(monitor, plan) == ["c"]
    clock.at = SETTLED_S
    growing.write_bytes(b"12")
    assert complete(monitor, plan) == ["b", "c", "d"]
