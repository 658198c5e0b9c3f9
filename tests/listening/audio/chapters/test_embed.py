"""Chapters are read by mutagen and by FFmpeg; everything else of a recording is as it was."""

from __future__ import annotations

from pathlib import Path

import av
import mutagen
import pytest
from av.stream import AttachmentStream
from mutagen.id3 import ID3
from mutagen.mp4 import MP4

from pipeline.errors import AudioError
from pipeline.listening.audio.chapters import embed
from pipeline.listening.audio.chapters.embed import check_embedding, embed_chapters
from pipeline.times import Span
from tests.listening.audio.chapters.recordings import (
    CODECS,
    cover,
    packets,
    recording,
    with_id3,
    with_mp4_tags,
    with_opus_cover,
)

CHAPTERS = (("Intro — é", Span(400, 1_000)), ("R&D <b>; = שלום", Span(1_000, 3_000)))


def copy_of(path: Path, chapters: tuple[tuple[str, Span], ...] = CHAPTERS) -> Path:
    """Write the copy with chapters beside the original."""
    copy = path.with_name(f"copy{path.suffix}")
    copy.write_bytes(embed_chapters(path, chapters))
    return copy


def chapters_in(path: Path) -> list[tuple[str, int, int]]:
    """The chapters as FFmpeg reads them: titles, starts and ends in ms."""
    with av.open(str(path)) as container:
        return [
            (one["metadata"]["title"], round(one["start"] * unit * 1_000), round(one["end"] * unit * 1_000))
            for one in container.chapters()
            if (unit := one["time_base"])
        ]


@pytest.mark.parametrize("kind", [*CODECS, "ogg"])
def test_packets_are_the_same_to_the_byte(tmp_path: Path, kind: str) -> None:
    """And so are their times; the chapters are there. An mp4 begins its first chapter at 0."""
    path = recording(tmp_path / f"a.{kind}", video=kind in {"mp4", "mkv"})
    copy = copy_of(path)

    assert list(packets(copy)) == list(packets(path))
    (title, start, end), (second, after, _) = chapters_in(copy)
    assert (title, second) == tuple(title for title, _ in CHAPTERS)
    assert start == 0 if kind in {"m4a", "mp4"} else 400 <= start < 410
    assert 1_000 <= end == after < 1_010


@pytest.mark.parametrize("kind", [*CODECS, "ogg"])
def test_chapters_are_replaced(tmp_path: Path, kind: str) -> None:
    """A copy of a copy has only the new ones, and the same packets."""
    first = copy_of(recording(tmp_path / f"a.{kind}"))
    again = first.rename(tmp_path / f"b.{kind}")
    assert check_embedding(again) == ()
    second = copy_of(again, (("Only", Span(0, 3_000)),))

    assert [title for title, *_ in chapters_in(second)] == ["Only"]
    assert list(packets(second)) == list(packets(again))


# --- tags --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [3, 4])
def test_an_mp3_keeps_its_tag_and_all_its_bytes(tmp_path: Path, version: int) -> None:
    """Every other frame is equal, and so is everything after the tag; CHAP and CTOC are as the standard has them."""
    path = with_id3(recording(tmp_path / "a.mp3"), version)
    copy = copy_of(path)
    before, after = ID3(path, translate=False), ID3(copy, translate=False)
    chapters, (contents,) = after.getall("CHAP"), after.getall("CTOC")

    assert before.version == after.version == (2, version, 0)
    assert _plain(before) == _plain(after)
    assert after.getall("APIC")[0].data == cover()
    assert copy.read_bytes()[after.size :] == path.read_bytes()[before.size :]
    assert [(one.start_time, one.end_time, one.sub_frames["TIT2"].text) for one in chapters] == [
        (span.start, span.end, [title]) for title, span in CHAPTERS
    ]
    assert contents.child_element_ids == [one.element_id for one in chapters]
    assert contents.flags == 3


def _plain(tag: ID3) -> dict[str, object]:
    return {name: frame for name, frame in tag.items() if not name.startswith(("CHAP", "CTOC"))}


@pytest.mark.parametrize("title", ["a" * 126, "é" * 63, "ש" * 300])
@pytest.mark.parametrize("version", [3, 4])
def test_a_long_title_loses_no_chapter(tmp_path: Path, version: int, title: str) -> None:
    """FFmpeg drops chapters of ID3v2.4 with titles of 126 bytes or more, so they are shorter there."""
    copy = copy_of(
        with_id3(recording(tmp_path / "a.mp3"), version), ((title, Span(0, 1_000)), ("Z", Span(1_000, 3_000)))
    )
    (first, *_), (second, *_) = chapters_in(copy)

    assert (first, second) == (title if version == 3 else f"{title[: len(first) - 1]}…", "Z")
    assert len(first) > 55


def test_an_mp3_without_a_tag_gets_one(tmp_path: Path) -> None:
    """Its bytes follow."""
    path = recording(tmp_path / "a.mp3", options={"id3v2_version": "0"})
    assert not path.read_bytes().startswith(b"ID3")
    copy = copy_of(path)

    assert [one.sub_frames["TIT2"].text[0] for one in ID3(copy).getall("CHAP")] == [title for title, _ in CHAPTERS]
    assert copy.read_bytes().endswith(path.read_bytes())


@pytest.mark.parametrize("index_first", [True, False])
@pytest.mark.parametrize("kind", ["m4a", "mp4"])
def test_an_mp4_keeps_its_tags(tmp_path: Path, kind: str, *, index_first: bool) -> None:
    """Those that FFmpeg does not know and the cover too; an index at the start stays there, and the sound is found."""
    options = {"movflags": "faststart"} if index_first else {}
    path = with_mp4_tags(recording(tmp_path / f"a.{kind}", options=options))
    copy = copy_of(path)

    assert dict(MP4(copy).tags or {}) == dict(MP4(path).tags or {})
    assert [one.title for one in MP4(copy).chapters or ()] == [title for title, _ in CHAPTERS]
    assert list(packets(copy)) == list(packets(path))
    assert (copy.read_bytes().index(b"moov") < copy.read_bytes().index(b"mdat")) == index_first
    assert copy.read_bytes()[8:12] == path.read_bytes()[8:12]
    with av.open(str(copy)) as container:
        frames = list(container.decode(audio=0))
    assert sum(frame.samples for frame in frames) > 2 * 48_000


def test_matroska_keeps_its_tags_and_what_is_attached(tmp_path: Path) -> None:
    """The cover and other files."""
    path = recording(tmp_path / "a.mkv")
    with av.open(str(copy_of(path))) as after, av.open(str(path)) as before:
        assert after.metadata == before.metadata
        assert [(one.type, one.metadata) for one in [*after.streams][1:]] == [
            (one.type, one.metadata) for one in [*before.streams][1:]
        ]
        assert [one.data for one in after.streams if isinstance(one, AttachmentStream)] == [b"notes"]
        assert next(bytes(one) for one in after.demux(video=0)) == cover()
    assert check_embedding(path) == ()


def test_chapters_of_matroska_follow_its_timestamps(tmp_path: Path) -> None:
    """A recording that was cut out of another may begin at any timestamp; players show 0:00 there."""
    path, late = recording(tmp_path / "a.mkv"), tmp_path / "late.mkv"
    with av.open(str(path)) as source, av.open(str(late), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size and packet.pts is not None and packet.dts is not None:
                packet.pts, packet.dts, packet.stream = packet.pts + 60_000, packet.dts + 60_000, stream
                target.mux(packet)
    with av.open(str(late)) as container:
        first = container.streams.audio[0].start_time or 0

    assert first >= 60_000
    assert [start - first for _, start, _ in chapters_in(copy_of(late))] == [400, 1_000]


def test_a_cover_in_ogg_is_lost_and_that_is_known(tmp_path: Path) -> None:
    """The other comments stay."""
    path = with_opus_cover(recording(tmp_path / "a.opus"))
    after, before = mutagen.File(copy_of(path)), mutagen.File(path)

    assert check_embedding(path) == ("its cover",)
    assert after["title"] == before["title"] == ["Ünï"]
    assert after["chapter001name"] == [CHAPTERS[1][0]]
    assert after["chapter001"] == ["00:00:01.000"]


# --- what cannot be done -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["wav", "flac", "aac"])
def test_a_format_without_chapters_is_refused(tmp_path: Path, kind: str) -> None:
    """The line says which formats have them."""
    path = recording(tmp_path / f"a.{kind}")

    with pytest.raises(AudioError, match=rf"its format \({kind}\) cannot hold chapters; mp3, m4a, mp4,"):
        check_embedding(path)


def test_an_old_tag_is_refused(tmp_path: Path) -> None:
    """ID3v2.2 has no chapters, and to write it anew would lose what is in it."""
    path = recording(tmp_path / "a.mp3", options={"id3v2_version": "0"})
    path.write_bytes(b"ID3\x02\x00\x00\x00\x00\x00\x0aTT2\x00\x00\x04\x00abc" + path.read_bytes())

    with pytest.raises(AudioError, match=r"because its tag is ID3v2\.2, which has no chapters; save its tags as"):
        check_embedding(path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy is made in memory."""
    monkeypatch.setattr(embed, "MAX_BYTES", 1_000)

    with pytest.raises(AudioError, match="is larger than"):
        check_embedding(recording(tmp_path / "a.mp3"))


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    """As it is for listening."""
    (tmp_path / "a.mp3").write_text("text")

    with pytest.raises(AudioError):
        check_embedding(tmp_path / "a.mp3")
    with pytest.raises(AudioError, match="there is no such file"):
        check_embedding(tmp_path / "missing.mp3")
