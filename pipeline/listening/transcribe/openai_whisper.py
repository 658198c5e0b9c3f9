"""Transcribe with openai-whisper (PyTorch): the reference implementation of Whisper, and the engine for a GPU.

It gets arrays: its own loader would run an ffmpeg program. A processor decodes one chunk at a time; a GPU several, as
many as its memory has room for.
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
from pipeline.listening.device_memory import BatchSize, why_failed
from pipeline.listening.models.locate import Weights
from pipeline.listening.models.whisper_checkpoint import read_checkpoint
from pipeline.listening.transcribe import Decoding, TranscribeOptions, Transcriber, beam_size_in, unknown_language
from pipeline.listening.transcribe.chunks import RawWord, first_speech, hear_all, is_invented
from pipeline.schema import HeardWord
from pipeline.times import MS_PER_SECOND, Span

_NAME = "openai-whisper"
_SEED = 0
"""The seed for sampling at temperatures above 0, so that the same call returns the same words."""


_MOST_CHUNKS = 8
"""The most chunks that a GPU decodes at once: ``windows`` gives no more in a call."""

_USED_MEMORY = 0.5
"""The part of a GPU's free memory that is counted on: the rest is for intermediate results and for diarization. Chosen
by hand; where it is too much, a batch that fails is divided."""


@dataclass(frozen=True, slots=True)
class OpenaiWhisper:
    """A loaded checkpoint, as a ``Transcriber``.

    Attributes:
        spoken: the language; None to detect it.
        batches: how many chunks are decoded at once.
    """

    weights: Weights
    settings: Mapping[str, str | int | float | bool | None]
    model: Any = field(repr=False)
    spoken: str | None
    beam_size: int | None
    fp16: bool
    batches: BatchSize = field(repr=False)
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
            raise EngineError(_NAME, f"failed while detecting the language ({why_failed(e)})") from e
        return str(max(probabilities, key=probabilities.__getitem__))

    def hear(self, waveform: Waveform, clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """See ``Transcriber.hear``."""
        try:
            return hear_all(waveform, clips, self.weights.lead, lambda chunks: self._decode(waveform, chunks, decoding))
        except RuntimeError as e:
            raise EngineError(_NAME, f"failed while listening ({why_failed(e)})") from e

    def _decode(self, waveform: Waveform, chunks: Sequence[Span], decoding: Decoding) -> Iterator[RawWord]:
        parts = [waveform.crop(chunk) for chunk in chunks]
        for part, words in zip(parts, self.batches.map(lambda some: self._words(some, decoding), parts), strict=True):
            shift = (part.at - waveform.at) / MS_PER_SECOND
            for word in words:
                yield RawWord(word["word"], word["start"] + shift, word["end"] + shift, word["probability"])

    def _words(self, chunks: Sequence[Waveform], decoding: Decoding) -> Iterator[list[dict[str, Any]]]:
        """Yield the words of each chunk, with whisper's own steps: its ``transcribe`` would decode each end twice."""
        mels = torch.stack([self._spectrogram(chunk.samples) for chunk in chunks])
        with _quiet(), torch.random.fork_rng():
            torch.manual_seed(_SEED)
            results = whisper.decode(self.model, mels, self._options(decoding))
            for chunk, mel, result in zip(chunks, mels, results, strict=True):
                yield self._timed_words(chunk, mel, result, decoding)

    def _timed_words(
        self, chunk: Waveform, mel: torch.Tensor, result: whisper.DecodingResult, decoding: Decoding
    ) -> list[dict[str, Any]]:
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


def chunks_at_once(dims: whisper.ModelDimensions, beam_size: int, free: int) -> int:
    """Return how many chunks a GPU decodes at once, 1 to 8.

    What grows with them is, above all, what the decoder keeps for each token and each encoded frame: a key and a value
    in each layer for each hypothesis, in 16-bit numbers.

    Args:
        dims: the sizes of the model.
        beam_size: the number of hypotheses.
        free: the GPU's free memory in bytes, with the model loaded.
    """
    kept: int = beam_size * 2 * dims.n_text_layer * (dims.n_audio_ctx + dims.n_text_ctx) * dims.n_text_state * 2
    return max(1, min(_MOST_CHUNKS, int(free * _USED_MEMORY) // kept))


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
    """Load a checkpoint file.

    Raises:
        ConfigError: the model does not know the language.
        EngineError: the file is not a Whisper checkpoint, or the device is missing.
    """
    spoken = "en" if weights.english_only else options.language
    try:
        model = load_network(weights, device)
    except (RuntimeError, ValueError, OSError, LookupError, TypeError) as e:
        raise EngineError(_NAME, f"cannot load {weights.path} on {device} ({why_failed(e)})") from e
    if spoken is not None and spoken not in list(LANGUAGES)[: model.num_languages]:
        raise unknown_language(spoken, weights)
    fp16 = device == "cuda"
    settings = {"beam_size": options.beam_size, "fp16": fp16, "without_timestamps": True}
    beam_size = beam_size_in(spoken or "", options.beam_size)
    at_most = chunks_at_once(model.dims, beam_size, torch.cuda.mem_get_info()[0]) if device == "cuda" else 1
    batches = BatchSize("chunks of speech", at_most)
    return OpenaiWhisper(weights, settings, model, spoken, options.beam_size, fp16, batches)


def _set_alignment_heads(model: Any, weights: Weights) -> None:  # noqa: ANN401 -- the package ships no types
    """Set the heads whose cross-attention gives the word times; a model from a path uses half of all heads."""
    heads = whisper._ALIGNMENT_HEADS.get(weights.model)  # noqa: SLF001 -- the constants have no public name
    if heads is not None:
        model.set_alignment_heads(heads)
