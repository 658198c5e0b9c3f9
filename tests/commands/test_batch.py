from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.commands.batch import LEDGER as NAME
from tests.batch.batch_program import make_episodes
from tests.batch.fake_engines_by_name import SLOWNESS
from tests.commands.conftest import Batch
from tests.sample_episode import ROOT, Outcome, environment, full_disk


def test_batch_processes_all_and_reports_failures(folder: Path, batch: Batch) -> None:
    """The status is 1 if an episode failed, each episode has a line, and the results and the page are written."""
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


def test_episodes_without_chapters_are_done(folder: Path, batch: Batch) -> None:
    """Each is named with the reason; a second run has nothing to do, and takes no result for an input."""
    (folder / "show" / "001.md").write_text("## Start\n\n" + (folder / "show" / "001.md").read_text())
    outcome = batch("show", "-o", "show", "-f", "chapters", "-f", "youtube")

    assert "002: chapters, youtube: not written, because the transcript has no headings;" in outcome.err
    assert "001: youtube: not written, because YouTube takes three chapters or more, and there is 1" in outcome.err
    assert [path.name for path in (folder / "show").glob("*.chapters.json")] == ["001.chapters.json"]
    (folder / "show" / "001.youtube.txt").write_text("0:00 Start\n")
    again = batch("show", "-o", "show", "-f", "chapters", "-f", "youtube")

    assert "batch: 3 episodes: 2 done before, 1 failed before" in again.err


def test_audio_that_cannot_have_chapters_fails_before_it_is_heard(folder: Path, batch: Batch) -> None:
    """Each such episode has the line; there is no result of it."""
    outcome = batch("show", "-o", "out", "-f", "srt", "--embed-chapters")

    assert outcome.err.count(": failed: show/001.mp3: is text, not a recording") == 1
    assert not (folder / "heard.log").exists()
    assert not list((folder / "out").glob("*.srt"))


def test_results_keep_their_subfolder(folder: Path, batch: Batch) -> None:
    """Results are in the same subfolder of the output folder as the episodes in the source."""
    make_episodes(folder / "show" / "season 2", 1)
    batch("show", "-o", "out", "-f", "srt")

    assert (folder / "out" / "season 2" / "000.srt").is_file()


def test_a_format_for_another_program_is_in_the_reports(folder: Path, batch: Batch) -> None:
    """A Word document is written for each episode, and its path is in the table for spreadsheets."""
    batch("show", "-o", "out", "-f", "docx")
    rows = list(csv.DictReader(io.StringIO(batch("status", "-o", "out", "--csv").out)))

    assert [Path(row["docx"]).name for row in rows] == ["", "001.timed.docx", "002.timed.docx"]
    assert all(zipfile.is_zipfile(folder / "out" / f"{name}.timed.docx") for name in ("001", "002"))


@pytest.mark.usefixtures("folder")
def test_status_is_a_table_json_or_csv(batch: Batch) -> None:
    """Each format has all episodes of the ledger, and the status is 1 if one failed."""
    batch("show", "-o", "out", "-f", "md")

    table = batch("status", "-o", "out")
    status = json.loads(batch("status", "-o", "out", "--json").out)
    rows = list(csv.DictReader(io.StringIO(batch("status", "-o", "out", "--csv").out)))

    assert table.status == 1
    assert "3 episodes: 2 done, 1 failed" in table.out.splitlines()[-1]
    assert status["counts"]["done"] == 2
    assert [one["error"] for one in status["episodes"]] == ["show/000.mp3: is not audio", None, None]
    assert [row["name"] for row in rows] == ["000", "001", "002"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["show", "--work", "dance"], "--work dance: there is no such work; "),
        (["show", "--json"], "command line: --json and --csv print the status: cuemark batch status --json"),
        (["status", "--json", "--csv"], "command line: --json and --csv both print; give one of them"),
        (["show", "--workers", "0"], "command line: Invalid value for '--workers'"),
        (["show", "-f", "doc"], "--output-format: there is no doc"),
        (["show", "--language", "xx"], "--language: there is no language “xx”"),
        (["show", "--device", "cuda"], "--device cuda: there is no NVIDIA graphics card here"),
        (["show", "--cluster", "nowhere"], "--cluster: "),
        (["show", "--write-manifest", "all.yaml"], "--write-manifest all.yaml: is written as CSV"),
        (["show", "--voice-book", "S", "--no-voices"], "--voice-book: needs the speakers' voices"),
        (["show", "--voice-book", "S", "--cluster", "tcp://h:1"], "--voice-book: sends people's voices to other"),
    ],
)
def test_usage_errors_are_one_line(folder: Path, batch: Batch, words: list[str], error: str) -> None:
    """The error is one line, and nothing is written."""
    outcome = batch(*words)

    assert outcome.status == 2
    assert outcome.err.startswith(f"cuemark: {error}")
    assert outcome.err.count("\n") == 1
    assert not (folder / NAME).exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["nowhere"], "nowhere: there is no such file"),
        (["empty"], "empty: has no audio in it that cuemark knows"),
        (["notes.txt"], "notes.txt: is neither a manifest nor a feed by its name"),
        (["bad.csv"], "bad.csv, line 1: the first line of a manifest names its columns"),
        (["none.csv", "--write-manifest", "all.csv"], "none.csv: there is no such file"),
        (["status"], "batch status: there is no "),
    ],
)
def test_unreadable_source_is_a_failure_of_its_own(folder: Path, batch: Batch, words: list[str], error: str) -> None:
    """A source that is missing, unreadable or of a wrong kind is status 1, as any input: the command line is right."""
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("notes")
    (folder / "bad.csv").write_text("who,what\n")
    outcome = batch(*words)

    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert outcome.err.startswith(f"cuemark: {error}")
    assert not (folder / NAME).exists()


def test_page_with_a_line_break_in_its_folder(folder: Path, batch: Batch) -> None:
    """Prints the path of the page as one line, and with ``--null`` as it is."""
    quoted = batch("show", "-o", "o\nut", "-f", "md").out
    plain = batch("show", "-o", "o\nut", "-f", "md", "--null").out

    assert quoted == f'"{folder}/o\\nut/cuemark-batch.html"\n'
    assert plain == f"{folder}/o\nut/cuemark-batch.html\0"


def test_nothing_found_fails_the_episode(folder: Path, batch: Batch) -> None:
    """Fails an episode of which no written word is heard, writes only its report, and goes on with the others."""
    (folder / "show" / "001.md").write_text("**Ann**: Zzyzx, Xyzzy!\n")
    outcome = batch("show", "-o", "out", "-f", "md")

    assert "001: failed: show/001.md: none of the written words (2) was found in the audio" in outcome.err
    assert {path.name for path in (folder / "out").glob("00*")} == {"001.json", "002.timed.md"}
    assert batch("show", "-o", "out", "-f", "md", "--force", "--redo").err.count(": aligned in ") == 2


def test_ambiguous_files_are_reported(folder: Path, batch: Batch) -> None:
    """Files that cannot be paired are reported, the others are processed, and the status is 1."""
    (folder / "show" / "002.wav").write_text("the same again")
    outcome = batch("show", "-o", "out", "-f", "md")

    assert outcome.status == 1
    assert "  not taken: " in outcome.err
    assert (folder / "out" / "001.timed.md").exists()
    assert not (folder / "out" / "002.timed.md").exists()


def test_an_edited_manifest_pairs_ambiguous_files(folder: Path, batch: Batch) -> None:
    """The plan is written as a manifest; after a correction by hand, refused files are processed."""
    (folder / "show" / "002.wav").write_text((folder / "show" / "002.mp3").read_text())
    assert batch("show", "--write-manifest", "all.csv") == Outcome(0, "all.csv\n", "")
    with (folder / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    corrected = [row | {"transcript": "show/002.md", "work": "align"} for row in rows if row["audio"] == "show/002.wav"]
    with (folder / "all.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([row for row in rows if row["work"] == "auto"] + corrected)
    outcome = batch("all.csv", "-o", "out", "-f", "md")

    assert [row["note"] != "" for row in rows if row["work"] == "skip"] == [True, True, True]
    assert ": failed: show/000.mp3" in outcome.err
    assert {path.name for path in (folder / "out").rglob("*.md")} == {"001.timed.md", "002.timed.md"}


@pytest.fixture
def subtitled(folder: Path) -> str:
    """The folder with a manifest of two episodes, of which one has subtitles as its transcript; returns these."""
    said = "1\n00:00:01,000 --> 00:00:09,000\n" + (folder / "show" / "001.md").read_text().replace("\n", " ") + "\n"
    (folder / "show" / "001.srt").write_text(said)
    (folder / "show" / "all.csv").write_text("audio,transcript\n001.mp3,001.srt\n002.mp3,002.md\n")
    return said


def test_a_result_with_the_name_of_its_transcript_has_another(folder: Path, batch: Batch, subtitled: str) -> None:
    """A manifest may name subtitles as a transcript; they are not replaced, neither by a second run."""
    for more in ([], ["--redo"]):
        outcome = batch("show/all.csv", "-o", "show", "-f", "srt", "--force", *more)

        assert (outcome.status, (folder / "show" / "001.srt").read_text()) == (0, subtitled)
        assert (folder / "show" / "001.timed.srt").is_file()
        assert (folder / "show" / "002.srt").is_file()
        assert not (folder / "show" / "002.timed.srt").exists()


def test_cues_are_kept_in_a_batch(folder: Path, batch: Batch, subtitled: str) -> None:
    """Of each episode whose transcript has cues; Markdown comes back as Markdown alone."""
    assert batch("show/all.csv", "-o", "out", "-f", "srt", "--force").status == 0
    outcome = batch("show/all.csv", "-o", "out", "-f", "srt", "--force", "--keep-cues")

    kept = (folder / "out" / "001.timed.srt").read_text().splitlines()
    assert outcome.status == 0
    assert [line for line in kept if "-->" not in line] == [x for x in subtitled.splitlines() if "-->" not in x]
    assert {path.name for path in (folder / "out").glob("*.srt")} == {"001.srt", "001.timed.srt", "002.srt"}


def test_an_edited_manifest_is_not_replaced(folder: Path, batch: Batch) -> None:
    """A manifest is not written over an existing file."""
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
def test_errors_that_concern_all_episodes_come_first(folder: Path, batch: Batch, words: list[str], error: str) -> None:
    """An error that would make every episode fail is one line, and nothing is written."""
    outcome = batch(*words)

    assert (outcome.status, outcome.err.count("\n")) == (1, 1)
    assert error in outcome.err
    assert not (folder / NAME).exists()
    assert not (folder / "none").exists()


def test_a_draft_needs_no_readable_style(folder: Path, batch: Batch) -> None:
    """If the neighbouring transcript is unreadable, the episode is drafted in the default style with a warning."""
    (folder / "show" / "002.md").write_bytes(b"caf\xe9 is not UTF-8")
    (folder / "show" / "003.mp3").write_text("welcome to a show of which nobody has typed a single word so far")
    outcome = batch("show", "-o", "out", "-f", "md", "--workers", "1")

    assert "003: drafted in " in outcome.err
    assert "no other transcript's style is followed: show/002.md" in outcome.err


def test_a_skipped_row_is_not_a_failure(folder: Path, batch: Batch) -> None:
    """The status is 0 if all other rows of a manifest are skipped."""
    (folder / "all.csv").write_text("audio,transcript,work\nshow/001.mp3,show/001.md,\nshow/000.mp3,,skip\n")

    assert batch("all.csv", "-o", "out", "-f", "md").status == 0


def test_drafts_come_last(folder: Path, batch: Batch) -> None:
    """An episode without a transcript is drafted after all others."""
    (folder / "show" / "003.mp3").write_text("welcome to a show of which nobody has typed a single word so far")
    outcome = batch("show", "-o", "out", "-f", "md", "--workers", "1")

    assert ": drafted in " in outcome.err.splitlines()[-2]
    assert "of which nobody has typed" in (folder / "out" / "003.draft.md").read_text()


PROGRAM = """
import signal, sys
from pipeline.batch import coordinator, settled_files
from pipeline.cli import main
from tests.batch.fake_engines_by_name import ENGINES
signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests' parent may have ignored it
settled_files.SETTLED_S /= 10  # here a file is written at once
coordinator.FOLDER_POLL_INTERVAL_S /= 10
sys.exit(main(None, ENGINES))
"""


@contextmanager
def started(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command as a separate program, with the same fake engines, until the block ends."""
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
    """Wait until a file exists."""
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} was not written"
        time.sleep(0.05)


def test_ctrl_c_ends_cleanly(folder: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status is 130 with one line, no file is partial, no episode is left running, and the next run continues."""
    make_episodes(folder / "show", 8)
    monkeypatch.setenv(SLOWNESS, "1")
    with started(folder, "show", "-o", "out", "-f", "md") as process:
        await_file(folder / "heard.log")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    status = json.loads(batch("status", "-o", "out", "--json").out)
    monkeypatch.setenv(SLOWNESS, "0")

    assert process.returncode == 130
    assert err.splitlines()[-1] == "cuemark: interrupted; every file is whole, and the next run goes on from here"
    assert "Traceback" not in err
    assert "running" not in {one["state"] for one in status["episodes"]}
    assert batch("show", "-o", "out", "-f", "md").status == 0
    assert len(list((folder / "out").glob("*.timed.md"))) == 8


def test_a_watched_folder_processes_new_episodes(folder: Path) -> None:
    """With ``--watch``, the run does not end, and an episode that is added later is processed when it is complete."""
    with started(folder, "show", "-o", "out", "-f", "md", "--watch") as process:
        await_file(folder / "out" / "002.timed.md")
        make_episodes(folder / "late", 4)
        os.replace(folder / "late" / "003.md", folder / "show" / "003.md")  # noqa: PTH105 -- as a person would
        os.replace(folder / "late" / "003.mp3", folder / "show" / "003.mp3")  # noqa: PTH105 -- the same
        await_file(folder / "out" / "003.timed.md")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    assert process.returncode == 130


@pytest.mark.parametrize("closed", ["", "2>&-", "<&- 2>&-"])
def test_messages_that_cannot_be_written_end_no_batch(folder: Path, closed: str) -> None:
    """Does all episodes where standard error is full or closed, in its worker processes too."""
    words = [sys.executable, "-c", PROGRAM, "batch", "show", "-o", "out", "-f", "md"]
    full = full_disk()
    process = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *words],
        cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=full, text=True, check=False,
    )  # fmt: skip
    os.close(full)

    assert (process.returncode, process.stdout) == (1, f"{folder}/out/cuemark-batch.html\n")  # one is damaged
    assert {path.name for path in (folder / "out").glob("*.md")} == {"001.timed.md", "002.timed.md"}
