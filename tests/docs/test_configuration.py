"""Every configuration on every page is one that the program takes."""

from __future__ import annotations

from pathlib import Path

from pipeline.settings.precedence import Settings, load_settings
from pipeline.settings.setting_files import SHOW_FILE
from tests.docs.blocks import Block, checked_blocks


def loaded(block: Block, folder: Path) -> Settings:
    """The options in force with it: as a file after ``--config``, or as a show's own where its title says so."""
    of_show = SHOW_FILE in block.rest
    file = folder / (SHOW_FILE if of_show else "my.toml")
    file.write_text(block.text, encoding="utf-8")
    settings = load_settings(None, folder / "episode.md", {}) if of_show else load_settings(file, None, {})
    file.unlink()
    return settings


def test_configurations_load(tmp_path: Path) -> None:
    """Loads every configuration on a page, and finds something set in it."""
    shown = list(checked_blocks("toml"))

    assert [block.place for block in shown if not loaded(block, tmp_path).origins] == []
    assert shown != []
