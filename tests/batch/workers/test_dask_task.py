from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.batch.messages import Outcome, Task
from pipeline.batch.workers import dask_task
from pipeline.errors import AudioError
from pipeline.progress import Progress, Step
from tests.batch.worker_jobs import task

Event = tuple[str, list[object]]


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """The events that this process, in the place of a Dask worker, sends to the run."""
    sent: list[Event] = []
    worker = SimpleNamespace(log_event=lambda topic, message: sent.append((topic, message)))
    monkeypatch.setattr(dask_task, "get_worker", lambda: worker)
    monkeypatch.setattr(dask_task, "_cancelled_runs", set())
    return sent


def report_hundred_steps(_task: Task, progress: Progress) -> Outcome:
    """Report each of a hundred steps of one stage."""
    for done in range(101):
        progress(Step("listening", done, 100, "ms"))
    return Outcome("align")


def test_a_stage_sends_its_first_and_last_step(events: list[Event]) -> None:
    """The start of the episode, and the first and last step of a stage are sent; steps in quick succession are not."""
    assert dask_task.run_episode(report_hundred_steps, "run", 7, task("a", "out")) == Outcome("align")
    assert events == [
        ("run", [7]),
        ("run", [7, "listening", 0, 100, "ms"]),
        ("run", [7, "listening", 100, 100, "ms"]),
    ]


def test_a_cancelled_run_stops_its_episode_at_the_next_step(events: list[Event]) -> None:
    """The work is stopped even if it handles every ``Exception``, and other runs go on."""

    def cancel_and_go_on(_task: Task, progress: Progress) -> Outcome:
        dask_task.cancel_run("run")
        try:
            progress(Step("listening", 1, 2))
        except Exception:  # noqa: BLE001 -- as the work on a real episode does
            return Outcome("align", error="handled")
        return Outcome("align")

    assert dask_task.run_episode(cancel_and_go_on, "run", 1, task("a", "out")) is None
    assert dask_task.run_episode(cancel_and_go_on, "run", 2, task("b", "out")) is None
    assert dask_task.run_episode(report_hundred_steps, "other", 3, task("c", "out")) == Outcome("align")
    assert [message for _, message in events if len(message) == 1] == [[1], [3]]


def test_an_error_frees_the_process_for_the_next_episode(events: list[Event]) -> None:
    """An error of the work reaches Dask, and does not block the next episode."""

    def fail(_task: Task, _progress: Progress) -> Outcome:
        raise AudioError(Path("a.mp3"), "is not audio")

    with pytest.raises(AudioError, match="is not audio"):
        dask_task.run_episode(fail, "run", 1, task("a", "out"))
    assert dask_task.run_episode(report_hundred_steps, "run", 2, task("b", "out")) == Outcome("align")
    assert [message for _, message in events if len(message) == 1] == [[1], [2]]
