"""The recordings in a file: links of an Ogg chain, and changes of the format of frames."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import AudioError
from pipeline.listening.audio import joins
from pipeline.listening.audio.joins import Links, format_changes, frame_ranges, ogg_links, rate_bits
from pipeline.listening.audio.parts import ByteRange
from tests.listening.conftest import MakeSound, babble


@pytest.fixture
def ogg(make_sound: MakeSound) -> Path:
    """An Ogg file of one link."""
    return make_sound("a.opus", babble(2, 48_000), 48_000)


def test_links_of_a_chain(ogg: Path) -> None:
    """Each link is a range of the bytes that were joined."""
    one = ogg.read_bytes()
    ogg.write_bytes(one * 3)

    size = len(one)
    ranges = (ByteRange(0, size), ByteRange(size, 2 * size), ByteRange(2 * size))
    assert ogg_links(ogg) == Links(ranges, is_cut_off=False)


def test_one_link_is_the_whole_file(ogg: Path) -> None:
    """A plain file has one link; if its last page is not complete, it is cut off."""
    assert ogg_links(ogg) == Links((ByteRange(),), is_cut_off=False)
    ogg.write_bytes(ogg.read_bytes()[:-9])
    assert ogg_links(ogg) == Links((ByteRange(),), is_cut_off=True)


def test_first_pages_of_several_streams_are_one_link(ogg: Path) -> None:
    """The first pages of several streams stand together at the start of one link."""
    one = ogg.read_bytes()
    first_page = one[: one.index(b"OggS", 4)]
    ogg.write_bytes(first_page + one)

    assert ogg_links(ogg).ranges == (ByteRange(),)


def test_damage_between_links_is_skipped(ogg: Path) -> None:
    """The next link is found after bytes that are no page, also where its mark is on the edge of a read."""
    one = ogg.read_bytes()
    for junk in (b"x", b"Ogg", bytes(joins._CHUNK - 1), bytes(joins._CHUNK + 3)):
        ogg.write_bytes(one + junk + one)

        assert ogg_links(ogg).ranges == (ByteRange(0, len(one) + len(junk)), ByteRange(len(one) + len(junk)))


def test_too_many_links_are_refused(ogg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with more links than any has is one line."""
    monkeypatch.setattr(joins, "_MAX_PARTS", 3)
    ogg.write_bytes(ogg.read_bytes() * 4)

    with pytest.raises(AudioError, match="more than 3 recordings are joined in it; export it again as one"):
        ogg_links(ogg)


@given(content=st.binary(max_size=500), at=st.integers(0, 400))
def test_any_bytes_have_links_in_order(tmp_path_factory: pytest.TempPathFactory, content: bytes, at: int) -> None:
    """Whatever the bytes, links tile the file from its start to its end."""
    path = tmp_path_factory.getbasetemp() / "any.ogg"
    path.write_bytes(content[:at] + b"OggS\x00\x02" + content[at:])

    ranges = ogg_links(path).ranges

    assert ranges[0].start == 0
    assert ranges[-1].end is None
    assert all(one.end == two.start and one.start < two.start for one, two in pairwise(ranges))


def test_too_many_changes_of_the_format_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds for a file that is only frames."""
    monkeypatch.setattr(joins, "_MAX_PARTS", 3)
    bits = [rate for rate in (1, 2, 1, 2) for _ in range(10)]

    assert len(frame_ranges(Path("a.mp3"), bits[:30], range(30))) == 3
    with pytest.raises(AudioError, match="more than 3 recordings are joined in it; export it again as one"):
        frame_ranges(Path("a.mp3"), bits, range(40))


formats = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 30)), max_size=8)


@given(formats)
def test_changes_are_where_a_format_lasts(runs: list[tuple[int, int]]) -> None:
    """Ten frames of another format are a change, fewer are damage; a change is where the format before ends."""
    bits = [one for one, count in runs for _ in range(count)]

    changes = format_changes(bits)

    edges = (0, *changes, len(bits))
    assert list(edges) == sorted(set(edges)) or not bits
    for before, change in pairwise(edges[:-1]):
        assert change - before >= 10


def test_the_rate_is_in_the_header() -> None:
    """Frames of another sample rate differ in these bits, and frames of another bit rate do not."""
    mp3 = [rate_bits("mp3", memoryview(bytes.fromhex(header))) for header in ("fffb9064", "fffbb0c4", "fff38064")]
    aac = [rate_bits("aac", memoryview(bytes.fromhex(header))) for header in ("fff15080", "fff15040", "fff15c80")]

    assert mp3[0] == mp3[1] != mp3[2]
    assert aac[0] == aac[1] != aac[2]
    assert rate_bits("mp3", memoryview(b"")) == 0
