"""The listening of one run: from the store what was heard before, from the ears what was not.

The ears come in as an argument, so whoever calls decides who listens; an engine is loaded when something has to be
heard, and once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import EngineError, WeightsError
from pipeline.files.store import Store, key_of
from pipeline.listening.diarize import ENGINE as DIARIZED_BY
from pipeline.listening.diarize import DiarizeOptions, Diarizer, SpeakerCount, heard_settings
from pipeline.listening.transcribe import LAYOUTS, TranscribeOptions, Transcriber
from pipeline.matching.speakers.embeddings import windows as sample_windows
from pipeline.matching.speakers.embeddings import with_samples
from pipeline.progress import Progress, Step
from pipeline.schema import Diarization, Hearing, NamedTurn, VoiceSample
from pipeline.settings.config import Config
from pipeline.times import Span

if TYPE_CHECKING:
    from pipeline.listening.audio.multitrack import TrackOptions
    from pipeline.listening.audio.recording import Recording
    from pipeline.listening.audio.vad import SpeechOptions
    from pipeline.listening.models.locate import Layout, Weights, WeightsOptions
    from pipeline.listening.transcribe.repetition import LoopOptions
    from pipeline.listening.transcribe.span import Reading, SecondLookOptions
    from pipeline.listening.transcribe.windows import HearOptions, WindowStore

_log = logging.getLogger(__name__)

HEARING_VERSION = 1
"""Counts up whenever the code of ``listening`` changes what is heard: what is stored from before is left alone then."""

DIARIZATION_VERSION = 1
"""The same for what tells voices apart."""

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
    locate_voices: Callable[[DiarizeOptions, WeightsOptions, Progress], Weights]
    load_voices: Callable[[DiarizeOptions, Weights], Diarizer]
    follow: Callable[[Mapping[str, Recording], Recording, TrackOptions, Progress], tuple[NamedTurn, ...]]


def real_ears() -> Ears:
    """The ears of this machine; what they need is imported here and, the heavy part, when they are first used."""
    from pipeline.listening import diarize, transcribe  # noqa: PLC0415 -- see above
    from pipeline.listening.audio.multitrack import turns_of  # noqa: PLC0415 -- see above
    from pipeline.listening.audio.recording import open_recording  # noqa: PLC0415 -- see above
    from pipeline.listening.models.locate import locate  # noqa: PLC0415 -- see above
    from pipeline.listening.transcribe.span import hear_again  # noqa: PLC0415 -- see above
    from pipeline.listening.transcribe.windows import hear  # noqa: PLC0415 -- see above

    return Ears(
        open_recording=open_recording,
        choose=transcribe.choose,
        locate=locate,
        load=transcribe.load,
        hear=hear,
        hear_again=hear_again,
        locate_voices=diarize.locate,
        load_voices=diarize.load,
        follow=turns_of,
    )


def keep_loaded(ears: Ears) -> Ears:
    """The same ears, which load an engine anew only where another one is wanted than before."""
    return replace(ears, load=lru_cache(maxsize=1)(ears.load), load_voices=lru_cache(maxsize=1)(ears.load_voices))


def fetch_models(config: Config, ears: Ears, progress: Progress) -> None:
    """Have all models here that an episode with these options needs; what tells voices apart only where it can be had.

    Raises:
        WeightsError: the model cannot be had.
    """
    options = config.transcribe
    _locate(config, ears, ears.choose(options.engine, options.device), progress)
    if config.diarize.voices:
        _locate_voices(config, ears, progress)


def _locate(config: Config, ears: Ears, engine: str, progress: Progress) -> Weights:
    return ears.locate(config.transcribe.model, LAYOUTS[engine], config.weights, progress)


def _locate_voices(config: Config, ears: Ears, progress: Progress) -> Weights | None:
    """The files that tell voices apart; None, with a warning, where they cannot be had."""
    try:
        return ears.locate_voices(_diarize_options(config), config.weights, progress)
    except (WeightsError, EngineError) as e:
        _log.warning("who speaks is not told: %s", e)
        return None


def _diarize_options(config: Config) -> DiarizeOptions:
    """The options of the voices, computed where Whisper is, unless they say otherwise."""
    options = config.diarize
    return replace(options, device=config.transcribe.device) if options.device == "auto" else options


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
        return _locate(self.config, self.ears, self.engine, self.progress)

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

    # --- voices ------------------------------------------------------------------------------------------------------

    @cached_property
    def voices(self) -> Weights | None:
        """The files that tell voices apart, fetched if they are not here; None, with a warning, where that fails."""
        return _locate_voices(self.config, self.ears, self.progress)

    def tell_apart(self, speakers: SpeakerCount) -> Diarization | None:
        """Whose voices are heard when, from the store where it is there; None, with a warning, where that fails."""
        if self.voices is None:
            return None
        key = self._voices_key(self.voices, str(speakers))
        kept = self.store.load("voices", key, Diarization)
        if kept is not None:
            return kept
        try:
            found = self.diarizer.diarize(self.recording, speakers, self.progress)
            more = self.diarizer.sample(self.recording, sample_windows(found.turns), self.progress)
        except EngineError as e:
            _log.warning("who speaks is not told: %s", e)
            return None
        found = with_samples(found, more)
        self.store.save("voices", key, found)
        return found

    def sample(self, spans: Sequence[Span]) -> tuple[VoiceSample, ...]:
        """How the voice sounds in some stretches, from the store where that is there; nothing where it fails."""
        if not spans or self.voices is None:
            return ()
        key = self._voices_key(self.voices, spans)
        kept = self.store.load("samples", key, tuple[VoiceSample, ...])
        if kept is None:
            try:
                kept = self.diarizer.sample(self.recording, spans, self.progress)
            except EngineError as e:
                _log.warning("some voices are not listened to once more: %s", e)
                return ()
            self.store.save("samples", key, kept)
        return kept

    @cached_property
    def diarizer(self) -> Diarizer:
        """What tells voices apart, loaded; to be asked for only where its files are here."""
        self.__dict__.pop("transcriber", None)  # there need not be room for both engines at once
        assert self.voices is not None, "whoever asks has looked"  # noqa: S101 -- our own invariant
        return self.ears.load_voices(_diarize_options(self.config), self.voices)

    def follow(self, tracks: Mapping[str, Recording]) -> tuple[NamedTurn, ...]:
        """Who speaks when by the speakers' own recordings, from the store where it is there."""
        heard = {name: track.sha256 for name, track in tracks.items()}
        key = key_of(DIARIZATION_VERSION, self.recording.sha256, heard, self.config.tracks)
        kept = self.store.load("tracks", key, tuple[NamedTurn, ...])
        if kept is None:
            kept = self.ears.follow(tracks, self.recording, self.config.tracks, self.progress)
            self.store.save("tracks", key, kept)
        return kept

    def _voices_key(self, weights: Weights, asked: object) -> str:
        """The key of what is told of voices: made of all that changes it, and of what was asked."""
        how = weights.sha256, heard_settings(_diarize_options(self.config)), version_of(DIARIZED_BY)
        return key_of(DIARIZATION_VERSION, self.recording.sha256, *how, asked)


def version_of(distribution: str) -> str:
    """The installed version of a package."""
    try:
        return version(distribution)
    except PackageNotFoundError:  # run from a folder of sources, or with a test's engine
        return "unknown"
