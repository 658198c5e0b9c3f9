"""Damaged and unusual recordings: all that can be decoded is decoded, and no memory outside of the file is read."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import AudioError
from pipeline.listening.audio import decode
from pipeline.listening.audio.decode import frames_from
from pipeline.listening.audio.mixdown import STRETCH_S
from pipeline.listening.audio.recording import RATE, Recording, open_recording
from pipeline.times import Ms, Span
from tests.listening.audio.joined_files import difference_db, place_of
from tests.listening.audio.test_recording import offset_ms, read_all
from tests.listening.conftest import MakeSound, Sound, babble, write_sound

pytestmark = pytest.mark.xdist_group("containers")  # the recordings are made once


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
    path, whole = (tmp_path_factory.getbasetemp() / f"{state}-{name}" for state in ("damaged", "whole"))
    if not whole.exists():  # by an example before
        write_sound(whole, babble(1, 48_000), 48_000)
    content = bytearray(whole.read_bytes())
    for at, value in damage:
        content[at % len(content)] = value
    path.write_bytes(content)

    message = _error_of(path)

    assert message.startswith(f"{path}: ") or not message
    assert "\n" not in message


def test_more_channels_than_can_be_converted_are_one_line(tmp_path: Path) -> None:
    """A wav header with 65 channels is not a traceback."""
    content = bytearray(write_sound(tmp_path / "a.wav", babble(1)).read_bytes())
    content[22] = 65
    (tmp_path / "a.wav").write_bytes(content)

    assert _error_of(tmp_path / "a.wav").endswith("none of its sound can be decoded; download or export it again")


def _error_of(path: Path) -> str:
    """The error message of a file; empty if it can be read."""
    try:
        open_recording(path).read(Span(0, 1_000))
    except AudioError as error:
        return str(error)
    return ""


# --- spans -------------------------------------------------------------------------------------------------------

LENGTH: Ms = 26_000

LOSSLESS = (
    ("a.wav", "pcm_s16le", 44_100), ("b.wav", "pcm_f32le", 48_000), ("a.aiff", "pcm_s16be", 22_050),
    ("a.flac", "flac", 44_100), ("a.ogg", "flac", 44_100), ("a.mkv", "flac", 44_100), ("a.mka", "pcm_s16le", 44_100),
    ("a.m4a", "alac", 44_100), ("a.mp4", "flac", 48_000), ("a.caf", "pcm_s16le", 44_100), ("a.au", "pcm_s16be", 8_000),
    ("a.w64", "pcm_s16le", 44_100), ("a.tta", "tta", 44_100), ("a.wv", "wavpack", 44_100),
    ("a.avi", "pcm_s16le", 44_100),
)  # fmt: skip

LOSSY = (
    ("b.mp3", "libmp3lame", 44_100), ("c.mp3", "libmp3lame", 22_050), ("b.m4a", "aac", 44_100),
    ("b.mp4", "aac", 48_000),
    ("b.mov", "aac", 32_000), ("b.aac", "aac", 44_100), ("c.aac", "aac", 24_000), ("b.ogg", "vorbis", 44_100),
    ("b.opus", "libopus", 48_000), ("c.mp4", "libopus", 48_000), ("b.webm", "libopus", 48_000),
    ("c.webm", "vorbis", 48_000), ("b.mkv", "aac", 44_100), ("c.mkv", "libmp3lame", 44_100),
    ("d.mkv", "vorbis", 44_100), ("b.ts", "aac", 44_100), ("c.ts", "libmp3lame", 48_000), ("b.flv", "aac", 44_100),
    ("b.avi", "libmp3lame", 44_100), ("b.mpg", "mp2", 44_100), ("b.ac3", "ac3", 48_000),
)  # fmt: skip

CONTAINERS = (*LOSSLESS, *LOSSY)

SEARCHED = tuple(one for one in CONTAINERS if one[0] != "b.mpg")
"""FFmpeg finds a later place in an MPEG program stream than it is asked for: such a file is decoded from its start."""


class _Files:
    """One recording in each container and its whole sound, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, tuple[Recording, Sound]] = {}

    def of(self, name: str, codec: str, rate: int) -> tuple[Recording, Sound]:
        """A stereo recording with a louder left channel, and all of it at 16 kHz, decoded from the start."""
        if name not in self._made:
            sound = babble(LENGTH / 1_000, rate)
            stereo = np.concatenate([sound, sound / 2])
            recording = open_recording(write_sound(self._folder / name, stereo, rate, codec))
            self._made[name] = recording, recording.read(Span(0, recording.duration)).samples
        return self._made[name]


@pytest.fixture(scope="module", autouse=True)
def _soon_restarted() -> Iterator[None]:
    """Decoders that add noise start again often enough for short recordings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decode, "_RESTART_S", STRETCH_S)
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> _Files:
    """Recordings in all containers."""
    return _Files(tmp_path_factory.mktemp("containers"))


spans = st.tuples(st.integers(0, LENGTH - 1_000), st.integers(50, 4_000)).map(lambda one: Span(one[0], one[0] + one[1]))


@pytest.mark.parametrize(("name", "codec", "rate"), CONTAINERS, ids=[f"{one[0]}-{one[1]}" for one in CONTAINERS])
@settings(max_examples=4)  # each opens, searches and decodes a file
@given(span=spans)
def test_a_span_is_the_same_wherever_reading_starts(
    files: _Files, name: str, codec: str, rate: int, span: Span
) -> None:
    """A span that is searched is that of the whole: bit by bit if nothing is lost, else without lag, below -50 dB."""
    recording, whole = files.of(name, codec, rate)

    part = recording.read(span).samples

    expected = whole[span.start * 16 : span.end * 16]
    assert len(part) == len(expected)
    if (name, codec, rate) in LOSSLESS:
        assert np.array_equal(part, expected)
    else:
        assert difference_db(part, expected) < -50
        assert place_of(expected, part) == 0


@pytest.mark.parametrize(("name", "codec", "rate"), LOSSLESS, ids=[f"{one[0]}-{one[1]}" for one in LOSSLESS])
def test_lossless_sound_is_at_its_place(files: _Files, name: str, codec: str, rate: int) -> None:
    """The whole recording is the sound that was written, without lag."""
    _, whole = files.of(name, codec, rate)

    assert whole.size == LENGTH * 16
    assert place_of(resampled_to_16_khz(0.75 * babble(LENGTH / 1_000, rate), rate), whole) == 0


def resampled_to_16_khz(sound: Sound, rate: int) -> Sound:
    """A mono sound, by another path through FFmpeg than the one that is tested."""
    resampler = av.AudioResampler("fltp", "mono", RATE)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout="mono")
    frame.sample_rate = rate
    return np.concatenate([one.to_ndarray() for one in (*resampler.resample(frame), *resampler.resample(None))], axis=1)


@pytest.mark.parametrize(("name", "codec", "rate"), SEARCHED, ids=[f"{one[0]}-{one[1]}" for one in SEARCHED])
def test_reading_starts_close_to_the_span(files: _Files, name: str, codec: str, rate: int) -> None:
    """The first frame that is decoded is at most 10 s before the span, and at least one second."""
    recording, _ = files.of(name, codec, rate)
    (part,) = recording.parts

    at, _ = next(frames_from(recording.path, part, 20 * part.rate))

    assert at is not None
    assert 9 * part.rate <= at <= 19 * part.rate


def test_the_noise_of_a_decoder_is_the_same(tmp_path: Path) -> None:
    """AAC at few bits has bands of noise that the decoder makes; it does not depend on where reading starts."""
    path = tmp_path / "a.m4a"
    with av.open(path, "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        stream.bit_rate, stream.layout = 24_000, "mono"
        frame = av.AudioFrame.from_ndarray(babble(25, 44_100), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 44_100, 0
        container.mux([*stream.encode(frame), *stream.encode(None)])
    recording = open_recording(path)

    whole = recording.read(Span(0, recording.duration)).samples

    assert recording.parts[0].has_noise
    for start in (8_000, 12_345, 21_000):
        part = recording.read(Span(start, start + 3_000)).samples
        assert difference_db(part, whole[start * 16 : start * 16 + len(part)]) < -50


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
