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

from pipeline.io.atomic import (
    ChangedMeanwhileError,
    create_atomic,
    same_file,
    sha256_file,
    sha256_of,
    write_atomic,
    write_below,
)
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


# --- modes, tags and other names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "most", "umask", "after"),
    [
        (None, 0o644, 0o022, 0o644),
        (None, 0o600, 0o022, 0o600),
        (None, 0o755, 0o022, 0o644),
        (None, 0o444, 0o022, 0o644),
        (None, 0o664, 0o027, 0o640),
        (None, 0o664, 0o777, 0o600),
        (0o644, 0o600, 0o022, 0o600),
        (0o600, 0o644, 0o022, 0o600),
        (0o664, 0o664, 0o022, 0o664),
    ],
)
def test_mode_is_what_umask_and_source_both_permit(
    tmp_path: Path, before: int | None, most: int, umask: int, after: int
) -> None:
    """Permits no more than the umask, the source and the replaced file do; to the owner always reading and writing."""
    if before is not None:
        (tmp_path / "a.srt").write_text("old")
        (tmp_path / "a.srt").chmod(before)
    usual = os.umask(umask)
    try:
        write_below(tmp_path, "a.srt", b"new", mode=most)
    finally:
        os.umask(usual)

    assert oct(stat.S_IMODE((tmp_path / "a.srt").stat().st_mode)) == oct(after)


def test_extended_attributes_stay(tmp_path: Path) -> None:
    """Keeps tags of a file that is replaced, where the disk has them."""
    path = tmp_path / "show.md"
    path.write_text("old")
    tagged = supports_tags(path)
    write_atomic(path, b"new")

    assert path.read_bytes() == b"new"
    assert tags(path) == ({"user.mood": b"good"} if tagged else {})


def supports_tags(path: Path) -> bool:
    """Tag a file; False where the disk or the system has no tags."""
    try:
        os.setxattr(path, "user.mood", b"good")
    except (OSError, AttributeError):
        return False
    return True


def tags(path: Path) -> dict[str, bytes]:
    """The tags of a file."""
    names = os.listxattr(path) if hasattr(os, "listxattr") else []
    return {name: os.getxattr(path, name) for name in names if name.startswith("user.")}


# --- who was quicker ----------------------------------------------------------------------------------------------


def test_new_content_waits_for_a_last_look(tmp_path: Path) -> None:
    """Asks with the hash of what is there at the last moment, and leaves that where the answer is no."""
    path = tmp_path / "show.md"
    path.write_text("theirs")
    asked: list[str | None] = []

    def refuse(present: str | None) -> bool:
        asked.append(present)
        return False

    with pytest.raises(ChangedMeanwhileError):
        write_atomic(path, b"ours", may_replace=refuse)

    assert asked == [sha256_of(b"theirs")]
    assert contents(tmp_path) == {"show.md": b"theirs"}


def test_file_that_appears_at_the_last_moment_is_looked_at(tmp_path: Path) -> None:
    """Does not replace a file that is created after the last look: creating ours fails, and it is looked at again."""
    path = tmp_path / "a.srt"

    def may_replace(present: str | None) -> bool:
        if present is None:
            path.write_text("theirs")
        return present is None

    with pytest.raises(ChangedMeanwhileError):
        write_atomic(path, b"ours", may_replace=may_replace)

    assert contents(tmp_path) == {"a.srt": b"theirs"}


def test_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    """Looks at what has the name now without waiting for ever where a pipe has taken its place."""
    os.mkfifo(tmp_path / "a.srt")
    with pytest.raises(ChangedMeanwhileError):
        write_atomic(tmp_path / "a.srt", b"ours", may_replace=lambda present: present is None)

    assert [path.name for path in tmp_path.iterdir()] == ["a.srt"]


def test_disk_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Creates a file by a rename where the disk has no hard links."""

    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    create_atomic(tmp_path / "new", b"content")

    assert contents(tmp_path) == {"new": b"content"}


@pytest.mark.parametrize("there", ["file", "dangling link", "folder"])
def test_creating_replaces_nothing(tmp_path: Path, there: str) -> None:
    """Creates a file only where nothing has its name, not even a link that leads nowhere."""
    match there:
        case "file":
            (tmp_path / "new").write_text("theirs")
        case "dangling link":
            (tmp_path / "new").symlink_to("nowhere")
        case _:
            (tmp_path / "new").mkdir()
    with pytest.raises(FileExistsError):
        create_atomic(tmp_path / "new", b"ours")

    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert not (tmp_path / "new").is_file() or (tmp_path / "new").read_text() == "theirs"
