"""Where the words of a text are heard, before voices matter: computed once for each text, and kept in the store.

A second run with the same text, hearing and options takes it from there in place of aligning and judging the forced
times again. There is one entry for each hearing: that of the last text.
"""

from __future__ import annotations

import platform
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec

import pipeline
from pipeline.episode.engines import version_of
from pipeline.episode.forced_times import ForcedWords
from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import key_of
from pipeline.schema import Alignment, Hearing, Transcript

_STAGE = "matches"
_LEVEL = 1
"""Of compression, as of alignments (see ``stored_alignment``)."""

_COMPUTES = ("matching", "reading")
_LIBRARIES = ("cuemark", "num2words", "numpy", "rapidfuzz", "regex")
"""The packages whose code decides what is matched."""


class Matches(msgspec.Struct, frozen=True):
    """What is heard of a text.

    Attributes:
        hearing: in words, after the second pass.
        alignment: of the text with it.
        forced: what forced alignment finds of its words.
    """

    hearing: Hearing
    alignment: Alignment
    forced: ForcedWords


class _KeptMatches(msgspec.Struct, frozen=True):
    """Matches, and the key of all that they depend on."""

    made_of: str
    matches: Matches


def matches_of(
    document: Transcript, hearing: Hearing, listening: StoredListening, find: Callable[[], Matches]
) -> Matches:
    """Return the matches of a text; computed by ``find`` and stored if anything that they depend on has changed.

    Args:
        hearing: of the whole recording, in words.
        find: raises what it will; nothing is stored then, nor of a text without words.
    """
    store, config = listening.session.store, listening.session.config
    options = config.align, config.second_look, config.forced
    made_of = key_of(_code(), listening.forced_key, document.source, hearing, options)
    key = key_of(listening.key)
    kept = _unpacked(store.load(_STAGE, key, bytes))
    if kept and kept.made_of == made_of:
        return kept.matches
    matches = find()
    if document.words:
        store.save(_STAGE, key, zlib.compress(msgspec.msgpack.encode(_KeptMatches(made_of, matches)), _LEVEL))
    return matches


def _unpacked(packed: bytes | None) -> _KeptMatches | None:
    """Return what is kept; None if there is none, or it is damaged or of another version."""
    try:
        return None if packed is None else msgspec.msgpack.decode(zlib.decompress(packed), type=_KeptMatches)
    except (zlib.error, msgspec.MsgspecError, ValueError, RecursionError):
        return None


@cache
def _code() -> str:
    """Return a hash that changes with the code that computes matches, also where a developer changes it."""
    home = Path(pipeline.__file__).parent
    files = sorted(path for name in _COMPUTES for path in (home / name).rglob("*.py"))
    stamps = [(str(path.relative_to(home)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return key_of(platform.python_version(), [version_of(name) for name in _LIBRARIES], stamps)
