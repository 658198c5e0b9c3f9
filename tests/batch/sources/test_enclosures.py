from __future__ import annotations

import pytest

from pipeline.batch.sources.enclosures import choose_recording, stated_recording, undecided_files
from pipeline.batch.sources.feed_parser import Enclosure

SOUND = b"ID3\x04rest"
PICTURE = b"\x89PNG\r\n"


@pytest.mark.parametrize(
    "media_type", ["audio/mpeg", "AUDIO/MPEG", "Audio/x-m4a; charset=utf-8", " video/mp4 ;a=b", "Application/OGG"]
)
def test_types_of_sound_count_in_any_case_with_any_parameters(media_type: str) -> None:
    """RFC 2045: types are compared without case, and parameters say nothing about the kind."""
    assert stated_recording(Enclosure("https://e.org/get?id=7", media_type)) is True


@pytest.mark.parametrize(
    "media_type", ["application/force-download", "binary/octet-stream", "image/jpeg", "text/html", "mp3", ""]
)
def test_with_an_odd_type_the_ending_decides(media_type: str) -> None:
    """The path's ending counts, in any case, and not the query."""
    verdicts = {
        name: stated_recording(Enclosure(f"https://e.org/{name}", media_type))
        for name in ("7.MP3?key=a.jpg", "7.m4a#t=1", "cover.jpg?x=.mp3", "7.pdf", "get", "get.php?f=7.mp3", "7.bin")
    }

    assert verdicts == {
        "7.MP3?key=a.jpg": True, "7.m4a#t=1": True, "cover.jpg?x=.mp3": False, "7.pdf": False, "get": None,
        "get.php?f=7.mp3": None, "7.bin": None,
    }  # fmt: skip


def test_the_first_bytes_decide_at_last() -> None:
    """Of files without a type and an ending, the first one that begins as a recording is taken."""
    offered = tuple(Enclosure(f"https://e.org/{name}", "application/octet-stream") for name in "abc")
    heads = {"https://e.org/a": PICTURE, "https://e.org/b": b"<html><body>", "https://e.org/c": SOUND}

    assert undecided_files(offered) == offered
    assert choose_recording(offered, heads) == offered[2]
    assert choose_recording(offered[:2], heads) is None


@pytest.mark.parametrize("head", [b"", b"\x00\x01\x02", None])
def test_a_file_that_cannot_be_judged_is_taken(head: bytes | None) -> None:
    """The work on the episode will say what it is."""
    file = Enclosure("https://e.org/a", "application/octet-stream")

    assert choose_recording([file], {} if head is None else {file.url: head}) == file


def test_a_stated_recording_comes_before_an_undecided_file() -> None:
    """No first bytes are needed then."""
    offered = (Enclosure("https://e.org/avatar", "application/octet-stream"), Enclosure("https://e.org/7.mp3"))

    assert undecided_files(offered) == ()
    assert choose_recording(offered, {}) == offered[1]


def test_an_invalid_address_is_no_recording() -> None:
    """It could not be downloaded."""
    assert stated_recording(Enclosure("http://[::1/7.mp3", "image/png")) is False
