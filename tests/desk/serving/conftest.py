"""Fixtures: the transcript that a desk opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_episode import SHOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The transcript of the sample episode."""
    path = tmp_path / "show.md"
    path.write_text(SHOW)
    return path
