"""``cuemark batch`` in a folder that comes from another person, with links in it that lead out."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.commands.batch import LEDGER as NAME
from tests.batch.batch_program import make_episodes
from tests.commands.conftest import Batch


def private_files(folder: Path) -> dict[str, str]:
    """All files of the folder that a planted link leads to."""
    return {path.name: path.read_text() for path in (folder / "private").iterdir()}


@pytest.fixture
def private(folder: Path) -> Path:
    """A folder next to the show that no result may get into."""
    (folder / "private").mkdir()
    (folder / "private" / "precious").write_text("old")
    return folder / "private"


@pytest.mark.parametrize("target", ["../private/precious", "../private/not there yet"])
@pytest.mark.parametrize("name", ["cuemark-batch.html", NAME, f"{NAME}-journal", "cuemark-batch-2.html"])
@pytest.mark.parametrize("options", [[], ["--overwrite"]])
@pytest.mark.usefixtures("private")
def test_planted_link_is_refused_before_any_work(
    folder: Path, batch: Batch, target: str, name: str, options: list[str]
) -> None:
    """Refuses a page or a ledger that a link would put elsewhere, dangling or not, and listens to nothing."""
    (folder / "show" / name).symlink_to(target)
    if name.endswith("-2.html"):
        (folder / "show" / "cuemark-batch.html").write_text('<meta name="generator" content="cuemark batch"/>')
    outcome = batch("show", "-o", "show", "-f", "md", *options)

    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert "leads out of" in outcome.err
    assert "remove the link, or give " in outcome.err
    assert not (folder / "heard.log").exists()
    assert private_files(folder) == {"precious": "old"}


def test_named_ledger_may_be_a_link(folder: Path, batch: Batch, private: Path) -> None:
    """Follows a link that the user names as the ledger."""
    (folder / "mine.sqlite").symlink_to("private/ledger.sqlite")
    batch("show", "-o", "out", "-f", "md", "--ledger", "mine.sqlite")

    assert (private / "ledger.sqlite").read_bytes().startswith(b"SQLite format 3")
    assert batch("status", "--ledger", "mine.sqlite").out.count("done") >= 2


@pytest.mark.parametrize("name", ["001.timed.md", "season 2"])
def test_planted_link_of_a_result_fails_that_episode(folder: Path, batch: Batch, private: Path, name: str) -> None:
    """Fails the episode whose results would leave the folder before it is heard, and does the others."""
    make_episodes(folder / "show" / "season 2", 1)
    (folder / "out").mkdir()
    (folder / "out" / name).symlink_to(f"../private/{'new' if '.' in name else ''}")
    outcome = batch("show", "-o", "out", "-f", "md", "--overwrite")

    assert outcome.status == 1
    assert outcome.err.count("leads out of the folder") == 1
    assert outcome.err.count(": aligned in ") == 2
    assert private_files(folder) == {"precious": "old"}
    assert (private / "precious").read_text() == "old"


def test_strangers_ledger_names_no_lock_elsewhere(folder: Path, batch: Batch, private: Path) -> None:
    """Makes no path of a run's name in a ledger that comes with the show."""
    batch("show", "-o", "out", "-f", "md")
    with closing(sqlite3.connect(folder / "out" / NAME)) as ledger, ledger:
        run = "x/../../private/precious"
        ledger.execute("INSERT INTO runs VALUES (?, ?, ?)", (run, socket.gethostname(), 0.0))
    outcome = batch("show", "-o", "out", "-f", "md")

    assert "Traceback" not in outcome.err
    assert "fault of cuemark" not in outcome.err
    assert private_files(folder) == {"precious": "old"}
    assert private.is_dir()
