"""Containers: ranges of bytes, and the choice of the stream."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from pipeline.listening.audio.container import opened, playable_streams, stream_name
from pipeline.listening.audio.decode import frames_of, packets
from pipeline.listening.audio.parts import ByteRange
from tests.listening.conftest import MakeSound, Sound, babble


def _decoded(path: Path, part: ByteRange, form: str | None) -> Sound:
    with opened(path, part, form) as (container, stream):
        return np.concatenate([frame.to_ndarray() for frame in frames_of(packets(container, stream))], axis=1)


@pytest.mark.parametrize(("name", "form"), [("a.mp3", "mp3"), ("a.opus", "ogg"), ("a.wav", "wav"), ("a.m4a", "mp4")])
def test_a_range_is_read_as_a_file(make_sound: MakeSound, name: str, form: str) -> None:
    """A recording between other bytes is decoded as if it were the file."""
    path = make_sound(name, babble(2, 48_000), 48_000)
    content = path.read_bytes()
    around = path.with_name("around")
    around.write_bytes(b"before" + content + b"after" * 99)

    found = _decoded(around, ByteRange(6, 6 + len(content)), form)

    assert np.array_equal(found, _decoded(path, ByteRange(), None))


def _write_streams(path: Path, dispositions: tuple[Disposition, ...]) -> Path:
    with av.open(path, "w") as container:
        streams = [container.add_stream("pcm_s16le", rate=8_000) for _ in dispositions]
        for stream, disposition in zip(streams, dispositions, strict=True):
            stream.disposition = disposition
            stream.metadata["title"] = "a\x1b[31mb\nc" + "x" * 99
        container.start_encoding()
        for stream in streams:
            packet = av.Packet(bytes(320))
            packet.stream, packet.pts, packet.dts = stream, 0, 0
            container.mux(packet)
    return path


@pytest.mark.parametrize(
    ("dispositions", "chosen"),
    [
        ((Disposition(0), Disposition(0)), 0),
        ((Disposition(0), Disposition.default), 1),
        ((Disposition.default, Disposition.default), 0),
        ((Disposition.comment, Disposition(0)), 1),
        ((Disposition.visual_impaired, Disposition.comment), 0),
        ((Disposition.comment | Disposition.default, Disposition(0)), 0),
    ],
)
def test_players_take_the_default_stream(tmp_path: Path, dispositions: tuple[Disposition, ...], chosen: int) -> None:
    """The default one, else the first that is not a commentary, else the first."""
    with opened(_write_streams(tmp_path / "a.mkv", dispositions)) as (container, stream):
        assert stream.index == chosen
        assert len(playable_streams(container)) == len(dispositions)


def test_a_title_in_a_message_has_no_control_characters(tmp_path: Path) -> None:
    """A stranger's title cannot change the terminal, and is short."""
    with opened(_write_streams(tmp_path / "a.mkv", (Disposition.default,))) as (_, stream):
        assert stream_name(stream) == "stream 1, a[31mbc" + "x" * 53
