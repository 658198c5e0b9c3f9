from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from pipeline.batch.ledger import Ledger
from pipeline.batch.messages import Job, Plan
from pipeline.commands.batch import LEDGER as NAME
from tests.batch.batch_program import make_episodes, plan_folder, run
from tests.batch.fake_engines_by_name import HEARD_LOG, SLOWNESS
from tests.running_processes import command_line
from tests.sample_episode import ROOT, environment

pytestmark = pytest.mark.usefixtures("warm_workers")  # in the runs of this process; those that are killed are programs


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of completed transcriptions."""
    path = tmp_path / "heard.log"
    path.touch()
    monkeypatch.setenv(HEARD_LOG, str(path))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the episodes."""
    return tmp_path / "episodes"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of the results."""
    return tmp_path / "out"


def heard(log: Path) -> list[str]:
    """Return the transcribed files, in order."""
    return log.read_text().split()


def test_a_broken_episode_fails_alone(folder: Path, out: Path, log: Path) -> None:
    """All other episodes are done, and the broken one is reported with its error."""
    make_episodes(folder, 6, broken=1)
    lines: list[str] = []

    counts = run(folder, out, report=lines.append)

    assert counts == {"done": 5, "failed": 1}
    assert sorted(heard(log)) == [f"00{k}.mp3" for k in range(1, 6)]
    assert sorted(path.name for path in out.glob("*.srt")) == [f"00{k}.srt" for k in range(1, 6)]
    assert lines[0] == "batch: 6 episodes: 6 to do"
    assert sum("aligned in " in line for line in lines) == 5
    assert [line.partition(": ")[2].partition("; about ")[0] for line in lines if "failed" in line] == [
        f"failed: {folder / '000.mp3'}: is not audio"
    ]


def test_a_second_run_of_an_unchanged_folder_does_nothing(folder: Path, out: Path, log: Path) -> None:
    """Nothing is transcribed or written again if no file and no option has changed."""
    make_episodes(folder, 3, broken=1)
    run(folder, out)
    before, times = heard(log), {path: path.stat().st_mtime_ns for path in out.glob("*.srt")}
    lines: list[str] = []

    counts = run(folder, out, report=lines.append)

    assert counts == {"done": 2, "failed": 1}
    assert lines == ["batch: 3 episodes: 2 done before, 1 failed before (--retry-failed tries them again)"]
    assert (heard(log), {path: path.stat().st_mtime_ns for path in out.glob("*.srt")}) == (before, times)


def test_a_changed_transcript_is_aligned_again_without_transcription(folder: Path, out: Path, log: Path) -> None:
    """Only the changed transcript is aligned again, with the stored words of the audio."""
    make_episodes(folder, 2)
    run(folder, out)
    changed = (folder / "001.md").read_text().replace("**Ann**", "**Annabel**")
    (folder / "001.md").write_text(changed)

    run(folder, out)

    assert len(heard(log)) == 2
    assert "**Annabel**" in (out / "001.timed.md").read_text()


def test_failed_episodes_are_retried_on_request_or_change(folder: Path, out: Path, log: Path) -> None:
    """Failed episodes are processed again with ``retry``, and without it if their files changed."""
    make_episodes(folder, 2, broken=2)
    run(folder, out)
    run(folder, out, retry=True)
    with Ledger(out / NAME) as ledger:
        assert [entry.attempts for entry in ledger.entries()] == [2, 2]

    make_episodes(folder, 2, broken=1)
    counts = run(folder, out)

    assert counts == {"done": 1, "failed": 1}
    assert heard(log) == ["001.mp3"]


def test_an_edited_result_is_not_replaced(folder: Path, out: Path, log: Path) -> None:
    """The episode fails with a reason, and the edited file stays as it is."""
    make_episodes(folder, 1)
    run(folder, out)
    (out / "000.srt").write_text("mine")
    (folder / "000.md").write_text((folder / "000.md").read_text() + "\n")
    lines: list[str] = []

    assert run(folder, out, report=lines.append) == {"failed": 1}
    assert (out / "000.srt").read_text() == "mine"
    assert "is not as cuemark left it" in lines[-1]
    assert heard(log) == ["000.mp3"]


def test_a_missing_result_is_written_again(folder: Path, out: Path, log: Path) -> None:
    """A removed result is written again, with the stored words of the audio."""
    make_episodes(folder, 2)
    run(folder, out)
    (out / "001.srt").unlink()

    assert run(folder, out) == {"done": 2}
    assert (out / "001.srt").exists()
    assert len(heard(log)) == 2


def test_results_of_another_recording_are_not_replaced(folder: Path, out: Path, log: Path) -> None:
    """An episode is refused if its results would replace those of another recording of the same name."""
    make_episodes(folder, 1)
    run(folder, out)
    before = (out / "000.srt").read_bytes()
    other = folder.with_name("other")
    make_episodes(other, 2)
    (other / "000.mp3").write_text("something else is said here by other people about another thing")
    lines: list[str] = []

    assert run(other, out, report=lines.append) == {"done": 1, "refused": 1}
    assert f"not taken: {other / '000.mp3'}: the results of {folder / '000.mp3'} have this name here" in lines[1]
    assert (out / "000.srt").read_bytes() == before
    assert heard(log) == ["000.mp3", "001.mp3"]


def test_a_moved_folder_is_not_processed_again(folder: Path, out: Path, log: Path) -> None:
    """The episodes of a renamed folder are recognized, and nothing is done again."""
    make_episodes(folder, 2)
    run(folder, out)
    moved = folder.rename(folder.with_name("moved"))

    assert run(moved, out) == {"done": 2}
    assert len(heard(log)) == 2


def test_an_episode_that_kills_its_processes_fails_alone(folder: Path, out: Path, log: Path) -> None:
    """An episode that kills one process after the other fails, and the others are done."""
    make_episodes(folder, 4)
    (folder / "001.mp3").write_text("deadly")
    lines: list[str] = []

    assert run(folder, out, report=lines.append) == {"done": 3, "failed": 1}
    assert sorted(heard(log)) == ["000.mp3", "002.mp3", "003.mp3"]
    assert any("the process that worked on it ended 3 times" in line for line in lines)


def start(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    """Start a run as a separate program."""
    words = [sys.executable, "-m", "tests.batch.batch_program", str(folder), str(out)]
    return subprocess.Popen(words, env=environment(), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def await_heard(log: Path, number: int) -> None:
    """Wait until ``number`` files were transcribed."""
    end = time.monotonic() + 60
    while len(heard(log)) < number:
        assert time.monotonic() < end, "no further file was transcribed"
        time.sleep(0.02)


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the worker processes of a run, without Python's resource tracker."""
    try:
        children = psutil.Process(process.pid).children()
    except psutil.NoSuchProcess:
        return []
    return [child for child in children if any("spawn_main" in word for word in command_line(child))]


def test_two_hundred_episodes_through_three_kills(
    folder: Path, out: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch completes through three kill -9, and only episodes that were running then are transcribed twice."""
    make_episodes(folder, 200, broken=10)
    monkeypatch.setenv(SLOWNESS, "0.02")
    for number in (20, 70, 120):
        with start(folder, out) as process:
            await_heard(log, number)
            os.kill(process.pid, signal.SIGKILL)
    counts = run(folder, out)

    assert counts == {"done": 190, "failed": 10}
    times = Counter(heard(log))
    assert len(times) == 190
    assert sum(times.values()) <= 190 + 3 * 2
    assert len(list(out.glob("*.timed.md"))) == len(list(out.glob("*.srt"))) == 190
    with Ledger(out / NAME) as ledger:
        entries = {entry.job.name: entry for entry in ledger.entries()}
    assert [name for name, entry in entries.items() if entry.error] == [f"{k:03}" for k in range(10)]
    assert all(entry.attempts <= 4 for entry in entries.values())


def test_no_process_outlives_a_killed_run(folder: Path, out: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every worker process exits when the run is killed with kill -9, even in the middle of an episode."""
    make_episodes(folder, 2)
    monkeypatch.setenv(SLOWNESS, "30")
    with start(folder, out) as process:
        end = time.monotonic() + 60
        while len(workers := workers_of(process)) < 2:
            assert time.monotonic() < end
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    end = time.monotonic() + 60  # one that is still being started looks for its parent when it has started
    while any(worker.is_running() for worker in workers):
        assert time.monotonic() < end
        time.sleep(0.05)

    assert heard(log) == []


def test_a_killed_worker_is_replaced(folder: Path, out: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The episode of a killed worker is processed by another one, and all episodes are done."""
    make_episodes(folder, 6)
    monkeypatch.setenv(SLOWNESS, "0.5")
    with start(folder, out) as process:
        await_heard(log, 1)
        busiest = max(workers_of(process), key=lambda worker: worker.cpu_times().user)
        busiest.kill()  # certainly started: the run ends if its first process cannot start
        assert process.wait(60) == 0

    with Ledger(out / NAME) as ledger:
        assert {entry.state for entry in ledger.entries()} == {"done"}


def test_two_runs_share_the_episodes_of_a_folder(
    folder: Path, out: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each episode is done once, and both runs end."""
    make_episodes(folder, 30)
    monkeypatch.setenv(SLOWNESS, "0.05")
    with start(folder, out) as first, start(folder, out) as second:
        assert (first.wait(90), second.wait(90)) == (0, 0)

    assert sorted(heard(log)) == [f"{k:03}.mp3" for k in range(30)]
    assert len(list(out.glob("*.srt"))) == 30


def test_only_new_episodes_are_processed(folder: Path, out: Path, log: Path) -> None:
    """A second run processes only the episodes that were added since the first."""
    make_episodes(folder, 1)
    run(folder, out)
    make_episodes(folder, 3)

    run(folder, out)

    assert heard(log)[0] == "000.mp3"
    assert sorted(heard(log)) == ["000.mp3", "001.mp3", "002.mp3"]


def test_an_episode_with_invalid_options_is_refused_alone(folder: Path, out: Path, log: Path) -> None:
    """The episode with invalid options of its own is reported, and the others are done."""
    make_episodes(folder, 2)
    first, second = plan_folder(folder).jobs
    wrong = Job(first.name, first.audio, first.transcript, options={"transcribe.device": "abacus"})
    lines: list[str] = []

    counts = run(folder, out, report=lines.append, find_plan=lambda: Plan((wrong, second)))

    assert counts == {"done": 1, "refused": 1}
    assert "not taken: 000: --device: transcribe.device has no choice" in lines[1]
    assert heard(log) == ["001.mp3"]
