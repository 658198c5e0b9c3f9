from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.listening.audio.tags import title_of
from tests.listening.tagged_recording import write_tagged


@pytest.mark.parametrize("title", ["The Slow Build", "茶 – 😀", "  Tea\n"])
def test_title_is_read_from_the_tags(tmp_path: Path, title: str) -> None:
    """The title is the one in the tags, without surrounding white space."""
    assert title_of(write_tagged(tmp_path / "a.mp3", title)) == title.strip()


def test_tags_without_a_title_give_none(tmp_path: Path) -> None:
    """Tags without a title give None."""
    assert title_of(write_tagged(tmp_path / "a.mp3", "")) is None


@pytest.mark.parametrize("content", [b"", b"no sound", b"ID3\x03\0\0\x7f\x7f\x7f\x7f"])
def test_a_file_without_audio_has_no_title(tmp_path: Path, content: bytes) -> None:
    """No exception is raised: errors of a file are reported when it is transcribed."""
    (tmp_path / "a.mp3").write_bytes(content)

    assert title_of(tmp_path / "a.mp3") is None
    assert title_of(tmp_path / "missing.mp3") is None
