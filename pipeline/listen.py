"""The listening of one run: from the store what was heard before, from the ears what was not.

The ears come in as an argument, so whoever calls decides who listens; an engine is loaded when something has to be
heard, and once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Config
from pipeline.listening.transcribe import LAYOUTS, TranscribeOptions, Transcriber
from pipeline.progress import Progress, Step
from pipeline.schema import Hearing
from pipeline.store import Store, key_of
from pipeline.times import Span

if TYPE_CHECKING:
    from pipeline.listening.again import Reading, SecondLookOptions
    from pipeline.listening.audio import Recording
    from pipeline.listening.hear import HearOptions, WindowStore
    from pipeline.listening.loops import LoopOptions
    from pipeline.listening.speech import SpeechOptions
    from pipeline.listening.weights import Layout, Weights, WeightsOptions

HEARING_VERSION = 1
"""Counts up whenever the code of ``listening`` changes what is heard: what is stored from before is left alone then."""

_WITHOUT_EFFECT = {"engine", "model", "device", "hints"}
"""Options that change nothing of what is heard, or are in the key by another name; hints are recorded with it."""


@dataclass(frozen=True, slots=True)
class Ears:
    """All that listens, as functions: those of ``listening`` (see ``real_ears``), or a test's own."""

    open_recording: Callable[[Path], Recording]
    choose: Callable[[str, str], str]
    locate: Callable[[str, Layout, WeightsOptions, Progress], Weights]
    load: Callable[[TranscribeOptions, Weights], Transcriber]
    hear: Callable[
        [Recording, Transcriber, HearOptions, Progress, WindowStore, SpeechOptions, tuple[str, ...]], Hearing
    ]
    hear_again: Callable[
        [Recording, Transcriber, Hearing, Span, tuple[str, ...], SecondLookOptions, LoopOptions], Reading
    ]


def real_ears() -> Ears:
    """The ears of this machine; what they need is imported here and, the heavy part, when they are first used."""
    from pipeline.listening import again, audio, hear, transcribe, weights  # noqa: PLC0415 -- see above

    return Ears(audio.open_recording, transcribe.choose, weights.locate, transcribe.load, hear.hear, again.hear_again)


@dataclass(frozen=True)
class Listening:
    """What is heard of one recording with the options of one run.

    Its parts are made when they are asked for, and may raise a ``PipelineError`` then: the model or the engine cannot
    be used, or nobody speaks.
    """

    recording: Recording
    config: Config
    ears: Ears
    store: Store
    progress: Progress

    @cached_property
    def engine(self) -> str:
        """The name of the engine."""
        return self.ears.choose(self.config.transcribe.engine, self.config.transcribe.device)

    @cached_property
    def weights(self) -> Weights:
        """The model's files, fetched if they are not here."""
        layout = LAYOUTS[self.engine]
        return self.ears.locate(self.config.transcribe.model, layout, self.config.weights, self.progress)

    @cached_property
    def key(self) -> str:
        """The key of the hearing: made of all that changes it, and not of where it is computed or what it is told."""
        how = {name: value for name, value in asdict(self.config.transcribe).items() if name not in _WITHOUT_EFFECT}
        weights, engine = self.weights, self.engine
        heard = HEARING_VERSION, self.recording.sha256, weights.sha256, weights.lead, engine, version_of(engine)
        return key_of(*heard, how, self.config.hear, self.config.speech)

    @cached_property
    def transcriber(self) -> Transcriber:
        """The engine, loaded."""
        loading = f"loading the model {self.weights.model} ({self.weights.origin})"
        self.progress(Step(loading, 0, 1))
        transcriber = self.ears.load(self.config.transcribe, self.weights)
        self.progress(Step(loading, 1, 1))
        return transcriber

    def hear(self, terms: tuple[str, ...] = ()) -> Hearing:
        """All that is said, from the store where it is there, whatever terms the engine was told then."""
        hearing = self.store.load("hearing", self.key, Hearing)
        if hearing is not None:
            self.progress(Step("listening: heard before, taken from the store", 1, 1))
            return hearing
        config, windows = self.config, self.store.windows(self.key)
        hearing = self.ears.hear(
            self.recording, self.transcriber, config.hear, self.progress, windows, config.speech, terms
        )
        self.store.save("hearing", self.key, hearing)
        return hearing

    def hear_again(self, first: Hearing, span: Span, terms: tuple[str, ...]) -> Reading:
        """A stretch of the recording by itself."""
        config = self.config
        return self.ears.hear_again(
            self.recording, self.transcriber, first, span, terms, config.second_look, config.hear
        )


def version_of(distribution: str) -> str:
    """The installed version of a package."""
    try:
        return version(distribution)
    except PackageNotFoundError:  # run from a folder of sources, or with a test's engine
        return "unknown"
