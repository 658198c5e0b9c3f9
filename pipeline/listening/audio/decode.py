"""Decode a part of a file in whole seconds, with PyAV.

Only this module handles frames. Each frame is placed where the file's timeline has it (see ``timeline``): a damaged
part is left out and replaced by silence of the same length, so that nothing after it moves::

    packets ─▶ frames ─▶ blocks with a position ─▶ without gap or overlap ─▶ stretches, mixed to mono ─▶ 16 kHz
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice, pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av import AudioFrame, AudioStream, Packet
from av.container import InputContainer

from pipeline.listening.audio.container import READ_ERRORS, opened, undecodable
from pipeline.listening.audio.mixdown import STRETCH_S, mix
from pipeline.listening.audio.parts import ByteRange, Part
from pipeline.listening.audio.silero import DETECTOR_RATE, speech_probabilities

Block = npt.NDArray[np.float32]
"""Decoded audio, float32, shape (channels, num_samples)."""

Frames = Iterator[tuple[int | None, AudioFrame]]
"""Decoded frames, each with the index of its first sample in the part; None: it follows the frame before."""

_log = logging.getLogger(__name__)

_MAX_READ_FAILURES = 100
"""So many failed reads in a row end a damaged file, so that reading always ends. No measurement is recorded for it."""

_SETTLING_S = 1
"""Seconds decoded before the wanted ones: the decoder's memory of earlier packets and the resampler's filter settle."""

_RESTART_S = 60
"""Seconds after which a decoder that adds noise starts again: its noise must not depend on where reading starts.

Opening a file takes 17 ms (an hour of m4a); decoding a minute takes 0.3 s.
"""


def decode(path: Path, part: Part, first: int, last: int, rate: int) -> bytes:
    """Return the whole seconds [first, last) of a part as 16-bit mono samples; fewer if it ends before.

    Seeks first, and decodes from an earlier second. The seconds are on a fixed grid, and so are the stretches that are
    mixed together, so they are the same wherever decoding starts; bit-identical for lossless files.

    Args:
        rate: the sample rate of the result, in Hz.

    Raises:
        AudioError: the file can no longer be read, or its sound not be converted.
    """
    grid = _RESTART_S if part.has_noise else STRETCH_S
    start = max(0, first - _SETTLING_S) // grid * grid
    count = math.ceil((last + _SETTLING_S - start) / STRETCH_S)
    stretches = islice(_stretches(path, part, start * part.rate), count)
    mixed = (mix(one, part.rate, partial(_speech_in, rate=part.rate)) for one in stretches)
    try:
        decoded = b"".join(_resampled(mixed, part.rate, rate))
    except av.error.FFmpegError as error:  # more channels than any converter takes, ...
        raise undecodable(path) from error
    bytes_per_second = np.dtype(np.int16).itemsize * rate
    return decoded[(first - start) * bytes_per_second : (last - start) * bytes_per_second]


# --- packets and frames --------------------------------------------------------------------------------------------


def packets(container: InputContainer, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    """Yield all packets. Skips damage in the middle of a file; a truncated file ends without an error."""
    failures = 0
    while failures < _MAX_READ_FAILURES:
        try:
            for packet in container.demux(stream):
                failures = 0
                yield packet
        except READ_ERRORS as error:
            failures += 1
            _log.debug("%s: a damaged part is skipped: %s", container.name, error)
        else:
            return


def frames_of(packets: Iterable[Packet[AudioStream]]) -> Iterator[AudioFrame]:
    """Yield decoded frames; packets that cannot be decoded are skipped."""
    for packet in packets:
        try:
            yield from packet.decode()
        except READ_ERRORS as error:
            _log.debug("a damaged packet is skipped: %s", error)


def frames_from(path: Path, part: Part, sample: int) -> Frames:
    """Yield the frames of a part, the first one at ``sample`` or before, with the time that a decoder needs to settle.

    If the part cannot be searched, or the search ends at another place than it should, it is decoded from its start.
    """
    target = sample - _SETTLING_S * part.rate
    if target > 0 and part.access != "start":
        frames = _by_byte(path, part, target) if part.access == "bytes" else _by_time(path, part, target)
        first = next(frames, None)
        if first is not None and first[0] is not None and first[0] <= target:
            yield from chain((first,), frames)
            return
        _log.debug("%s: %d cannot be searched, the file is decoded from its start", path, sample)
    yield from _from_start(path, part)


def _from_start(path: Path, part: Part) -> Frames:
    with opened(path, part.bytes, part.form if not part.bytes.is_whole else None) as (container, stream):
        first = part.entries[0].at if part.access == "start" else None
        for frame in frames_of(packets(container, stream)):
            if part.access == "start" or frame.pts is None:
                yield first, frame
            else:
                yield part.position(frame.pts), frame
            first = None


def _by_time(path: Path, part: Part, target: int) -> Frames:
    """Yield frames from the last known position before ``target`` on."""
    entry = part.entry_before(target)
    if entry is None:
        return
    pts = entry.pts + (target - entry.at) * part.ticks
    with opened(path, part.bytes, part.form if not part.bytes.is_whole else None) as (container, stream):
        try:
            container.seek(pts, stream=stream)
        except READ_ERRORS as error:
            _log.debug("%s: seeking fails: %s", path, error)
            return
        is_placed = False
        for frame in frames_of(packets(container, stream)):
            at = None if frame.pts is None else part.position(frame.pts)
            is_placed = is_placed or at is not None
            if is_placed:
                yield at, frame


def _by_byte(path: Path, part: Part, target: int) -> Frames:
    """Yield frames from an entry on, which is opened as if the file began there."""
    entry = part.entry_before(target)
    if entry is None or entry == part.entries[0]:
        return  # the start, whose first frames are special
    with opened(path, ByteRange(entry.byte, part.bytes.end), part.form) as (container, stream):
        for frame in frames_of(packets(container, stream)):
            if frame.pts is not None:
                yield entry.at + frame.pts // part.ticks, frame


# --- blocks --------------------------------------------------------------------------------------------------------


def blocks_of(frames: Frames, rate: int) -> Iterator[tuple[int | None, Block]]:
    """Yield frames as blocks at one sample rate, each with its position.

    The channels are interleaved until they are copied: with eight or more planar channels, PyAV 18 reads past the last.
    """
    converter, converter_input = av.AudioResampler("flt"), None
    for position, frame in frames:
        frame_format = (frame.format.name, frame.layout.name, frame.sample_rate)
        if converter_input != frame_format:
            if converter_input is not None:
                yield from ((None, block) for block in _arrays(converter.resample(None)))
            converter, converter_input = av.AudioResampler("flt", frame.layout.name, rate), frame_format
        for index, block in enumerate(_arrays(converter.resample(frame))):
            yield None if index else position, block


def _arrays(frames: Iterable[AudioFrame]) -> Iterator[Block]:
    for frame in frames:
        interleaved = frame.to_ndarray().astype(np.float32, copy=False)
        yield interleaved.reshape(-1, frame.layout.nb_channels).T


def _stretches(path: Path, part: Part, first: int) -> Iterator[Block]:
    """Yield a part from sample ``first`` on in stretches of ``STRETCH_S`` seconds; only the last may be shorter."""
    step = _RESTART_S * part.rate if part.has_noise else part.length
    for start in range(first, part.length, max(1, step)):
        yield from _stretches_between(path, part, start, min(start + step, part.length))


def _stretches_between(path: Path, part: Part, first: int, end: int) -> Iterator[Block]:
    size = STRETCH_S * part.rate
    pending: list[Block] = []
    missing = size
    for block in _contiguous(blocks_of(frames_from(path, part, first), part.rate), first, end):
        for piece in _cut(block, missing, size):
            pending.append(piece)
            missing -= piece.shape[1]
            if not missing:
                yield _joined(pending)
                pending, missing = [], size
    if pending:
        yield _joined(pending)


def _cut(block: Block, first: int, size: int) -> Iterator[Block]:
    """Yield a block in pieces of ``size``, the first one of ``first`` samples."""
    edges = (0, *range(first, block.shape[1], size), block.shape[1])
    yield from (block[:, start:end] for start, end in pairwise(edges) if start < end)


def _joined(blocks: list[Block]) -> Block:
    """Return blocks as one, with the most channels that any has: mono is copied, other layouts are mixed to mono."""
    channels = max(len(block) for block in blocks)
    same = (block if len(block) == channels else block.mean(axis=0, keepdims=True) for block in blocks)
    return np.concatenate([np.broadcast_to(block, (channels, block.shape[1])) for block in same], axis=1)


def _contiguous(blocks: Iterable[tuple[int | None, Block]], at: int, end: int) -> Iterator[Block]:
    """Yield blocks from sample ``at`` to ``end`` without gap or overlap; gaps are filled with silence."""
    start: int | None = None  # of the current block
    for position, block in blocks:
        if position is not None or start is None:
            start = at if position is None else position
        while at < min(start, end):
            gap = min(start, end) - at
            yield np.zeros((1, min(gap, _MAX_SILENCE)), np.float32)
            at += min(gap, _MAX_SILENCE)
        if at >= end:
            return
        new = block[:, at - start : end - start]
        start += block.shape[1]
        at += new.shape[1]
        if new.shape[1]:
            yield new


_MAX_SILENCE = 1 << 16
"""Silence is made in blocks of so many samples, so that a long gap needs no memory."""


def _resampled(blocks: Iterator[Block], rate: int, target_rate: int) -> Iterator[bytes]:
    """Yield consecutive mono blocks at ``rate`` as 16-bit mono at ``target_rate``, with one resampler for all."""
    resampler = av.AudioResampler("s16", "mono", target_rate)
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="mono")
        frame.sample_rate = rate
        for resampled in resampler.resample(frame):
            yield resampled.to_ndarray().tobytes()
    for resampled in resampler.resample(None):
        yield resampled.to_ndarray().tobytes()


def _speech_in(block: Block, rate: int) -> Block:
    """Return the probability of speech in mono audio at any sample rate."""
    samples = np.frombuffer(b"".join(_resampled(iter((block,)), rate, DETECTOR_RATE)), np.int16)
    return speech_probabilities(samples.astype(np.float32) / np.float32(-np.iinfo(np.int16).min))
