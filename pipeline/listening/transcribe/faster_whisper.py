"""Transcribe with faster-whisper (Whisper on CTranslate2): several chunks at once, with 8-bit weights on a CPU.

Chunks are decoded in batches and without timestamp tokens. Measured with base on 5 minutes of read speech, this is both
faster (0.048 instead of 0.073 s of processor time per second of audio at beam size 5) and more accurate (word error
rate 8.1 instead of 8.7 %) than one window after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import faster_whisper
import numpy as np
import numpy.typing as npt
from ctranslate2 import StorageView

from pipeline.errors import EngineError
from pipeline.listening.allocator import keep_freed_memory
from pipeline.listening.audio.recording import Waveform
from pipeline.listening.device import thread_count
from pipeline.listening.device_memory import BatchSize, why_failed
from pipeline.listening.models.locate import Weights
from pipeline.listening.transcribe import Decoding, TranscribeOptions, Transcriber, beam_size_in, unknown_language
from pipeline.listening.transcribe.chunks import RawWord, first_speech, hear_all, is_invented
from pipeline.schema import HeardWord
from pipeline.times import MS_PER_SECOND, Ms, Span, to_seconds

_NAME = "faster-whisper"
_COMPUTE_TYPES = {"cpu": "int8", "cuda": "float16"}
_BATCH_SIZE = 8
"""Clips that are decoded together, as many as ``windows`` gives in a call. No measurement is recorded for it."""

_PATIENCE = 0.67
"""The beam search ends when two thirds of its hypotheses are complete, and not all."""

_SHORT, _CONTEXT = 700, 1_000
"""Of chunks of at most 7 s the encoder gets 10 s: frames of 10 ms. With the recordings of ``benchmark_hints`` cut at
pauses into such clips, each in a call of its own, 416 of 3,202 words are wrong with it and 412 with the 30 s that
Whisper was trained on (English 215 and 199 of 1,959, other languages 201 and 213 of 1,243), in 42 % of the processor
time. Of windows of 15 s, with a second of silence after them, it skips sentences (``scripts/benchmark_marker.py``)."""

_LONG, _SILENCE, _REPEATED = 2_000, 100, 40
"""Of chunks of more than 20 s the encoder gets 1 s of the silence after them (frames of 10 ms); for the decoder, the
last 0.8 s of what it makes of that (frames of 20 ms) are repeated until there are 30 s.

Of the recordings of ``benchmark_hints``, transcribed whole, 459 of 4,582 words are wrong with it and 449 without
(English with a hint 134 and 127 of 1,656, without one 194 and 188 of 1,846, other languages 131 and 134 of 1,080); of
an hour of podcasts, 6,986 and 6,996 of the 8,037 typed words are heard. Cut into clips of at most 15 s, with 1 to 3 s
of silence after each, 214 to 228 of 1,959 English words are wrong in place of 185, so these keep their 30 s."""

_MOST_COMPRESSED = 2.4
"""Whisper's own limit of the compression ratio of a text: above it, a loop is likely. Of noises, tones and melodies
tiny.en made “beep” over a hundred times from 10 s, which it rejects itself with 30 s."""

_MAX_THREADS = 8
"""More threads do not make the small matrix products of one batch faster. No measurement is recorded for it."""


class KeepingModel(faster_whisper.WhisperModel):  # type: ignore[misc] # the package has no types
    """A model that can keep what its encoder returns: it is half of the cost, and more than words can be made of it.

    On a processor it does not encode all of the silence with which short chunks are made 30 s long.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- passes its arguments on
        super().__init__(*arguments, **options)
        self._of_thread = threading.local()

    @contextmanager
    def keeping(self) -> Iterator[list[npt.NDArray[np.float32]]]:
        """Give the list that gets the encoder's output for each batch of chunks that this thread decodes meanwhile.

        Each has the shape (num_chunks, num_frames, width).
        """
        batches: list[npt.NDArray[np.float32]] = []
        self._of_thread.batches = batches
        try:
            yield batches
        finally:
            del self._of_thread.batches

    @contextmanager
    def whole_context(self) -> Iterator[None]:
        """Encode the 30 s of each chunk that this thread decodes meanwhile."""
        self._of_thread.whole = True
        try:
            yield
        finally:
            del self._of_thread.whole

    @property
    def was_cut(self) -> bool:
        """Whether less than 30 s were encoded of one of the chunks that this thread decoded last."""
        return getattr(self._of_thread, "cut", False)

    def encode(self, features: npt.NDArray[np.float32]) -> Any:  # noqa: ANN401 -- an array of CTranslate2
        """Encode as the model does, and keep the result if that is wanted.

        A processor encodes one chunk after the other: that takes the same time as a batch, its attention weights take
        72 MB for each chunk, and of each chunk only its own sound and a little silence are encoded.
        """
        if features.ndim > 2 and self.model.device == "cpu":
            whole = features.shape[-1]
            is_cut = not getattr(self._of_thread, "whole", False)
            ends, frames = num_frames_to_encode(features) if is_cut else ([whole] * len(features), whole)
            self._of_thread.cut = min(ends) < whole
            encoded = [
                np.array(super(KeepingModel, self).encode(chunk[None, :, :end]))[0]
                for chunk, end in zip(features, ends, strict=True)
            ]
            result = StorageView.from_array(np.stack([with_silence(chunk, frames // 2) for chunk in encoded]))
        else:
            result = super().encode(features)
        batches = getattr(self._of_thread, "batches", None)
        if batches is not None:
            batches.append(np.asarray(np.array(result), dtype=np.float32))
        return result


@dataclass(frozen=True, slots=True)
class _Decoded:
    """The words of a batch of chunks, and the encoder's output for each chunk if it was kept."""

    words: Sequence[RawWord]
    encoded: Sequence[npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class FasterWhisper:
    """A loaded CTranslate2 model, as a ``Transcriber``.

    Attributes:
        spoken: the language; None to detect it.
        at_once: how many batches the model decodes at once, each in a thread of its caller.
        batches: how many chunks are in a batch: less than at first if a GPU's memory does not suffice.
    """

    weights: Weights
    settings: Mapping[str, str | int | float | bool | None]
    model: KeepingModel = field(repr=False)
    spoken: str | None
    beam_size: int | None
    at_once: int = 1
    batches: BatchSize = field(default_factory=lambda: BatchSize("chunks of speech", _BATCH_SIZE), repr=False)
    engine: str = _NAME

    def language(self, waveform: Waveform, clips: tuple[Span, ...]) -> str:
        """See ``Transcriber.language``."""
        if self.spoken is not None:
            return self.spoken
        try:
            language, _, _ = self.model.detect_language(first_speech(waveform, clips))
        except (RuntimeError, ValueError) as e:
            raise EngineError(_NAME, f"failed while detecting the language ({why_failed(e)})") from e
        return str(language)

    def hear(self, waveform: Waveform, clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """See ``Transcriber.hear``."""
        try:
            return hear_all(waveform, clips, self.weights.lead, lambda chunks: self._decode(waveform, chunks, decoding))
        except (RuntimeError, ValueError) as e:
            raise EngineError(_NAME, f"failed while listening ({why_failed(e)})") from e

    def _decode(self, waveform: Waveform, chunks: Sequence[Span], decoding: Decoding) -> Iterator[RawWord]:
        parts = [*self.batches.map(lambda batch: [self._decode_batch(waveform, batch, decoding)], chunks)]
        for part in parts:
            yield from part.words
        if decoding.take_encoded:
            for chunk, encoded in zip(chunks, (one for part in parts for one in part.encoded), strict=True):
                decoding.take_encoded(waveform.crop(chunk), encoded, decoding.language)

    def _decode_batch(self, waveform: Waveform, chunks: Sequence[Span], decoding: Decoding) -> _Decoded:
        if not decoding.take_encoded:
            return _Decoded([*self._words(waveform, chunks, decoding)], ())
        with self.model.keeping() as encoded:
            words = [*self._words(waveform, chunks, decoding)]
        return _Decoded(words, [*encoded[-1]])

    def _words(self, waveform: Waveform, chunks: Sequence[Span], decoding: Decoding) -> Iterator[RawWord]:
        segments = self._segments(waveform, chunks, decoding)
        if self.model.was_cut and (len(segments) < len(chunks) or any(_is_doubtful(segment) for segment in segments)):
            with self.model.whole_context():
                segments = self._segments(waveform, chunks, decoding)
        for segment in segments:
            if not is_invented(segment.no_speech_prob, segment.avg_logprob):
                yield from (RawWord(word.word, word.start, word.end, word.probability) for word in segment.words)

    def _segments(self, waveform: Waveform, chunks: Sequence[Span], decoding: Decoding) -> list[Any]:
        segments, _ = faster_whisper.BatchedInferencePipeline(self.model).transcribe(
            _long_enough(waveform, chunks),
            language=decoding.language,
            beam_size=beam_size_in(decoding.language, self.beam_size),
            patience=_PATIENCE,
            temperature=0.0,
            # Sampling is not reproducible here: the generator's seed applies to a thread's first call only.
            repetition_penalty=1.0 + decoding.temperature / 2,
            no_repeat_ngram_size=4 if decoding.temperature else 0,
            initial_prompt=decoding.prompt,
            without_timestamps=True,
            word_timestamps=True,
            batch_size=len(chunks),
            clip_timestamps=[_seconds(chunk, waveform.at) for chunk in chunks],
        )
        return [*segments]


def _is_doubtful(segment: Any) -> bool:  # noqa: ANN401 -- a segment of faster-whisper, which has no types
    """Return whether the encoder may have got too little silence: of repeated silence Whisper says that nobody speaks.

    A chunk of 22 s, all of it speech, had a probability of 0.17 for that with 30 s, and of 0.43 with repeated silence.
    """
    invented = is_invented(segment.no_speech_prob, segment.avg_logprob)
    return invented or segment.compression_ratio > _MOST_COMPRESSED


def num_frames_to_encode(features: npt.NDArray[np.float32]) -> tuple[list[int], int]:
    """Return how many frames of each chunk of a batch are encoded, and how many of each the decoder gets.

    Args:
        features: shape (num_chunks, num_bands, num_frames), one frame for each 10 ms; zeros after the sound.

    >>> chunks = [np.pad(np.ones((80, sound)), ((0, 0), (0, 3_000 - sound))) for sound in (500, 1_200, 2_401)]
    >>> num_frames_to_encode(np.stack(chunks)), num_frames_to_encode(np.stack(chunks[:1]))
    (([3000, 3000, 2502], 3000), ([1000], 1000))
    """
    if not features[..., _SHORT:].any():
        return [_CONTEXT] * len(features), _CONTEXT
    whole = int(features.shape[-1])
    sounds = [int(np.flatnonzero(chunk.any(axis=0))[-1:].sum()) // 2 * 2 + 2 for chunk in features]  # even
    return [min(whole, sound + _SILENCE) if sound > _LONG else whole for sound in sounds], whole


def with_silence(encoded: npt.NDArray[np.float32], num_frames: int) -> npt.NDArray[np.float32]:
    """Return what the encoder makes of a chunk that ends in silence, with more of that silence.

    Args:
        encoded: shape (encoded_frames, width), one frame for each 20 ms.
        num_frames: ``encoded_frames`` or more.

    Returns:
        The same type, shape (num_frames, width).
    """
    silence = encoded[-_REPEATED:]
    added = np.resize(silence, (num_frames - len(encoded), *silence.shape[1:]))  # as often as it is needed
    return np.concatenate([encoded, added])


def _long_enough(waveform: Waveform, chunks: Sequence[Span]) -> npt.NDArray[np.float32]:
    """Return the samples, padded with silence if all chunks together are longer than the waveform (they may overlap).

    faster-whisper 1.2.1 logs how much audio the chunks leave out, and raises an error if that is negative.
    """
    surplus = sum(chunk.duration for chunk in chunks) - waveform.span.duration
    return np.pad(waveform.samples, (0, max(0, surplus + 1) * waveform.rate // MS_PER_SECOND))


def _seconds(chunk: Span, at: Ms) -> dict[str, float]:
    return {"start": to_seconds(chunk.start - at), "end": to_seconds(chunk.end - at)}


def load(options: TranscribeOptions, weights: Weights, device: str, at_once: int) -> Transcriber:
    """Load a CTranslate2 folder.

    With 2 batches at once each has half of the threads. On 2 cores that is as fast as one after the other with 2
    threads (five minutes: 18.2 and 19.5 s), and faster where another process takes a core, as diarization does: two
    threads of one operation wait for each other in a busy loop.

    Raises:
        ConfigError: the model does not know the language.
        EngineError: the files are not a Whisper model, or the device is missing.
    """
    compute_type, threads = _COMPUTE_TYPES[device], thread_count(_MAX_THREADS)
    at_once = min(at_once, threads) if device == "cpu" else 1
    if device == "cpu":
        keep_freed_memory()
    try:
        model = KeepingModel(
            str(weights.path),
            device=device,
            compute_type=compute_type,
            cpu_threads=threads // at_once,
            num_workers=at_once,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as e:
        raise EngineError(_NAME, f"cannot load {weights.path} on {device} ({why_failed(e)})") from e
    spoken = "en" if weights.english_only else options.language
    if spoken is not None and spoken not in model.supported_languages:
        raise unknown_language(spoken, weights)
    settings: dict[str, str | int | float | bool | None] = {
        "beam_size": options.beam_size,
        "compute_type": compute_type,
        "batch_size": _BATCH_SIZE,
        "without_timestamps": True,
    }
    return FasterWhisper(weights, settings, model, spoken, options.beam_size, at_once)
