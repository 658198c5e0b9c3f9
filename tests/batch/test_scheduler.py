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
from tests.batch.batch_program import make, plan, run
from tests.batch.fake_engines_by_name import HEARD_LOG, SLOWNESS
from tests.sample_episode import ROOT, environment


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says what was listened to."""
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
    """What was listened to, in order."""
    return log.read_text().split()


def test_everything_is_done_and_what_is_broken_is_told(folder: Path, out: Path, log: Path) -> None:
    """Does all that can be done; a broken episode costs nothing but itself, and has its line."""
    make(folder, 6, broken=1)
    lines: list[str] = []

    counts = run(folder, out, tell=lines.append)

    assert counts == {"done": 5, "failed": 1}
    assert sorted(heard(log)) == [f"00{k}.mp3" for k in range(1, 6)]
    assert sorted(path.name for path in out.glob("*.srt")) == [f"00{k}.srt" for k in range(1, 6)]
    assert lines[0] == "batch: 6 episodes: 6 to do"
    assert sum("aligned in " in line for line in lines) == 5
    assert [line.partition(": ")[2] for line in lines if "failed" in line] == [
        f"failed: {folder / '000.mp3'}: is not audio"
    ]


def test_a_second_run_does_nothing(folder: Path, out: Path, log: Path) -> None:
    """Neither listens nor writes where nothing has changed."""
    make(folder, 3, broken=1)
    run(folder, out)
    before, times = heard(log), {path: path.stat().st_mtime_ns for path in out.glob("*.srt")}
    lines: list[str] = []

    counts = run(folder, out, tell=lines.append)

    assert counts == {"done": 2, "failed": 1}
    assert lines == ["batch: 3 episodes: 2 done before, 1 failed before (--retry-failed tries them again)"]
    assert (heard(log), {path: path.stat().st_mtime_ns for path in out.glob("*.srt")}) == (before, times)


def test_a_changed_text_is_aligned_anew_and_not_listened_to(folder: Path, out: Path, log: Path) -> None:
    """Redoes what depends on what changed: the words of a mended transcript, by what was heard before."""
    make(folder, 2)
    run(folder, out)
    mended = (folder / "001.md").read_text().replace("**Ann**", "**Annabel**")
    (folder / "001.md").write_text(mended)

    run(folder, out)

    assert len(heard(log)) == 2
    assert "**Annabel**" in (out / "001.timed.md").read_text()


def test_what_failed_is_tried_again_when_asked(folder: Path, out: Path, log: Path) -> None:
    """Tries again what failed where that is asked for, and by itself where its files changed."""
    make(folder, 2, broken=2)
    run(folder, out)
    run(folder, out, retry=True)
    with Ledger(out / NAME) as ledger:
        assert [entry.attempts for entry in ledger.entries()] == [2, 2]

    make(folder, 2, broken=1)
    counts = run(folder, out)

    assert counts == {"done": 1, "failed": 1}
    assert heard(log) == ["001.mp3"]


def test_results_that_somebody_changed_are_kept(folder: Path, out: Path, log: Path) -> None:
    """Does not replace what a person has made of a result; that is a failure with its reason."""
    make(folder, 1)
    run(folder, out)
    (out / "000.srt").write_text("mine")
    (folder / "000.md").write_text((folder / "000.md").read_text() + "\n")
    lines: list[str] = []

    assert run(folder, out, tell=lines.append) == {"failed": 1}
    assert (out / "000.srt").read_text() == "mine"
    assert "is not as cuemark left it" in lines[-1]
    assert heard(log) == ["000.mp3"]


def test_a_result_that_is_gone_is_made_again(folder: Path, out: Path, log: Path) -> None:
    """Writes again what a person has removed, by what was heard before."""
    make(folder, 2)
    run(folder, out)
    (out / "001.srt").unlink()

    assert run(folder, out) == {"done": 2}
    assert (out / "001.srt").exists()
    assert len(heard(log)) == 2


def test_another_shows_results_are_not_replaced(folder: Path, out: Path, log: Path) -> None:
    """Refuses an episode whose results would fall on those of another one that has the same name."""
    make(folder, 1)
    run(folder, out)
    before = (out / "000.srt").read_bytes()
    other = folder.with_name("other")
    make(other, 2)
    (other / "000.mp3").write_text("something else is said here by other people about another thing")
    lines: list[str] = []

    assert run(other, out, tell=lines.append) == {"done": 1, "refused": 1}
    assert f"not taken: {other / '000.mp3'}: the results of {folder / '000.mp3'} have this name here" in lines[1]
    assert (out / "000.srt").read_bytes() == before
    assert heard(log) == ["000.mp3", "001.mp3"]


def test_a_folder_that_moved_is_the_same(folder: Path, out: Path, log: Path) -> None:
    """Knows the episodes of a folder that has another name now: nothing is done again."""
    make(folder, 2)
    run(folder, out)
    moved = folder.rename(folder.with_name("moved"))

    assert run(moved, out) == {"done": 2}
    assert len(heard(log)) == 2


def test_a_deadly_episode_costs_only_itself(folder: Path, out: Path, log: Path) -> None:
    """Gives up an episode under which one process after the other ends, and goes on with the others."""
    make(folder, 4)
    (folder / "001.mp3").write_text("deadly")
    lines: list[str] = []

    assert run(folder, out, tell=lines.append) == {"done": 3, "failed": 1}
    assert sorted(heard(log)) == ["000.mp3", "002.mp3", "003.mp3"]
    assert any("the process that worked on it ended 3 times" in line for line in lines)


def start(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    """Start a run as a program of its own."""
    words = [sys.executable, "-m", "tests.batch.batch_program", str(folder), str(out)]
    return subprocess.Popen(words, env=environment(), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def await_heard(log: Path, number: int) -> None:
    """Wait until so much was listened to."""
    end = time.monotonic() + 60
    while len(heard(log)) < number:
        assert time.monotonic() < end, "nothing more is heard"
        time.sleep(0.02)


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes that work for a run; not the one of Python that looks after what they share."""
    try:
        children = psutil.Process(process.pid).children()
        return [child for child in children if any("spawn_main" in word for word in child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def test_two_hundred_episodes_through_three_kills(
    folder: Path, out: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comes to the end through three kill -9, and listens twice to nothing but what was in hand then."""
    make(folder, 200, broken=10)
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
    """Ends every worker when the run is ended with kill -9, even in the middle of an episode."""
    make(folder, 2)
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
    """Gives the episode of a worker that was killed to another one, and goes on."""
    make(folder, 6)
    monkeypatch.setenv(SLOWNESS, "0.5")
    with start(folder, out) as process:
        await_heard(log, 1)
        workers_of(process)[0].kill()
        assert process.wait(60) == 0

    with Ledger(out / NAME) as ledger:
        assert {entry.state for entry in ledger.entries()} == {"done"}


def test_two_runs_share_a_folder(folder: Path, out: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets two runs on one folder share its episodes: each is done once, and both end."""
    make(folder, 30)
    monkeypatch.setenv(SLOWNESS, "0.05")
    with start(folder, out) as first, start(folder, out) as second:
        assert (first.wait(90), second.wait(90)) == (0, 0)

    assert sorted(heard(log)) == [f"{k:03}.mp3" for k in range(30)]
    assert len(list(out.glob("*.srt"))) == 30


def test_only_what_is_new_is_done(folder: Path, out: Path, log: Path) -> None:
    """Does what has come since the last run, and nothing else."""
    make(folder, 1)
    run(folder, out)
    make(folder, 3)

    run(folder, out)

    assert heard(log)[0] == "000.mp3"
    assert sorted(heard(log)) == ["000.mp3", "001.mp3", "002.mp3"]


def test_options_of_an_episode_that_are_wrong_are_refused(folder: Path, out: Path, log: Path) -> None:
    """Names an episode whose own options are not understood, and does the others."""
    make(folder, 2)
    first, second = plan(folder).jobs
    wrong = Job(first.name, first.audio, first.transcript, options={"transcribe.device": "abacus"})
    lines: list[str] = []

    counts = run(folder, out, tell=lines.append, find=lambda: Plan((wrong, second)))

    assert counts == {"done": 1, "refused": 1}
    assert "not taken: 000: --device: transcribe.device has no choice" in lines[1]
    assert heard(log) == ["001.mp3"]
