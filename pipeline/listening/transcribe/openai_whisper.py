"""Transcribe with openai-whisper (PyTorch): the reference implementation of Whisper, and the engine for a GPU.

It gets arrays, one chunk at a time: its own loader would run an ffmpeg program.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import whisper
from whisper.audio import HOP_LENGTH, N_FRAMES
from whisper.timing import add_word_timestamps
from whisper.tokenizer import LANGUAGES, get_tokenizer

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import Waveform
from pipeline.listening.models.locate import Weights
from pipeline.listening.models.whisper_checkpoint import read_checkpoint
from pipeline.listening.transcribe import Decoding, TranscribeOptions, Transcriber, beam_size_in, unknown_language
from pipeline.listening.transcribe.chunks import RawWord, first_speech, hear_all, is_invented
from pipeline.schema import HeardWord
from pipeline.times import MS_PER_SECOND, Span

_NAME = "openai-whisper"
_SEED = 0
"""The seed for sampling at temperatures above 0, so that the same call returns the same words."""


@dataclass(frozen=True, slots=True)
class OpenaiWhisper:
    """A loaded checkpoint, as a ``Transcriber``; ``spoken`` is the language, None to detect it."""

    weights: Weights
    settings: Mapping[str, str | int | float | bool | None]
    model: Any = field(repr=False)
    spoken: str | None
    beam_size: int | None
    fp16: bool
    at_once: int = 1
    engine: str = _NAME

    def language(self, waveform: Waveform, clips: tuple[Span, ...]) -> str:
        """See ``Transcriber.language``."""
        if self.spoken is not None:
            return self.spoken
        try:
            with _quiet():
                _, probabilities = self.model.detect_language(self._spectrogram(first_speech(waveform, clips)))
        except RuntimeError as e:
            raise EngineError(_NAME, f"failed while detecting the language ({e})") from e
        return str(max(probabilities, key=probabilities.__getitem__))

    def hear(self, waveform: Waveform, clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """See ``Transcriber.hear``."""
        try:
            return hear_all(waveform, clips, self.weights.lead, lambda chunks: self._decode(waveform, chunks, decoding))
        except RuntimeError as e:  # out of memory, a device that went away
            raise EngineError(_NAME, f"failed while listening ({e})") from e

    def _decode(self, waveform: Waveform, chunks: Sequence[Span], decoding: Decoding) -> Iterator[RawWord]:
        for chunk in chunks:
            shift = (chunk.start - waveform.at) / MS_PER_SECOND
            for word in self._decode_chunk(waveform.crop(chunk), decoding):
                yield RawWord(word["word"], word["start"] + shift, word["end"] + shift, word["probability"])

    def _decode_chunk(self, chunk: Waveform, decoding: Decoding) -> list[dict[str, Any]]:
        """Return the words of one chunk, with whisper's own steps: its ``transcribe`` would decode each end twice."""
        mel = self._spectrogram(chunk.samples)
        with _quiet(), torch.random.fork_rng():
            torch.manual_seed(_SEED)
            result = whisper.decode(self.model, mel, self._options(decoding))
            if is_invented(result.no_speech_prob, result.avg_logprob):
                return []
            segment = {"seek": 0, "start": 0.0, "end": chunk.span.duration / MS_PER_SECOND, "tokens": result.tokens}
            add_word_timestamps(
                segments=[segment],
                model=self.model,
                tokenizer=get_tokenizer(
                    self.model.is_multilingual,
                    num_languages=self.model.num_languages,
                    language=decoding.language,
                    task="transcribe",
                ),
                mel=mel,
                num_frames=min(N_FRAMES, len(chunk.samples) // HOP_LENGTH),
                last_speech_timestamp=0.0,
            )
        words: list[dict[str, Any]] = segment["words"]
        return words

    def _options(self, decoding: Decoding) -> whisper.DecodingOptions:
        return whisper.DecodingOptions(
            language=decoding.language,
            temperature=decoding.temperature,
            beam_size=None if decoding.temperature else beam_size_in(decoding.language, self.beam_size),
            prompt=decoding.prompt,
            without_timestamps=True,  # see faster_whisper.py for the measured gain
            fp16=self.fp16,
        )

    def _spectrogram(self, samples: npt.NDArray[np.float32]) -> torch.Tensor:
        """Return the model's input: the log mel spectrogram of 30 s, padded with silence, shape (n_mels, 3000)."""
        padded = whisper.pad_or_trim(samples)
        mel: torch.Tensor = whisper.log_mel_spectrogram(padded, self.model.dims.n_mels, device=self.model.device)
        return mel.half() if self.fp16 else mel


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress whisper's warnings (of the device, triton, a file that it leaves open): users cannot act on them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def load_network(weights: Weights, device: str) -> Any:  # noqa: ANN401 -- the package ships no types
    """Build Whisper's network with the numbers of a checkpoint; nothing in the file is run.

    Raises:
        ValueError: the file is not a checkpoint, or not the published one.
        RuntimeError: its tensors are not those of the network, or the device is missing.
        OSError: it cannot be read.
    """
    checkpoint = read_checkpoint(weights.path, weights.proof(weights.path.name))
    network = whisper.model.Whisper(whisper.model.ModelDimensions(**checkpoint.dims))
    network.load_state_dict(checkpoint.state)
    network.to(device)
    _set_alignment_heads(network, weights)
    return network


def load(options: TranscribeOptions, weights: Weights, device: str, at_once: int) -> Transcriber:  # noqa: ARG001 -- the protocol's
    """Load a checkpoint file. It decodes one chunk after the other.

    Raises:
        ConfigError: the model does not know the language.
        EngineError: the file is not a Whisper checkpoint, or the device is missing.
    """
    spoken = "en" if weights.english_only else options.language
    try:
        model = load_network(weights, device)
    except (RuntimeError, ValueError, OSError, LookupError, TypeError) as e:
        reason = str(e).partition("\n")[0]
        raise EngineError(_NAME, f"cannot load {weights.path} on {device} ({reason})") from e
    if spoken is not None and spoken not in list(LANGUAGES)[: model.num_languages]:
        raise unknown_language(spoken, weights)
    fp16 = device == "cuda"
    settings = {"beam_size": options.beam_size, "fp16": fp16, "without_timestamps": True}
    return OpenaiWhisper(weights, settings, model, spoken, options.beam_size, fp16)


def _set_alignment_heads(model: Any, weights: Weights) -> None:  # noqa: ANN401 -- the package ships no types
    """Set the heads whose cross-attention gives the word times; a model from a path uses half of all heads."""
    heads = whisper._ALIGNMENT_HEADS.get(weights.model)  # noqa: SLF001 -- the constants have no public name
    if heads is not None:
        model.set_alignment_heads(heads)
