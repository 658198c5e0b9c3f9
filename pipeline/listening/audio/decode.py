"""Decode audio from a container in whole seconds, with PyAV (its wheel contains the decoders: no program is run).

Only this module handles packets and frames. Every decoded sample is placed by its own timestamp: a damaged part is
left out and replaced by silence of the same length, so that nothing after it moves::

    packets ─▶ frames ─▶ blocks with a position ─▶ without gap or overlap ─▶ whole seconds ─▶ 16 kHz mono
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av import AudioFrame, AudioStream, Packet
from av.container import InputContainer
from av.stream import Disposition

from pipeline.errors import AudioError
from pipeline.io.file_types import RECORDING, Family, kind_of_file

Block = npt.NDArray[np.float32]
"""Decoded audio, float32, shape (channels, num_samples), at the file's own sample rate."""

READABLE = "mp3, m4a, ogg, opus, flac, wav and the sound of mp4, mkv and webm can be read"
"""The advice in errors: the formats that users may give."""

_log = logging.getLogger(__name__)

_CONTAINERS = "aac,ac3,aiff,amr,ape,asf,au,avi,caf,flac,flv,matroska,mov,mp3,mp4,mpeg,mpegts,ogg,tta,w64,wav,webm,wv"
"""The only formats that FFmpeg may open: a playlist or "concat" file could name other files of this machine."""

_GUESSED_DURATIONS = frozenset({"aac", "mp3"})
"""Containers without an index, whose duration FFmpeg estimates from the size of the first packets."""

_TIMESTAMP_JITTER_S = 0.02
"""A smaller difference between a timestamp and the end of the audio before it is rounding, not a gap.

Containers round timestamps (Matroska to 1 ms). Shorter than an mp3 frame (26 ms at 44.1 kHz), so one lost frame counts.
"""

_MAX_READ_FAILURES = 100
"""So many failed reads in a row end a damaged file, so that reading always ends. No measurement is recorded for it."""

_CANCELLATION_RATIO = 0.1
"""If the mean of all channels has less than this share of the loudest channel's level, the channels cancel out.

The mean of n independent channels keeps 1/sqrt(n) of their level: 0.71 of two, 0.18 of 32.
"""

_READ_ERRORS = (av.error.FFmpegError, OSError, ValueError)


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Open a file and its first audio stream.

    Raises:
        AudioError: the format is not supported, there is no audio stream, or reading fails inside the block.
    """
    try:
        # With "file:", FFmpeg does not read a name such as "concat:a|b" as a protocol.
        container = av.open(f"file:{path.absolute()}", options={"format_whitelist": _CONTAINERS})
    except _READ_ERRORS as error:
        raise unreadable(path) from error
    with container:
        streams = [stream for stream in container.streams.audio if _is_decodable(stream)]
        if not streams:
            raise AudioError(path, "there is no sound in it", READABLE)
        try:
            yield container, streams[0]
        except av.error.FFmpegError as error:
            raise undecodable(path) from error


def _is_decodable(stream: AudioStream) -> bool:
    """Return whether a stream has a decoder, a sample rate and a channel: with a damaged header it lacks some."""
    context = stream.codec_context
    return context is not None and bool(context.sample_rate) and context.channels > 0


def unreadable(path: Path) -> AudioError:
    """Return the error for a file without a known container; it names the actual file type if that is known."""
    kind = kind_of_file(path)
    if kind is None or kind is RECORDING:
        return AudioError(path, "not audio, or damaged: nothing can be read from it", READABLE)
    if kind.family in {Family.PAGE, Family.LIST}:
        return AudioError(path, f"is {kind.words}, not the recording itself", "download that, and give it instead")
    return AudioError(path, f"is {kind.words}, not a recording", READABLE)


def undecodable(path: Path) -> AudioError:
    """Return the error for a file whose audio no decoder can decode."""
    return AudioError(path, "none of its sound can be decoded", "download or export it again")


# --- durations and timestamps --------------------------------------------------------------------------------------


def promised_duration(container: InputContainer, stream: AudioStream) -> float:
    """Return the duration in the header, in seconds; 0 if there is none or it is only an estimate."""
    if container.format.name in _GUESSED_DURATIONS and not stream.start_time:
        return 0.0  # an mp3 with an index starts after its encoder's delay, so its start time is not 0
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1_000_000


def clock_zero(container: InputContainer, stream: AudioStream) -> Fraction:
    """Return the timestamp, in seconds, at which players show 0:00: the start of the audio, or of an earlier video."""
    if stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    zero = stream.start_time * stream.time_base
    has_video = any(not video.disposition & Disposition.attached_pic for video in container.streams.video)
    return min(zero, Fraction(container.start_time or 0, 1_000_000)) if has_video else zero


def end_of_packets(container: InputContainer, stream: AudioStream) -> Fraction | None:
    """Return the end of the last packet, in seconds; None if the timestamps restart, as in concatenated files.

    Reads all packets and decodes none.
    """
    time_base, end = stream.time_base or Fraction(1, stream.rate), 0
    second = math.floor(1 / time_base)  # in ticks, as all times here: fractions would take longer than the reading
    for packet in _packets(container, stream):
        at = packet.pts
        if at is None:
            continue
        if at < end - second:
            return None
        end = max(end, at + (packet.duration or 0))
    return end * time_base


def end_of_audio(path: Path, zero: Fraction, packets_end: Fraction) -> Fraction | None:
    """Return the end of the last decoded sample, in seconds on the file's clock; None if no packet can be decoded.

    Encoders pad their last packet, and only decoding removes the padding.
    """
    first = max(0, math.floor(packets_end - zero) - 2)
    with opened(path) as (container, stream):
        length = sum(block.shape[1] for block in _seconds(container, stream, zero, first))
    if length:
        return zero + first + Fraction(length, stream.rate)
    with opened(path) as (container, stream):
        return None if next(_frames(container, stream), None) is None else packets_end


# --- decoding ----------------------------------------------------------------------------------------------------


def decode(path: Path, zero: Fraction, first: int, last: int, rate: int) -> bytes:
    """Return the whole seconds [first, last) of a recording as 16-bit mono samples; fewer if it ends before.

    Seeks first, and decodes from one second earlier, so that the decoder and the resampler's filter have settled.
    The seconds are on a fixed grid, so they are the same wherever decoding starts; bit-identical for lossless files.

    Args:
        zero: the timestamp of second 0, in seconds (see ``clock_zero``).
        rate: the sample rate of the result, in Hz.
    """
    start = max(0, first - 1)
    with opened(path) as (container, stream):
        blocks = islice(_seconds(container, stream, zero, start), last + 1 - start)
        decoded = b"".join(_resampled(blocks, stream.rate, rate))
    bytes_per_second = np.dtype(np.int16).itemsize * rate
    return decoded[(first - start) * bytes_per_second : (last - start) * bytes_per_second]


def _packets(container: InputContainer, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    """Yield all packets. Skips damage in the middle of a file; a truncated file ends without an error."""
    failures = 0
    while failures < _MAX_READ_FAILURES:
        try:
            for packet in container.demux(stream):
                failures = 0
                yield packet
        except _READ_ERRORS as error:
            failures += 1
            _log.debug("%s: a damaged part is skipped: %s", container.name, error)
        else:
            return


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Yield decoded frames from the container's current position; packets that cannot be decoded are skipped."""
    for packet in _packets(container, stream):
        try:
            yield from packet.decode()
        except _READ_ERRORS as error:
            _log.debug("%s: a damaged packet is skipped: %s", container.name, error)


def _timestamp(frame: AudioFrame) -> Fraction | None:
    return None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base


def _frames_from(container: InputContainer, stream: AudioStream, at: Fraction) -> Iterator[AudioFrame]:
    """Yield frames from ``at`` (a timestamp in seconds) or earlier; from the start of the file if seeking fails."""
    if stream.time_base is not None:
        try:
            container.seek(math.floor(at / stream.time_base), stream=stream)
        except _READ_ERRORS as error:
            _log.debug("%s: seeking fails, the file is decoded from its start: %s", container.name, error)
        frames = _frames(container, stream)
        first = next(frames, None)
        if first is not None and (timestamp := _timestamp(first)) is not None and timestamp <= at:
            return chain((first,), frames)
        container.seek(0)
    return _frames(container, stream)


def _seconds(container: InputContainer, stream: AudioStream, zero: Fraction, first: int) -> Iterator[Block]:
    """Yield the recording in whole seconds, from second ``first`` on; only the last block may be shorter."""
    rate = stream.rate
    frames = _frames_from(container, stream, zero + first) if first else _frames(container, stream)
    pending: list[Block] = []
    size = 0
    for block in _contiguous(_positioned(frames, stream, zero), first * rate, rate):
        pending.append(block)
        size += block.shape[1]
        while size >= rate:
            concatenated = np.concatenate(pending, axis=1)
            yield concatenated[:, :rate]
            pending, size = [concatenated[:, rate:]], size - rate
    if size:
        yield np.concatenate(pending, axis=1)


def _positioned(
    frames: Iterator[AudioFrame], stream: AudioStream, zero: Fraction
) -> Iterator[tuple[int | None, Block]]:
    """Yield frames as blocks, each with the index of its first sample (None: it follows the block before).

    A file may change its format in the middle (advertisements spliced into an mp3): all frames are converted to the
    first format of the stream. The channels are interleaved until they are copied: with eight or more planar channels,
    PyAV 18 reads past the last one.
    """
    layout, rate = stream.layout.name, stream.rate
    converter, converter_input = av.AudioResampler("flt", layout, rate), None
    for frame in frames:
        frame_format = (frame.format.name, frame.layout.name, frame.sample_rate)
        if converter_input != frame_format:
            converter, converter_input = av.AudioResampler("flt", layout, rate), frame_format
        timestamp = _timestamp(frame)
        position = None if timestamp is None else round((timestamp - zero) * rate)
        for converted in converter.resample(frame):
            interleaved = converted.to_ndarray().astype(np.float32, copy=False)
            yield position, interleaved.reshape(-1, converted.layout.nb_channels).T
            position = None


def _contiguous(blocks: Iterator[tuple[int | None, Block]], at: int, rate: int) -> Iterator[Block]:
    """Yield blocks from sample ``at`` on without gap or overlap; gaps between timestamps are filled with silence."""
    start: int | None = None  # of the current block
    for position, block in blocks:
        if start is None:
            start = at if position is None else position
        elif position is not None and abs(position - start) > _TIMESTAMP_JITTER_S * rate:
            start = position
        while start > at:
            gap = min(start - at, rate)
            yield np.zeros((len(block), gap), np.float32)
            at += gap
        new = block[:, at - start :]
        start += block.shape[1]
        at += new.shape[1]
        if new.shape[1]:
            yield new


def _downmix(block: Block) -> Block:
    """Return one channel, shape (1, num_samples): the mean, or the loudest channel if the channels cancel out."""
    mono = np.asarray(block.mean(axis=0, keepdims=True), np.float32)
    levels = np.sqrt(np.mean(np.square(block), axis=1))
    if np.sqrt(np.mean(np.square(mono))) >= _CANCELLATION_RATIO * levels.max():
        return mono
    loudest = int(levels.argmax())
    return block[loudest : loudest + 1]


def _resampled(blocks: Iterator[Block], rate: int, target_rate: int) -> Iterator[bytes]:
    """Yield consecutive blocks at ``rate`` as 16-bit mono at ``target_rate``, with one resampler for all of them."""
    resampler = av.AudioResampler("s16", "mono", target_rate)
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(_downmix(block)), format="fltp", layout="mono")
        frame.sample_rate = rate
        for resampled in resampler.resample(frame):
            yield resampled.to_ndarray().tobytes()
    for resampled in resampler.resample(None):
        yield resampled.to_ndarray().tobytes()
