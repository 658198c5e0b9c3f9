"""The log probabilities of the phones in a recording, in blocks: computed once, and kept for later runs.

A block begins at a multiple of ``BLOCK``, so it is the same whatever is forced in it. The encoder gets some sound
around it too. Of a block that was heard in part (see ``heard_phones``), only the rest is encoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from pipeline.listening.audio.recording import Recording
from pipeline.listening.engine_errors import engine_errors
from pipeline.listening.forced import BLOCK, blocks_of
from pipeline.listening.forced.phone_classifier import CLASSES, load_classifier, packed, steps_of, unpacked
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

PART_MARGIN: Ms = 3_000
"""The same of a part of a block. Parts of 1.5 to 6 s of ten minutes of a podcast had the same best phone as in the
whole block in 92 % of their frames, and in 91 % with 1 and 2 s; another block that covers them has in 93 %."""

UNSCORED = 255
"""A frame that has this step for each phone has no scores. A classifier cannot return that: the steps are log
probabilities (see ``phone_classifier.packed``), and probabilities add up to 1."""

Blocks = Mapping[int, bytes]
"""Blocks by their number, each as ``phone_classifier.packed`` returns it; some frames may have no scores."""


def score_blocks(recording: Recording, transcriber: LoadedWhisper, blocks: Blocks) -> Iterator[bytes]:
    """Yield the whole of each block, in their order; empty for one after the end.

    Args:
        transcriber: ``ENCODER_MODEL`` in faster-whisper.
        blocks: what is known of each; empty if nothing is.

    Raises:
        AudioError: the recording cannot be read.
        EngineError: the encoder failed.
    """
    # See ``transcribe.windows.hear``.
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(transcriber.at_once) as pool:
        yield from pool.map(lambda number: _score_block(recording, transcriber, number, blocks[number]), blocks)


def _score_block(recording: Recording, transcriber: LoadedWhisper, number: int, known: bytes) -> bytes:
    block = Span(min(number * BLOCK, recording.duration), min((number + 1) * BLOCK, recording.duration))
    if not known:
        return packed(_scores(recording, transcriber, block, MARGIN))
    steps = steps_of(known).copy()
    for part in unscored_parts(known):
        found = _scores(recording, transcriber, part.shift(block.start), PART_MARGIN)
        first = part.start // FRAME
        steps[first : first + len(found)] = steps_of(packed(found))
    return steps.tobytes()


def _scores(recording: Recording, transcriber: LoadedWhisper, span: Span, margin: Ms) -> npt.NDArray[np.float32]:
    """Return the log probabilities in a span, shape (num_frames, len(CLASSES)); none if its sound is too short."""
    around = Span(max(0, span.start - margin), min(recording.duration, span.end + margin))
    if around.duration < ENCODED_FRAME:
        return np.zeros((0, len(CLASSES)), np.float32)
    samples = recording.read(around).samples
    with engine_errors(transcriber.engine, "failed while timing words"):
        encoded = encode(transcriber.model, samples)
    found = load_classifier().log_probabilities(phone_features(samples, encoded))
    first = (span.start - around.start) // FRAME
    return found[first : first + span.duration // FRAME]


def unscored_parts(block: bytes) -> list[Span]:
    """Return the parts of a block that have no scores, in ms from its start."""
    edges = np.flatnonzero(np.diff((steps_of(block) == UNSCORED).all(axis=1), prepend=False, append=False))
    return [Span(int(first) * FRAME, int(last) * FRAME) for first, last in edges.reshape(-1, 2)]


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
