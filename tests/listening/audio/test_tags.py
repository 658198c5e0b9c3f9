from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.listening.audio.tags import title_of
from tests.listening.tagged_recording import write_tagged


@pytest.mark.parametrize("title", ["The Slow Build", "茶 – 😀", "  Tea\n"])
def test_a_recording_says_what_it_is_called(tmp_path: Path, title: str) -> None:
    """Reads the title out of the tags, without what surrounds it."""
    assert title_of(write_tagged(tmp_path / "a.mp3", title)) == title.strip()


def test_a_recording_may_say_nothing(tmp_path: Path) -> None:
    """Gives None for tags without a title."""
    assert title_of(write_tagged(tmp_path / "a.mp3", "")) is None


@pytest.mark.parametrize("content", [b"", b"no sound", b"ID3\x03\0\0\x7f\x7f\x7f\x7f"])
def test_what_is_no_recording_has_no_title(tmp_path: Path, content: bytes) -> None:
    """Raises nothing: what is wrong with a file is told when it is listened to."""
    (tmp_path / "a.mp3").write_bytes(content)

    assert title_of(tmp_path / "a.mp3") is None
    assert title_of(tmp_path / "missing.mp3") is None
