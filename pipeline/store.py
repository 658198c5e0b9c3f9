"""The store of stages: what was heard once is not listened to again, however often the text or the outputs change.

A result is kept under a key made of everything that it depends on, so nothing in the store is ever out of date; it is
only there or not. An entry carries the hash of its own bytes: one that was damaged is made anew, never believed. Each
is written in one step, so two processes at once, or one that is killed, leave nothing wrong behind. Beside the results
the store remembers, for each file that cuemark wrote, the hash of what it wrote there.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.files import sha256_of, write_atomic
from pipeline.schema import HeardWord

T = TypeVar("T")
_log = logging.getLogger(__name__)
_HASH_LENGTH = 64


def key_of(*parts: object) -> str:
    """The key of a result: the SHA-256 of all that it depends on, in order.

    ``parts`` are values that msgspec encodes: strings, numbers, None, tuples, dictionaries, frozen dataclasses.
    """
    return sha256_of(msgspec.json.encode(parts, order="deterministic"))


def default_folder() -> Path:
    """The folder of the store: ``CUEMARK_STORE``, else a folder in the user's cache."""
    if named := os.environ.get("CUEMARK_STORE"):
        return Path(named)
    import platformdirs  # late: few runs need it, and it costs a part of the time that --help takes  # noqa: PLC0415

    return Path(platformdirs.user_cache_dir("cuemark")) / "store"


@dataclass(slots=True)
class Store:
    """Results on disk, below ``folder``, which need not exist.

    A store that cannot be used is no reason to stop: everything is made anew then, and the log says so once.

    Attributes:
        relisten: whether results are made anew, and replaced, where they are there already.
    """

    folder: Path
    relisten: bool = False
    _complained: bool = field(default=False, init=False, repr=False)

    def load(self, stage: str, key: str, kind: type[T]) -> T | None:
        """The result of ``stage`` under ``key``; None where there is none, it is damaged, or ``relisten`` is set."""
        return None if self.relisten else self._read(self._entry(stage, key), kind)

    def save(self, stage: str, key: str, value: object) -> None:
        """Keep ``value``, which msgspec must be able to encode, as the result of ``stage`` under ``key``."""
        self._write(self._entry(stage, key), value)

    def windows(self, key: str) -> Windows:
        """A place for the words of single windows of the listening ``key``, so that a killed run goes on."""
        return Windows(self, key)

    def written(self, path: Path) -> frozenset[str]:
        """The hashes that the file at ``path`` may have if nobody but cuemark has written it; empty if it never did.

        There are two only after a run that broke off between saying what it would write and having written it.
        """
        return frozenset(self._read(self._entry("written", _place(path)), tuple[str, ...]) or ())

    def record(self, path: Path, *hashes: str) -> None:
        """Remember that the file at ``path`` has, or is about to have, one of these SHA-256 hashes."""
        self._write(self._entry("written", _place(path)), hashes)

    def _entry(self, stage: str, key: str) -> Path:
        return self.folder / stage / key[:2] / key[2:]

    def _read(self, entry: Path, kind: type[T]) -> T | None:
        try:
            content = entry.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as e:
            self._complain(e)
            return None
        claimed, payload = content[:_HASH_LENGTH], content[_HASH_LENGTH:]
        try:
            if claimed == sha256_of(payload).encode():
                return msgspec.msgpack.decode(payload, type=kind)
        except (msgspec.MsgspecError, ValueError):
            pass
        _log.warning("%s: this entry of the store is damaged; making it anew", entry)
        return None

    def _write(self, entry: Path, value: object) -> None:
        payload = msgspec.msgpack.encode(value)
        try:
            entry.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(entry, sha256_of(payload).encode() + payload)
        except OSError as e:
            self._complain(e)

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            _log.warning("%s: the store cannot be used (%s); going on without it", self.folder, error.strerror)
        self._complained = True


@dataclass(frozen=True, slots=True)
class Windows:
    """The words of single windows, kept as soon as they are heard (``listening.hear.WindowStore``)."""

    store: Store
    listening: str

    def load(self, key: str) -> tuple[HeardWord, ...] | None:
        """The words heard in the window ``key``; None where it was not listened to yet."""
        return self.store.load("window", key_of(self.listening, key), tuple[HeardWord, ...])

    def save(self, key: str, words: tuple[HeardWord, ...]) -> None:
        """Keep the words heard in the window ``key``."""
        self.store.save("window", key_of(self.listening, key), words)


def _place(path: Path) -> str:
    return sha256_of(os.fsencode(os.path.realpath(path)))
