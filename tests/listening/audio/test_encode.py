from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import AudioError
from pipeline.listening.audio.encode import BIT_RATE, ENCODED_RATE, encode_aac
from pipeline.listening.audio.recording import open_recording
from pipeline.times import Span
from tests.listening.conftest import MakeSound, babble


@pytest.mark.parametrize(("name", "seconds"), [("a.flac", 2.5), ("a.mp3", 61.3)])
def test_encoded_sound_is_the_recording(make_sound: MakeSound, tmp_path: Path, name: str, seconds: float) -> None:
    """Read again it is mono AAC of the same length, without a lag, across the pieces that are decoded at once."""
    recording = open_recording(make_sound(name, babble(seconds, 24_000), 24_000))
    encoded = tmp_path / "encoded.m4a"
    encoded.write_bytes(encode_aac(recording))

    with av.open(encoded) as container:
        (stream,) = container.streams.audio
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("aac", ENCODED_RATE, 1)
    again = open_recording(encoded)
    assert again.duration == pytest.approx(recording.duration, abs=50)
    assert encoded.stat().st_size < 1.5 * BIT_RATE / 8 * seconds + 5_000
    end = recording.duration - 500
    for span in (Span(500, 2_000), Span(end - 1_500, end)):
        before, after = recording.read(span).samples, again.read(span).samples
        size = before.size
        match = np.fft.irfft(np.fft.rfft(after, 2 * size) * np.conj(np.fft.rfft(before, 2 * size)))
        assert int(match.argmax()) in {0, 1, 2 * size - 1}  # a sixteenth of a millisecond


def test_file_that_vanished_is_one_line(make_sound: MakeSound) -> None:
    """A recording that can no longer be read is an error that names it."""
    path = make_sound("a.wav", babble(1))
    recording = open_recording(path)
    path.unlink()

    with pytest.raises(AudioError, match=r"a\.wav"):
        encode_aac(recording)
