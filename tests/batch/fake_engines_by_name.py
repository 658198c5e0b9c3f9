"""Fake engines for worker processes: functions of a module, which are sent to another process by name.

An audio file contains its speech as text. Each completed transcription is a line in the file that ``HEARD_LOG`` names.
A file that begins with ``broken`` is damaged; one that begins with ``deadly`` kills the process.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from pipeline.episode.engines import Engines
from pipeline.errors import AudioError, EngineError
from pipeline.io.atomic import sha256_file
from pipeline.listening.audio.multitrack import TrackOptions
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.vad import SpeechOptions
from pipeline.listening.diarize import BackgroundDiarizer
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.models.locate import Layout, Weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import TranscribeOptions, Transcriber
from pipeline.listening.transcribe.repetition import LoopOptions
from pipeline.listening.transcribe.span import Reading, SecondLookOptions
from pipeline.listening.transcribe.window_parts import WindowStore
from pipeline.listening.transcribe.windows import EarlyResults, HearOptions
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.matching.probing.heard_windows import HeardWindow
from pipeline.progress import Progress, Step
from pipeline.schema import Hearing, NamedTurn
from pipeline.times import Span
from tests.factories import SHA, heard, hearing

HEARD_LOG = "CUEMARK_TEST_HEARD"
SLOWNESS = "CUEMARK_TEST_SLOWNESS"
"""Environment variables: the log, and the seconds that each transcription takes."""


def open_recording(path: Path) -> Recording:
    """Open the file, unless it is empty or damaged."""
    if not path.is_file():
        raise AudioError(path, "there is no such file")
    if path.read_bytes().startswith(b"broken") or not path.stat().st_size:
        raise AudioError(path, "is not audio")
    return Recording(path, 20_000, sha256_file(path))


def choose(_engine: str, _device: str) -> str:
    """Return the engine's name."""
    return "faster-whisper"


def locate(model: str, _layout: Layout, _options: WeightsOptions, _progress: Progress) -> Weights:
    """Return a model that is always installed."""
    return Weights(model, Path(model), SHA, "cache", english_only=False)


def load(_options: TranscribeOptions, _weights: Weights, _at_once: int) -> Transcriber:
    """Load nothing."""
    return cast("Transcriber", SimpleNamespace(at_once=1))


def hear(
    recording: Recording,
    _transcriber: Transcriber,
    _options: HearOptions,
    progress: Progress,
    _keep: WindowStore,
    _speech: SpeechOptions,
    _terms: tuple[str, ...],
    _early: EarlyResults | None = None,
) -> Hearing:
    """Return the text of the file as heard words."""
    said = recording.path.read_text()
    if said.startswith("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    progress(Step("listening", 0, recording.duration, "ms"))
    time.sleep(float(os.environ.get(SLOWNESS, "0")))
    with Path(os.environ[HEARD_LOG]).open("a") as log:
        log.write(f"{recording.path.name}\n")
    return hearing(heard(said, 1_000, 19_000), duration=20_000)


def hear_again(
    _recording: Recording,
    _transcriber: Transcriber,
    _hearing: Hearing,
    _span: Span,
    terms: tuple[str, ...],
    _options: SecondLookOptions,
    _loop: LoopOptions,
) -> Reading:
    """Return nothing new."""
    return Reading((), terms)


def locate_voices(_options: DiarizeOptions, _weights: WeightsOptions, _progress: Progress) -> Weights:
    """Fail: no diarization is installed."""
    raise EngineError("pyannote.audio", "is not here")


def load_voices(_options: DiarizeOptions, _weights: Weights) -> BackgroundDiarizer:
    """Fail: it must not be called."""
    raise AssertionError


def follow(
    _tracks: Mapping[str, Recording], _mix: Recording, _options: TrackOptions, _progress: Progress
) -> tuple[NamedTurn, ...]:
    """Fail: it must not be called."""
    raise AssertionError


def score_phones(_recording: Recording, _transcriber: Transcriber, blocks: Mapping[int, bytes]) -> Iterator[bytes]:
    """Compute no scores."""
    return (b"" for _ in blocks)


def force(_recording: Recording, stretches: Sequence[Stretch], _blocks: Mapping[int, bytes] | None) -> Iterator[Forced]:
    """Find nothing, so that each word keeps the time at which it was heard."""
    return (Forced(0, (None,) * len(stretch.words)) for stretch in stretches)


def hear_window(*_: object) -> HeardWindow:
    """Fail: it must not be called."""
    raise AssertionError


ENGINES = Engines(
    open_recording, choose, locate, load, hear, hear_again, locate_voices, load_voices, follow, score_phones, force,
    hear_window,
)  # fmt: skip
