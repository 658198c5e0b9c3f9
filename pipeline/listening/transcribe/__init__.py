"""Speech to words with times, whichever Whisper does it.

Two engines stand behind one protocol, ``Transcriber``; each lives in a module of its own that is imported when it is
first used. An engine knows nothing of recordings: it gets a waveform and the stretches of it in which somebody speaks,
and gives words on the audio's clock. It keeps nothing from one call to the next, so one engine serves many episodes.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, cast

from pipeline.errors import ConfigError, EngineError
from pipeline.options import option

if TYPE_CHECKING:
    from pipeline.listening.audio import Waveform
    from pipeline.listening.weights import Layout, Weights
    from pipeline.schema import HeardWord
    from pipeline.times import Span

TRANSCRIBERS: dict[str, str] = {
    "faster-whisper": "pipeline.listening.transcribe.faster_whisper",
    "openai-whisper": "pipeline.listening.transcribe.openai_whisper",
}
"""Engine's name to the module that adapts it; the module offers ``load(options, weights) -> Transcriber``."""

LAYOUTS: dict[str, Layout] = {"faster-whisper": "ctranslate2", "openai-whisper": "openai"}
"""Engine's name to the kind of files that it reads: what ``weights.locate`` is asked for."""


@dataclass(frozen=True, slots=True)
class TranscribeOptions:
    """Which Whisper listens, and how."""

    engine: Literal["auto", "faster-whisper", "openai-whisper"] = option(
        "auto", "The program that runs Whisper; auto takes faster-whisper without a GPU and openai-whisper with one"
    )
    model: str = option(
        "base", "The Whisper model: a name such as tiny.en, base, small, turbo or large-v3, or a folder or .pt file"
    )
    device: Literal["auto", "cpu", "cuda"] = option(
        "auto", "Where to compute: the processor (cpu) or an NVIDIA GPU (cuda); auto takes the GPU if there is one"
    )
    language: str | None = option(None, "The language that is spoken, as a code such as en or de; else it is detected")
    beam_size: int = option(
        5, "How many readings are weighed against each other; 1 is quicker and hears a little worse"
    )

    def __post_init__(self) -> None:
        if self.beam_size < 1:
            raise ValueError(f"beam_size must be 1 or more, not {self.beam_size}")


@dataclass(frozen=True, slots=True)
class Decoding:
    """What one call of ``hear`` is told beside the sound.

    Attributes:
        language: code of the language that is spoken (see ``Transcriber.language``).
        hint: words that are likely to be said (names); shown to the model as if said before. Empty for none.
        temperature: 0 reads the likeliest words. Above 0 (to 1) the reading departs from them, to lead out of a loop:
            by drawing with a fixed seed or by a penalty on repetition, whichever the engine does alike every time.
    """

    language: str
    hint: str = ""
    temperature: float = 0.0

    @property
    def prompt(self) -> str | None:
        """The hint without what the models' tokenizers would take for control; None where there is none."""
        return self.hint.replace("<|", "<").strip() or None


class Transcriber(Protocol):
    """A speech engine with its weights loaded."""

    @property
    def engine(self) -> str:
        """Its name in ``TRANSCRIBERS``."""

    @property
    def weights(self) -> Weights:
        """The model's files that it was loaded from."""

    @property
    def settings(self) -> Mapping[str, str | int | float | bool | None]:
        """All that changes what it hears beside the weights and ``Decoding``: for the result's record and the store."""

    def language(self, waveform: Waveform, clips: tuple[Span, ...]) -> str:
        """Tell the language: the user's, else the only one that the model knows, else that of the first speech."""

    def hear(self, waveform: Waveform, clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """Hear the words that are said in ``clips``.

        Args:
            waveform: float32 mono, shape (num_samples,), at 16000 Hz; ``waveform.at`` is where it starts.
            clips: stretches of speech on the audio's clock, ordered and disjoint, within the waveform.

        Returns:
            Words in order of their starts, on the audio's clock, each inside one of ``clips`` and 20 ms or longer
            (as long as the clip allows); none where ``clips`` is empty. The same call gives the same words.

        Raises:
            EngineError: the engine failed at work (out of memory, ...).
        """


class _Adapter(Protocol):
    """What a module of ``TRANSCRIBERS`` offers."""

    def load(self, options: TranscribeOptions, weights: Weights, device: str) -> Transcriber: ...


def choose(engine: str, device: str) -> str:
    """Name the engine that listens: the one that is asked for, or what ``auto`` means here.

    >>> choose("auto", "cpu")
    'faster-whisper'
    """
    if engine != "auto":
        return engine
    return "openai-whisper" if resolve_device(device) == "cuda" else "faster-whisper"


def resolve_device(device: str) -> str:
    """Name the device that computes: the one that is asked for, or what ``auto`` means here; torch is not loaded."""
    if device != "auto":
        return device
    import ctranslate2  # noqa: PLC0415 -- loaded when somebody listens, not with the options

    return "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"


def load(options: TranscribeOptions, weights: Weights) -> Transcriber:
    """Load an engine with a model's weights, on the device that the options name.

    Raises:
        ConfigError: the language is none, or none that the model knows.
        EngineError: the engine is not installed, cannot read these weights or lacks the device.
    """
    engine = choose(options.engine, options.device)
    if weights.english_only and options.language not in {None, "en"}:
        raise ConfigError(
            f"--language {options.language}", f"the model {weights.model} knows English only; take one without .en"
        )
    return _adapter(engine).load(options, weights, resolve_device(options.device))


def _adapter(engine: str) -> _Adapter:
    if engine not in TRANSCRIBERS:
        raise EngineError(engine, f"there is no such engine; there are {', '.join(TRANSCRIBERS)}")
    try:
        return cast("_Adapter", importlib.import_module(TRANSCRIBERS[engine]))
    except (ImportError, OSError) as e:  # OSError: a compiled part that does not fit this machine
        raise EngineError(engine, f"cannot be used here ({e}); python -m pip install {engine}") from e
