from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.chapters.id3_tag import (
    MOST_TITLE_BYTES,
    NO_TAG,
    Frame,
    Tag,
    TagError,
    chapter_title,
    read_tag,
    tag_size,
    write_tag,
)

TITLE = Frame(b"TIT2", b"\0\0", b"\x03Show")
PRIVATE = Frame(b"PRIV", b"\0\0", b"me\0\xff\x00\xff\xe0")


def tag(version: int, flags: int, body: bytes) -> bytes:
    """A tag with a body of less than 128 bytes, and the first bytes of sound after it."""
    footer = b"3DI" + bytes((version, 0, flags, 0, 0, 0, len(body))) if flags & 0x10 else b""
    return b"ID3" + bytes((version, 0, flags, 0, 0, 0, len(body))) + body + footer + b"\xff\xfb\x90\x00"


def raw(frame: Frame) -> bytes:
    """A frame of less than 128 bytes."""
    return frame.name + len(frame.content).to_bytes(4) + frame.flags + frame.content


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("a" * 120, "a" * 120),
        ("a" * 121, "a" * 117 + "…"),
        ("a" * 116 + " " + "b" * 9, "a" * 116 + "…"),
        ("é" * 61, "é" * 58 + "…"),
        ("a" * 116 + "e\u0301" + "a" * 9, "a" * 116 + "…"),
        ("\U0001f469\u200d\U0001f680" * 20, "\U0001f469\u200d\U0001f680" * 10 + "…"),
    ],
)
def test_titles_are_shortened_between_characters(title: str, shown: str) -> None:
    """An accent and a joined emoji stay whole; only ID3v2.4 needs it."""
    assert chapter_title(title, 4) == shown
    assert chapter_title(title, 3) == title


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_shortened_title_fits(title: str) -> None:
    """A title that fits stays; any other one begins as before and ends with an ellipsis."""
    shown = chapter_title(title, 4)

    assert len(shown.encode()) <= MOST_TITLE_BYTES
    assert shown == title or (title.startswith(shown.removesuffix("…")) and len(title.encode()) > MOST_TITLE_BYTES)


FRAMES = st.builds(
    Frame,
    st.sampled_from([b"TIT2", b"PRIV", b"CHAP", b"XXX1"]),
    st.just(b"\0\0"),
    st.one_of(st.binary(min_size=1, max_size=40), st.binary(min_size=1, max_size=4).map(lambda part: part * 100)),
)


@given(st.sampled_from([3, 4]), st.lists(FRAMES, max_size=5), st.binary(max_size=20))
def test_what_is_written_is_read_back(version: int, frames: list[Frame], sound: bytes) -> None:
    """Whatever the frames contain, and whatever follows."""
    written = write_tag(version, frames)

    assert read_tag(written + sound) == Tag(version, tuple(frames), len(written))


@pytest.mark.parametrize("beginning", [b"", b"ID3", b"\xff\xfb\x90\x00" * 9, b"OggS" * 9])
def test_a_file_may_have_no_tag(beginning: bytes) -> None:
    """The new one is then put before all of it."""
    assert read_tag(beginning) == NO_TAG


def test_padding_is_left_out() -> None:
    """It takes room in the file."""
    content = tag(4, 0, raw(TITLE) + bytes(30))

    assert read_tag(content) == Tag(4, (TITLE,), len(content) - 4)


@pytest.mark.parametrize(
    ("version", "flags", "body"),
    [
        (3, 0x80, (raw(TITLE) + raw(PRIVATE)).replace(b"\xff", b"\xff\x00")),
        (4, 0x80, raw(TITLE) + raw(Frame(b"PRIV", b"\0\x02", PRIVATE.content.replace(b"\xff", b"\xff\x00")))),
        (4, 0x00, raw(TITLE) + raw(Frame(b"PRIV", b"\0\x02", PRIVATE.content.replace(b"\xff", b"\xff\x00")))),
        (3, 0x40, b"\0\0\0\x06\0\0\0\0\0\0" + raw(TITLE) + raw(PRIVATE)),
        (4, 0x40, b"\0\0\0\x06\x01\0" + raw(TITLE) + raw(PRIVATE)),
        (4, 0x10, raw(TITLE) + raw(PRIVATE)),
    ],
    ids=["unsynchronised 2.3", "unsynchronised 2.4", "one frame", "extended 2.3", "extended 2.4", "footer"],
)
def test_all_forms_are_read_as_plain_frames(version: int, flags: int, body: bytes) -> None:
    """Unsynchronisation is undone; extended header and footer are left out, but counted."""
    content = tag(version, flags, body)

    assert read_tag(content) == Tag(version, (TITLE, PRIVATE), len(content) - 4)


def test_a_length_before_the_content_stays() -> None:
    """It counts the bytes without unsynchronisation, so it is right afterwards."""
    length = b"\0\0\0\x02"
    content = tag(4, 0, raw(Frame(b"PRIV", b"\0\x03", length + b"\xff\x00\xe0")))

    assert read_tag(content).frames == (Frame(b"PRIV", b"\0\x01", length + b"\xff\xe0"),)


def test_plain_sizes_in_a_newer_tag_are_read() -> None:
    """Some programs wrote them there."""
    long = Frame(b"TIT2", b"\0\0", b"\x03" + b"a" * 200)
    body = raw(long) + raw(TITLE)
    content = b"ID3\x04\x00\x00" + bytes((0, 0, len(body) >> 7, len(body) & 0x7F)) + body

    assert read_tag(content).frames == (long, TITLE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (tag(2, 0, b"TT2\0\0\x05\x00Show"), r"its tag is ID3v2\.2, which has no chapters"),
        (tag(3, 0, raw(TITLE)[:-1]), "its ID3v2 tag is damaged"),
        (tag(4, 0, b"TIT2\0\0\x7f\x7f\0\0\x03"), "its ID3v2 tag is damaged"),
        (tag(3, 0, raw(TITLE) + b"\x01garbage and more"), "its ID3v2 tag is damaged"),
    ],
)
def test_what_cannot_be_changed_without_a_loss_is_refused(content: bytes, reason: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(TagError, match=reason):
        read_tag(content)


@given(st.binary(max_size=80).map(lambda rest: b"ID3" + rest))
def test_anything_is_read_or_refused(content: bytes) -> None:
    """A stranger's tag raises nothing else."""
    assert tag_size(content) >= 0
    try:
        read_tag(content)
    except TagError:
        return
