"""The log probabilities of the phones in a recording, in blocks: computed once, and kept for later runs.

A block begins at a multiple of ``BLOCK``, so it is the same whatever is forced in it. The encoder gets some sound
around it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import Recording
from pipeline.listening.engine_errors import engine_errors
from pipeline.listening.forced import BLOCK, blocks_of
from pipeline.listening.forced.phone_classifier import CLASSES, load_classifier, packed, unpacked
from pipeline.listening.forced.phone_features import ENCODED_FRAME, FRAME, phone_features
from pipeline.listening.forced.whisper_encoder import encode
from pipeline.times import Ms, Span

if TYPE_CHECKING:
    from faster_whisper import WhisperModel


class LoadedWhisper(Protocol):
    """What a ``Transcriber`` of faster-whisper has beside its own methods."""

    engine: str
    model: WhisperModel
    at_once: int


MARGIN: Ms = 1_000
"""The sound before and after a block that the encoder gets too: without it, phones at the edges are wrong."""

Blocks = Mapping[int, bytes]
"""Blocks by their number, each as ``phone_classifier.packed`` returns it."""


def score_blocks(recording: Recording, transcriber: LoadedWhisper, numbers: Sequence[int]) -> Iterator[bytes]:
    """Yield the log probabilities in each block, in the order of the numbers; empty for one after the end.

    Args:
        transcriber: ``ENCODER_MODEL`` in faster-whisper.

    Raises:
        AudioError: the recording cannot be read.
        EngineError: the encoder failed.
    """
    with ThreadPoolExecutor(transcriber.at_once) as pool:
        yield from pool.map(lambda number: _score_block(recording, transcriber, number), numbers)


def _score_block(recording: Recording, transcriber: LoadedWhisper, number: int) -> bytes:
    block = Span(min(number * BLOCK, recording.duration), min((number + 1) * BLOCK, recording.duration))
    around = Span(max(0, block.start - MARGIN), min(recording.duration, block.end + MARGIN))
    if around.duration < ENCODED_FRAME:
        return b""
    samples = recording.read(around).samples
    with engine_errors(transcriber.engine, "failed while timing words"):
        encoded = encode(transcriber.model, samples)
    found = load_classifier().log_probabilities(phone_features(samples, encoded))
    first = (block.start - around.start) // FRAME
    return packed(found[first : first + block.duration // FRAME])


def scores_within(blocks: Blocks, span: Span) -> npt.NDArray[np.float32]:
    """Return the log probabilities from the frame in which a span starts to that in which it ends.

    Where a block is missing or ends, there are none, nor after it.
    """
    parts: list[npt.NDArray[np.float32]] = [np.zeros((0, len(CLASSES)), np.float32)]
    for number in blocks_of([span]):
        scores = unpacked(blocks.get(number, b""))
        first, last = ((at - number * BLOCK) // FRAME for at in (max(span.start, number * BLOCK), span.end))
        parts.append(scores[first:last])
        if len(scores) < BLOCK // FRAME:
            break
    return np.concatenate(parts)
