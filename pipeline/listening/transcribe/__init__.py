"""Transcribe speech into words with times, with one of the implementations of Whisper.

Whisper is "Robust Speech Recognition via Large-Scale Weak Supervision" (arXiv:2212.04356). Two engines implement one
protocol, ``Transcriber``; each is in its own module, which is imported at first use. An engine knows nothing of
recordings: it gets a waveform and the spans of speech in it, and returns words on the recording's clock. It keeps no
state between calls, so one engine serves many episodes.
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
from pipeline.listening.engine_errors import import_failure
from pipeline.listening.models import catalog
from pipeline.options import option

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from pipeline.listening.audio.recording import Waveform
    from pipeline.listening.models.locate import Layout, Weights
    from pipeline.schema import HeardWord
    from pipeline.times import Span

TRANSCRIBERS: dict[str, str] = {
    "faster-whisper": "pipeline.listening.transcribe.faster_whisper",
    "openai-whisper": "pipeline.listening.transcribe.openai_whisper",
}
"""The module of each engine, by the engine's name; it has ``load``, see ``_Adapter``."""

BATCHES_AT_ONCE = 2
"""For whole recordings. More were not measured: the machines had 2 cores."""

LAYOUTS: dict[str, Layout] = {"faster-whisper": "ctranslate2", "openai-whisper": "openai"}
"""The file layout that each engine reads, by the engine's name: an argument of ``models.locate.locate_weights``."""


AUTO = "auto"
"""In place of the name of a model: the first of ``model_names``."""

_MODELS = {"cpu": ("base",), "cuda": ("large-v3-turbo", "base")}
"""The models that ``auto`` means on a device, the best one first; the next one serves where its weights cannot be had.
OpenAI's large-v3-turbo has 4 decoder layers in place of 32, and takes 1.6 GB. Not measured here: there was no GPU."""


@dataclass(frozen=True, slots=True)
class TranscribeOptions:
    """The engine, its model, and how it transcribes.

    The beam sizes were chosen with ``scripts/benchmark_hints.py`` (base, all recordings, with a hint): of 1,695 English
    words 119 are wrong with 5 and with 3; of 1,080 of other languages 136 and 141, and in a Japanese conversation one
    utterance fewer is found. Listening takes a tenth to a fifth less processor time with 3. Whisper's own default is 5.
    """

    engine: Literal["auto", "faster-whisper", "openai-whisper"] = option(
        "auto", "What runs Whisper; auto is faster-whisper, or openai-whisper on a GPU"
    )
    model: str = option(
        AUTO,
        "The Whisper model: base, small, large-v3, …, or your own files; auto is base, on a GPU large-v3-turbo",
    )
    device: Literal["auto", "cpu", "cuda"] = option("auto", "Where to compute; auto prefers an NVIDIA GPU")
    language: str | None = option(None, "What is spoken (de, German, Deutsch); else it is detected")
    beam_size: int | None = option(
        None,
        "How many hypotheses Whisper compares (beam search), else 3 in English and 5 in other languages; "
        "1 is faster and slightly less accurate",
    )
    hints: bool = option(
        True,  # noqa: FBT003
        "Prompt Whisper with names and terms of transcript and show, in English only; nothing is transcribed again",
    )

    def __post_init__(self) -> None:
        if self.beam_size is not None and not 1 <= self.beam_size <= 100:
            raise ValueError(f"beam_size must be from 1 to 100, not {self.beam_size}")
        if self.language is not None:  # "German", "Deutsch" and "de" are the same option
            object.__setattr__(self, "language", _language_code(self.language))


def _language_code(language: str) -> str:
    code = code_of(language)
    if code is None:
        near = difflib.get_close_matches(language.casefold(), map(str.casefold, LANGUAGES.values()), n=1)
        meant = f"do you mean {near[0].capitalize()}?" if near else "write a code or a name: en, de, German, Deutsch, …"
        raise ValueError(f"there is no language “{language}”; {meant}")
    return code


def beam_size_in(language: str, chosen: int | None) -> int:
    """Return how many hypotheses are compared in a language, if none or that many were chosen.

    >>> beam_size_in("en", None), beam_size_in("ja", None), beam_size_in("ja", 1)
    (3, 5, 1)
    """
    return chosen or (3 if language == "en" else 5)


def model_names(options: TranscribeOptions) -> tuple[str, ...]:
    """Return the names or paths of the models to try, the best one first.

    >>> model_names(TranscribeOptions(model="small")), model_names(TranscribeOptions(device="cpu"))
    (('small',), ('base',))
    """
    return (options.model,) if options.model != AUTO else _MODELS[resolve_device(options.device)]


def is_english_only(model: str) -> bool:
    """Return whether the known model of this name is English-only; False for the user's own models."""
    known = catalog.find(model)
    return known is not None and known.languages == 1


def unknown_language(code: str, weights: Weights) -> ConfigError:
    """Return the error for a language that a model was not trained on: newer models know more languages."""
    reason = f"the model {weights.model} does not know {LANGUAGES[code]}; take another one, such as --model large-v3"
    return ConfigError(f"--language {code}", reason)


class TakeEncoded(Protocol):
    """Gets what an engine's encoder makes of the sound that it hears, for other uses than words."""

    def __call__(self, chunk: Waveform, encoded: npt.NDArray[np.float32], language: str) -> None:
        """Take the encoder's output for a chunk.

        Args:
            chunk: what the engine heard, at most 30 s.
            encoded: shape (num_frames, width), one frame for each 20 ms; what is beyond the chunk means nothing.
            language: the code of the language that is spoken.
        """


@dataclass(frozen=True, slots=True)
class Decoding:
    """The decoding parameters of one call of ``Transcriber.hear``.

    Attributes:
        language: the code of the spoken language (see ``Transcriber.language``).
        hint: words that are likely to be said (names), Whisper's ``initial_prompt``. Empty for none.
        temperature: 0..1. At 0 the most likely words are taken. Above 0 the engine varies them, to avoid a loop: by
            sampling with a fixed seed or by a repetition penalty, whichever is reproducible with it.
        take_encoded: gets the encoder's output for each chunk, if the engine can give it.
    """

    language: str
    hint: str = ""
    temperature: float = 0.0
    take_encoded: TakeEncoded | None = None

    @property
    def prompt(self) -> str | None:
        """The hint without control tokens of the models' tokenizers (``<|…|>``); None if it is empty."""
        return self.hint.replace("<|", "<").strip() or None


HINTED = frozenset({"en"})
"""The languages in which the engine gets hints. Word errors with base, without and with hints (``benchmark_hints``):

English: the synthetic example 73 → 30 of 803 (45 with names that are not said: more than half of the gain does not come
from the names), six recordings of people 78 → 76 of 577 (tiny.en: 75 → 43, 55 and 77 → 81). Synthetic conversations:
German 17 → 30 of 159, Chinese 12 → 19 of 220, Japanese 27 → 25 of 308, Hebrew 35 → 35 of 109. Readers: German 18 → 11
of 108, Spanish 13 → 17 of 176. So hints in other languages are not justified yet.
"""


def as_hint(terms: Sequence[str]) -> str:
    """Return the terms as a prompt that Whisper reads as spellings, not as the start of a sentence.

    >>> as_hint(("Ann Weir", "npm"))
    'Glossary: Ann Weir, npm.'
    """
    return f"Glossary: {', '.join(terms)}." if terms else ""


class Transcriber(Protocol):
    """A speech recognition engine with its weights loaded."""

    @property
    def engine(self) -> str:
        """The engine's name in ``TRANSCRIBERS``."""

    @property
    def weights(self) -> Weights:
        """The model's files."""

    @property
    def at_once(self) -> int:
        """How many calls of ``hear``, in threads of their own, are as fast as one; more are slower."""

    @property
    def settings(self) -> Mapping[str, str | int | float | bool | None]:
        """All settings besides weights and ``Decoding`` that change the words: for the hearing's record."""

    def language(self, waveform: Waveform, clips: tuple[Span, ...]) -> str:
        """Return the code of the language: the user's, else the model's only one, else the detected one.

        Args:
            waveform: as in ``hear``.
            clips: spans of speech; the first 30 s of them are used to detect the language.

        Raises:
            EngineError: the engine failed.
        """

    def hear(self, waveform: Waveform, clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """Transcribe the speech in ``clips``.

        Args:
            waveform: mono, 16 kHz, float32 in -1..1, shape (num_samples,); it starts at ``waveform.at`` ms.
            clips: spans of speech in ms on the recording's clock, ordered and disjoint, inside the waveform.
            decoding: language, prompt and temperature.

        Returns:
            Words in the order of their starts, in ms on the recording's clock, each inside one of ``clips`` and at
            least 20 ms long (or as long as the clip); empty if ``clips`` is empty. The same call returns the same
            words.

        Raises:
            EngineError: the engine failed (out of memory, ...).
        """


class _Adapter(Protocol):
    """The interface of a module in ``TRANSCRIBERS``."""

    def load(self, options: TranscribeOptions, weights: Weights, device: str, at_once: int) -> Transcriber: ...


def choose_engine(engine: str, device: str) -> str:
    """Return the name of the engine: the given one, or for ``auto`` the one that suits the device.

    >>> choose_engine("auto", "cpu")
    'faster-whisper'
    """
    if engine != "auto":
        return engine
    return "openai-whisper" if resolve_device(device) == "cuda" else "faster-whisper"


def load_transcriber(options: TranscribeOptions, weights: Weights, at_once: int = 1) -> Transcriber:
    """Load an engine with a model's weights on the device in the options.

    Args:
        options: with engine, model, device and beam size.
        weights: of the model.
        at_once: how many batches of chunks it decodes at once, if it can; 1 is best for a single chunk, which then has
            all threads.

    Raises:
        ConfigError: the model does not know the language.
        EngineError: the engine is not installed, cannot read these weights or does not find the device.
    """
    engine = choose_engine(options.engine, options.device)
    if weights.english_only and options.language not in {None, "en"}:
        raise ConfigError(
            f"--language {options.language}", f"the model {weights.model} knows English only; take one without .en"
        )
    return _adapter(engine).load(options, weights, resolve_device(options.device), at_once)


def _adapter(engine: str) -> _Adapter:
    if engine not in TRANSCRIBERS:
        raise EngineError(engine, f"there is no such engine; there are {', '.join(TRANSCRIBERS)}")
    try:
        return cast("_Adapter", importlib.import_module(TRANSCRIBERS[engine]))
    except (ImportError, OSError) as e:  # OSError: a compiled library that does not run on this machine
        raise EngineError(engine, import_failure(engine, e)) from e
