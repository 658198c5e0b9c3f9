"""The parts of a file: each is read by one demuxer and one decoder, and has one sample rate. Pure.

A file has one part unless recordings are joined in it (see ``joins``).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

Access = Literal["timestamps", "entries", "bytes", "start"]
"""How a part is read from the middle on.

timestamps: the file is searched by time, and a frame's timestamp is its exact position.
entries: the same, but timestamps are rounded: only the frames of ``Part.entries`` have known positions.
bytes: the part is only frames: it is opened at the byte of an entry, as if it began there.
start: it cannot be searched: it is decoded from its start.
"""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A half-open range of a file's bytes; ``end`` is None at the end of the file."""

    start: int = 0
    end: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole file."""
        return self.start == 0 and self.end is None


WHOLE = ByteRange()


class Entry(NamedTuple):
    """A place from which a part can be read: a packet's timestamp (in ticks), position (in samples), first byte."""

    pts: int
    at: int
    byte: int = -1


@dataclass(frozen=True, slots=True)
class Part:
    """One of the recordings in a file.

    Attributes:
        form: FFmpeg's name of the container's format.
        rate: samples a second.
        length: in samples.
        access: how it is read from the middle on.
        entries: ordered; at least one. With exact timestamps, those where timestamps have a gap.
        ticks: ticks of the timestamps a sample; 0 if timestamps are not exact.
        start: where the part starts in the recording, in seconds.
        bytes: where it is in the file.
        has_noise: whether the decoder adds noise that depends on everything that it decoded before.
    """

    form: str
    rate: int
    length: int
    access: Access
    entries: tuple[Entry, ...]
    ticks: int = 0
    start: Fraction = Fraction(0)
    bytes: ByteRange = WHOLE
    has_noise: bool = False

    @property
    def end(self) -> Fraction:
        """Where the part ends in the recording, in seconds."""
        return self.start + Fraction(self.length, self.rate)

    def entry_before(self, sample: int) -> Entry | None:
        """Return the last entry at or before a position; None if there is none."""
        index = bisect_right(self.entries, sample, key=lambda entry: entry.at)
        return self.entries[index - 1] if index else None

    def position(self, pts: int) -> int | None:
        """Return the position of the frame with this timestamp, in samples; None if it follows the frame before."""
        index = bisect_right(self.entries, pts, key=lambda entry: entry.pts)
        entry = self.entries[max(0, index - 1)]
        if self.ticks:
            return entry.at + (pts - entry.pts) // self.ticks
        return entry.at if entry.pts == pts else None
