"""The sound of a recording as a WAV file that exists nowhere: its bytes are decoded when they are asked for.

So the page's player seeks to the sample in any format, on the clock of all other times, and memory is bounded: three
hours are 345 MB of WAV, of which a few pieces are held. A piece always has the same bounds, so each byte of the file is
the same whatever range it is in, also where a decoder's output depends on where it starts.
"""

from __future__ import annotations

import re
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from pipeline.errors import AudioError
from pipeline.files.store import Store, key_of
from pipeline.listening.audio.recording import RATE, SAMPLE_BYTES, SAMPLES_PER_MS, Recording
from pipeline.times import MS_PER_SECOND, Ms, Span

_PIECE: Ms = 5 * MS_PER_SECOND
"""The length of a piece. Seeking costs a second more of decoding and, for an hour of m4a, 17 ms to open the file; so a
shorter piece costs more, and a longer one delays the first sound after a seek."""

_PIECE_BYTES = _PIECE * SAMPLES_PER_MS * SAMPLE_BYTES
_HELD_PIECES = 16
"""Pieces in memory, 2.5 MB in all: a loop of a minute is decoded once."""

_HEADER_BYTES = 44
_LARGEST_FIELD = 0xFFFF_FFFF  # 37 hours; players take it as "to the end"
_RANGE = re.compile("bytes=([0-9]{0,18})-([0-9]{0,18})")

PEAK: Ms = 20
"""The length of audio that one peak is of."""

_PEAKS_VERSION = 1
_PEAKS_PIECE: Ms = 60 * MS_PER_SECOND


@dataclass(frozen=True, slots=True)
class ByteSpan:
    """A half-open range of bytes."""

    start: int
    end: int


class UnsatisfiableError(Exception):
    """A range begins after the end of the file."""


def parse_range(header: str | None, size: int) -> ByteSpan | None:
    """Parse the header ``Range`` (RFC 9110, section 14.2); None for the whole file.

    What is not one range of bytes is ignored, as the specification permits.

    Raises:
        UnsatisfiableError: the range has no byte of the file.

    >>> parse_range("bytes=0-", 10), parse_range("bytes=-3", 10), parse_range("bytes=2-99", 10)
    (ByteSpan(start=0, end=10), ByteSpan(start=7, end=10), ByteSpan(start=2, end=10))
    >>> parse_range("bytes=0-1,4-5", 10), parse_range("lines=1-2", 10), parse_range("bytes=5-2", 10)
    (None, None, None)
    """
    found = _RANGE.fullmatch(header or "")
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = int(found[2])
        if not length or not size:
            raise UnsatisfiableError
        return ByteSpan(max(0, size - length), size)
    start, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
    if found[2] and int(found[2]) < start:
        return None
    if start >= size:
        raise UnsatisfiableError
    return ByteSpan(start, end)


@dataclass(slots=True)
class VirtualWav:
    """A recording as a WAV file, 16 kHz mono with 16 bits; may be used by several threads."""

    recording: Recording
    _pieces: OrderedDict[int, bytes] = field(default_factory=OrderedDict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def size(self) -> int:
        """The number of bytes of the file."""
        return _HEADER_BYTES + self._sound_bytes

    @property
    def _sound_bytes(self) -> int:
        return self.recording.duration * SAMPLES_PER_MS * SAMPLE_BYTES

    def read(self, span: ByteSpan) -> Iterator[bytes]:
        """Yield the bytes of the file in ``span``, a piece at a time.

        Raises:
            AudioError: the recording can no longer be read.
        """
        if span.start < _HEADER_BYTES:
            yield self._header()[span.start : span.end]
        at, end = max(0, span.start - _HEADER_BYTES), span.end - _HEADER_BYTES
        while at < end:
            number, inside = divmod(at, _PIECE_BYTES)
            part = self._piece(number)[inside : inside + end - at]
            yield part
            at += len(part)

    def _header(self) -> bytes:
        """Return the header of the canonical form: one chunk with the format, one with the samples."""
        size = min(self._sound_bytes, _LARGEST_FIELD)
        form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * SAMPLE_BYTES, SAMPLE_BYTES, SAMPLE_BYTES * 8)
        whole = min(size + _HEADER_BYTES - 8, _LARGEST_FIELD)
        return struct.pack("<4sI4s4sI16s4sI", b"RIFF", whole, b"WAVE", b"fmt ", len(form), form, b"data", size)

    def _piece(self, number: int) -> bytes:
        """Return a piece of the sound, exactly as long as the header says."""
        with self._lock:
            if number in self._pieces:
                self._pieces.move_to_end(number)
                return self._pieces[number]
        start = number * _PIECE
        span = Span(start, min(start + _PIECE, self.recording.duration))
        sound = self.recording.segment(span).raw_data or b""
        piece = sound.ljust(span.duration * SAMPLES_PER_MS * SAMPLE_BYTES, b"\0")
        with self._lock:
            self._pieces[number] = piece
            while len(self._pieces) > _HELD_PIECES:
                self._pieces.popitem(last=False)
        return piece


# --- the waveform ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Peaks:
    """The loudest sample of each 20 ms as a signed octet, from the store or computed in a thread of its own.

    Computing them takes as long as decoding the whole recording, beside which nothing else is quick; so it waits until
    the page has its times.

    Args:
        changed: is called from that thread whenever there are more peaks.
    """

    recording: Recording
    store: Store
    changed: Callable[[], None]
    octets: bytes = field(default=b"", init=False)
    failed: bool = field(default=False, init=False)
    _closed: bool = field(default=False, init=False)
    _turn: threading.Event = field(default_factory=threading.Event, init=False)

    @property
    def size(self) -> int:
        """The number of octets in the end."""
        return -(-self.recording.duration // PEAK)

    @property
    def key(self) -> str:
        """The key of what the store has of them."""
        return key_of("peaks", _PEAKS_VERSION, self.recording.sha256, RATE, PEAK)

    def start(self, wait_s: float) -> None:
        """Read or compute them; returns at once.

        Args:
            wait_s: seconds for which computing waits for its turn, at most.
        """
        threading.Thread(target=self._fill, args=(wait_s,), name="cuemark-peaks", daemon=True).start()

    def take_turn(self) -> None:
        """Compute them now: the page has its times."""
        self._turn.set()

    def close(self) -> None:
        """Compute no more."""
        self._closed = True
        self._turn.set()

    def _fill(self, wait_s: float) -> None:
        key = self.key
        kept = self.store.load("peaks", key, bytes)
        if kept is not None and len(kept) == self.size:
            self.octets = kept
        else:
            self._turn.wait(wait_s)
            try:
                self._compute()
            except AudioError:
                self.failed = True  # the sound has the same error, and the page shows it
            else:
                if len(self.octets) == self.size:
                    self.store.save("peaks", key, self.octets)
        self.changed()

    def _compute(self) -> None:
        for start in range(0, self.recording.duration, _PEAKS_PIECE):
            if self._closed:
                return
            span = Span(start, min(start + _PEAKS_PIECE, self.recording.duration))
            self.octets += peaks_of(self.recording.segment(span).raw_data or b"", span.duration)
            self.changed()


def peaks_of(sound: bytes, duration: Ms) -> bytes:
    """Return the sample with the largest magnitude of each 20 ms, in 8 bits.

    Args:
        sound: 16-bit samples.
        duration: of the sound; what is missing of it is silence.

    >>> list(peaks_of(bytes(RATE * SAMPLE_BYTES), 30))
    [0, 0]
    """
    count, size = -(-duration // PEAK), PEAK * SAMPLES_PER_MS
    samples = np.frombuffer(sound, np.int16)[: count * size]
    frames = np.pad(samples, (0, count * size - len(samples))).reshape(count, size)  # (num_peaks, size)
    loudest = np.abs(frames.astype(np.int32)).argmax(axis=1)
    return bytes((frames[np.arange(count), loudest] >> 8).astype(np.int8).tobytes())
