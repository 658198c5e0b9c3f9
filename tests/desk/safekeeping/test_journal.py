"""The journal: what was accepted is there after any end of the process, and a full disk leaves no half line."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.safekeeping.journal import Header, Journal, read_journal
from pipeline.errors import JournalError
from tests.sample_episode import environment

HEADER = Header("show.md", "ab" * 32, "Ann: It’s\r\n𝄞\n")


def update(number: int) -> dict[str, Any]:
    """An update as a page sends it."""
    return {"clientID": "p1", "changes": [3, [0, f"text {number}", "𝄞"]]}


def updates_in(path: Path) -> list[dict[str, Any]]:
    """All updates of a journal."""
    kept = read_journal(path)
    return [one for batch in kept.batches for one in batch.updates] if kept else []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal is, in a folder that is not there yet."""
    return tmp_path / "desk" / "a.journal"


def test_what_is_written_is_read(path: Path) -> None:
    """Header and batches are as they were, with the time of the last one."""
    journal = Journal.begin(path, HEADER)
    journal.append([update(1), update(2)])
    journal.append([update(3)])

    kept = read_journal(path)

    assert kept is not None
    assert kept.header == HEADER
    assert [list(batch.updates) for batch in kept.batches] == [[update(1), update(2)], [update(3)]]
    assert (kept.changes, kept.size) == (3, path.stat().st_size)
    assert kept.last is not None
    assert kept.last.endswith("+00:00")


@pytest.mark.parametrize("at", [-1, 253_402_300_800_000, 10**18, 10**400])
def test_a_line_with_an_impossible_time_is_damaged(path: Path, at: int) -> None:
    """A time that cannot be shown ends the journal before its line; the lines above it count."""
    journal = Journal.begin(path, HEADER)
    journal.append([update(1)])
    whole = path.stat().st_size
    with path.open("ab") as file:
        file.write(json.dumps({"at": at, "updates": [update(2)]}).encode() + b"\n")
    kept = read_journal(path)

    assert kept is not None
    assert (updates_in(path), kept.size) == ([update(1)], whole)
    assert kept.last is not None


def test_no_more_than_the_file_counts(path: Path) -> None:
    """A header without its line feed has the size that it has: nothing would be filled up behind it."""
    Journal.begin(path, HEADER).close(remove=False)
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    kept = read_journal(path)

    assert kept is not None
    assert (kept.header, kept.size) == (HEADER, path.stat().st_size)


def test_there_is_no_journal(path: Path) -> None:
    """Without a file nothing is read."""
    assert read_journal(path) is None


def test_only_its_owner_can_read_it(path: Path) -> None:
    """The file has mode 0600 and its folder 0700, whatever the umask is."""
    before = os.umask(0)
    try:
        Journal.begin(path, HEADER).append([update(1)])
    finally:
        os.umask(before)

    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]


@given(st.data())
def test_a_torn_end_is_ignored(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Wherever a process was killed or the machine lost power while it wrote a line, all lines before it are there."""
    path = tmp_path_factory.mktemp("torn") / "a.journal"
    journal = Journal.begin(path, HEADER)
    sizes = [path.stat().st_size]
    for number in range(4):
        journal.append([update(number)])
        sizes.append(path.stat().st_size)
    cut = data.draw(st.integers(sizes[0], sizes[-1]))
    noise = data.draw(st.sampled_from([b"", b"\0" * 20, b"{", b'{"at": 1}\n', b"\xff\n"]))
    path.write_bytes(path.read_bytes()[:cut] + noise)

    whole = sum(size <= cut for size in sizes[1:])
    assert updates_in(path) == [update(number) for number in range(whole)]
    kept = read_journal(path)
    assert kept is not None
    Journal.go_on(path, kept).append([update(9)])
    assert updates_in(path) == [*(update(number) for number in range(whole)), update(9)]


@pytest.mark.parametrize("left", range(1, len("𝄞".encode())))
def test_a_torn_character_is_ignored(path: Path, left: int) -> None:
    """Where a line ends within a character and another one follows, that is no UTF-8; the lines before it are there."""
    journal = Journal.begin(path, HEADER)
    journal.append([update(1)])
    journal.append([update(2)])
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex("𝄞".encode()) + left] + b'{"at": 1}\n')

    assert updates_in(path) == [update(1)]


@pytest.mark.parametrize("content", [b"not a journal\n", b"", b'{"path":"\xf0', b'{"path":"\xf0"}\n', b"[" * 9_000])
def test_a_damaged_journal_is_moved_aside(path: Path, content: bytes) -> None:
    """A file without a header that can be read is kept under another name."""
    path.parent.mkdir()
    path.write_bytes(content)

    assert read_journal(path) is None
    assert (path.exists(), path.with_name("a.journal.damaged").read_bytes()) == (False, content)


def test_a_journal_of_another_version_is_moved_aside(path: Path) -> None:
    """What a later release has written is not taken for what this one writes."""
    Journal.begin(path, HEADER)
    content = path.read_bytes().replace(b'"version":1', b'"version":2')
    path.write_bytes(content)

    assert read_journal(path) is None
    assert path.with_name("a.journal.damaged").read_bytes() == content


@pytest.mark.parametrize("failing", ["write", "fsync"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_accepts_nothing(path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, number: int) -> None:
    """A line that cannot be written as a whole is not there at all; once there is room, writing goes on."""
    journal = Journal.begin(path, HEADER)
    journal.append([update(1)])
    before = path.read_bytes()
    real_write = os.write

    def half_write(file: int, content: bytes) -> int:
        if path.stat().st_size > len(before):
            raise OSError(number, os.strerror(number))
        return real_write(file, bytes(content)[:10])

    def no_flush(_: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(os, failing, half_write if failing == "write" else no_flush)
        for _ in range(3):
            with pytest.raises(JournalError, match="cannot be written") as raised:
                journal.append([update(2)])
    assert str(raised.value) == f"{path}: the journal cannot be written ({os.strerror(number)})"
    assert path.read_bytes() == before
    journal.append([update(3)])
    assert updates_in(path) == [update(1), update(3)]


def test_a_line_that_cannot_be_cut_off_is_cut_off_later(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even cutting off fails, the next line is written only after it."""
    journal = Journal.begin(path, HEADER)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        broken.setattr(os, "ftruncate", fail)
        for _ in range(2):
            with pytest.raises(JournalError):
                journal.append([update(1)])
    journal.append([update(2)])

    assert updates_in(path) == [update(2)]


def test_a_batch_is_taken_back(path: Path) -> None:
    """A batch that does not fit the text is not there afterwards."""
    journal = Journal.begin(path, HEADER)
    journal.append([update(1)])
    journal.append([update(2)])
    journal.take_back()
    journal.append([update(3)])

    assert updates_in(path) == [update(1), update(3)]


def test_it_begins_anew_in_one_step(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old journal is there until the new one is; also if that fails."""
    Journal.begin(path, HEADER).append([update(1)])
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", fail)
        with pytest.raises(JournalError):
            Journal.begin(path, Header("show.md", None, "new"))
    assert path.read_bytes() == before
    Journal.begin(path, Header("show.md", None, "new"))
    assert read_journal(path).header.source == "new"  # type: ignore[union-attr]


def test_closing_removes_what_is_saved(path: Path) -> None:
    """A journal whose text is saved is removed; another one stays."""
    Journal.begin(path, HEADER).close(remove=False)
    assert path.exists()
    Journal.begin(path, HEADER).close(remove=True)
    assert not path.exists()


WRITER = """
import sys
from pathlib import Path
from pipeline.desk.safekeeping.journal import Header, Journal
journal = Journal.begin(Path(sys.argv[1]), Header("show.md", None, ""))
for number in range(1_000_000):
    journal.append([{"changes": ["x" * (number % 5_000)], "clientID": str(number)}])
    print(number, flush=True)
"""


def test_kill_9_loses_nothing_that_was_accepted(path: Path) -> None:
    """Whenever the process is killed, every batch that it had accepted is in the journal, in order."""
    for seed in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], env=environment(), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        accepted = -1
        for line in process.stdout:
            accepted = int(line)
            if accepted == random.Random(seed).randrange(20, 200):
                process.send_signal(signal.SIGKILL)
                break
        accepted = max([accepted, *(int(line) for line in process.stdout)])
        process.wait()
        process.stdout.close()

        numbers = [int(one["clientID"]) for one in updates_in(path)]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) > accepted


def test_the_lines_are_json(path: Path) -> None:
    """A person can read the journal with any tool."""
    Journal.begin(path, HEADER).append([update(1)])

    head, line = (json.loads(one) for one in path.read_text(encoding="utf-8").splitlines())
    assert head == {"path": "show.md", "sha256": "ab" * 32, "source": HEADER.source, "version": 1}
    assert line["updates"] == [update(1)]
