"""A diarizer in another process finds what one in this process finds, and is no trouble when it ends early."""

from __future__ import annotations

import gc
import logging
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.listening.diarize import diarizer_process, load_diarizer, locate_pipeline
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.diarize.diarizer_process import DiarizerProcess
from pipeline.listening.models.locate import Weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.matching.speakers.embeddings import sample_windows
from pipeline.progress import Step, silent
from pipeline.times import Span
from tests.listening.conftest import EXAMPLE, write_sound
from tests.running_processes import processes_of

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

OPTIONS = DiarizeOptions(device="cpu")
Children = Callable[[], list[psutil.Process]]
ANY = SpeakerCount()


@pytest.fixture(scope="module")
def weights() -> Weights:
    """The two models."""
    return locate_pipeline(OPTIONS, WeightsOptions(), silent)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Half a minute of the example, in which two people talk."""
    samples = open_recording(EXAMPLE).read(Span(20_000, 50_000)).samples
    return open_recording(write_sound(tmp_path_factory.mktemp("sound") / "two.wav", samples[None]))


@pytest.fixture
def children() -> Children:
    """A function that returns the processes of this test that diarize."""
    others = processes_of(diarizer_process._MODULE)
    return lambda: [one for one in processes_of(diarizer_process._MODULE) if one not in others]


def test_the_result_is_that_of_this_process(weights: Weights, children: Children, recording: Recording) -> None:
    """Also what was begun before, and the samples that it takes meanwhile; then the process ends with the object."""
    steps: list[Step] = []
    process, here = DiarizerProcess(OPTIONS, weights), load_diarizer(OPTIONS, weights)
    process.begin(recording, ANY)
    (working,) = children()

    found = process.diarize(recording, ANY, steps.append)
    windows = sample_windows(found.turns)
    samples = process.sample(recording, windows, silent)
    again = process.sample(recording, windows[:1], silent)

    assert found == here.diarize(recording, ANY, silent)
    assert samples == here.sample(recording, windows, silent)
    assert len(again) == 1
    assert [step.stage for step in steps if not step.done] == [
        f"loading the models that separate speakers ({weights.origin})",
        "reading the audio",
        "finding turns",
        "comparing voices",
    ]
    assert children() == [working]
    del process
    gc.collect()
    assert children() == []


def test_a_path_is_that_of_the_callers_folder(
    weights: Weights, children: Children, recording: Recording, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also where that is another one than when the process was started."""
    process = DiarizerProcess(OPTIONS, weights)
    monkeypatch.chdir(tmp_path)
    assert process.sample(recording, [Span(2_000, 5_000)], silent)
    monkeypatch.chdir(recording.path.parent)
    here = replace(recording, path=Path(recording.path.name))

    assert process.sample(here, [Span(2_000, 5_000)], silent) == process.sample(recording, [Span(2_000, 5_000)], silent)
    assert len(children()) == 1


def test_what_is_not_wanted_ends_at_once(weights: Weights, children: Children, recording: Recording) -> None:
    """A run that fails, or is interrupted, leaves nothing that works."""
    process = DiarizerProcess(OPTIONS, weights)
    process.begin(recording, ANY)
    process.cancel()

    assert children() == []
    process.cancel()  # nothing is begun

    def interrupt(_: Step) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.diarize(recording, ANY, interrupt)
    assert children() == []


def test_another_job_takes_the_place_of_what_was_begun(
    weights: Weights, children: Children, recording: Recording
) -> None:
    """The answer is that of the job that is waited for."""
    process = DiarizerProcess(OPTIONS, weights)
    process.begin(recording, ANY)

    assert len(process.sample(recording, [Span(2_000, 5_000)], silent)) == 1
    assert len(children()) == 1


def test_a_process_that_ends_is_one_line(weights: Weights, children: Children, recording: Recording) -> None:
    """The system may kill it for want of memory; the next job has a new process."""
    process = DiarizerProcess(OPTIONS, weights)
    process.begin(recording, ANY)
    children()[0].kill()

    with pytest.raises(EngineError, match="ended unexpectedly; is there enough memory"):
        process.diarize(recording, ANY, silent)
    assert process.diarize(recording, ANY, silent).turns


def test_too_little_memory_is_one_line(weights: Weights, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever process has too little, and wherever."""
    process = DiarizerProcess(OPTIONS, weights)
    monkeypatch.setattr(process, "_received", lambda _: MemoryError())

    with pytest.raises(
        EngineError, match=r"^pyannote.audio: failed while separating the speakers \(the device has too little memory"
    ):
        process.diarize(recording, ANY, silent)


def test_without_processes_it_is_done_here(
    weights: Weights, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system may allow no more of them."""

    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr(subprocess, "Popen", refuse)
    process = DiarizerProcess(OPTIONS, weights)
    process.begin(recording, ANY)

    assert process.diarize(recording, ANY, silent).turns
    assert process.sample(recording, [Span(2_000, 5_000)], silent)


def test_errors_and_warnings_come_through(weights: Weights, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As if they were of this process."""
    silence = open_recording(write_sound(tmp_path / "silence.wav", np.zeros((1, 32_000), np.float32)))
    process = DiarizerProcess(OPTIONS, replace(weights, path=tmp_path))
    with pytest.raises(EngineError, match="cannot load"):
        process.diarize(silence, ANY, silent)

    noise = np.random.default_rng(7).normal(0, 0.1, (1, 64_000)).astype(np.float32)
    speech = open_recording(EXAMPLE).read(Span(20_000, 24_000)).samples[None]
    sound = open_recording(write_sound(tmp_path / "one.wav", np.concatenate([speech, noise], 1)))
    with caplog.at_level(logging.WARNING, logger="pipeline"):
        found = DiarizerProcess(OPTIONS, weights).diarize(sound, SpeakerCount(least=9, most=9), silent)

    assert len({turn.voice for turn in found.turns}) < 9
    assert "voices are found, though 9 to 9 were expected" in caplog.text
