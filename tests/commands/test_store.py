from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from pipeline.commands.store import age, size
from pipeline.errors import ConfigError
from pipeline.files.store import Store, key_of
from tests.sample_episode import HEARD, STORED, Command, contents

DAY = 86_400


@pytest.fixture
def kept(own_home: Path) -> Store:
    """The store of the test's own home with three hearings, used 1, 20 and 40 days ago, and two old records."""
    store = Store(own_home / "store")
    for days in (1, 20, 40):
        store.save("hearing", key_of(days), "x" * 1_000)
        _used(store, "hearing", key_of(days), days)
    for name in ("a.srt", "a.vtt"):
        store.record(own_home / name, "11")
    for entry in (own_home / "store" / "written").rglob("*"):
        os.utime(entry, (0, 0))
    return store


def _used(store: Store, stage: str, key: str, days: float) -> None:
    at = time.time() - days * DAY
    os.utime(store._entry(stage, key), (at, at))


def days_left(store: Store) -> list[int]:
    """Which of the hearings are still there."""
    return [days for days in (1, 20, 40) if store.load("hearing", key_of(days), str)]


def test_shows_what_is_kept(kept: Store, cuemark: Command) -> None:
    """Shows the folder, and number, size and last use of what is in it, by kind."""
    outcome = cuemark("store")
    folder, header, hearings, records, total = outcome.out.splitlines()
    first, last = (time.strftime("%Y-%m-%d", time.localtime(time.time() - days * DAY)) for days in (40, 1))

    assert (outcome.status, outcome.err, folder) == (0, "", str(kept.folder))
    assert header.split("  ")[0] == "what"
    assert hearings.split() == ["hearings", "3", "3.2", "kB", first, last]
    assert records.split()[:6] == ["records", "of", "written", "files", "2", "136"]
    assert total.split() == ["in", "all", "5", "3.3", "kB"]


def test_shows_what_is_kept_to_machines(kept: Store, cuemark: Command) -> None:
    """Gives the same as JSON."""
    document = json.loads(cuemark("store --json").out)

    assert {name: document[name] for name in ("schema", "folder", "entries", "bytes")} == {
        "schema": "cuemark.store/1",
        "folder": str(kept.folder),
        "entries": 5,
        "bytes": 3_201 + 136,
    }
    assert document["stages"][1] == {
        "stage": "written",
        "entries": 2,
        "bytes": 136,
        "oldest_use": "1970-01-01T00:00:00Z",
        "newest_use": "1970-01-01T00:00:00Z",
    }


def test_store_that_is_not_there_yet(own_home: Path, cuemark: Command) -> None:
    """Says that nothing is kept, clears nothing, and makes no folder."""
    folder = own_home / "store"

    assert cuemark("store").out == f"{folder}: nothing is kept here yet\n"
    assert json.loads(cuemark("store --json").out)["stages"] == []
    assert cuemark("store clear --all").out == "cleared: 0 entries, 0 B\n"
    assert not folder.exists()


@pytest.mark.parametrize(
    ("line", "left", "out"),
    [
        ("store clear --older-than 30d", [1, 20], "cleared: 1 entry, 1.1 kB\n"),
        ("store clear --older-than 2w", [1], "cleared: 2 entries, 2.1 kB\n"),
        ("store clear --older-than 12h", [], "cleared: 3 entries, 3.2 kB\n"),
        ("store clear --all", [], "cleared: 3 entries, 3.2 kB\n"),
    ],
)
def test_clears_by_age(kept: Store, own_home: Path, cuemark: Command, line: str, left: list[int], out: str) -> None:
    """Removes what was not used for so long, says how much that was, and keeps the records of written files."""
    outcome = cuemark(line)

    assert (outcome.status, outcome.out, outcome.err) == (0, out, "")
    assert days_left(kept) == left
    assert kept.written(own_home / "a.srt") == {"11"}


def test_clears_records_when_asked(kept: Store, own_home: Path, cuemark: Command) -> None:
    """Removes the records by the same rule with ``--records`` alone."""
    outcome = json.loads(cuemark("store clear --older-than 30d --records --json").out)

    assert outcome == {
        "schema": "cuemark.store-clear/1",
        "folder": str(kept.folder),
        "entries": 3,
        "bytes": 1_067 + 136,
        "stuck": 0,
    }
    assert days_left(kept) == [1, 20]
    assert kept.written(own_home / "a.srt") == frozenset()


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("store clear", "command line: say what to clear: --older-than 30d, or --all"),
        ("store clear --all --older-than 3d", "command line: say what to clear: --older-than 30d, or --all"),
        ("store --older-than 30d", "command line: No such option: --older-than"),
        ("store --all", "command line: No such option: --all"),
        ("store claer", "command line: "),
        ("store clear --older-than 30", "--older-than: “30” is no age; write 12h, 30d or 2w (hours, days, weeks)"),
    ],
)
def test_unclear_wishes_clear_nothing(kept: Store, cuemark: Command, line: str, error: str) -> None:
    """Ends with 2 and one line, and removes nothing, where it is not clear what is to go."""
    outcome = cuemark(line)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"cuemark: {error}")
    assert days_left(kept) == [1, 20, 40]


def test_foreign_files_stay(own_home: Path, cuemark: Command) -> None:
    """Removes nothing that cuemark did not put there, wherever the store's folder is said to be."""
    folder = own_home / "store"
    Store(folder).save("hearing", key_of(1), "x")
    for name in ("thesis.md", "hearing/notes.txt", "hearing/ab/thesis.md", f"letters/{'a' * 62}"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("precious")
    (folder / "linked").symlink_to(own_home)

    assert cuemark("store clear --all --records").out == "cleared: 1 entry, 66 B\n"
    assert sorted(contents(folder)) == sorted(
        ["thesis.md", "hearing/notes.txt", "hearing/ab/thesis.md", f"letters/{'a' * 62}"]
    )


def test_what_cannot_be_removed_is_said(kept: Store, cuemark: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends with 1 and a line where entries that were to go are still there."""

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path), missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    outcome = cuemark("store clear --all")

    assert (outcome.status, outcome.out) == (1, "cleared: 0 entries, 0 B\n")
    assert outcome.err == f"{kept.folder}: 3 entries could not be removed; is the folder yours to write?\n"


def test_folder_that_is_none(own_home: Path, cuemark: Command) -> None:
    """Ends with 1 and one line where the store's folder is a file."""
    (own_home / "store").write_text("a file")
    outcome = cuemark("store")

    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"cuemark: {own_home / 'store'}: Not a directory\n"


def test_use_is_remembered(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """Keeps what a run has taken from the store, however long ago it was heard."""
    cuemark("align show.mp3 show.md", HEARD)
    for entry in (own_home / "store").rglob("*"):
        os.utime(entry, (0, 0))
    assert STORED in cuemark("align show.mp3 show.md").err
    cuemark("store clear --older-than 1d")

    assert STORED in cuemark("align show.mp3 show.md").err
    assert (workspace / "show.srt").exists()


@pytest.mark.parametrize(("text", "seconds"), [("12h", 43_200), ("30d", 30 * DAY), (" 2W ", 14 * DAY)])
def test_age(text: str, seconds: int) -> None:
    """Reads hours, days and weeks."""
    assert age(text) == seconds


@pytest.mark.parametrize("text", ["", "0d", "d", "3", "-3d", "3 months", "1.5d", "99999d", "٣d"])
def test_no_age(text: str) -> None:
    """Refuses what is no such age, rather than guess how much is to go."""
    with pytest.raises(ConfigError, match="is no age; write 12h, 30d or 2w"):
        age(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (999_960, "1.0 MB"), (5 * 10**9, "5.0 GB"), (10**16, "10000.0 TB")],
)
def test_size(number: int, text: str) -> None:
    """Writes bytes in the unit that they are read in."""
    assert size(number) == text
