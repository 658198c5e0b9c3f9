"""Encode a recording as small AAC audio that every browser plays."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator

import av
import numpy as np
import numpy.typing as npt

from pipeline.errors import AudioError
from pipeline.listening.audio import decode
from pipeline.listening.audio.recording import SAMPLE_BYTES, Recording

ENCODED_RATE = 24_000
"""Samples a second: with fewer, music sounds dull; with more, 32 kbit/s do not suffice."""

BIT_RATE = 32_000
"""Bits a second: 14.4 MB for an hour."""

MEDIA_TYPE = "audio/mp4"

_PIECE_S = 60
"""Seconds that are decoded at once: 3 MB of memory."""


def encode_aac(recording: Recording) -> bytes:
    """Return the whole recording as AAC (LC, mono) in an MP4 container.

    Its index comes last, which suffices for a page that has all of it.

    Raises:
        AudioError: the file can no longer be read, or PyAV has no encoder for AAC.
    """
    target = io.BytesIO()
    try:
        with av.open(target, "w", format="mp4") as container:
            stream = container.add_stream("aac", rate=ENCODED_RATE, layout="mono")
            stream.bit_rate = BIT_RATE
            position = 0
            for piece in _pieces(recording):
                frame = av.AudioFrame.from_ndarray(piece[np.newaxis, :], format="s16", layout="mono")
                frame.sample_rate, frame.pts = ENCODED_RATE, position
                position += len(piece)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except av.FFmpegError as e:
        raise AudioError(recording.path, f"cannot be encoded for a web page ({e})") from e
    return target.getvalue()


def _pieces(recording: Recording) -> Iterator[npt.NDArray[np.int16]]:
    """Yield the samples of the recording in order, as 16-bit integers of shape (num_samples,)."""
    for part in recording.parts:
        left = round(part.end * ENCODED_RATE) - round(part.start * ENCODED_RATE)
        for first in range(0, math.ceil(part.end - part.start), _PIECE_S):
            decoded = decode.decode(recording.path, part, first, first + _PIECE_S, ENCODED_RATE)
            size = min(left, _PIECE_S * ENCODED_RATE)
            left -= size
            samples = np.frombuffer(decoded.ljust(size * SAMPLE_BYTES, b"\0")[: size * SAMPLE_BYTES], np.int16)
            if size:
                yield samples
