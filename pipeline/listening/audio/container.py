"""Open a container and its audio stream, whole or a range of its bytes, with PyAV (its wheel contains the decoders).

A range of bytes is opened as if it were a file: one of several recordings that are joined in a file (see ``joins``).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from pathlib import Path

import av
from av import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from pipeline.errors import AudioError
from pipeline.io.file_types import RECORDING, Family, kind_of_file
from pipeline.listening.audio.cut_off import is_cut_off
from pipeline.listening.audio.parts import WHOLE, ByteRange

READABLE = "mp3, m4a, ogg, opus, flac, wav and the sound of mp4, mkv and webm can be read"
"""The advice in errors: the formats that users may give."""

READ_ERRORS = (av.error.FFmpegError, OSError, ValueError)
"""What PyAV raises for damage, at opening, reading, seeking and decoding."""

_CONTAINERS = "aac,ac3,aiff,amr,ape,asf,au,avi,caf,flac,flv,matroska,mov,mp3,mp4,mpeg,mpegts,ogg,tta,w64,wav,webm,wv"
"""The only formats that FFmpeg may open: a playlist or "concat" file could name other files of this machine."""

_SPECIAL = Disposition.comment | Disposition.visual_impaired | Disposition.hearing_impaired | Disposition.karaoke
"""Streams that are not the show itself, unless one of them is the default."""


@contextmanager
def opened(
    path: Path, part: ByteRange = WHOLE, form: str | None = None
) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Open a file, or a range of it, and its audio stream: of several, the default one.

    Args:
        form: FFmpeg's name of the container's format; None to detect it.

    Raises:
        AudioError: the format is not supported, there is no audio stream, or reading fails inside the block.
    """
    with nullcontext() if part.is_whole else path.open("rb") as file:
        try:
            # With "file:", FFmpeg does not read a name such as "concat:a|b" as a protocol.
            source = f"file:{path.absolute()}" if file is None else _RangeReader(file, part)
            container = av.open(source, mode="r", format=form, options={"format_whitelist": _CONTAINERS})
        except READ_ERRORS as error:
            raise unreadable(path) from error
        with container:
            streams = playable_streams(container)
            if not streams:
                raise AudioError(path, "there is no sound in it", READABLE)
            try:
                yield container, streams[0]
            except av.error.FFmpegError as error:
                raise undecodable(path) from error


class _RangeReader(io.RawIOBase):
    """A range of a file that behaves like a file of its own."""

    def __init__(self, file: io.BufferedReader, part: ByteRange) -> None:
        self._file, self._start = file, part.start
        size = os.fstat(file.fileno()).st_size
        self._size = (size if part.end is None else min(part.end, size)) - part.start
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._size - self._at)
        self._file.seek(self._start + self._at)
        content = self._file.read(left if size < 0 else min(size, left))
        self._at += len(content)
        return content


def playable_streams(container: InputContainer) -> list[AudioStream]:
    """Return the audio streams that can be decoded, the one that players take first.

    That is the one with the flag "default", else the first one that is not a commentary or an audio description.
    """
    streams = [stream for stream in container.streams.audio if _is_decodable(stream)]
    return sorted(
        streams, key=lambda stream: (not stream.disposition & Disposition.default, bool(stream.disposition & _SPECIAL))
    )


def _is_decodable(stream: AudioStream) -> bool:
    """Return whether a stream has a decoder, a sample rate and a channel: with a damaged header it lacks some."""
    context = stream.codec_context
    return context is not None and bool(context.sample_rate) and context.channels > 0


def stream_name(stream: AudioStream) -> str:
    """Return how a stream is named in messages: its number, language and title, as far as the file has them.

    The file's own words have no control characters in them, and are cut after 60 characters.
    """
    words = (stream.metadata.get(key, "") for key in ("language", "title"))
    shown = ("".join(char for char in word if char.isprintable())[:60] for word in words)
    return ", ".join((f"stream {stream.index + 1}", *filter(None, shown)))


def unreadable(path: Path) -> AudioError:
    """Return the error for a file without a known container; it names the actual file type if that is known."""
    kind = kind_of_file(path)
    if kind is RECORDING and is_cut_off(path):
        reason = "the download is incomplete: the end of the file is missing, and the index with it"
        return AudioError(path, reason, "download it again")
    if kind is None or kind is RECORDING:
        return AudioError(path, "not audio, or damaged: nothing can be read from it", READABLE)
    if kind.family in {Family.PAGE, Family.LIST}:
        return AudioError(path, f"is {kind.words}, not the recording itself", "download that, and give it instead")
    return AudioError(path, f"is {kind.words}, not a recording", READABLE)


def undecodable(path: Path) -> AudioError:
    """Return the error for a file whose audio no decoder can decode."""
    return AudioError(path, "none of its sound can be decoded", "download or export it again")


# --- durations and timestamps --------------------------------------------------------------------------------------

_GUESSED_DURATIONS = frozenset({"aac", "ac3", "amr", "mp3"})
"""Containers without an index, whose duration FFmpeg estimates from the size of the first packets."""


def promised_duration(container: InputContainer, stream: AudioStream) -> float:
    """Return the duration in the header, in seconds; 0 if there is none or it is only an estimate.

    Some containers count from timestamp 0 and others from the first timestamp: it is the shorter of the two.
    """
    if container.format.name in _GUESSED_DURATIONS and not stream.start_time:
        return 0.0  # an mp3 with an index starts after its encoder's delay, so its start time is not 0
    before = max(0.0, float(clock_zero(container, stream)))
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base) - before
    return (container.duration or 0) / 1_000_000 - before


def clock_zero(container: InputContainer, stream: AudioStream) -> Fraction:
    """Return the timestamp, in seconds, at which players show 0:00: the start of the audio, or of an earlier video."""
    if stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    zero = stream.start_time * stream.time_base
    has_video = any(not video.disposition & Disposition.attached_pic for video in container.streams.video)
    return min(zero, Fraction(container.start_time or 0, 1_000_000)) if has_video else zero
