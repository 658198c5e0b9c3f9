from __future__ import annotations

import pytest

from pipeline.writing.exports.audio_name import audio_name, recording_name


@pytest.mark.parametrize(
    ("path", "name", "recording"),
    [
        ("shows/one two.mp3", "one two.mp3", "one two"),
        ("07.part.1.wav", "07.part.1.wav", "07.part.1"),
        ("episode", "episode", "episode"),
        (".mp3", ".mp3", ".mp3"),
        ("a\nb\udcff\x07.mp3", "a b.mp3", "a b"),
    ],
)
def test_a_file_is_named_without_its_folder(path: str, name: str, recording: str) -> None:
    """A name is one line of text, and has no undecodable bytes, which no format could hold."""
    assert (audio_name(path), recording_name(path)) == (name, recording)
