"""``cuemark`` as a program whose engines give the kept run over an episode, voices too: nothing is loaded.

Its arguments are those of ``cuemark``; the variable KEPT_RUN names the episode, else it is the example. The engines are
functions of this module, because the desk sends them to another process by name.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from pipeline.cli import main
from pipeline.episode.engines import Engines
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.vad import SpeechOptions
from pipeline.listening.diarize import BackgroundDiarizer
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.models.locate import Layout, Weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import TranscribeOptions, Transcriber
from pipeline.listening.transcribe.window_parts import WindowStore
from pipeline.listening.transcribe.windows import EarlyResults, HearOptions
from pipeline.progress import Progress
from pipeline.schema import Hearing
from tests.batch import fake_engines_by_name as by_name
from tests.media.kept_run import EXAMPLE, engines, kept_run

VARIABLE = "KEPT_RUN"
NAME = os.environ.get(VARIABLE, EXAMPLE)


def choose(_engine: str, _device: str) -> str:
    """The engine of the kept run."""
    return kept_run(NAME).hearing.engine


def locate(model: str, _layout: Layout, _options: WeightsOptions, _progress: Progress) -> Weights:
    """A model that is always installed."""
    return Weights(model, Path(model), kept_run(NAME).hearing.weights, "cache", english_only=False)


def load(_options: TranscribeOptions, _weights: Weights, _at_once: int) -> Transcriber:
    """Load nothing."""
    return cast("Transcriber", SimpleNamespace(at_once=1))


def hear(
    recording: Recording,
    _transcriber: Transcriber,
    _options: HearOptions,
    _progress: Progress,
    _keep: WindowStore,
    _speech: SpeechOptions,
    _terms: tuple[str, ...],
    _early: EarlyResults | None = None,
) -> Hearing:
    """What was heard then."""
    hearing = kept_run(NAME).hearing
    assert hearing.duration == recording.duration
    return hearing


def locate_voices(_options: DiarizeOptions, _weights: WeightsOptions, _progress: Progress) -> Weights:
    """Models of voices that are always installed."""
    return Weights("voices", Path("voices"), kept_run(NAME).diarization.weights, "cache", english_only=False)


def load_voices(options: DiarizeOptions, weights: Weights) -> BackgroundDiarizer:
    """Gives the turns and samples that were found then."""
    return engines(kept_run(NAME)).load_voices(options, weights)


ENGINES: Engines = Engines(
    engines(kept_run(NAME)).open_recording, choose, locate, load, hear, by_name.hear_again, locate_voices, load_voices,
    by_name.follow, by_name.score_phones, engines(kept_run(NAME)).force, by_name.hear_window,
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ENGINES))
