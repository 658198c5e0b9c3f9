"""Boxes from short notation; real files are in test_embed.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.chapters.mp4_boxes import Box, boxes, has_index_first, with_tags


def box(kind: str, *content: bytes) -> bytes:
    """A box with a content."""
    body = b"".join(content)
    return (8 + len(body)).to_bytes(4) + kind.encode() + body


def index(*offsets: int, wide: bool = False, extra: bytes = b"") -> bytes:
    """An index with a track whose chunks are at these places."""
    table = box(
        "co64" if wide else "stco", bytes(4), len(offsets).to_bytes(4), *(n.to_bytes(8 if wide else 4) for n in offsets)
    )
    return box("moov", box("mvhd", b"head"), box("trak", box("mdia", box("minf", box("stbl", table)))), extra)


FTYP, MDAT = box("ftyp", b"M4A "), box("mdat", b"sound")
OWN = box("udta", box("meta", b"of FFmpeg"), box("chpl", b"chapters"))
TAGS = box("udta", box("meta", b"of the file"), box("chpl", b"old"), box("name", b"x")) + box("meta", b"more")


def test_boxes_have_three_kinds_of_sizes() -> None:
    """Of 32 bits, of 64, and to the end."""
    wide = b"\0\0\0\x01wide" + (20).to_bytes(8) + b"abcd"
    file = box("ftyp", b"x") + wide + b"\0\0\0\0lastabc"

    assert list(boxes(file, 0, len(file))) == [
        Box(b"ftyp", 0, 8, 9),
        Box(b"wide", 9, 25, 29),
        Box(b"last", 29, 37, len(file)),
    ]


@pytest.mark.parametrize("rest", [b"\0\0\0", b"\0\0\0\x04abcd", b"\0\0\0\x99abcd", b"\0\0\0\x01abcd\0"])
def test_boxes_end_at_damage(rest: bytes) -> None:
    """What does not fit into the range is none."""
    assert [one.kind for one in boxes(FTYP + rest, 0, len(FTYP + rest))] == [b"ftyp"]


def test_tags_are_those_of_the_original() -> None:
    """Its old chapters are not taken, the new ones stay."""
    made = with_tags(FTYP + MDAT + index(20, extra=OWN), FTYP + MDAT + box("moov", TAGS))

    assert made == FTYP + MDAT + index(
        20,
        extra=box("udta", box("meta", b"of the file"), box("name", b"x"), box("chpl", b"chapters"))
        + box("meta", b"more"),
    )


@pytest.mark.parametrize("wide", [False, True])
def test_an_index_is_first_where_it_was(*, wide: bool) -> None:
    """The places of the chunks are moved by its length."""
    moov = index(20, 23, wide=wide, extra=OWN)
    made = with_tags(FTYP + MDAT + moov, FTYP + box("moov") + MDAT)
    bare = index(20, 23, wide=wide, extra=box("udta", box("chpl", b"chapters")))

    assert (
        made
        == FTYP + index(20 + len(bare), 23 + len(bare), wide=wide, extra=box("udta", box("chpl", b"chapters"))) + MDAT
    )
    assert has_index_first(made)


def test_a_file_without_tags_gets_none() -> None:
    """Nor FFmpeg's own."""
    assert with_tags(MDAT + index(8, extra=box("udta", box("meta", b"of FFmpeg"))), MDAT) == MDAT + index(8)


@given(st.binary(max_size=60), st.integers(0, 200))
def test_any_original_is_taken(noise: bytes, cut: int) -> None:
    """A stranger's file raises nothing, and the sound stays."""
    original = (FTYP + box("moov", TAGS) + MDAT)[:cut] + noise

    assert MDAT in with_tags(FTYP + MDAT + index(20, extra=OWN), original)
