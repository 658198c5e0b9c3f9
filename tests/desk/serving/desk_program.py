"""``cuemark desk`` as a program of its own, with engines that know what is said in the example episode.

Its arguments are those of ``cuemark``. The engines are functions of this module, which are sent to other processes by
name. The engine "hears" slowly if ``SLOWNESS`` says so: a part of the words after the other.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from pipeline.cli import main
from pipeline.episode.engines import Engines
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.listening.audio.vad import SpeechOptions
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.models.locate import Weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import Transcriber
from pipeline.listening.transcribe.window_parts import WindowStore
from pipeline.listening.transcribe.windows import EarlyResults, HeardSoFar, HearOptions
from pipeline.progress import Progress
from pipeline.schema import Hearing
from pipeline.times import Span
from tests.batch import fake_engines_by_name as by_name
from tests.episodes.kept_hearing import kept_hearing

SLOWNESS = "CUEMARK_TEST_SLOWNESS"
"""The seconds between two parts of what is heard."""

PARTS = 5


def hear(
    recording: Recording,
    _transcriber: Transcriber,
    _options: HearOptions,
    _progress: Progress,
    _keep: WindowStore,
    _speech: SpeechOptions,
    _terms: tuple[str, ...],
    early: EarlyResults | None = None,
) -> Hearing:
    """The kept hearing of the example, a fifth of it after the other."""
    whole = kept_hearing()
    for part in range(1, PARTS + 1):
        time.sleep(float(os.environ.get(SLOWNESS, "0")))
        span = Span(0, recording.duration * part // PARTS)
        words = tuple(word for word in whole.words if word.span.end <= span.end)
        if early and early.take:
            early.take(HeardSoFar(replace(whole, words=words), (span,)))
    return replace(whole, duration=recording.duration)


def locate_voices(_options: DiarizeOptions, _weights: WeightsOptions, _progress: Progress) -> Weights:
    """Voices are not asked for."""
    raise AssertionError


ENGINES: Engines = replace(by_name.ENGINES, open_recording=open_recording, hear=hear, locate_voices=locate_voices)

ROOT = Path(__file__).parents[3]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ENGINES))
