from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import AudioError
from pipeline.listening.audio import recording as recording_module
from pipeline.listening.audio.recording import RATE, Recording, Waveform, amplify_if_quiet, open_recording
from pipeline.times import Ms, Span
from tests.listening.conftest import MakeSound, Sound, babble, write_sound

pytestmark = pytest.mark.xdist_group("recording")  # the recordings are made once

READABLE = "mp3, m4a, ogg, opus, flac, wav and the sound of mp4, mkv and webm can be read"
NOT_AUDIO = f"not audio, or damaged: nothing can be read from it; {READABLE}"

LOSSY = ("a.mp3", "a.m4a", "a.ogg", "a.opus", "a.webm", "a.mkv", "a.mp4")
LOSSLESS = ("a.wav", "a.flac")


def read_all(recording: Recording) -> Waveform:
    """The whole recording."""
    return recording.read(Span(0, recording.duration))


def offset_ms(one: Sound, two: Sound) -> float:
    """By how many ms ``one`` is later in ``two``, by cross-correlation."""
    size = 1 << (one.size + two.size).bit_length()
    match = np.fft.irfft(np.fft.rfft(two.ravel(), size) * np.conj(np.fft.rfft(one.ravel(), size)), size)
    best = int(match.argmax())
    return (best if best < size // 2 else best - size) * 1_000 / RATE


def rms(samples: Sound) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(np.square(samples))))


@pytest.mark.parametrize("name", [*LOSSY, *LOSSLESS])
def test_reads_every_container(make_sound: MakeSound, name: str) -> None:
    """The audio of every container is at its time within 10 ms, and as long as it was."""
    path = make_sound(name, babble(3, 48_000), 48_000, video=name == "a.mp4")

    recording = open_recording(path)
    heard = read_all(recording)

    assert abs(recording.duration - 3_000) <= 30
    assert abs(heard.samples.size - recording.duration * RATE // 1_000) <= RATE // 1_000
    assert (
        abs(
            offset_ms(
                read_all(open_recording(make_sound("truth.wav", babble(3, 48_000), 48_000))).samples, heard.samples
            )
        )
        <= 10
    )
    assert heard.rate == RATE
    assert heard.samples.dtype == np.float32


def test_16_khz_mono_is_unchanged(make_sound: MakeSound) -> None:
    """A recording that is 16 kHz mono already is read bit by bit."""
    sound = babble(2)

    heard = read_all(open_recording(make_sound("a.wav", sound)))

    assert np.array_equal(heard.samples * 32_768, np.rint(sound[0] * 32_768))


def test_hash_is_of_the_file(make_sound: MakeSound) -> None:
    """The hash of a recording is the SHA-256 of the file's bytes."""
    path = make_sound("a.flac", babble(0.5))

    assert open_recording(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("rate", "channels", "codec"),
    [(8_000, 1, "pcm_u8"), (96_000, 1, "pcm_s24le"), (48_000, 6, "pcm_s16le"), (22_050, 2, "pcm_f32le")],
)
def test_reads_unusual_formats(make_sound: MakeSound, rate: int, channels: int, codec: str) -> None:
    """8 bits, 24 bits, floats, six channels and other sample rates are converted to 16 kHz mono."""
    sound = babble(1.5, rate)

    recording = open_recording(make_sound("a.wav", np.repeat(sound, channels, axis=0), rate, codec))
    heard = read_all(recording)

    assert recording.duration == 1_500
    assert heard.samples.size == 1.5 * RATE
    assert rms(heard.samples) == pytest.approx(rms(sound), rel=0.15)


def test_reads_a_fifth_of_a_second(make_sound: MakeSound) -> None:
    """A very short recording is read to its end."""
    recording = open_recording(make_sound("a.mp3", babble(0.2)))

    assert recording.duration == 200
    assert read_all(recording).samples.size == 0.2 * RATE


def test_keeps_channels_that_cancel_out(make_sound: MakeSound) -> None:
    """A recording whose right channel is the inverted left one is audible, though the mean of both is silent."""
    sound = babble(1)

    heard = read_all(open_recording(make_sound("a.wav", np.concatenate([sound, -sound]))))

    assert rms(heard.samples) == pytest.approx(rms(sound), rel=0.01)


def test_reads_by_content_not_by_name(make_sound: MakeSound) -> None:
    """A file with a wrong extension is read, and one whose name looks like a protocol of FFmpeg."""
    path = make_sound("a.m4a", babble(1))

    assert open_recording(path.rename(path.with_name("concat:a|b.mp3"))).duration == pytest.approx(1_000, abs=30)


def test_reads_an_mp3_with_a_cover(make_sound: MakeSound) -> None:
    """A cover picture in an mp3 is not a video: time 0 is the start of the audio."""
    plain = make_sound("a.mp3", babble(1))
    picture = b"\x03image/png\x00\x03\x00" + _PNG
    frame = b"APIC" + len(picture).to_bytes(4, "big") + b"\x00\x00" + picture
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    covered = plain.with_name("covered.mp3")
    covered.write_bytes(b"ID3\x03\x00\x00" + size + frame + plain.read_bytes())

    assert np.array_equal(read_all(open_recording(covered)).samples, read_all(open_recording(plain)).samples)


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415478da63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


# --- spans -------------------------------------------------------------------------------------------------------

LENGTH: Ms = 12_000


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Recording]:
    """The same sound in every container, at a sample rate that is not a multiple of 16 kHz."""
    folder = tmp_path_factory.mktemp("recordings")
    sound = babble(LENGTH / 1_000, 44_100)
    names = ("a.wav", "a.flac", "a.mp3", "a.m4a")
    found = {name: open_recording(write_sound(folder / name, sound, 44_100)) for name in names}
    opus = write_sound(folder / "a.opus", babble(LENGTH / 1_000, 48_000), 48_000)
    return {**found, "a.opus": open_recording(opus)}


points = st.integers(0, LENGTH)


@pytest.mark.parametrize("name", LOSSLESS)
@settings(max_examples=30)  # each reads from disk
@given(cuts=st.tuples(points, points, points).map(sorted))
def test_adjacent_spans_fit_together(recordings: dict[str, Recording], name: str, cuts: list[Ms]) -> None:
    """Reading a to b and b to c gives the same samples as reading a to c."""
    start, middle, end = cuts
    read = recordings[name].read

    both = np.concatenate([read(Span(start, middle)).samples, read(Span(middle, end)).samples])

    assert np.array_equal(both, read(Span(start, end)).samples)


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.opus"])
def test_seeks_exactly(recordings: dict[str, Recording], name: str) -> None:
    """A span after a seek has the same audio as after decoding everything, within 10 ms."""
    recording = recordings[name]
    whole = read_all(recording).samples

    part = recording.read(Span(7_301, 9_302))

    assert part.at == 7_301
    assert part.samples.size == 2_001 * RATE // 1_000
    assert abs(offset_ms(whole[7_301 * 16 : 9_302 * 16], part.samples)) <= 10


def test_reading_ends_with_the_recording(recordings: dict[str, Recording]) -> None:
    """A span beyond the end of the recording is shortened, not padded."""
    assert recordings["a.flac"].read(Span(11_500, 20_000)).samples.size == 0.5 * RATE
    assert recordings["a.flac"].read(Span(20_000, 30_000)).samples.size == 0


def test_crops_a_waveform_by_time() -> None:
    """A crop is on the recording's clock, and never larger than the waveform."""
    waveform = Waveform(np.arange(3 * RATE, dtype=np.float32), RATE, 10_000)

    part = waveform.crop(Span(11_000, 99_000))

    assert waveform.span == Span(10_000, 13_000)
    assert part.span == Span(11_000, 13_000)
    assert part.samples[0] == RATE


# --- errors ------------------------------------------------------------------------------------------------------


def _write(name: str, content: bytes) -> MakeSound:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def _folder(folder: Path) -> Path:
    path = folder / "episode.mp3"
    path.mkdir()
    return path


def _missing(folder: Path) -> Path:
    return folder / "episode.mp3"


def _half_an_m4a(folder: Path) -> Path:
    path = write_sound(folder / "a.m4a", babble(2))
    path.write_bytes(path.read_bytes()[:9_000])
    return path


def _video_without_audio(folder: Path) -> Path:
    path = write_sound(folder / "a.mkv", babble(1), video=True)
    path.write_bytes(
        path.read_bytes().replace(b"\x83\x81\x02", b"\x83\x81\x11")
    )  # the type of the audio track becomes subtitles
    return path


def _without_packets(folder: Path) -> Path:
    path = write_sound(folder / "a.m4a", babble(1))
    content = path.read_bytes()
    start = content.index(b"mdat") + 4
    end = content.index(b"moov", start) - 4
    path.write_bytes(content[:start] + b"\xff" * (end - start) + content[end:])
    return path


def _playlist(folder: Path) -> Path:
    sound = write_sound(folder / "secret.wav", babble(1))
    path = folder / "episode.m3u8"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{sound.name}\n#EXT-X-ENDLIST\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_missing, "there is no such file; check the name and the folder"),
        (_folder, "this is a folder, not a recording; give the file"),
        (_write("e.mp3", b""), "the file is empty (0 bytes); download or export it again"),
        (_write("notes.md", b"# 24: A Show\n\n**Ann**: Hello.\n" * 40), f"is text, not a recording; {READABLE}"),
        (_write("notes.mp3", b"**Ann**: Hello.\n" * 400), f"is text, not a recording; {READABLE}"),
        (_write("cover.png", _PNG), f"is a picture, not a recording; {READABLE}"),
        (_write("head.wav", b"RIFF"), NOT_AUDIO),
        (
            _half_an_m4a,
            "the download is incomplete: the end of the file is missing, and the index with it; download it again",
        ),
        (_playlist, "is a playlist, not the recording itself; download that, and give it instead"),
        (_video_without_audio, f"there is no sound in it; {READABLE}"),
        (_without_packets, "none of its sound can be decoded; download or export it again"),
    ],
    ids=[
        "missing",
        "folder",
        "empty",
        "markdown",
        "text named mp3",
        "picture",
        "only a head",
        "half an m4a",
        "playlist",
        "video without audio",
        "without packets",
    ],
)
def test_error_says_what_is_wrong(tmp_path: Path, make: MakeSound, reason: str) -> None:
    """The error is one line with the path, what is wrong with the file, and what to do."""
    path = make(tmp_path)

    with pytest.raises(AudioError) as raised:
        open_recording(path)

    assert str(raised.value) == f"{path}: {reason}"


def test_days_of_sound_are_refused(make_sound: MakeSound, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with more sound in it than any episode has is one line."""
    monkeypatch.setattr(recording_module, "_MAX_DURATION_S", 1)

    with pytest.raises(AudioError, match="it claims to last 0 hours; export it again"):
        open_recording(make_sound("a.flac", babble(2)))


@pytest.mark.parametrize("name", ["a.flac", "a.mp3", "a.webm", "a.wav", "a.opus"])
def test_a_truncated_file_is_read_to_its_end(make_sound: MakeSound, name: str) -> None:
    """A truncated file is read as far as it goes, and its duration is that of the rest."""
    path = make_sound(name, babble(8, 48_000), 48_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    recording = open_recording(path)

    assert 2_500 < recording.duration < 5_500
    assert recording.is_cut_off
    assert not recording.is_plain
    assert abs(read_all(recording).samples.size * 1_000 // RATE - recording.duration) <= 1


def test_warns_of_a_truncated_file(make_sound: MakeSound, caplog: pytest.LogCaptureFixture) -> None:
    """If the header promises a longer duration, there is a warning of one line."""
    path = make_sound("a.flac", babble(8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    recording = open_recording(path)

    (record,) = caplog.records
    ends = f"0:0{recording.duration // 1_000}"
    assert (
        record.getMessage()
        == f"{path}: ends at {ends}, though its header promises 0:08: an incomplete download; what is there is used"
    )
    assert record.levelno == logging.WARNING


# --- level -------------------------------------------------------------------------------------------------------


def test_amplifies_quiet_audio(make_sound: MakeSound) -> None:
    """A very quiet segment is amplified to a level that voice activity detection needs, and does not clip."""
    recording = open_recording(make_sound("a.wav", babble(1) / 400))

    amplified = amplify_if_quiet(recording.segment(Span(0, 1_000)))

    assert recording.segment(Span(0, 1_000)).dBFS < -60
    assert amplified.dBFS == pytest.approx(-26, abs=1)
    assert amplified.max_dBFS <= -0.9


@pytest.mark.parametrize("factor", [0, 1])
def test_leaves_other_levels_alone(make_sound: MakeSound, factor: int) -> None:
    """Neither silence nor a segment that is loud enough is changed."""
    segment = open_recording(make_sound("a.wav", babble(1) * factor)).segment(Span(0, 1_000))

    assert amplify_if_quiet(segment) == segment
