"""Damaged and unusual recordings: all that can be decoded is decoded, and no memory outside of the file is read."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import AudioError
from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.times import Span
from tests.listening.audio.test_recording import offset_ms, read_all
from tests.listening.conftest import MakeSound, babble, write_sound


@pytest.mark.parametrize("name", ["a.m4a", "a.flac", "a.opus"])
def test_audio_after_damage_keeps_its_time(make_sound: MakeSound, name: str) -> None:
    """Audio after a damaged part stays at its time."""
    path = make_sound(name, babble(12, 48_000), 48_000)
    whole = read_all(open_recording(path)).samples
    content = bytearray(path.read_bytes())
    start = len(content) * 4 // 10
    content[start : start + len(content) // 10] = bytes(len(content) // 10)
    path.write_bytes(content)

    after = open_recording(path).read(Span(9_000, 11_000))

    assert abs(offset_ms(whole[9_000 * 16 : 11_000 * 16], after.samples)) <= 10


@pytest.mark.parametrize("name", ["a.m4a", "a.flac", "a.mp3", "a.webm", "a.ogg", "a.wav"])
@settings(max_examples=30)  # each writes and reads a file
@given(damage=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=60))
def test_any_damage_gives_audio_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, name: str, damage: list[tuple[int, int]]
) -> None:
    """A damaged file is read as far as possible, or the error is one line; no other exception is raised."""
    path = tmp_path_factory.getbasetemp() / f"damaged-{name}"
    content = bytearray(write_sound(path, babble(1, 48_000), 48_000).read_bytes())
    for at, value in damage:
        content[at % len(content)] = value
    path.write_bytes(content)

    message = _error_of(path)

    assert message.startswith(f"{path}: ") or not message
    assert "\n" not in message


def _error_of(path: Path) -> str:
    """The error message of a file; empty if it can be read."""
    try:
        open_recording(path).read(Span(0, 1_000))
    except AudioError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("channels", [1, 2, 8, 9, 32])
def test_any_number_of_channels_is_mixed(tmp_path: Path, channels: int) -> None:
    """Recordings with up to 32 channels are mixed to mono, and no memory beyond the last channel is read."""
    sound = babble(1)[:1]
    with wave.open(str(tmp_path / "many.wav"), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.repeat(sound, channels, axis=0).T * 32_767).astype("<i2").tobytes())

    read = open_recording(tmp_path / "many.wav").read(Span(0, 1_000))

    assert np.abs(read.samples - sound[0, : len(read.samples)]).max() < 0.001
