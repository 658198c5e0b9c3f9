"""Files with alignments: private, whole or not there, and only the newest ones."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pipeline.desk.safekeeping import alignment_file as module
from pipeline.desk.safekeeping.alignment_file import read_alignment_file, write_alignment_file
from pipeline.desk.safekeeping.document_place import DocumentPlace


def place(folder: Path, name: str = "show.md") -> DocumentPlace:
    """The place of a document."""
    return DocumentPlace.of(folder / "desk", folder / name)


def test_what_was_written_last_is_read(tmp_path: Path) -> None:
    """Each document has its own file, which its owner alone can read."""
    one, other = place(tmp_path), place(tmp_path, "other.md")
    assert read_alignment_file(one) is None
    write_alignment_file(one, b"first")
    write_alignment_file(one, b"second")
    write_alignment_file(other, b"third")

    assert (read_alignment_file(one), read_alignment_file(other)) == (b"second", b"third")
    assert stat.S_IMODE(one.alignment.stat().st_mode) == 0o600
    assert stat.S_IMODE(one.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", [b"", b"x" * 70, None], ids=("empty", "changed", "torn"))
def test_a_damaged_file_is_not_used(tmp_path: Path, damage: bytes | None) -> None:
    """It is as if there were none, and the next one takes its place."""
    one = place(tmp_path)
    write_alignment_file(one, b"content")
    one.alignment.write_bytes(one.alignment.read_bytes()[:-1] if damage is None else damage)

    assert read_alignment_file(one) is None
    write_alignment_file(one, b"again")
    assert read_alignment_file(one) == b"again"


def test_only_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By number and by size; the one that was just written stays in any case, and other files do."""
    monkeypatch.setattr(module, "MOST_FILES", 3)
    places = [place(tmp_path, f"{number}.md") for number in range(5)]
    for number, one in enumerate(places):
        write_alignment_file(one, b"content")
        os.utime(one.alignment, (number, number))
    (places[0].folder / "other.journal").write_bytes(b"edits")
    write_alignment_file(places[0], b"again")

    assert [one.alignment.exists() for one in places] == [True, False, False, True, True]
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    write_alignment_file(places[4], b"large")
    assert [one.alignment.exists() for one in places] == [False, False, False, False, True]
    assert (places[0].folder / "other.journal").exists()


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    """A cache is no reason to fail."""
    (tmp_path / "desk").write_bytes(b"a file")
    write_alignment_file(place(tmp_path), b"content")
    assert read_alignment_file(place(tmp_path)) is None
