from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.commands.batch import LEDGER as NAME
from tests.batch.batch_program import make_episodes
from tests.batch.fake_engines_by_name import ENGINES, HEARD_LOG, SLOWNESS
from tests.sample_episode import ROOT, Outcome, environment

Batch = Callable[..., Outcome]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the episodes of a show, in which the commands are given."""
    make_episodes(tmp_path / "show", 3, broken=1)
    monkeypatch.setenv(HEARD_LOG, str(tmp_path / "heard.log"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def batch(capsys: pytest.CaptureFixture[str]) -> Batch:
    """The command with ears that need no model: ``batch("show", "-o", "out")``."""

    def run(*words: str) -> Outcome:
        status = main(["batch", *words], ENGINES)
        out, err = capsys.readouterr()
        return Outcome(status, out, err)

    return run


def test_batch_does_all_and_says_what_failed(folder: Path, batch: Batch) -> None:
    """Ends with 1 where something failed, has a line for each episode, and leaves the results and the page."""
    outcome = batch("show", "-o", "out", "-f", "md")

    assert (outcome.status, outcome.out) == (1, f"{folder / 'out' / 'cuemark-batch.html'}\n")
    assert outcome.err.splitlines()[-1] == "batch: 2 done, 1 failed; cuemark batch status shows each"
    assert "\nbatch: 3 episodes: 3 to do\n" in outcome.err
    assert outcome.err.count("speakers are not identified") == 2
    assert outcome.err.count(": aligned in ") == 2
    assert outcome.err.count("000: failed: show/000.mp3: is not audio") == 1
    names = {path.name for path in (folder / "out").iterdir() if not path.name.startswith(".")}
    assert names >= {"001.timed.md", "002.timed.md", NAME, "cuemark-batch.html"}
    assert "is not audio" in (folder / "out" / "cuemark-batch.html").read_text()


def test_results_keep_their_folder(folder: Path, batch: Batch) -> None:
    """Puts results below the output folder where the episodes lie below theirs."""
    make_episodes(folder / "show" / "season 2", 1)
    batch("show", "-o", "out", "-f", "srt")

    assert (folder / "out" / "season 2" / "000.srt").is_file()


@pytest.mark.usefixtures("folder")
def test_status_shows_how_things_stand(batch: Batch) -> None:
    """Prints a table, JSON or CSV of what the ledger holds, and ends with 1 where something failed."""
    batch("show", "-o", "out", "-f", "md")

    shown = batch("status", "-o", "out")
    told = json.loads(batch("status", "-o", "out", "--json").out)
    rows = list(csv.DictReader(io.StringIO(batch("status", "-o", "out", "--csv").out)))

    assert shown.status == 1
    assert "3 episodes: 2 done, 1 failed" in shown.out.splitlines()[-1]
    assert told["counts"]["done"] == 2
    assert [one["error"] for one in told["episodes"]] == ["show/000.mp3: is not audio", None, None]
    assert [row["name"] for row in rows] == ["000", "001", "002"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["nowhere"], "nowhere: there is no such file"),
        (["show", "--work", "dance"], "--work dance: there is no such work; "),
        (["show", "--json"], "command line: --json and --csv print the status: cuemark batch status --json"),
        (["status", "--json", "--csv"], "command line: --json and --csv both print; give one of them"),
        (["status"], "batch status: there is no "),
        (["show", "--workers", "0"], "command line: Invalid value for '--workers'"),
        (["empty"], "empty: has no audio in it that cuemark knows"),
        (["show", "-f", "doc"], "--output-format: there is no doc"),
        (["show", "--language", "xx"], "--language: there is no language “xx”"),
        (["show", "--device", "cuda"], "--device cuda: there is no NVIDIA graphics card here"),
        (["show", "--cluster", "nowhere"], "--cluster: "),
        (["show", "--write-manifest", "all.yaml"], "--write-manifest all.yaml: is written as CSV"),
        (["show", "--voice-book", "S", "--no-voices"], "--voice-book: is of use only where voices tell who speaks"),
        (["show", "--voice-book", "S", "--cluster", "tcp://h:1"], "--voice-book: sends people's voices to other"),
    ],
)
def test_mistakes_are_one_line(folder: Path, batch: Batch, words: list[str], error: str) -> None:
    """Says in one line what is wrong with what was asked for, before anything is made."""
    (folder / "empty").mkdir()
    outcome = batch(*words)

    assert outcome.status == 2
    assert outcome.err.startswith(f"cuemark: {error}")
    assert outcome.err.count("\n") == 1
    assert not (folder / NAME).exists()


def test_what_has_no_partner_is_named(folder: Path, batch: Batch) -> None:
    """Names what cannot be paired, takes the rest, and ends with 1 because somebody has to look."""
    (folder / "show" / "002.wav").write_text("the same again")
    outcome = batch("show", "-o", "out", "-f", "md")

    assert outcome.status == 1
    assert "  not taken: " in outcome.err
    assert (folder / "out" / "001.timed.md").exists()
    assert not (folder / "out" / "002.timed.md").exists()


def test_a_manifest_mends_what_could_not_be_paired(folder: Path, batch: Batch) -> None:
    """Writes what it found as a manifest; with a row mended by hand, what was refused is done."""
    (folder / "show" / "002.wav").write_text((folder / "show" / "002.mp3").read_text())
    assert batch("show", "--write-manifest", "all.csv") == Outcome(0, "all.csv\n", "")
    with (folder / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    mended = [row | {"transcript": "show/002.md", "work": "align"} for row in rows if row["audio"] == "show/002.wav"]
    with (folder / "all.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([row for row in rows if row["work"] == "auto"] + mended)
    outcome = batch("all.csv", "-o", "out", "-f", "md")

    assert [row["note"] != "" for row in rows if row["work"] == "skip"] == [True, True, True]
    assert ": failed: show/000.mp3" in outcome.err
    assert {path.name for path in (folder / "out").rglob("*.md")} == {"001.timed.md", "002.timed.md"}


def test_an_edited_manifest_is_not_replaced(folder: Path, batch: Batch) -> None:
    """Writes no manifest where a file is."""
    (folder / "all.csv").write_text("mine")
    outcome = batch("show", "--write-manifest", "all.csv")

    assert (outcome.status, outcome.err) == (
        1,
        "cuemark: all.csv: is there already; give another name, or move it away\n",
    )
    assert (folder / "all.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["show", "-o", "show/000.mp3"], "show/000.mp3: is no folder; give another --output-dir"),
        (["show", "--ledger", "none/x.sqlite"], "none/x.sqlite: its folder is not there; make it"),
        (["show", "--like", "none.md"], "none.md: there is no such file"),
    ],
)
def test_what_all_would_fail_by_is_told_first(folder: Path, batch: Batch, words: list[str], error: str) -> None:
    """Says in one line what every episode would fail by, and makes nothing."""
    outcome = batch(*words)

    assert (outcome.status, outcome.err.count("\n")) == (1, 1)
    assert error in outcome.err
    assert not (folder / NAME).exists()
    assert not (folder / "none").exists()


def test_a_neighbour_that_cannot_be_read_costs_a_draft_nothing(folder: Path, batch: Batch) -> None:
    """Drafts in nobody's style where the transcript beside it is none, and says so."""
    (folder / "show" / "002.md").write_bytes(b"caf\xe9 is not UTF-8")
    (folder / "show" / "003.mp3").write_text("welcome to a show of which nobody has typed a single word so far")
    outcome = batch("show", "-o", "out", "-f", "md", "--workers", "1")

    assert "003: drafted in " in outcome.err
    assert "no other transcript's style is followed: show/002.md" in outcome.err


def test_what_is_skipped_is_no_failure(folder: Path, batch: Batch) -> None:
    """Ends with 0 where a manifest says that the rest is to be skipped."""
    (folder / "all.csv").write_text("audio,transcript,work\nshow/001.mp3,show/001.md,\nshow/000.mp3,,skip\n")

    assert batch("all.csv", "-o", "out", "-f", "md").status == 0


def test_what_is_not_typed_is_drafted_last(folder: Path, batch: Batch) -> None:
    """Drafts an episode without a transcript, by itself, in the style of its neighbour."""
    (folder / "show" / "003.mp3").write_text("welcome to a show of which nobody has typed a single word so far")
    outcome = batch("show", "-o", "out", "-f", "md", "--workers", "1")

    assert ": drafted in " in outcome.err.splitlines()[-2]
    assert "of which nobody has typed" in (folder / "out" / "003.draft.md").read_text()


PROGRAM = """
import signal, sys
from pipeline.batch import coordinator, settled_files
from pipeline.cli import main
from tests.batch.fake_engines_by_name import ENGINES
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have had it ignored
settled_files.SETTLED_S /= 10  # here a file is written at once
coordinator.FOLDER_POLL_INTERVAL_S /= 10
sys.exit(main(None, ENGINES))
"""


@contextmanager
def started(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a program of its own, with the same ears; it does not outlive the block."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "batch", *words],
        cwd=folder,
        env=environment() | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def await_file(path: Path) -> None:
    """Wait until a file is there."""
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.05)


def test_ctrl_c_ends_cleanly(folder: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends at once with 130 and one line, leaves nothing half written, and the next run goes on."""
    make_episodes(folder / "show", 8)
    monkeypatch.setenv(SLOWNESS, "1")
    with started(folder, "show", "-o", "out", "-f", "md") as process:
        await_file(folder / "heard.log")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    told = json.loads(batch("status", "-o", "out", "--json").out)
    monkeypatch.setenv(SLOWNESS, "0")

    assert process.returncode == 130
    assert err.splitlines()[-1] == "cuemark: interrupted; every file is whole, and the next run goes on from here"
    assert "Traceback" not in err
    assert "running" not in {one["state"] for one in told["episodes"]}
    assert batch("show", "-o", "out", "-f", "md").status == 0
    assert len(list((folder / "out").glob("*.timed.md"))) == 8


def test_a_watched_folder_takes_what_comes(folder: Path) -> None:
    """Goes on for ever with ``--watch``, and takes an episode that comes later when it has stopped growing."""
    with started(folder, "show", "-o", "out", "-f", "md", "--watch") as process:
        await_file(folder / "out" / "002.timed.md")
        make_episodes(folder / "late", 4)
        os.replace(folder / "late" / "003.md", folder / "show" / "003.md")  # noqa: PTH105 -- as a person would
        os.replace(folder / "late" / "003.mp3", folder / "show" / "003.mp3")  # noqa: PTH105 -- the same
        await_file(folder / "out" / "003.timed.md")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    assert process.returncode == 130
