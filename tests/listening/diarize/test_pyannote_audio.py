"""The adapter of pyannote pipelines, with a fake pipeline in place of the models."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pyannote.core import Annotation, Segment, SlidingWindow, SlidingWindowFeature

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.listening.diarize.diarize_options import SpeakerCount
from pipeline.listening.diarize.pyannote_audio import PyannoteDiarizer
from pipeline.listening.models.locate import Weights
from pipeline.progress import Step, silent
from pipeline.schema import Turn, VoiceSample
from pipeline.times import Span
from tests.listening.conftest import MakeSound, babble

WEIGHTS = Weights("voices", Path("voices"), "ab" * 32, "the test", english_only=False)
ANY = SpeakerCount()


@pytest.fixture
def recording(make_sound: MakeSound) -> Recording:
    """Four seconds of noise."""
    return open_recording(make_sound("a.flac", babble(4)))


def fake_pipeline(file: dict[str, Any], *, hook: Callable[..., None], **_counts: int | None) -> SimpleNamespace:
    """One chunk of four seconds, in which speaker ``b`` and then ``a`` speak for two seconds each."""
    assert file["waveform"].shape == (1, 64_000)
    sys.stdout.write("a message of the pipeline\n")
    active = np.repeat([[1.0, 0.0], [0.0, 1.0]], 20, axis=0)[None]  # (1 chunk, 40 frames, 2 local speakers)
    hook("segmentation", None, total=1, completed=0)
    hook("segmentation", None, total=1, completed=1)
    hook("segmentation", SlidingWindowFeature(active, SlidingWindow(duration=4.0, step=4.0)))
    hook("embeddings", None, total=2, completed=3)
    hook("embeddings", np.array([[[2.0, 0.0], [0.0, 3.0]]], np.float32))
    annotation = Annotation()
    annotation[Segment(0, 2)], annotation[Segment(2, 4)] = "b", "a"
    return SimpleNamespace(speaker_diarization=annotation)


def diarizer(pipeline: Callable[..., Any] = fake_pipeline, **changes: Any) -> PyannoteDiarizer:  # noqa: ANN401 -- any attribute
    """A diarizer with a fake pipeline."""
    return PyannoteDiarizer(WEIGHTS, {"threshold": 0.75}, pipeline, shortest=500, **changes)


def test_output_becomes_turns_and_samples(recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    """Turns and normalized samples have the same voices; progress is within its total, and nothing is printed."""
    steps: list[Step] = []

    found = diarizer().diarize(recording, ANY, steps.append)

    assert found.turns == (Turn(Span(0, 2_000), "SPEAKER_00"), Turn(Span(2_000, 4_000), "SPEAKER_01"))
    assert found.samples == (
        VoiceSample((Span(0, 2_000),), "SPEAKER_00", np.array([1, 0], "<f4").tobytes()),
        VoiceSample((Span(2_000, 4_000),), "SPEAKER_01", np.array([0, 1], "<f4").tobytes()),
    )
    assert (found.engine, found.model, found.weights, found.settings) == (
        "pyannote.audio",
        "voices",
        "ab" * 32,
        {"threshold": 0.75},
    )
    assert [(step.done, step.total) for step in steps[-3:]] == [(0, 1), (1, 1), (2, 2)]
    assert capsys.readouterr().out == ""


def test_another_number_of_voices_is_a_warning(recording: Recording, caplog: pytest.LogCaptureFixture) -> None:
    """If the pipeline does not respect the given number of speakers, there is a warning."""
    with caplog.at_level(logging.WARNING):
        diarizer().diarize(recording, SpeakerCount(exactly=3), silent)

    assert [record.getMessage() for record in caplog.records] == ["2 voices are found, though 3 were expected"]


def test_a_failure_is_one_line(recording: Recording) -> None:
    """The error of a pipeline is one line with the engine and its message."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the device is gone")

    with pytest.raises(EngineError) as raised:
        diarizer(fail).diarize(recording, ANY, silent)

    assert str(raised.value) == "pyannote.audio: failed while separating the speakers (the device is gone)"


def test_single_spans_are_embedded_in_order(recording: Recording) -> None:
    """Each span gets the embedding of its middle, at most ``longest_s``, in the order of the spans."""

    def lengths(waveforms: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        return np.array([[len(waveform)] for waveform in waveforms], np.float32)

    samples = diarizer(embed=lengths, longest_s=1.0).sample(recording, [Span(0, 500), Span(1_000, 4_000)], silent)

    assert samples == (
        VoiceSample((Span(0, 500),), "", np.array([8_000], "<f4").tobytes()),
        VoiceSample((Span(2_000, 3_000),), "", np.array([16_000], "<f4").tobytes()),
    )
    assert diarizer().sample(recording, [Span(0, 500)], silent) == ()
