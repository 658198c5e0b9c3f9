"""Real runs, one over the example and one over a conversation in Hebrew, from which pictures are made without models.

A kept file has all that the engines gave when ``cuemark align`` ran on the episode with its defaults: the words, the
stretches that were heard again, the turns and the speaker embeddings. ``engines`` gives it back to the code that ran
then, so everything after the listening is computed by today's code, and so is the forced alignment, which needs no
weights. ``scripts/keep_run.py`` makes the files.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from pipeline.episode.engines import Engines, real_engines
from pipeline.episode.run import align
from pipeline.files.store import Store
from pipeline.listening.diarize import BackgroundDiarizer
from pipeline.listening.diarize.diarize_options import SpeakerCount
from pipeline.listening.models.locate import Weights
from pipeline.listening.transcribe.span import Reading
from pipeline.progress import LISTENING, READING, SAMPLES, TURNS, VOICES, Progress, Step, silent
from pipeline.schema import Diarization, Hearing, Result, VoiceSample
from pipeline.times import Span
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT

HERE = Path(__file__).parent
LANGUAGES = HERE.parent / "languages"


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode, and the file that keeps the run over it."""

    audio: Path
    transcript: Path
    kept: Path


EXAMPLE, HEBREW = "example", "hebrew"
EPISODES = {
    EXAMPLE: Episode(AUDIO, TRANSCRIPT, HERE / "kept_run.msgpack.gz"),
    HEBREW: Episode(LANGUAGES / "hebrew.opus", LANGUAGES / "hebrew.md", HERE / "kept_run_in_hebrew.msgpack.gz"),
}

DIARIZATION = (READING, TURNS, VOICES)
"""The stages that the diarizer reports, in their order: they come from inside it, and it is not run again."""


@dataclass(frozen=True, slots=True)
class KeptRun:
    """What the engines gave.

    Attributes:
        readings: what was heard again, with the stretch.
        samples: speaker embeddings of single stretches, with the stretches that were asked for.
    """

    hearing: Hearing
    readings: tuple[tuple[Span, Reading], ...]
    diarization: Diarization
    samples: tuple[tuple[tuple[Span, ...], tuple[VoiceSample, ...]], ...]


@lru_cache
def kept_run(name: str = EXAMPLE) -> KeptRun:
    """Read the run that was kept over an episode."""
    return msgspec.msgpack.decode(gzip.decompress(EPISODES[name].kept.read_bytes()), type=KeptRun)


def engines(run: KeptRun) -> Engines:
    """Engines that load nothing and give what was kept, with the progress that the real ones report."""

    def hear(recording: Any, _transcriber: object, _options: object, progress: Progress, *_rest: object) -> Hearing:  # noqa: ANN401 -- passes through
        for done in (0, recording.duration):
            progress(Step(LISTENING, done, recording.duration, "ms"))
        return run.hearing

    def hear_again(_recording: object, _transcriber: object, _first: object, span: Span, *_rest: object) -> Reading:
        return dict(run.readings)[span]

    return replace(
        real_engines(),
        choose=lambda _engine, _device: run.hearing.engine,
        locate=lambda model, *_rest: Weights(model, Path(model), run.hearing.weights, "cache", english_only=False),
        load=lambda _options, _weights, _at_once: cast("Any", SimpleNamespace(at_once=1)),
        hear=hear,
        hear_again=hear_again,
        locate_voices=lambda *_rest: Weights("voices", Path("voices"), run.diarization.weights, "cache", False),  # noqa: FBT003 -- a field of a value
        load_voices=lambda _options, _weights: cast("BackgroundDiarizer", _KeptDiarizer(run)),
        score_phones=lambda _recording, _transcriber, blocks: (b"" for _ in blocks),  # they differ between processors
    )


@dataclass(frozen=True, slots=True)
class _KeptDiarizer:
    run: KeptRun

    def diarize(self, recording: Any, _speakers: SpeakerCount, progress: Progress) -> Diarization:  # noqa: ANN401 -- see hear
        for done in (0, 1):
            progress(Step("loading the models that separate speakers (cache)", done, 1))
        for stage, total, unit in zip(DIARIZATION, (recording.duration, 1, 1), ("ms", "steps", "steps"), strict=True):
            for done in (0, total):
                progress(Step(stage, done, total, cast("Any", unit)))
        return self.run.diarization

    def begin(self, _recording: object, _speakers: SpeakerCount) -> None:
        """Nothing yet."""

    def cancel(self) -> None:
        """Nothing was begun."""

    def sample(self, _recording: object, spans: Sequence[Span], progress: Progress) -> tuple[VoiceSample, ...]:
        kept = {sample.spans: sample for _, samples in self.run.samples for sample in samples}
        progress(Step(SAMPLES, len(spans), len(spans)))
        return tuple(kept[(span,)] for span in spans)


def aligned(given: Engines, progress: Progress = silent, name: str = EXAMPLE) -> Result:
    """An episode's result with these engines; nothing is stored."""
    episode = EPISODES[name]
    with tempfile.TemporaryDirectory() as folder:
        return align(episode.audio, episode.transcript, engines=given, store=Store(Path(folder)), progress=progress)
