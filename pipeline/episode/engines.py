"""The engines that listen to an episode, as functions that are passed in.

The caller decides what listens: the engines of this machine, or fakes in a test. A model is loaded when something has
to be heard, and once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from pipeline.errors import EngineError, WeightsError
from pipeline.listening.diarize import BackgroundDiarizer
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.transcribe import LAYOUTS, TranscribeOptions, Transcriber, model_names
from pipeline.progress import Progress
from pipeline.schema import Hearing, NamedTurn
from pipeline.settings.config import Config
from pipeline.times import Span

if TYPE_CHECKING:
    from pipeline.listening.audio.multitrack import TrackOptions
    from pipeline.listening.audio.recording import Recording
    from pipeline.listening.audio.vad import SpeechOptions
    from pipeline.listening.models.locate import Layout, Weights
    from pipeline.listening.models.weights_options import WeightsOptions
    from pipeline.listening.transcribe.repetition import LoopOptions
    from pipeline.listening.transcribe.span import Reading, SecondLookOptions
    from pipeline.listening.transcribe.window_parts import WindowStore
    from pipeline.listening.transcribe.windows import EarlyResults, HearOptions
    from pipeline.matching.forced.stretches import Forced, Stretch
    from pipeline.matching.probing.heard_windows import HeardWindow, Request

_log = logging.getLogger(__name__)


class Hear(Protocol):
    """The type of ``listening.transcribe.windows.hear``."""

    def __call__(
        self,
        recording: Recording,
        transcriber: Transcriber,
        options: HearOptions,
        progress: Progress,
        keep: WindowStore,
        speech: SpeechOptions,
        hints: tuple[str, ...],
        early: EarlyResults | None = None,
        /,
    ) -> Hearing:
        """Transcribe a whole recording."""


ScorePhones = Callable[["Recording", Transcriber, Mapping[int, bytes]], Iterator[bytes]]
"""Completes the scores of the phones in blocks of a recording, with a transcriber whose encoder can do that."""


@dataclass(frozen=True, slots=True)
class Engines:
    """All functions that listen: those of ``listening`` (see ``real_engines``), or a test's own."""

    open_recording: Callable[[Path], Recording]
    choose: Callable[[str, str], str]
    locate: Callable[[str, Layout, WeightsOptions, Progress], Weights]
    load: Callable[[TranscribeOptions, Weights, int], Transcriber]
    hear: Hear
    hear_again: Callable[
        [Recording, Transcriber, Hearing, Span, tuple[str, ...], SecondLookOptions, LoopOptions], Reading
    ]
    locate_voices: Callable[[DiarizeOptions, WeightsOptions, Progress], Weights]
    load_voices: Callable[[DiarizeOptions, Weights], BackgroundDiarizer]
    follow: Callable[[Mapping[str, Recording], Recording, TrackOptions, Progress], tuple[NamedTurn, ...]]
    score_phones: ScorePhones
    force: Callable[[Recording, Sequence[Stretch], Mapping[int, bytes] | None], Iterator[Forced]]
    hear_window: Callable[[Recording, Transcriber, Request, str | None, SpeechOptions, HearOptions], HeardWindow]


def real_engines() -> Engines:
    """Return the engines of this machine. Their modules are imported here, and the heavy packages at first use."""
    from pipeline.listening import diarize, transcribe  # noqa: PLC0415 -- see above
    from pipeline.listening.audio.multitrack import turns_from_tracks  # noqa: PLC0415 -- see above
    from pipeline.listening.audio.recording import open_recording  # noqa: PLC0415 -- see above
    from pipeline.listening.diarize.diarizer_process import DiarizerProcess  # noqa: PLC0415 -- see above
    from pipeline.listening.forced.force_in_processes import force_in_processes  # noqa: PLC0415 -- see above
    from pipeline.listening.forced.phone_scores import score_blocks  # noqa: PLC0415 -- see above
    from pipeline.listening.models.locate import locate_weights  # noqa: PLC0415 -- see above
    from pipeline.listening.transcribe.short_window import hear_window  # noqa: PLC0415 -- see above
    from pipeline.listening.transcribe.span import hear_again  # noqa: PLC0415 -- see above
    from pipeline.listening.transcribe.windows import hear  # noqa: PLC0415 -- see above

    return Engines(
        open_recording=open_recording,
        choose=transcribe.choose_engine,
        locate=locate_weights,
        load=transcribe.load_transcriber,
        hear=hear,
        hear_again=hear_again,
        locate_voices=diarize.locate_pipeline,
        load_voices=DiarizerProcess,
        follow=turns_from_tracks,
        score_phones=cast("ScorePhones", score_blocks),
        force=force_in_processes,
        hear_window=hear_window,
    )


def keep_loaded(engines: Engines) -> Engines:
    """Return the same engines, except that a model stays loaded until another one is asked for."""
    return replace(
        engines, load=lru_cache(maxsize=1)(engines.load), load_voices=lru_cache(maxsize=1)(engines.load_voices)
    )


def fetch_models(config: Config, engines: Engines, progress: Progress) -> None:
    """Fetch all models that an episode with these options needs, those for diarization only if they are available.

    Raises:
        WeightsError: Whisper's model is not available.
    """
    options = config.transcribe
    locate_model(config, engines, engines.choose(options.engine, options.device), progress)
    if config.diarize.voices:
        locate_voices(config, engines, progress)


def locate_model(config: Config, engines: Engines, engine: str, progress: Progress) -> Weights:
    """Return the files of Whisper's model, fetched if they are missing.

    If those of the best model for this device are not available, a warning says so, and the next one is taken.

    Raises:
        WeightsError: they are not available.
    """
    *better, last = model_names(config.transcribe)
    for name in better:
        try:
            return engines.locate(name, LAYOUTS[engine], config.weights, progress)
        except WeightsError as e:
            _log.warning("another model than %s transcribes: %s", name, e)
    return engines.locate(last, LAYOUTS[engine], config.weights, progress)


def locate_voices(config: Config, engines: Engines, progress: Progress) -> Weights | None:
    """Return the files of the diarization models, fetched if they are missing; None, with a warning, if that fails."""
    try:
        return engines.locate_voices(diarize_options(config), config.weights, progress)
    except (WeightsError, EngineError) as e:
        _log.warning("speakers are not identified: %s", e)
        return None


def diarize_options(config: Config) -> DiarizeOptions:
    """Return the options of diarization; by default it computes on Whisper's device."""
    options = config.diarize
    return replace(options, device=config.transcribe.device) if options.device == "auto" else options


def version_of(distribution: str) -> str:
    """Return the installed version of a package; "unknown" if it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:  # run from a folder of sources, or with a test's engine
        return "unknown"
