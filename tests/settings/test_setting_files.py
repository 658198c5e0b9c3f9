from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.settings.setting_files import named_file, presets, setting_files, show_file


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a show's transcripts in ``show``."""
    (tmp_path / "show").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "file"),
    [("fast", None), ("./fast", Path("fast")), ("mine.toml", Path("mine.toml")), (Path("fast"), Path("fast"))],
)
def test_config_names_a_file_or_a_preset(given: Path | str, file: Path | None) -> None:
    """Takes a text with a dot or a separator, or a path, for a file."""
    assert named_file(given) == file


def test_options_come_from_the_show_and_from_the_command_line(folder: Path) -> None:
    """Lists the show's own file before what the command line names; a preset that does not exist is no file."""
    own = folder / "show" / "cuemark.toml"
    own.touch()

    assert setting_files(None, None) == ()
    assert setting_files("fast", None) == (presets()["fast"],)
    assert setting_files("mine.toml", Path("show/1.md")) == (own, Path("mine.toml"))
    assert setting_files("quick", Path("1.md")) == ()


# --- a show's own file -------------------------------------------------------------------------------------------


def test_show_file_lies_beside_the_transcript(folder: Path) -> None:
    """Finds it in the transcript's own folder, through a link to that too, and nowhere above."""
    transcript = folder / "show" / "1.md"
    (folder / "show" / "cuemark.toml").touch()
    (folder / "link").symlink_to("show")
    (folder / "show" / "season").mkdir()

    assert show_file(Path("show/1.md")) == transcript.with_name("cuemark.toml")
    assert show_file(Path("link/1.md")) == transcript.with_name("cuemark.toml")
    assert show_file(folder / "show" / "season" / "1.md") is None
    assert show_file(Path("1.md")) is None


def test_show_file_lies_in_the_repository(folder: Path) -> None:
    """Looks upwards inside a Git repository, takes the nearest, and never looks above the repository."""
    (folder / "cuemark.toml").touch()
    (folder / "show" / ".git").mkdir()
    deep = folder / "show" / "season" / "1"
    deep.mkdir(parents=True)

    assert show_file(deep / "1.md") is None
    (folder / "show" / "cuemark.toml").touch()
    assert show_file(deep / "1.md") == folder / "show" / "cuemark.toml"
    (deep.parent / "cuemark.toml").touch()
    assert show_file(deep / "1.md") == deep.parent / "cuemark.toml"


def test_show_file_is_a_file(folder: Path) -> None:
    """Passes over a folder or a pipe of that name, which would be waited for without end."""
    os.mkfifo(folder / "show" / "cuemark.toml")

    assert show_file(folder / "show" / "1.md") is None


@pytest.mark.parametrize("name", ["loop", "none", "x" * 300])
def test_odd_folder_has_no_show_file(folder: Path, name: str) -> None:
    """Leaves it to whoever reads the transcript to say that its folder is none."""
    (folder / "loop").symlink_to("loop")

    assert show_file(Path(name) / "1.md") is None
