from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.files import same_file, sha256_file, sha256_of, write_atomic


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder by name, so that nothing left behind goes unseen."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@given(st.binary(max_size=3_000))
def test_hashes_agree(content: bytes) -> None:
    """Gives the SHA-256 of bytes as hashlib does."""
    assert sha256_of(content) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1])
def test_file_hash_is_the_hash_of_its_bytes(tmp_path: Path, size: int) -> None:
    """Hashes a file as its bytes, also where it is read in several pieces."""
    path = tmp_path / "sound"
    path.write_bytes(b"x" * size)

    assert sha256_file(path) == sha256_of(b"x" * size)


def test_same_file_sees_through_names(tmp_path: Path) -> None:
    """Takes every name of a file for that file: a detour, a soft link, a hard link, a link to its folder."""
    path = tmp_path / "show.md"
    path.write_text("text")
    (tmp_path / "soft.md").symlink_to("show.md")
    (tmp_path / "hard.md").hardlink_to(path)
    (tmp_path / "folder").symlink_to(tmp_path)
    names = ["show.md", "../" + tmp_path.name + "/show.md", "soft.md", "hard.md", "folder/show.md"]

    assert [same_file(tmp_path / name, path) for name in names] == [True] * 5


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("show.md", "SHOW.MD", True),
        ("caf\u00e9.md", "cafe\u0301.md", True),
        ("stra\u00dfe.md", "STRASSE.md", True),
        ("show.md", "show.srt", False),
        ("show.md", "other/show.md", False),
    ],
)
def test_same_file_is_careful_with_case(tmp_path: Path, first: str, second: str, *, same: bool) -> None:
    """Takes names for one file that are one on some disks, whether the files exist or not."""
    assert same_file(tmp_path / first, tmp_path / second) is same


@given(before=st.none() | st.binary(max_size=50), after=st.binary(max_size=50))
def test_write_puts_the_content_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, before: bytes | None, after: bytes
) -> None:
    """Leaves the new content under the name, and no other file in the folder."""
    folder = tmp_path_factory.mktemp("write")
    if before is not None:
        (folder / "a.srt").write_bytes(before)

    write_atomic(folder / "a.srt", after)

    assert contents(folder) == {"a.srt": after}


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664])
def test_write_keeps_the_mode(tmp_path: Path, mode: int) -> None:
    """Keeps the mode of the file that is replaced."""
    path = tmp_path / "show.md"
    path.write_text("old")
    path.chmod(mode)

    write_atomic(path, b"new")

    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_new_file_gets_the_usual_mode(tmp_path: Path) -> None:
    """Makes a new file as readable as any other that the user makes, not a private one."""
    umask = os.umask(0o027)
    try:
        write_atomic(tmp_path / "a.srt", b"")
    finally:
        os.umask(umask)

    assert stat.S_IMODE((tmp_path / "a.srt").stat().st_mode) == 0o640


def test_write_follows_a_link(tmp_path: Path) -> None:
    """Writes where a link leads to, and leaves it a link, also where nothing is there yet."""
    (tmp_path / "there").mkdir()
    (tmp_path / "link.md").symlink_to("there/show.md")

    write_atomic(tmp_path / "link.md", b"first")
    write_atomic(tmp_path / "link.md", b"second")

    assert (tmp_path / "link.md").is_symlink()
    assert contents(tmp_path / "there") == {"show.md": b"second"}


def test_failed_write_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """Leaves no part of a file behind where the name cannot be taken."""
    (tmp_path / "a.srt").mkdir()

    with pytest.raises(OSError, match=r"a\.srt"):
        write_atomic(tmp_path / "a.srt", b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["a.srt"]


def test_interrupted_write_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the old file, and nothing else, where Ctrl-C comes before the new one is on the disk."""
    path = tmp_path / "show.md"
    path.write_text("old")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, b"new")

    assert contents(tmp_path) == {"show.md": b"old"}
