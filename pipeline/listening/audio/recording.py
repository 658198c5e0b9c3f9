"""Read any recording as 16 kHz mono audio, one span at a time.

PyAV decodes (``decode``), pydub's ``AudioSegment`` holds the decoded audio, and the engines get a ``Waveform``.
Reading a span seeks first, so the last minute of three hours costs as much as the first one, and memory is bounded by
the length of the span. Time 0 is where players show 0:00.
"""

from __future__ import annotations

import logging
import math
import warnings
from dataclasses import dataclass, field
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

    from pipeline.listening.audio.measure import Measured
    from pipeline.listening.audio.parts import Part

RATE = 16_000
"""Sample rate of all decoded audio, in Hz: the input rate of Whisper, Silero VAD and the speaker models."""

SAMPLES_PER_MS = RATE // MS_PER_SECOND

SAMPLE_BYTES = 2
"""Decoded audio is held as 16-bit integers."""

_MAX_DURATION_S = 100 * 3_600
"""Longer than any episode: a larger timestamp is damaged, and days of silence would be transcribed."""

_log = logging.getLogger(__name__)

_QUIET_DBFS, _RAISED_DBFS, _PEAK_DBFS = -40.0, -26.0, -1.0
"""Audio below the first level is amplified to the second, with peaks no higher than the third.

No measurement is recorded for them; that Silero VAD then finds the speech of a recording at -60 dB is a test.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """A span of decoded audio.

    Attributes:
        samples: mono, float32 in -1..1, shape (num_samples,).
        rate: samples a second.
        at: the start of the span in the recording, in ms.
    """

    samples: npt.NDArray[np.float32]
    rate: int
    at: Ms

    @property
    def span(self) -> Span:
        """The span in the recording; an incomplete last millisecond is not counted."""
        return Span(self.at, self.at + len(self.samples) * MS_PER_SECOND // self.rate)

    def crop(self, span: Span) -> Waveform:
        """Return the part inside ``span``, as a view of the same samples."""
        inner = span.clip(self.span)
        start, end = ((point - self.at) * self.rate // MS_PER_SECOND for point in (inner.start, inner.end))
        return Waveform(self.samples[start:end], self.rate, inner.start)


@dataclass(frozen=True, slots=True)
class Recording:
    """A handle of an audio file; no audio is held in memory.

    Attributes:
        duration: the length of the audio that can be decoded, in ms, whatever the header states.
        sha256: the hash of the file's bytes, in hexadecimal digits.
        parts: the recordings that are joined in the file, in order; mostly one.
        is_plain: whether it was measured without a warning.
        is_cut_off: whether the end of the file is missing, by its own sizes or by the duration in its header.
    """

    path: Path
    duration: Ms
    sha256: str
    parts: tuple[Part, ...] = field(default=(), repr=False)
    is_plain: bool = field(default=False, repr=False)
    is_cut_off: bool = field(default=False, repr=False)

    def segment(self, span: Span) -> AudioSegment:
        """Decode ``span`` into 16-bit mono at 16 kHz.

        The result starts exactly at ``span.start`` and is shorter than ``span`` only if the recording ends inside it.
        Adjacent spans fit together without a gap or a repeated sample; for a lossless file, bit by bit.

        Raises:
            AudioError: the file can no longer be read.
        """
        start, end = span.start * SAMPLES_PER_MS, min(span.end, self.duration) * SAMPLES_PER_MS
        return _segment(b"".join(_read_part(self.path, part, start, end) for part in self.parts))

    def read(self, span: Span) -> Waveform:
        """Decode ``span`` into a 16 kHz ``Waveform``; bounds and errors as in ``segment``."""
        return _waveform(self.segment(span), span.start)

    def read_audible(self, span: Span) -> Waveform:
        """Decode ``span`` as ``read`` does, amplified if it is so quiet that speech would be classified as silence."""
        return _waveform(amplify_if_quiet(self.segment(span)), span.start)


def _read_part(path: Path, part: Part, start: int, end: int) -> bytes:
    """Return the samples [start, end) of the recording that are in this part, as bytes."""
    from pipeline.listening.audio import decode  # noqa: PLC0415 -- PyAV is loaded when a file is opened

    first, last = round(part.start * RATE), round(part.end * RATE)
    start, end = max(start, first) - first, min(end, last) - first
    if start >= end:
        return b""
    second = start // RATE
    decoded = decode.decode(path, part, second, math.ceil(end / RATE), RATE)
    wanted = decoded[(start - second * RATE) * SAMPLE_BYTES : (end - second * RATE) * SAMPLE_BYTES]
    return wanted.ljust((end - start) * SAMPLE_BYTES, b"\0")  # the resampler rounds the length of a part


def open_recording(path: Path) -> Recording:
    """Open a recording and measure its real duration (see ``measure``).

    A file that ends before the duration in its header is used as far as it goes, with a warning. Of several audio
    streams, the one that is used is named in a warning.

    Raises:
        AudioError: the file is missing, a folder, empty, not audio, without an audio stream, or too damaged to decode.
    """
    from pipeline.listening.audio import container, measure  # noqa: PLC0415 -- PyAV is loaded when a file is opened

    check_file(path)
    measured = measure.measure(path)
    end = measured.parts[-1].end if measured.parts else Fraction(0)
    if end > _MAX_DURATION_S:
        raise AudioError(path, f"it claims to last {math.floor(end / 3_600)} hours", "export it again")
    duration = math.floor(end * MS_PER_SECOND)
    if duration <= 0:
        raise container.undecodable(path)
    _warn_of_streams(path, measured)
    is_cut_off = _warn_if_cut_off(path, measured, duration)
    is_plain = not (is_cut_off or len(measured.streams) > 1 or measured.closed or measured.left_out)
    return Recording(path, duration, sha256_file(path), measured.parts, is_plain, is_cut_off)


def amplify_if_quiet(segment: AudioSegment) -> AudioSegment:
    """Return the segment, amplified by one constant gain if it is below -40 dBFS; digital silence is not changed."""
    if segment.max == 0 or segment.dBFS >= _QUIET_DBFS:
        return segment
    gain = min(_RAISED_DBFS - segment.dBFS, _PEAK_DBFS - segment.max_dBFS)
    return segment.apply_gain(gain) if gain > 0 else segment


def check_file(path: Path) -> None:
    """Check that there is a file at a path that could be a recording; nothing of it is read.

    Raises:
        AudioError: it is missing, a folder, no file, empty, or cannot be looked at.
    """
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


def _warn_of_streams(path: Path, measured: Measured) -> None:
    """Say which of several audio streams is used, and that gaps were closed."""
    if len(measured.streams) > 1:
        used, *others = measured.streams
        _log.warning(
            "%s: has %d audio streams; %s is used, not %s", path, len(measured.streams), used, "; ".join(others)
        )
    if measured.closed:
        _log.warning("%s: its time stamps jump by more than an hour; what is there is used without a gap", path)


def _warn_if_cut_off(path: Path, measured: Measured, duration: Ms) -> bool:
    """Return whether the end of the file is missing, with a warning; time stamps that jump say nothing about it."""
    ends, promised = format_clock(duration), measured.promised
    if measured.closed:
        return False
    if promised - to_seconds(duration) > max(1, promised / 100):  # 1 s, or 1 % of a long recording
        message = "%s: ends at %s, though its header promises %s: an incomplete download; what is there is used"
        _log.warning(message, path, ends, format_clock(round(promised * MS_PER_SECOND)))
        return True
    if measured.is_cut_off:
        _log.warning("%s: ends at %s, before its end: an incomplete download; what is there is used", path, ends)
    return measured.is_cut_off


def _segment(data: bytes) -> AudioSegment:
    with warnings.catch_warnings():
        # pydub looks for an ffmpeg program when it is imported; it gets decoded audio here and needs none.
        warnings.filterwarnings("ignore", message="Couldn't find ffmpeg", category=RuntimeWarning)
        from pydub import AudioSegment  # noqa: PLC0415 -- its warning is suppressed here
    return AudioSegment(data=data, sample_width=SAMPLE_BYTES, frame_rate=RATE, channels=1)


def _waveform(segment: AudioSegment, at: Ms) -> Waveform:
    samples = np.frombuffer(segment.raw_data, np.int16).astype(np.float32)
    samples /= -np.iinfo(np.int16).min
    return Waveform(samples, RATE, at)
