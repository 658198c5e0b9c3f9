"""Speech to words with times, whichever Whisper does it.

Two engines stand behind one protocol, ``Transcriber``; each lives in a module of its own that is imported when it is
first used. An engine knows nothing of recordings: it gets a waveform and the stretches of it in which somebody speaks,
and gives words on the audio's clock. It keeps nothing from one call to the next, so one engine serves many episodes.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, cast

from pipeline.errors import ConfigError, EngineError
from pipeline.languages import LANGUAGES, code_of
from pipeline.listening.device import resolve_device
from pipeline.listening.models import catalog
from pipeline.options import option

if TYPE_CHECKING:
    from pipeline.listening.audio.recording import Waveform
    from pipeline.listening.models.locate import Layout, Weights
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
        "auto", "What runs Whisper; auto is faster-whisper, or openai-whisper on a GPU"
    )
    model: str = option("base", "The Whisper model: tiny.en, base, small, turbo, large-v3, …, or your own files")
    device: Literal["auto", "cpu", "cuda"] = option(
        "auto", "Where to compute; auto takes an NVIDIA GPU (cuda) if there is one"
    )
    language: str | None = option(None, "What is spoken, as a code or a name: de, German, Deutsch; else it is detected")
    beam_size: int = option(
        5, "How many readings are weighed against each other; 1 is quicker and hears a little worse"
    )
    hints: bool = option(
        True,  # noqa: FBT003
        "Tell Whisper names and code words of transcript and show, if English is spoken; nothing is heard twice for it",
    )

    def __post_init__(self) -> None:
        if not 1 <= self.beam_size <= 100:
            raise ValueError(f"beam_size must be from 1 to 100, not {self.beam_size}")
        if self.language is not None:  # whatever it is called, it is kept and compared by one name
            object.__setattr__(self, "language", _code(self.language))


def _code(language: str) -> str:
    code = code_of(language)
    if code is None:
        near = difflib.get_close_matches(language.casefold(), map(str.casefold, LANGUAGES.values()), n=1)
        meant = f"do you mean {near[0].capitalize()}?" if near else "write a code or a name: en, de, German, Deutsch, …"
        raise ValueError(f"there is no language “{language}”; {meant}")
    return code


def is_english_only(model: str) -> bool:
    """Whether a model of this name hears English alone; a model of the user's own says so when it is loaded."""
    known = catalog.find(model)
    return known is not None and known.languages == 1


def unknown_language(code: str, weights: Weights) -> ConfigError:
    """The error of a model that has not learned a language, as older ones have not all that the newest know."""
    reason = f"the model {weights.model} does not know {LANGUAGES[code]}; take another one, such as --model large-v3"
    return ConfigError(f"--language {code}", reason)


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


HINTED = frozenset({"en"})
"""The languages in which hints are told. Words wrong with base, without and with the form below (``benchmark_hints``):

English: the synthetic example 73 → 30 of 803 (45 with names that nobody says: more than half of it is not the names'
doing), six recordings of people 78 → 76 of 577 (tiny.en: 75 → 43, 55 and 77 → 81). Synthetic conversations: German
17 → 30 of 159, Chinese 12 → 19 of 220, Japanese 27 → 25 of 308, Hebrew 35 → 35 of 109. Readers: German 18 → 11 of 108,
Spanish 13 → 17 of 176. So there is no case for it in other languages yet.
"""


def as_hint(terms: Sequence[str]) -> str:
    """Terms in the form in which Whisper takes them for spellings, not for the start of a sentence.

    >>> as_hint(("Ann Weir", "npm"))
    'Glossary: Ann Weir, npm.'
    """
    return f"Glossary: {', '.join(terms)}." if terms else ""


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
