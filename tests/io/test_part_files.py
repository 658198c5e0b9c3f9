from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.io import part_files
from pipeline.io.part_files import ABANDONED_S, part_name, remove_abandoned
from tests.sample_episode import environment, python

NOW = 10_000_000


def names(folder: Path) -> set[str]:
    """The names in a folder."""
    return {path.name for path in folder.iterdir()}


def test_what_was_abandoned_is_removed(tmp_path: Path) -> None:
    """Removes what killed runs of earlier versions left long ago, and nothing that is young, or is not cuemark's."""
    now = NOW
    old, young = f".cuemark-{'a' * 16}.part", f".cuemark-{'b' * 16}.part"
    others = (".cuemark-notes.part", f"cuemark-{'a' * 16}.part", f".cuemark-{'a' * 16}.part.md")
    for name in (old, young, *others):
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (now, now - ABANDONED_S - 1))
    os.utime(tmp_path / young, (now, now - ABANDONED_S + 1))
    (tmp_path / f".cuemark-{'c' * 16}.part").mkdir()
    os.utime(tmp_path / f".cuemark-{'c' * 16}.part", (0, 0))
    remove_abandoned(tmp_path, now)
    remove_abandoned(tmp_path / "none", now)

    assert {path.name for path in tmp_path.iterdir()} == {young, *others, f".cuemark-{'c' * 16}.part"}


def test_name_says_whose_it_is(tmp_path: Path) -> None:
    """Carries host, process and start: a file of this process stays, those of a process that has ended go at once."""
    mine = part_name()
    theirs = python("from pipeline.io.part_files import part_name; print(part_name())").stdout.strip()
    for name in (mine, theirs):
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (NOW, NOW))
    remove_abandoned(tmp_path, NOW)

    assert names(tmp_path) == {mine}
    assert mine.split("-")[1:3] == [part_files._host(), str(os.getpid())]
    assert theirs.split("-")[1] == mine.split("-")[1]


def test_number_of_a_process_that_is_used_again(tmp_path: Path) -> None:
    """Does not take another process that has the writer's number for the writer."""
    host, process, start = part_name().split("-")[1:4]
    name = f".cuemark-{host}-{process}-{int(start) - 1}-{'a' * 8}.part"
    (tmp_path / name).write_text("half")
    os.utime(tmp_path / name, (NOW, NOW))
    remove_abandoned(tmp_path, NOW)

    assert names(tmp_path) == set()


def test_process_that_is_not_waited_for_has_ended(tmp_path: Path) -> None:
    """Counts a process as ended as soon as it has ended, whether its parent has taken notice or not."""
    program = "from pipeline.io.part_files import part_name; print(part_name(), flush=True)"
    words = [sys.executable, "-c", program]
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert process.stdout.read() == ""  # the end of its output is the end of the process, but for its exit status
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (NOW, NOW))
        remove_abandoned(tmp_path, NOW)

    assert names(tmp_path) == set()


@pytest.mark.parametrize(("age_s", "stays"), [(ABANDONED_S - 1, True), (ABANDONED_S + 1, False)])
def test_file_of_another_host_stays_for_an_hour(tmp_path: Path, age_s: int, *, stays: bool) -> None:
    """Leaves what another host may still be writing, and removes it an hour after its last change."""
    name = f".cuemark-{'0' * 8}-1-1-{'a' * 8}.part"
    (tmp_path / name).write_text("half")
    os.utime(tmp_path / name, (NOW - age_s, NOW - age_s))
    remove_abandoned(tmp_path)
    assert names(tmp_path) == {name}  # without the time of the disk nothing is known of it

    remove_abandoned(tmp_path, NOW)
    assert names(tmp_path) == ({name} if stays else set())


def test_system_without_proc_counts_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks psutil for the start of a process where there is no /proc: the same each time, None where none runs."""
    monkeypatch.setattr(part_files, "_PROCESSES", "/nowhere")
    mine = part_files._start(os.getpid())

    assert mine is not None
    assert part_files._start(os.getpid()) == mine
    assert part_files._start(2**22 + 1) is None  # more than the most that Linux gives
