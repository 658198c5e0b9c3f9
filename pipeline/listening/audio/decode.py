"""Sound out of a container, by whole seconds, through PyAV (whose wheel brings the decoders: no program is run).

The one place that knows about packets and frames. Every decoded sample is placed by its own timestamp: what is
damaged is left out and leaves silence of its length, so that nothing behind it moves::

    packets ─▶ frames ─▶ pieces placed on our clock ─▶ without gap or overlap ─▶ whole seconds ─▶ 16 kHz mono
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
"""Decoded sound, shape (channels, num_samples), at the file's own rate."""

READABLE = "mp3, m4a, ogg, opus, flac, wav and the sound of mp4, mkv and webm can be read"

_log = logging.getLogger(__name__)

_CONTAINERS = "aac,ac3,aiff,amr,ape,asf,au,avi,caf,flac,flv,matroska,mov,mp3,mp4,mpeg,mpegts,ogg,tta,w64,wav,webm,wv"
"""What is opened at all: playlists and "concat" files of a stranger could name other files of this machine."""

_GUESSED_DURATIONS = frozenset({"aac", "mp3"})
"""Containers without a table of contents, whose stated duration is the reader's guess from the first packets' size."""

_JITTER_S = 0.02
"""Timestamps rounded by their container (Matroska: 1 ms) differ by less from where the sound before them ended."""

_PATIENCE = 100
"""Failures to read on, one after the other, after which a damaged file is taken to end."""

_CANCELLED = 0.1
"""A mean of all channels that is this much quieter than the loudest one comes from channels that cancel out."""

_BROKEN = (av.error.FFmpegError, OSError, ValueError)


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Open a file and its first stream of sound.

    Raises:
        AudioError: it is no container that we read, nothing in it is sound, or it fails beyond repair while in use.
    """
    try:
        # "file:" keeps a name such as "concat:a|b" a name.
        container = av.open(f"file:{path.absolute()}", options={"format_whitelist": _CONTAINERS})
    except _BROKEN as error:
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
    """Whether a decoder was found for a stream, with a rate and at least one channel: damaged headers have neither."""
    context = stream.codec_context
    return context is not None and bool(context.sample_rate) and context.channels > 0


def unreadable(path: Path) -> AudioError:
    """The error of a file in which no container is recognised: what it is instead, if that is known."""
    kind = kind_of_file(path)
    if kind is None or kind is RECORDING:
        return AudioError(path, "not audio, or damaged: nothing can be read from it", READABLE)
    if kind.family in {Family.PAGE, Family.LIST}:
        return AudioError(path, f"is {kind.words}, not the recording itself", "download that, and give it instead")
    return AudioError(path, f"is {kind.words}, not a recording", READABLE)


def undecodable(path: Path) -> AudioError:
    """The error of a file with sound that no decoder can make anything of."""
    return AudioError(path, "none of its sound can be decoded", "download or export it again")


# --- what the packets say ----------------------------------------------------------------------------------------


def promised_duration(container: InputContainer, stream: AudioStream) -> float:
    """The duration that the header states, in seconds; 0 where it states none that is worth a warning."""
    if container.format.name in _GUESSED_DURATIONS and not stream.start_time:
        return 0.0  # an mp3 that has a table of contents starts after its encoder's delay
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1_000_000


def clock_zero(container: InputContainer, stream: AudioStream) -> Fraction:
    """The timestamp, in seconds, at which the sound starts, or the film, if there is one and it starts earlier."""
    if stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    zero = stream.start_time * stream.time_base
    film = any(not video.disposition & Disposition.attached_pic for video in container.streams.video)
    return min(zero, Fraction(container.start_time or 0, 1_000_000)) if film else zero


def end_of_packets(container: InputContainer, stream: AudioStream) -> Fraction | None:
    """The last timestamp, in seconds, by reading all packets and decoding none; None where the clock starts anew."""
    time_base, end = stream.time_base or Fraction(1, stream.rate), 0
    second = math.floor(1 / time_base)  # in ticks, as all here: fractions would take longer than the reading
    for packet in _packets(container, stream):
        at = packet.pts
        if at is None:
            continue
        if at < end - second:
            return None
        end = max(end, at + (packet.duration or 0))
    return end * time_base


def end_of_sound(path: Path, zero: Fraction, packets_end: Fraction) -> Fraction | None:
    """Where the last decoded sample ends, in seconds of the file's time; None where nothing at all decodes.

    Encoders pad their last packet, and only decoding takes that off.
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
    """The whole seconds [first, last) of a recording as 16-bit mono samples, fewer where it ends before.

    Seeks before it decodes, and starts one second early, so that decoders and the resampler's filter have settled.
    Seconds on a fixed grid come out the same wherever decoding began: for lossless files to the bit.
    """
    early = max(0, first - 1)
    with opened(path) as (container, stream):
        blocks = islice(_seconds(container, stream, zero, early), last + 1 - early)
        decoded = b"".join(_resampled(blocks, stream.rate, rate))
    width = np.dtype(np.int16).itemsize * rate
    return decoded[(first - early) * width : (last - early) * width]


def _packets(container: InputContainer, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    """All packets, past damage in the middle of a file; a file that breaks off ends there as if it were meant so."""
    failures = 0
    while failures < _PATIENCE:
        try:
            for packet in container.demux(stream):
                failures = 0
                yield packet
        except _BROKEN as error:
            failures += 1
            _log.debug("%s: a damaged stretch is passed over: %s", container.name, error)
        else:
            return


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decoded frames from where the container stands; what does not decode is left out."""
    for packet in _packets(container, stream):
        try:
            yield from packet.decode()
        except _BROKEN as error:
            _log.debug("%s: a damaged packet is left out: %s", container.name, error)


def _time(frame: AudioFrame) -> Fraction | None:
    return None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base


def _frames_from(container: InputContainer, stream: AudioStream, at: Fraction) -> Iterator[AudioFrame]:
    """Frames from ``at`` or before it, in the file's own time; from the very start where seeking misses."""
    if stream.time_base is not None:
        try:
            container.seek(math.floor(at / stream.time_base), stream=stream)
        except _BROKEN as error:
            _log.debug("%s: seeking fails, all is decoded: %s", container.name, error)
        frames = _frames(container, stream)
        first = next(frames, None)
        if first is not None and (time := _time(first)) is not None and time <= at:
            return chain((first,), frames)
        container.seek(0)
    return _frames(container, stream)


def _seconds(container: InputContainer, stream: AudioStream, zero: Fraction, first: int) -> Iterator[Block]:
    """The recording by whole seconds of our clock, from second ``first`` on; only the last may be shorter."""
    rate = stream.rate
    frames = _frames_from(container, stream, zero + first) if first else _frames(container, stream)
    held: list[Block] = []
    size = 0
    for piece in _contiguous(_placed(frames, stream, zero), first * rate, rate):
        held.append(piece)
        size += piece.shape[1]
        while size >= rate:
            joined = np.concatenate(held, axis=1)
            yield joined[:, :rate]
            held, size = [joined[:, rate:]], size - rate
    if size:
        yield np.concatenate(held, axis=1)


def _placed(frames: Iterator[AudioFrame], stream: AudioStream, zero: Fraction) -> Iterator[tuple[int | None, Block]]:
    """Frames as blocks, and the sample of our clock that each starts at (None: right behind the one before).

    A file may change its format on the way (advertisements spliced into an mp3): all is brought to the stream's first.
    Channels are interleaved until they are ours: of eight and more in planes PyAV 18 reads past the last one.
    """
    layout, rate = stream.layout.name, stream.rate
    convert, known = av.AudioResampler("flt", layout, rate), None
    for frame in frames:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if known != kind:
            convert, known = av.AudioResampler("flt", layout, rate), kind
        time = _time(frame)
        place = None if time is None else round((time - zero) * rate)
        for converted in convert.resample(frame):
            interleaved = converted.to_ndarray().astype(np.float32, copy=False)
            yield place, interleaved.reshape(-1, converted.layout.nb_channels).T
            place = None


def _contiguous(pieces: Iterator[tuple[int | None, Block]], at: int, rate: int) -> Iterator[Block]:
    """Pieces from sample ``at`` on without gap or overlap: silence where a timestamp says that something is missing."""
    here: int | None = None
    for place, piece in pieces:
        if here is None:
            here = at if place is None else place
        elif place is not None and abs(place - here) > _JITTER_S * rate:
            here = place
        while here > at:
            gap = min(here - at, rate)
            yield np.zeros((len(piece), gap), np.float32)
            at += gap
        fresh = piece[:, at - here :]
        here += piece.shape[1]
        at += fresh.shape[1]
        if fresh.shape[1]:
            yield fresh


def _downmix(block: Block) -> Block:
    """One channel, shape (1, num_samples): the mean, or the loudest one where channels cancel each other out."""
    mono = np.asarray(block.mean(axis=0, keepdims=True), np.float32)
    levels = np.sqrt(np.mean(np.square(block), axis=1))
    if np.sqrt(np.mean(np.square(mono))) >= _CANCELLED * levels.max():
        return mono
    loudest = int(levels.argmax())
    return block[loudest : loudest + 1]


def _resampled(blocks: Iterator[Block], rate: int, wanted: int) -> Iterator[bytes]:
    """Seconds of sound at ``rate`` as 16-bit mono at the wanted rate, without a seam between them."""
    resampler = av.AudioResampler("s16", "mono", wanted)
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(_downmix(block)), format="fltp", layout="mono")
        frame.sample_rate = rate
        for resampled in resampler.resample(frame):
            yield resampled.to_ndarray().tobytes()
    for resampled in resampler.resample(None):
        yield resampled.to_ndarray().tobytes()
