"""The WAV file that exists nowhere: any range of it is that slice of the whole, and the whole is the recording."""

from __future__ import annotations

import io
import threading
import time
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.serving import virtual_wav
from pipeline.desk.serving.virtual_wav import (
    PEAK,
    ByteSpan,
    Peaks,
    UnsatisfiableError,
    VirtualWav,
    parse_range,
    peaks_of,
)
from pipeline.files.store import Store
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.times import Span
from tests.episodes.kept_hearing import AUDIO
from tests.excerpts import write_excerpt


@pytest.fixture(scope="module")
def recording() -> Recording:
    """The example episode, an mp3."""
    return open_recording(AUDIO)


@pytest.fixture(scope="module")
def short(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Thirteen seconds without loss, whose length is no multiple of a piece."""
    path = tmp_path_factory.mktemp("short") / "short.wav"
    return open_recording(write_excerpt(recording, Span(60_000, 72_890), path))


def whole_file(wav: VirtualWav) -> bytes:
    """All bytes."""
    return b"".join(wav.read(ByteSpan(0, wav.size)))


def test_it_is_a_wav_file(short: Recording) -> None:
    """A reader that is not ours finds the format, and the samples of the recording bit by bit."""
    wav = VirtualWav(short)

    content = whole_file(wav)

    assert len(content) == wav.size
    with wave.open(io.BytesIO(content)) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, 16_000)
        assert read.readframes(read.getnframes()) == short.segment(Span(0, short.duration)).raw_data


@pytest.fixture(scope="module")
def content(short: Recording) -> bytes:
    """All bytes of the short recording, decoded once."""
    return whole_file(VirtualWav(short))


@given(data=st.data())
def test_a_range_is_the_slice_of_the_whole(short: Recording, content: bytes, data: st.DataObject) -> None:
    """The law of the player: wherever it seeks, it gets the bytes that are there in the whole file."""
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(content) - 1)] * 2)))

    span = parse_range(f"bytes={first}-{last}", len(content))

    assert span is not None
    assert b"".join(VirtualWav(short).read(span)) == content[first : last + 1]


def test_a_range_of_a_lossy_file_does_not_depend_on_where_it_begins(recording: Recording) -> None:
    """The same where a decoder's output depends on where it starts."""
    content = whole_file(VirtualWav(replace(recording, duration=32_000)))

    for start in (44, 7_000, 199_999, 400_001):
        assert (
            b"".join(VirtualWav(replace(recording, duration=32_000)).read(ByteSpan(start, start + 300_000)))
            == content[start : start + 300_000]
        )


def test_memory_is_bounded(short: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than a few pieces are held, and a piece that is held is not decoded again."""
    decoded: list[Span] = []
    real = Recording.segment

    def segment(self: Recording, span: Span) -> object:
        decoded.append(span)
        return real(self, span)

    monkeypatch.setattr(Recording, "segment", segment)
    monkeypatch.setattr(virtual_wav, "_HELD_PIECES", 2)
    wav = VirtualWav(short)

    for _ in wav.read(ByteSpan(0, wav.size)):
        assert len(wav._pieces) <= 2

    assert decoded == [Span(0, 5_000), Span(5_000, 10_000), Span(10_000, 12_890)]
    list(wav.read(ByteSpan(wav.size - 1_000, wav.size)))
    assert len(decoded) == 3


def test_three_hours_have_a_right_header(recording: Recording) -> None:
    """The header states the length of three hours, and of more than a WAV file can have the largest number."""
    three_hours, days = (VirtualWav(replace(recording, duration=hours * 3_600_000)) for hours in (3, 50))

    assert three_hours.size == 44 + 3 * 3_600 * 32_000
    header = next(three_hours.read(ByteSpan(0, 44)))
    assert int.from_bytes(header[40:], "little") == three_hours.size - 44
    assert int.from_bytes(header[4:8], "little") == three_hours.size - 8
    assert next(days.read(ByteSpan(0, 44)))[40:] == b"\xff" * 4


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", ByteSpan(0, 100)),
        ("bytes=0-0", ByteSpan(0, 1)),
        ("bytes=99-", ByteSpan(99, 100)),
        ("bytes=10-1000", ByteSpan(10, 100)),
        ("bytes=-1", ByteSpan(99, 100)),
        ("bytes=-1000", ByteSpan(0, 100)),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("bytes= 0-1", None),
        ("Bytes=0-1", None),
        ("samples=0-1", None),
        ("bytes=" + "9" * 40 + "-", None),
    ],
)
def test_a_range_is_parsed(header: str | None, expected: ByteSpan | None) -> None:
    """One range is served; several ranges, other units and what is no range give the whole file (RFC 9110)."""
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999-"])
def test_a_range_behind_the_end_cannot_be_satisfied(header: str) -> None:
    """A range without a byte of the file is an error of its own."""
    with pytest.raises(UnsatisfiableError):
        parse_range(header, 100)


# --- peaks -------------------------------------------------------------------------------------------------------


def filled(recording: Recording, store: Store) -> Peaks:
    """The peaks, computed in this thread."""
    peaks = Peaks(recording, store, lambda: None)
    peaks._fill(wait_s=0)
    return peaks


def test_a_peak_is_the_loudest_sample_of_20_ms(short: Recording, tmp_path: Path) -> None:
    """One octet for each 20 ms, the last one for what is left, with the sign of the sample."""
    octets = filled(short, Store(tmp_path)).octets

    samples = np.frombuffer(short.segment(Span(0, short.duration)).raw_data or b"", np.int16)
    assert len(octets) == -(-short.duration // PEAK)
    for k, peak in enumerate(np.frombuffer(octets, np.int8)):
        part = samples[k * 320 : (k + 1) * 320].astype(int)
        assert peak == part[np.abs(part).argmax()] >> 8


def test_a_peak_has_the_full_range() -> None:
    """The loudest sample of both signs fits."""
    sound = np.zeros(640, np.int16)
    sound[3], sound[400] = 32_767, -32_768

    assert list(np.frombuffer(peaks_of(sound.tobytes(), 40), np.int8)) == [127, -128]


def test_peaks_wait_for_their_turn(short: Recording, tmp_path: Path) -> None:
    """Nothing is decoded before, and what is kept does not wait; a desk that ends meanwhile computes nothing."""
    store, came = Store(tmp_path), threading.Event()
    waiting = Peaks(short, store, came.set)
    waiting.start(wait_s=60)
    assert not came.wait(0.2)
    assert waiting.octets == b""
    waiting.take_turn()
    assert came.wait(60)
    while len(waiting.octets) < waiting.size or store.load("peaks", waiting.key, bytes) is None:
        time.sleep(0.01)

    kept = Peaks(short, store, lambda: None)
    kept._fill(wait_s=60)
    ended = Peaks(short, Store(tmp_path / "other"), lambda: None)
    ended.close()
    ended._fill(wait_s=60)

    assert kept.octets == waiting.octets
    assert ended.octets == b""


def test_peaks_are_kept_in_the_store(short: Recording, tmp_path: Path) -> None:
    """The second time nothing is decoded: the file may even be gone."""
    first = filled(short, Store(tmp_path)).octets

    again = filled(replace(short, path=tmp_path / "gone.wav"), Store(tmp_path))

    assert (again.octets, again.failed) == (first, False)


def test_a_recording_that_is_gone_has_no_peaks(short: Recording, tmp_path: Path) -> None:
    """The page is not left waiting, and nothing is kept."""
    lost = filled(replace(short, path=tmp_path / "gone.wav"), Store(tmp_path))

    assert (lost.octets, lost.failed) == (b"", True)
    assert len(filled(short, Store(tmp_path)).octets) == lost.size
