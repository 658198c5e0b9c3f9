"""Opus in Matroska and WebM: what CodecDelay and DiscardPadding cut off is not heard, and moves nothing.

The files are written here element by element (RFC 9559), because an encoder's library decides both values itself.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.listening.audio.recording import RATE, Recording, open_recording
from pipeline.times import Span
from tests.listening.audio.joined_files import difference_db, place_of
from tests.listening.conftest import Sound, babble

OPUS_RATE, PACKET, PACKET_MS = 48_000, 960, 20
"""Opus counts samples at 48 kHz, and a packet of 20 ms has so many of them."""

ENCODER_DELAY = 312
"""Samples that libopus puts before the sound."""

SOUND = babble(4 + 1_234 / OPUS_RATE, OPUS_RATE)
"""Four seconds and a piece that fills no packet."""

UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
"""Of a segment or cluster that was written before its end was known, as in a live recording of a browser."""


@dataclass(frozen=True)
class Cut:
    """What a file says is to be cut off: samples at its start, and at the end of some packets, by their number."""

    delay: int = ENCODER_DELAY
    padding: Mapping[int, int] = field(default_factory=dict)
    is_live: bool = False


def element(name: str, content: bytes, *, is_live: bool = False) -> bytes:
    """One element of EBML: its identifier in hexadecimal digits, its size and its content."""
    size = UNKNOWN_SIZE if is_live else b"\x01" + len(content).to_bytes(7, "big")
    return bytes.fromhex(name) + size + content


def integer(name: str, value: int) -> bytes:
    """An element that holds an integer."""
    return element(name, value.to_bytes(8, "big"))


def nanoseconds(samples: int) -> int:
    """The length of some samples, as Matroska states it."""
    return round(samples * 1_000_000_000 / OPUS_RATE)


def encoded(sound: Sound) -> tuple[list[bytes], bytes]:
    """The packets of a sound, the last one filled with silence, and the codec's header."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = OPUS_RATE, "mono", "flt"
    packets: list[bytes] = []
    count = math.ceil((sound.shape[1] + ENCODER_DELAY) / PACKET)
    padded = np.pad(sound, ((0, 0), (0, (count + 1) * PACKET - sound.shape[1])))
    for start in range(0, padded.shape[1], PACKET):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(padded[:, start : start + PACKET]), "flt", "mono")
        frame.sample_rate, frame.pts = OPUS_RATE, start
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    assert encoder.extradata is not None
    return packets[:count], encoder.extradata


def cluster(first: int, packets: list[bytes], cut: Cut) -> bytes:
    """A cluster of packets, of which the first has a number; blocks have times in ms from the cluster's."""
    blocks = b""
    for number, packet in enumerate(packets):
        content = element("A1", b"\x81" + struct.pack(">h", number * PACKET_MS) + b"\x00" + packet)
        if padding := cut.padding.get(first + number):
            content += integer("75A2", nanoseconds(padding))
        blocks += element("A0", content)
    return element("1F43B675", integer("E7", first * PACKET_MS) + blocks, is_live=cut.is_live)


def write_webm(path: Path, sound: Sound, cut: Cut) -> Path:
    """Write a sound with what is to be cut off."""
    packets, header = encoded(sound)
    header = header[:10] + struct.pack("<H", cut.delay) + header[12:]
    audio = element("B5", struct.pack(">d", OPUS_RATE)) + integer("9F", 1)
    track = (
        integer("D7", 1) + integer("73C5", 1) + integer("83", 2) + element("86", b"A_OPUS") + element("63A2", header)
        + integer("56AA", nanoseconds(cut.delay)) + integer("56BB", 80_000_000) + element("E1", audio)
    )  # fmt: skip
    clusters = b"".join(cluster(at, packets[at : at + 50], cut) for at in range(0, len(packets), 50))
    info = integer("2AD7B1", 1_000_000) + element("4D80", b"test") + element("5741", b"test")
    content = element("1549A966", info) + element("1654AE6B", element("AE", track)) + clusters
    kind = (
        integer("4286", 1) + integer("42F7", 1) + integer("42F2", 4) + integer("42F3", 8) + element("4282", b"webm")
        + integer("4287", 4) + integer("4285", 2)
    )  # fmt: skip
    path.write_bytes(element("1A45DFA3", kind) + element("18538067", content, is_live=cut.is_live))
    return path


NUMBER_OF_PACKETS = math.ceil((SOUND.shape[1] + ENCODER_DELAY) / PACKET)
LAST, UNUSED = NUMBER_OF_PACKETS - 1, NUMBER_OF_PACKETS * PACKET - ENCODER_DELAY - SOUND.shape[1]
"""The number of the last packet, and how many of its samples are no sound."""


def read_whole(recording: Recording) -> Sound:
    """All of a recording, at 16 kHz."""
    return recording.read(Span(0, recording.duration)).samples


def at_16_khz(sound: Sound) -> Sound:
    """A sound at 16 kHz."""
    resampler = av.AudioResampler("fltp", "mono", RATE)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout="mono")
    frame.sample_rate = OPUS_RATE
    return np.concatenate([one.to_ndarray() for one in (*resampler.resample(frame), *resampler.resample(None))], axis=1)


@pytest.mark.parametrize("is_live", [False, True], ids=["sizes", "no sizes"])
@pytest.mark.parametrize("name", ["a.webm", "a.mka"])
def test_the_sound_has_its_exact_length_and_place(tmp_path: Path, name: str, *, is_live: bool) -> None:
    """All samples of the sound are there, none more, and each at its time."""
    recording = open_recording(write_webm(tmp_path / name, SOUND, Cut(padding={LAST: UNUSED}, is_live=is_live)))

    assert [(part.length, part.rate) for part in recording.parts] == [(SOUND.shape[1], OPUS_RATE)]
    assert recording.duration == SOUND.shape[1] * 1_000 // OPUS_RATE
    assert place_of(at_16_khz(SOUND[:, 48_000:96_000]), read_whole(recording)) == 1_000


def test_without_padding_the_last_packet_is_heard_to_its_end(tmp_path: Path) -> None:
    """Nothing is cut off that the file does not say."""
    (part,) = open_recording(write_webm(tmp_path / "a.webm", SOUND, Cut())).parts

    assert part.length == NUMBER_OF_PACKETS * PACKET - ENCODER_DELAY


@pytest.mark.parametrize("delay", [0, 120, 3_840])
def test_any_delay_is_cut_off(tmp_path: Path, delay: int) -> None:
    """Time 0 is where the delay ends, whatever the file says that it is, also if it is longer than a packet."""
    recording = open_recording(write_webm(tmp_path / "a.webm", SOUND, Cut(delay, {LAST: UNUSED})))

    (part,) = recording.parts
    moved = (delay - ENCODER_DELAY) * 1_000 / OPUS_RATE
    assert part.length == SOUND.shape[1] - delay + ENCODER_DELAY
    assert place_of(at_16_khz(SOUND[:, 48_000:96_000]), read_whole(recording)) == pytest.approx(1_000 - moved, abs=0.1)


@pytest.mark.parametrize("start", [0, 1_234, 2_500, 3_900])
def test_a_span_is_that_of_the_whole(tmp_path: Path, start: int) -> None:
    """A span that is searched is at the same place as when all is read: the delay is cut off once."""
    recording = open_recording(write_webm(tmp_path / "a.webm", SOUND, Cut(3_840, {LAST: UNUSED})))
    whole = read_whole(recording)

    part = recording.read(Span(start, start + 1_000)).samples

    expected = whole[start * 16 : (start + 1_000) * 16]
    assert len(part) == len(expected)
    assert difference_db(part, expected) < -50


def test_padding_in_the_middle_moves_nothing_after_it(tmp_path: Path) -> None:
    """Where packets in the middle are cut, as where recordings are joined, later sound is where its timestamp is.

    Within 20 ms: a shorter gap is rounding (see ``timeline``).
    """
    cut = Cut(padding=dict.fromkeys(range(24, 150, 25), 480) | {LAST: UNUSED})
    recording = open_recording(write_webm(tmp_path / "a.webm", SOUND, cut))

    whole = read_whole(recording)

    assert recording.duration == pytest.approx(SOUND.shape[1] * 1_000 // OPUS_RATE, abs=20)
    assert place_of(at_16_khz(SOUND[:, 152_000:166_000]), whole) == pytest.approx(152_000 / 48, abs=20)
