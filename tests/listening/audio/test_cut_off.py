"""Files that are longer by their own sizes than they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.cut_off import is_cut_off
from tests.listening.conftest import MakeSound, babble


@pytest.mark.parametrize("name", ["a.m4a", "a.wav", "a.aiff"])
def test_the_end_of_the_file_is_missing(make_sound: MakeSound, name: str) -> None:
    """A complete file is not cut off, and one without its last half is."""
    path = make_sound(name, babble(1), codec="pcm_s16be" if name == "a.aiff" else "")

    assert not is_cut_off(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert is_cut_off(path)


@pytest.mark.parametrize("size", [b"\xff\xff\xff\xff", bytes(4)])
def test_an_unknown_size_says_nothing(make_sound: MakeSound, size: bytes) -> None:
    """A wav file that was written to a pipe has no size in its header."""
    path = make_sound("a.wav", babble(1))
    path.write_bytes(b"RIFF" + size + path.read_bytes()[8:])

    assert not is_cut_off(path)


def test_a_missing_file_is_not_cut_off(tmp_path: Path) -> None:
    """What cannot be read is for others to say."""
    assert not is_cut_off(tmp_path / "none.m4a")


@given(st.binary(max_size=200))
def test_any_boxes_are_read(tmp_path_factory: pytest.TempPathFactory, boxes: bytes) -> None:
    """Whatever the sizes of boxes, reading ends; other formats are never cut off."""
    path = tmp_path_factory.getbasetemp() / "boxes"
    path.write_bytes(b"\x00\x00\x00\x08ftyp" + boxes)
    assert is_cut_off(path) in {True, False}
    path.write_bytes(b"OggS\x00" + boxes)
    assert not is_cut_off(path)
