"""Files as they are found: joined, cut, with wrong timestamps. What a player plays is what is heard."""

from __future__ import annotations

import logging
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import av
import numpy as np
import pytest
from av import AudioStream

from pipeline.listening.audio.measure import _start_of, measure
from pipeline.listening.audio.recording import RATE, Recording, open_recording
from pipeline.times import Ms, Span
from tests.listening.audio.joined_files import difference_db, place_of, resampled, write_at, write_joined
from tests.listening.conftest import MakeSound, Sound, babble, write_sound

FIRST, SECOND, THIRD = (babble(seconds, seed=seed) for seed, seconds in enumerate((13.2, 15.1, 4.3)))
PIECES = (FIRST, SECOND, THIRD)


def all_of(recording: Recording) -> Sound:
    """The whole recording."""
    return recording.read(Span(0, recording.duration)).samples


def assert_spans_are_the_same(recording: Recording, starts: tuple[Ms, ...] = (500, 12_900, 14_800, 26_300)) -> None:
    """A second that is read by itself is the same as in the whole recording."""
    whole = all_of(recording)
    for start in starts:
        part = recording.read(Span(start, start + 1_000)).samples
        assert difference_db(part, whole[start * 16 :][: len(part)]) < -50


# --- joined ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "codec", "formats", "delay"),
    [
        # mp3: each file begins with an information frame (26 ms) and the encoder's delay (50 ms at 22.05 kHz).
        ("a.mp3", "libmp3lame", ((44_100, 2), (22_050, 1), (44_100, 1)), 80),
        ("a.mp3", "libmp3lame", ((44_100, 1), (44_100, 1), (44_100, 1)), 80),
        ("a.mp3", "libmp3lame", ((22_050, 1), (48_000, 2), (24_000, 1)), 80),
        ("a.aac", "aac", ((44_100, 2), (22_050, 1), (44_100, 1)), 100),
        ("a.aac", "aac", ((24_000, 1), (48_000, 1), (24_000, 1)), 100),
        ("a.ogg", "vorbis", ((44_100, 2), (22_050, 2), (44_100, 2)), 2),
        ("a.ogg", "flac", ((44_100, 1), (22_050, 2), (8_000, 1)), 2),
        ("a.opus", "libopus", ((48_000, 1), (48_000, 2), (48_000, 1)), 2),
        ("a.flac", "flac", ((44_100, 1), (44_100, 1), (44_100, 1)), 2),
        ("a.flac", "flac", ((44_100, 1), (22_050, 1), (44_100, 1)), 2),
        ("a.ts", "aac", ((48_000, 1), (48_000, 1), (48_000, 1)), 100),
        ("a.ts", "aac", ((44_100, 2), (22_050, 1), (44_100, 1)), 100),
    ],
)
def test_joined_files_are_one_recording(
    tmp_path: Path, name: str, codec: str, formats: tuple[tuple[int, int], ...], delay: float
) -> None:
    """Each sound is where the ones before it end, whatever their rates; the duration is that of all of them.

    ``delay`` is what an encoder adds at each start, in ms.
    """
    pieces = [(sound, rate, channels) for sound, (rate, channels) in zip(PIECES, formats, strict=True)]

    recording = open_recording(write_joined(tmp_path / name, pieces, codec))

    whole, at = all_of(recording), 0.0
    assert recording.duration == pytest.approx(32_600, abs=3 * delay)
    for number, sound in enumerate(PIECES):
        assert 0 <= place_of(sound, whole) - at <= delay * (number + 1)
        at += sound.shape[1] / 16
    assert_spans_are_the_same(recording)


def test_a_damaged_link_of_a_chain_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A link in which nothing can be decoded is left out with a warning; the others are read."""
    path = write_joined(tmp_path / "a.opus", [(one, 48_000, 1) for one in PIECES])
    content = bytearray(path.read_bytes())
    second = content.index(b"OpusHead", 200)
    content[second : second + 8] = b"OpusDead"
    path.write_bytes(content)

    recording = open_recording(path)
    whole = all_of(recording)

    assert not recording.is_plain
    assert place_of(THIRD, whole) == pytest.approx(13_200, abs=2)
    assert "a part of it" in caplog.text


# --- timestamps --------------------------------------------------------------------------------------------------


def test_an_edit_list_cuts_the_beginning(tmp_path: Path) -> None:
    """What an mp4's edit list cuts off is not heard, and the first sound after it is at 0:00."""
    path = write_sound(tmp_path / "a.m4a", resampled(SECOND, 44_100), 44_100)
    content = bytearray(path.read_bytes())
    entry = content.index(b"elst") + 12  # its duration, in ms, and its start, in samples
    duration, start = (int.from_bytes(content[entry + at : entry + at + 4], "big") for at in (0, 4))
    content[entry : entry + 8] = (duration - 2_500).to_bytes(4, "big") + (start + 110_250).to_bytes(4, "big")
    path.write_bytes(content)

    recording = open_recording(path)

    assert recording.duration == pytest.approx(12_600, abs=25)
    assert place_of(SECOND[:, 40_000:], all_of(recording)) == pytest.approx(0, abs=0.2)
    assert_spans_are_the_same(recording, (0, 5_000, 11_500))


def _jumps(at: float) -> float:
    return at + 99 * 3_600 if at >= 8 else at


def _pauses(at: float) -> float:
    return at + 5 if at >= 8 else at


def _is_lost(at: float) -> float | None:
    return None if 6 <= at < 8 else at


MOVES: tuple[tuple[str, Callable[[float], float | None], Ms], ...] = (
    ("negative", lambda at: at - 3, 0),
    ("late", lambda at: at + 7, 0),
    ("jump of 99 hours", _jumps, 0),
    ("pause", _pauses, 5_000),
    ("lost", _is_lost, 0),
    ("jitter", lambda at: at + 0.004 * (round(at * 48) % 3), 0),
)


@pytest.mark.parametrize(("move", "moved", "later"), MOVES, ids=[move[0] for move in MOVES])
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "aac"), ("a.mkv", "flac"), ("a.webm", "libopus"), ("a.ts", "aac"), ("a.mp4", "aac")]
)
def test_timestamps_of_all_kinds(
    tmp_path: Path, name: str, codec: str, move: str, moved: Callable[[float], float | None], later: Ms
) -> None:
    """The sound starts at 0:00; a pause and what was lost are silence; a jump of hours is no silence at all."""
    if name == "a.mp4" and move in {"negative", "jump of 99 hours"}:
        moved, later = (lambda at: at), 0  # an mp4 file has no such timestamps: its writer makes an edit list of them
    recording = open_recording(write_at(tmp_path / name, SECOND, codec, moved))

    whole = all_of(recording)

    assert recording.duration == pytest.approx(15_100 + later, abs=60)
    assert place_of(SECOND[:, RATE : 5 * RATE], whole) == pytest.approx(1_000, abs=30)
    assert place_of(SECOND[:, 9 * RATE :], whole) == pytest.approx(9_000 + later, abs=30)
    assert_spans_are_the_same(recording, (100, 5_800, 8_100, 12_900))


def test_a_jump_of_hours_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """There is one warning: not that the download is incomplete."""
    open_recording(write_at(tmp_path / "a.mkv", SECOND, "flac", _jumps))

    (record,) = caplog.records
    assert "its time stamps jump by more than an hour" in record.getMessage()


def test_a_header_that_claims_99_hours(make_sound: MakeSound, caplog: pytest.LogCaptureFixture) -> None:
    """The duration is that of the sound in the file, and the warning names both."""
    path = make_sound("a.mkv", babble(3, 48_000), 48_000)
    content = bytearray(path.read_bytes())
    at = content.index(b"\x44\x89\x88") + 3  # the element Duration, a float of 8 bytes, in ms
    content[at : at + 8] = np.array([99 * 3_600_000], ">f8").tobytes()
    path.write_bytes(content)

    assert open_recording(path).duration == pytest.approx(3_000, abs=50)
    assert "promises 99:00:00" in caplog.text


# --- what is said ------------------------------------------------------------------------------------------------


def _two_languages(path: Path, default: int) -> Path:
    with av.open(path, "w") as container:
        streams = [container.add_stream("flac", rate=RATE) for _ in range(2)]
        for number, stream in enumerate(streams):
            stream.layout = "mono"
            stream.metadata["language"] = ("eng", "deu")[number]
            stream.disposition = av.stream.Disposition.default if number == default else av.stream.Disposition(0)
        for number, stream in enumerate(streams):
            frame = av.AudioFrame.from_ndarray(PIECES[number][:, :4_000], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


@pytest.mark.parametrize("default", [0, 1])
def test_the_default_stream_is_read_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture, default: int) -> None:
    """Of several audio streams the default one is read, and the choice is one warning."""
    recording = open_recording(_two_languages(tmp_path / "a.mkv", default))

    assert difference_db(all_of(recording)[:4_000], PIECES[default][0, :4_000]) < -50
    (record,) = caplog.records
    names = [("stream 1, eng", "stream 2, deu")[index] for index in (default, 1 - default)]
    assert record.getMessage().endswith(f"has 2 audio streams; {names[0]} is used, not {names[1]}")
    assert record.levelno == logging.WARNING


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.webm", "a.opus", "a.wav", "a.flac"])
def test_an_incomplete_download_is_said_to_be_one(
    make_sound: MakeSound, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """A file whose end is missing is read as far as it goes, and the warning says that the download is incomplete."""
    path = make_sound(name, babble(8, 48_000), 48_000)
    if name == "a.m4a":
        _move_index_to_the_start(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])

    recording = open_recording(path)

    assert 3_000 < recording.duration < 7_000
    (record,) = caplog.records
    assert "an incomplete download; what is there is used" in record.getMessage()


def _move_index_to_the_start(path: Path) -> None:
    with av.open(path) as source, av.open(path.with_name("b.m4a"), "w", options={"movflags": "faststart"}) as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    path.with_name("b.m4a").replace(path)


def test_only_rounded_timestamps_need_decoding(tmp_path: Path) -> None:
    """Formats with exact timestamps are measured from their packets; frames alone are read at their bytes."""
    accesses = {
        name: measure(write_sound(tmp_path / name, babble(1, 48_000), 48_000)).parts[0].access
        for name in ("a.wav", "a.flac", "a.m4a", "a.opus", "a.mp3", "a.mkv", "a.webm")
    }

    assert accesses == {
        "a.wav": "timestamps",
        "a.flac": "timestamps",
        "a.m4a": "timestamps",
        "a.opus": "timestamps",
        "a.mp3": "bytes",
        "a.mkv": "entries",
        "a.webm": "entries",
    }


@pytest.mark.parametrize(("codec", "expected"), [("vorbis", 31_296), ("opus", 31_744)])
def test_a_short_vorbis_packet_after_a_long_one_is_not_late(codec: str, expected: int) -> None:
    """Its timestamp counts back from its end by a short length, though its sound is longer (as FFmpeg 8 has it)."""
    frame = av.AudioFrame(format="fltp", layout="mono", samples=576)
    frame.pts, frame.duration = 31_744, 128
    stream = SimpleNamespace(
        codec_context=SimpleNamespace(name=codec), container=SimpleNamespace(format=SimpleNamespace(name="ogg"))
    )

    assert _start_of(frame, cast("AudioStream", stream)) == expected
