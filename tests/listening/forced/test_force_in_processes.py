"""Several processes find what one finds, and an end of one of them, or of the caller, leaves nothing behind."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.listening.forced import force_in_processes as module
from pipeline.listening.forced.force import force
from pipeline.listening.forced.force_in_processes import force_in_processes
from pipeline.matching.forced.stretches import ForcedWord, Stretch
from pipeline.times import Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRUTH
from tests.running_processes import processes_of


@pytest.fixture
def recording() -> Recording:
    """The example."""
    return open_recording(AUDIO)


@pytest.fixture
def stretches() -> list[Stretch]:
    """Eight sentences of the example."""
    found = []
    for one in TRUTH["sentences"][8:16]:
        start, end = (from_seconds(one[edge]) for edge in ("start", "end"))
        keys = one["spoken"].lower().replace(",", "").replace(".", "").replace("'", "").split()
        words = tuple(ForcedWord((key,), is_abbreviation=False, heard=None, optional=False) for key in keys)
        found.append(Stretch(Span(start - 400, start - 100), Span(end + 100, end + 300), words))
    return found


@pytest.fixture(autouse=True)
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes share little sound."""
    monkeypatch.setattr(module, "thread_count", lambda most: min(2, most))
    monkeypatch.setattr(module, "LEAST_SOUND_MS", 0)
    monkeypatch.setattr(module, "JOB_SOUND_MS", 6_000)


def children() -> list[psutil.Process]:
    """The processes that force words."""
    return processes_of(module._MODULE)


def test_the_results_are_those_of_one_process(recording: Recording, stretches: list[Stretch]) -> None:
    """In their order, and no process is left."""
    results = force_in_processes(recording, stretches)
    first = next(results)
    working = children()
    found = [first, *results]

    assert found == list(force(recording, stretches))
    assert len(working) == 2
    assert children() == []


def test_little_sound_is_forced_here(
    recording: Recording, stretches: list[Stretch], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process takes longer to start than the work takes."""
    monkeypatch.setattr(module, "LEAST_SOUND_MS", 3_600_000)
    monkeypatch.setattr(subprocess, "Popen", None)

    assert len(list(force_in_processes(recording, stretches))) == len(stretches)


def test_what_a_killed_process_had_is_forced_here(recording: Recording, stretches: list[Stretch]) -> None:
    """The system may kill one for want of memory: nothing is missing, and nothing waits for it."""
    results = force_in_processes(recording, stretches)
    found = [next(results)]
    for one in children():
        one.kill()
    found += results

    assert found == list(force(recording, stretches))


def test_without_processes_everything_is_forced_here(
    recording: Recording, stretches: list[Stretch], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system may allow no more of them."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(subprocess, "Popen", refuse)

    assert list(force_in_processes(recording, stretches)) == list(force(recording, stretches))


def test_an_error_of_a_process_is_the_callers(recording: Recording, stretches: list[Stretch], tmp_path: Path) -> None:
    """A recording that is gone is told as in one process."""
    gone = replace(recording, path=tmp_path / "gone.mp3")

    with pytest.raises(FileNotFoundError) as raised:
        list(force_in_processes(gone, stretches))
    with pytest.raises(FileNotFoundError) as expected:
        list(force(gone, stretches))

    assert str(raised.value) == str(expected.value)
    assert children() == []


def test_who_stops_early_leaves_no_process(recording: Recording, stretches: list[Stretch]) -> None:
    """As an interrupt from the keyboard does."""

    def interrupted() -> Iterator[None]:
        for _ in force_in_processes(recording, stretches):
            yield
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(interrupted())

    assert children() == []
