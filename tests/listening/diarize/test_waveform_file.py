from __future__ import annotations

import numpy as np

from pipeline.listening.audio.recording import SAMPLES_PER_MS, open_recording
from pipeline.listening.diarize.waveform_file import waveform_on_disk
from pipeline.progress import Step, silent
from pipeline.times import Span
from tests.listening.conftest import MakeSound, babble


def test_the_waveform_on_disk_is_the_recording(make_sound: MakeSound) -> None:
    """The array has the recording's samples, also after its memory was released; the last step is its end."""
    recording = open_recording(make_sound("a.flac", babble(3)))
    steps: list[Step] = []

    with waveform_on_disk(recording, steps.append) as waveform:
        assert waveform.samples.dtype == np.float32
        assert len(waveform.samples) == recording.duration * SAMPLES_PER_MS
        for _ in range(2):
            assert np.array_equal(waveform.samples, recording.read(Span(0, recording.duration)).samples)
            waveform.release()
    assert steps[-1] == Step("reading the audio", recording.duration, recording.duration, "ms")


def test_windows_on_disk_fit_together(make_sound: MakeSound) -> None:
    """A recording that is longer than one window of 5 minutes has no gap between the windows."""
    recording = open_recording(make_sound("a.flac", babble(301)))

    with waveform_on_disk(recording, silent) as waveform:
        edge = Span(299_500, 300_500)
        part = waveform.samples[edge.start * SAMPLES_PER_MS : edge.end * SAMPLES_PER_MS]
        assert np.array_equal(part, recording.read(edge).samples)
