"""Any recording as 16 kHz mono sound, a stretch at a time.

PyAV decodes (``streams``), pydub's ``AudioSegment`` holds what was decoded, and everything that listens gets a
``Waveform``. A stretch is sought before it is decoded, so that the last minute of three hours costs what the first one
does, and memory is bounded by the stretch. The clock starts where players show 0:00.
"""

from __future__ import annotations

import logging
import math
import warnings
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.errors import AudioError
from pipeline.io.atomic import sha256_file
from pipeline.io.path_hints import explain
from pipeline.times import MS_PER_SECOND, Ms, Span, format_clock, to_seconds

if TYPE_CHECKING:
    from pydub import AudioSegment

RATE = 16_000
"""Samples a second of everything that is given out: what Whisper, Silero and the speaker models listen at."""

SAMPLES_PER_MS = RATE // MS_PER_SECOND

SAMPLE_BYTES = 2
"""Decoded sound is held as 16-bit integers."""

_LONGEST_S = 100 * 3_600
"""No episode lasts longer: a timestamp that says so is damaged, and days of silence would be listened to."""

_log = logging.getLogger(__name__)

_QUIET_DBFS, _LIFTED_DBFS, _HEADROOM_DBFS = -40.0, -26.0, -1.0
"""Below the first level a stretch is lifted towards the second, its peaks no higher than the third."""


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """A stretch of sound: ``samples`` are mono, float32, shape (num_samples,), in -1..1; ``at`` is where it starts."""

    samples: npt.NDArray[np.float32]
    rate: int
    at: Ms

    @property
    def span(self) -> Span:
        """Where it lies in the recording; a last part of a millisecond does not count."""
        return Span(self.at, self.at + len(self.samples) * MS_PER_SECOND // self.rate)

    def crop(self, span: Span) -> Waveform:
        """The part within ``span``, as a view of the same samples."""
        inner = span.clip(self.span)
        start, end = ((point - self.at) * self.rate // MS_PER_SECOND for point in (inner.start, inner.end))
        return Waveform(self.samples[start:end], self.rate, inner.start)


@dataclass(frozen=True, slots=True)
class Recording:
    """A handle on a file with sound; nothing of it is held in memory.

    Attributes:
        duration: what really decodes, whatever the header says.
        sha256: of the file's bytes.
        zero: the file's own timestamp, in seconds, at which our clock starts.
    """

    path: Path
    duration: Ms
    sha256: str
    zero: Fraction = Fraction(0)

    def segment(self, span: Span) -> AudioSegment:
        """Decode ``span`` into 16-bit mono at 16 kHz.

        It starts exactly at ``span.start``, and is shorter than ``span`` only where the recording ends before it.
        Neighbouring spans join without a seam: for a lossless file, to the bit.

        Raises:
            AudioError: the file cannot be opened any more.
        """
        from pipeline.listening.audio import decode  # noqa: PLC0415 -- PyAV is loaded when a file is opened

        first, last = span.start // MS_PER_SECOND, math.ceil(span.end / MS_PER_SECOND)
        decoded = decode.decode(self.path, self.zero, first, last, RATE)
        start, end = (
            (point - first * MS_PER_SECOND) * SAMPLES_PER_MS * SAMPLE_BYTES for point in (span.start, span.end)
        )
        return _segment(decoded[start:end])

    def read(self, span: Span) -> Waveform:
        """Decode ``span`` as ``segment`` does, into a ``Waveform``."""
        return _waveform(self.segment(span), span.start)

    def read_audible(self, span: Span) -> Waveform:
        """Decode ``span``, lifted as a whole where it is so quiet that speech would be taken for silence."""
        return _waveform(lift(self.segment(span)), span.start)


def open_recording(path: Path) -> Recording:
    """Open a recording and find out how long it really is.

    Headers lie (a variable bit rate, an interrupted download), so all packets are read, which costs a tenth of
    decoding them, and the last seconds are decoded to the sample. A file that ends before its time is used as far as
    it goes, with a warning.

    Raises:
        AudioError: missing, a folder, empty, not audio, without sound, damaged beyond use, or several recordings in
            one file.
    """
    from pipeline.listening.audio import decode  # noqa: PLC0415 -- PyAV is loaded when a file is opened

    _check_file(path)
    with decode.opened(path) as (container, stream):
        zero, promised = decode.clock_zero(container, stream), decode.promised_duration(container, stream)
        packets_end = decode.end_of_packets(container, stream)
    if packets_end is None:
        raise AudioError(path, "several recordings are joined in it, each with its own clock", "export it anew as one")
    if packets_end - zero > _LONGEST_S:
        raise AudioError(path, f"it claims to last {math.floor(packets_end / 3_600)} hours", "export it anew")
    end = decode.end_of_sound(path, zero, packets_end)
    duration = 0 if end is None else math.floor((end - zero) * MS_PER_SECOND)
    if duration <= 0:
        raise decode.undecodable(path)
    _compare(path, duration, promised)
    return Recording(path, duration, sha256_file(path), zero)


def lift(segment: AudioSegment) -> AudioSegment:
    """The segment, louder by one factor where it is quiet; digital silence stays what it is."""
    if segment.max == 0 or segment.dBFS >= _QUIET_DBFS:
        return segment
    gain = min(_LIFTED_DBFS - segment.dBFS, _HEADROOM_DBFS - segment.max_dBFS)
    return segment.apply_gain(gain) if gain > 0 else segment


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise AudioError(path, "this is a folder, not a recording", "give the file")
        if not path.exists():
            raise AudioError(path, explain(path))
        if not path.is_file():
            raise AudioError(path, "this is a pipe or a device, not a file", "save the sound as a file first")
        if path.stat().st_size == 0:
            raise AudioError(path, "the file is empty (0 bytes)", "download or export it again")
        path.open("rb").close()
    except OSError as error:
        raise AudioError(path, f"the file cannot be read ({error.strerror})") from error


def _compare(path: Path, duration: Ms, promised: float) -> None:
    if promised - to_seconds(duration) > max(1, promised / 100):
        ends, promise = format_clock(duration), format_clock(round(promised * MS_PER_SECOND))
        _log.warning("%s: ends at %s, though its header promises %s; what is there is used", path, ends, promise)


def _segment(data: bytes) -> AudioSegment:
    with warnings.catch_warnings():
        # pydub looks for an ffmpeg program when it is imported; it gets decoded sound here and needs none.
        warnings.filterwarnings("ignore", message="Couldn't find ffmpeg", category=RuntimeWarning)
        from pydub import AudioSegment  # noqa: PLC0415 -- only here is its warning caught
    return AudioSegment(data=data, sample_width=SAMPLE_BYTES, frame_rate=RATE, channels=1)


def _waveform(segment: AudioSegment, at: Ms) -> Waveform:
    samples = np.frombuffer(segment.raw_data, np.int16).astype(np.float32)
    samples /= -np.iinfo(np.int16).min
    return Waveform(samples, RATE, at)
