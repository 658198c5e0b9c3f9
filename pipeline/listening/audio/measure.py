"""Measure a file: its parts, their exact lengths, and the places from which they can be read.

Headers can be wrong, so all packets are read, which costs a tenth of decoding them; the last ones are decoded, because
encoders pad the end and only decoding removes the padding. Only a file with rounded timestamps (mkv, webm, mpeg, avi)
is decoded as a whole: sample by sample it is the only way to know where a frame belongs.
"""

from __future__ import annotations

import logging
from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from av import AudioFrame, AudioStream, Packet
from av.container import InputContainer

from pipeline.errors import AudioError
from pipeline.listening.audio.container import (
    clock_zero,
    opened,
    playable_streams,
    promised_duration,
    stream_name,
)
from pipeline.listening.audio.cut_off import is_cut_off
from pipeline.listening.audio.decode import frames_of, packets
from pipeline.listening.audio.joins import IS_ONLY_FRAMES, frame_ranges, ogg_links, rate_bits
from pipeline.listening.audio.parts import WHOLE, Access, ByteRange, Entry, Part
from pipeline.listening.audio.timeline import JITTER_S, Placement, Samples, is_increasing, place

_log = logging.getLogger(__name__)

_TAIL_PACKETS = 64
"""So many packets at the end are decoded: more than any codec needs to settle, and a second of Opus."""

_ENTRY_S = 5
"""Seconds between entries: a read starts at most so much earlier than it needs to."""


_NOISY_CODECS = frozenset({"aac", "ac3", "eac3"})
"""Their decoders fill bands of the spectrum with noise: perceptual noise substitution, dither."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a file once all of it was read.

    Attributes:
        parts: in order, one after the other; empty if nothing can be decoded.
        promised: the duration in the header, in seconds; 0 if there is none.
        streams: the names of the audio streams, the one that is used first.
        closed: how many gaps were closed because they are too long to be true.
        is_cut_off: whether the end of the file is missing, by its own sizes.
        left_out: how many recordings in it cannot be decoded.
    """

    parts: tuple[Part, ...]
    promised: float
    streams: tuple[str, ...]
    closed: int = 0
    is_cut_off: bool = False
    left_out: int = 0


@dataclass(slots=True)
class _Packets:
    """All packets of a stream: timestamps and lengths in ticks, first bytes, rates in headers, and the last packets."""

    pts: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("q"))
    bytes: array[int] = field(default_factory=lambda: array("q"))
    rates: array[int] = field(default_factory=lambda: array("q"))
    last: deque[Packet[AudioStream]] = field(default_factory=lambda: deque(maxlen=_TAIL_PACKETS))


def measure(path: Path) -> Measured:
    """Measure a file.

    Raises:
        AudioError: it is not audio, has no audio stream, or more recordings are joined in it than can be true.
    """
    with opened(path) as (container, stream):
        form, promised = container.format.name, promised_duration(container, stream)
        streams = tuple(stream_name(one) for one in playable_streams(container))
        found = None if form == "ogg" else _read_packets(container, stream)
        first = None if found is None else _measure_packets(path, WHOLE, container, stream, found)
    links = ogg_links(path) if form == "ogg" else None
    ranges = links.ranges if links else (WHOLE,)
    if found is not None and form in IS_ONLY_FRAMES:
        ranges = frame_ranges(path, found.rates, found.bytes)
    left_out = 0
    if first is None or len(ranges) > 1:
        measured = [one for one in (_measure_part(path, part, form) for part in ranges) if one is not None]
        left_out = len(ranges) - len(measured)
    else:
        measured = [first] if first[0].length > 0 else []
    parts = _one_after_another([part for part, _ in measured if part.length > 0])
    closed = sum(placement_closed for _, placement_closed in measured)
    promised = promised if len(ranges) == 1 else 0.0
    ends_early = is_cut_off(path) or bool(links and links.is_cut_off)
    return Measured(parts, promised, streams, closed, ends_early, left_out)


def _one_after_another(parts: list[Part]) -> tuple[Part, ...]:
    placed: list[Part] = []
    for part in parts:
        placed.append(replace(part, start=placed[-1].end if placed else Fraction(0)))
    return tuple(placed)


def _measure_part(path: Path, part: ByteRange, form: str) -> tuple[Part, int] | None:
    """Measure a part; None, with a warning, if nothing in it can be decoded."""
    try:
        with opened(path, part, None if part.is_whole else form) as (container, stream):
            return _measure_packets(path, part, container, stream, _read_packets(container, stream))
    except AudioError as error:
        if part.is_whole:
            raise
        _log.warning("%s: a part of it, from byte %d on, is left out: %s", path, part.start, error.reason)
        return None


def _read_packets(container: InputContainer, stream: AudioStream) -> _Packets:
    form, found = container.format.name, _Packets()
    for packet in packets(container, stream):
        if packet.size == 0 or packet.is_discard:  # an edit list cuts it out
            continue
        if packet.pts is None:  # damaged
            continue
        found.pts.append(packet.pts)
        found.sizes.append(packet.duration or 0)
        found.bytes.append(-1 if packet.pos is None else packet.pos)
        if form in IS_ONLY_FRAMES:
            found.rates.append(rate_bits(form, memoryview(packet)))
        found.last.append(packet)
    return found


def _measure_packets(
    path: Path, part: ByteRange, container: InputContainer, stream: AudioStream, found: _Packets
) -> tuple[Part, int]:
    """Return a part and the number of gaps that were closed in it."""
    form, rate, zero = container.format.name, stream.rate, clock_zero(container, stream)
    time_base = stream.time_base or Fraction(1, rate)
    tail = list(frames_of(found.last))
    ticks = 1 / (time_base * rate)
    if not _are_exact(found, tail, stream, ticks):
        return _measure_frames(path, part, form, zero)
    pts, sizes = np.frombuffer(found.pts, np.int64), np.frombuffer(found.sizes, np.int64)
    zero_ticks = round(zero / time_base)
    if part.start and form in IS_ONLY_FRAMES:
        # Players play an mp3's information frame and its encoder's delay in the middle of a file, as silence.
        zero_ticks = -int(sizes[0]) if stream.start_time else 0
    nominal = (pts - zero_ticks) // ticks.numerator
    breaks = np.flatnonzero(pts[1:] != pts[:-1] + sizes[:-1]) + 1
    off = np.abs(pts[breaks] - pts[breaks - 1] - sizes[breaks - 1])
    if not is_increasing(nominal) or (off <= JITTER_S * rate * ticks.numerator).any():
        return _measure_frames(path, part, form, zero)
    placement = place(nominal, sizes // ticks.numerator, rate)
    is_bytes = form in IS_ONLY_FRAMES and min(found.bytes) >= 0
    at = _spaced(placement.at, rate) if is_bytes else np.concatenate(([0], breaks)).astype(np.int64)
    entries = tuple(
        Entry(int(pts[i]), int(placement.at[i]), part.start + found.bytes[i] if is_bytes else -1) for i in at.tolist()
    )
    access: Access = "bytes" if is_bytes else "timestamps"
    measured = Part(form, rate, 0, access, entries, ticks.numerator, bytes=part, has_noise=_has_noise(stream))
    return replace(measured, length=_end(measured, placement, tail, path)), placement.closed


def _are_exact(found: _Packets, tail: Sequence[AudioFrame], stream: AudioStream, ticks: Fraction) -> bool:
    """Return whether timestamps are whole samples, and each packet's length is that of the sound in it.

    In an mp4 file the length of a packet is only the time to the next one: all have to be as long as the decoded ones.
    """
    is_known = bool(found.pts) and all(found.sizes)
    if ticks.denominator > 1 or not is_known or {frame.sample_rate for frame in tail} - {stream.rate}:
        return False
    if "mp4" not in stream.container.format.name.split(",") or stream.codec_context.name.startswith("pcm_"):
        return True
    return {frame.samples * ticks.numerator for frame in tail[1:-1]} | set(found.sizes[:-1]) == {found.sizes[0]}


def _end(part: Part, placement: Placement, tail: list[AudioFrame], path: Path) -> int:
    """Return the end of the last decoded sample."""
    ends = [(part.position(frame.pts) or 0) + frame.samples for frame in tail if frame.pts is not None]
    if ends:
        return ends[-1]
    with opened(path, part.bytes, None if part.bytes.is_whole else part.form) as (container, stream):
        return placement.end if next(frames_of(packets(container, stream)), None) is not None else 0


def _spaced(at: Samples, rate: int) -> Samples:
    """Return the first packet of each ``_ENTRY_S`` seconds."""
    return np.unique(at // (_ENTRY_S * rate), return_index=True)[1].astype(np.int64)


def _measure_frames(path: Path, part: ByteRange, form: str, zero: Fraction) -> tuple[Part, int]:
    """Return a part and the number of closed gaps, by decoding all of it: timestamps are rounded, or not increasing."""
    pts, starts, sizes, rates = array("q"), array("q"), array("q"), array("q")
    with opened(path, part, None if part.is_whole else form) as (container, stream):
        time_base, has_noise = stream.time_base or Fraction(1, stream.rate), _has_noise(stream)
        for frame in frames_of(packets(container, stream)):
            if frame.pts is None and pts:  # it follows the frame before
                sizes[-1] += frame.samples
                continue
            pts.append(frame.pts or 0)
            starts.append(_start_of(frame, stream))
            sizes.append(frame.samples)
            rates.append(frame.sample_rate)
    if not pts:
        return Part(form, 1, 0, "start", (Entry(0, 0),), bytes=part), 0
    rate = rates[0]
    stamps, lengths, which = (np.frombuffer(one, np.int64) for one in (starts, sizes, rates))
    nominal = np.rint(stamps * float(time_base * rate) - float(zero * rate)).astype(np.int64)
    nominal -= min(0, int(nominal[0]))  # nothing that is decoded is before the start
    if not is_increasing(stamps) or (which != rate).any():
        first = int(nominal[0])
        length = first + int(sum(Fraction(int(lengths[which == one].sum()) * rate, one) for one in set(rates)))
        return Part(form, rate, length, "start", (Entry(pts[0], first),), bytes=part), 0
    placement = place(nominal, lengths, rate)
    gaps = np.flatnonzero(placement.at[1:] != placement.at[:-1] + lengths[:-1]) + 1
    known = np.union1d(_spaced(placement.at, rate), gaps).tolist()
    entries = tuple(Entry(pts[index], int(placement.at[index])) for index in (0, *filter(None, known)))
    measured = Part(form, rate, placement.end, "entries", entries, bytes=part, has_noise=has_noise)
    return measured, placement.closed


def _start_of(frame: AudioFrame, stream: AudioStream) -> int:
    """Return the timestamp of a frame's first sample.

    In an Ogg file, FFmpeg counts back from the end of a Vorbis packet, by the length that it would have after a packet
    of its own size: a short packet after a long one gets a timestamp that is too late.
    """
    pts = frame.pts or 0
    if stream.codec_context.name != "vorbis" or stream.container.format.name != "ogg" or not frame.duration:
        return pts
    return pts + frame.duration - frame.samples


def _has_noise(stream: AudioStream) -> bool:
    return stream.codec_context.codec.canonical_name in _NOISY_CODECS
