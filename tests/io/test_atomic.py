from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.io.atomic import ABANDONED_S, remove_abandoned, same_file, sha256_file, sha256_of, write_atomic
from tests.sample_episode import environment


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


WRITER = """
import sys
from pathlib import Path
from pipeline.io.atomic import write_atomic

sys.stdin.readline()
for _ in range(60):
    write_atomic(Path("show.md"), sys.argv[1].encode() * 200_000)
"""


def test_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    """Shows a reader one writer's content or another's, whole, at any moment, and leaves nothing else."""
    (tmp_path / "show.md").write_bytes(b"0" * 200_000)
    command = [sys.executable, "-c", WRITER]
    writers = [
        subprocess.Popen([*command, name], cwd=tmp_path, env=environment(), stdin=subprocess.PIPE) for name in "123"
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"go\n")
        writer.stdin.close()
    seen = set[bytes]()
    while any(writer.poll() is None for writer in writers):
        seen.add((tmp_path / "show.md").read_bytes())

    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert seen <= {name * 200_000 for name in (b"0", b"1", b"2", b"3")}
    assert list(contents(tmp_path)) == ["show.md"]


def test_what_was_abandoned_is_removed(tmp_path: Path) -> None:
    """Removes what killed runs left long ago, and nothing that is young, or is not cuemark's."""
    now = 10_000_000
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


def test_write_removes_what_was_abandoned_beside_it(tmp_path: Path) -> None:
    """Cleans up after a run that was killed in the same folder, by the clock of the disk."""
    left = tmp_path / f".cuemark-{'a' * 16}.part"
    left.write_text("half")
    write_atomic(tmp_path / "a.srt", b"one")
    assert left.exists()

    os.utime(left, (0, 0))
    write_atomic(tmp_path / "a.srt", b"two")
    assert contents(tmp_path) == {"a.srt": b"two"}


@pytest.mark.parametrize("before", [None, 0o644], ids=["new", "open to all"])
def test_what_is_private_is_the_owners_alone(tmp_path: Path, before: int | None) -> None:
    """A private file is readable by its owner only, whatever the umask and its mode before."""
    path = tmp_path / "voices"
    if before is not None:
        path.write_bytes(b"old")
        path.chmod(before)
    usual = os.umask(0)
    try:
        write_atomic(path, b"new", private=True)
    finally:
        os.umask(usual)

    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)
