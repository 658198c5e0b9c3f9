from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pipeline.io.atomic import write_below
from pipeline.io.confined import LinkOutError, is_shared, make_folders, open_without_link, opened_folder, real_name

OUTSIDE = "../outside"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with another one next to it."""
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious").write_text("old")
    return tmp_path / "folder"


@pytest.mark.parametrize(
    ("link", "target", "name"),
    [
        ("out", f"{OUTSIDE}/precious", "out"),
        ("out", f"{OUTSIDE}/not there yet", "out"),
        ("out", OUTSIDE, "out/new"),
        ("out", "/", "out/tmp/new"),
        ("inner/out", f"../{OUTSIDE}/precious", "inner/out"),
        ("inner/out", "../..", "inner/out/outside/new"),
        ("out", "again", "out"),
        ("out", ".", "out"),
    ],
)
def test_link_out_is_refused(folder: Path, link: str, target: str, name: str) -> None:
    """Refuses a name that leads out of the folder through a link, dangling or not, and writes nothing."""
    (folder / link).symlink_to(target)
    (folder / "again").symlink_to(f"{OUTSIDE}/precious")
    before = sorted(path.name for path in (folder.parent / "outside").iterdir())
    with pytest.raises(LinkOutError):
        real_name(folder, name)
    with pytest.raises(LinkOutError):
        write_below(folder, name, b"ours")

    assert (folder.parent / "outside" / "precious").read_text() == "old"
    assert sorted(path.name for path in (folder.parent / "outside").iterdir()) == before


@pytest.mark.parametrize("name", ["../outside/new", "inner/../../outside/new", "", ".", "/new"])
def test_name_without_a_link_leads_out_neither(folder: Path, name: str) -> None:
    """Refuses a name that leads out, or to the folder itself, by its parts."""
    with pytest.raises(LinkOutError):
        real_name(folder, name)


def test_link_inside_is_followed(folder: Path) -> None:
    """Follows a link that stays in the folder, and leaves it a link."""
    (folder / "latest").symlink_to("inner")
    write_below(folder, "latest/new", b"ours")

    assert (folder / "latest").is_symlink()
    assert (folder / "inner" / "new").read_bytes() == b"ours"


def test_link_that_is_put_there_after_the_check_is_not_followed(folder: Path) -> None:
    """Opens folder by folder, each without following a link: what was checked is what is opened."""
    checked = real_name(folder, "inner/new")
    (folder / "inner").rmdir()
    (folder / "inner").symlink_to(OUTSIDE)
    with pytest.raises(OSError, match="inner"), opened_folder(folder, checked.parts[:-1]):
        pass
    with pytest.raises(OSError, match="inner"):
        make_folders(folder, "inner")

    assert [path.name for path in (folder.parent / "outside").iterdir()] == ["precious"]


def test_opener_follows_no_link(folder: Path) -> None:
    """Opens files, and creates them, but not through a link."""
    (folder / "link").symlink_to(f"{OUTSIDE}/precious")
    (folder / "dangling").symlink_to(f"{OUTSIDE}/new")
    for name in ("link", "dangling"):
        with pytest.raises(OSError, match=name), open(folder / name, "wb", opener=open_without_link):
            pass
    with open(folder / "new", "wb", opener=open_without_link) as file:
        file.write(b"ours")

    assert (folder / "new").read_bytes() == b"ours"
    assert (folder.parent / "outside" / "precious").read_text() == "old"


def test_folders_for_a_group_can_be_used_by_it(folder: Path) -> None:
    """Gives a new folder the mode that was asked for, whatever the umask; without one the umask decides."""
    usual = os.umask(0o027)
    try:
        modes = [
            stat.S_IMODE(make_folders(folder, f"new {mode}", mode).stat().st_mode) for mode in (None, 0o700, 0o2770)
        ]
    finally:
        os.umask(usual)

    assert modes == [0o750, 0o700, 0o2770]
    assert [is_shared(folder / f"new {mode}") for mode in (0o700, 0o2770)] == [False, True]
    assert is_shared(folder / "none") is False
