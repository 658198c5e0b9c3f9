"""A recording that was opened before: how long it is and where it can be read from, from the store.

To open a recording, all its packets are read: two seconds for three hours of MP3. Its warnings are not stored: a
command that prints them measures again a recording that has any.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec

from pipeline.episode.engines import Engines, version_of
from pipeline.files.store import Store, key_of
from pipeline.io.atomic import sha256_file
from pipeline.listening.audio.parts import Access, ByteRange, Entry, Part
from pipeline.listening.audio.recording import Recording
from pipeline.times import Ms

RECORDING_VERSION = 3
"""Is increased whenever a change of ``listening.audio`` changes what is found in a file; older results are not used."""


class _StoredPart(msgspec.Struct, frozen=True):
    """A part, without types that the store does not have."""

    form: str
    rate: int
    length: int
    access: Access
    entries: tuple[tuple[int, int, int], ...]
    ticks: int
    start: tuple[int, int]
    bytes: tuple[int, int | None]
    has_noise: bool

    @classmethod
    def of(cls, part: Part) -> _StoredPart:
        return cls(
            part.form,
            part.rate,
            part.length,
            part.access,
            part.entries,
            part.ticks,
            part.start.as_integer_ratio(),
            (part.bytes.start, part.bytes.end),
            part.has_noise,
        )

    def part(self) -> Part:
        entries = tuple(Entry(*one) for one in self.entries)
        start, place = Fraction(*self.start), ByteRange(*self.bytes)
        return Part(self.form, self.rate, self.length, self.access, entries, self.ticks, start, place, self.has_noise)


class _StoredRecording(msgspec.Struct, frozen=True):
    duration: Ms
    parts: tuple[_StoredPart, ...]
    is_plain: bool
    is_cut_off: bool


def open_stored(path: Path, engines: Engines, store: Store) -> Recording:
    """Open a recording; what was found in the same bytes before is taken from the store, without its warnings.

    Raises:
        AudioError: as ``listening.audio.recording.open_recording``.
    """
    return _stored(path, store) or _open_and_store(path, engines, store)


def open_with_warnings(path: Path, engines: Engines, store: Store) -> Recording:
    """Open a recording with all that is to be said of it; it is measured again if anything is.

    Raises:
        AudioError: as ``listening.audio.recording.open_recording``.
    """
    stored = _stored(path, store)
    return stored if stored and stored.is_plain else _open_and_store(path, engines, store)


def _stored(path: Path, store: Store) -> Recording | None:
    """Return what was found in the same bytes before; None if that is not in the store, or they cannot be read."""
    try:
        if not path.is_file():  # a named pipe would never end
            return None
        sha256 = sha256_file(path)
    except OSError:
        return None
    stored = store.load("recording", _key(sha256), _StoredRecording)
    if stored is None:
        return None
    return Recording(
        path, stored.duration, sha256, tuple(one.part() for one in stored.parts), stored.is_plain, stored.is_cut_off
    )


def _open_and_store(path: Path, engines: Engines, store: Store) -> Recording:
    recording = engines.open_recording(path)
    parts = tuple(_StoredPart.of(one) for one in recording.parts)
    stored = _StoredRecording(recording.duration, parts, recording.is_plain, recording.is_cut_off)
    store.save("recording", _key(recording.sha256), stored)
    return recording


def _key(sha256: str) -> str:
    return key_of(RECORDING_VERSION, version_of("av"), sha256)
