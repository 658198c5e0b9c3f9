"""The last whole alignment of an episode in the store: the desk opens with it, so that nobody waits for it again.

It has whose voice is when, and no embedding of a voice: what is forgotten by ``cuemark voices`` is not in it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Literal

import msgspec

from pipeline.episode.engines import version_of
from pipeline.files.store import Store, key_of
from pipeline.schema import (
    Alignment,
    Continue,
    Finding,
    FindingKind,
    Hearing,
    NamedTurn,
    Result,
    Speaker,
    TimedUtterance,
    TimedWord,
)
from pipeline.settings.config import Config
from pipeline.times import Span

ABOUT_SOUND: frozenset[FindingKind] = frozenset(("speaker-mismatch", "shared-turn", "unknown-speaker", "misheard"))
"""The kinds of findings that need embeddings of voices or scores of phones, and so cannot be found again from what is
kept."""

_OF_WRITING = {"draft", "finish", "markdown", "cues", "html"}
"""The tables of options that change no alignment."""

_STAGE = "alignment"
_LEVEL = 1
"""Of compression: three hours are 0.8 MB and not 5.4, in 0.03 s; higher levels gain nothing."""


class KeptFinding(msgspec.Struct, frozen=True):
    """A finding about the sound, whose details have no type of their own."""

    kind: FindingKind
    message: str
    utterance: int | None
    span: Span | None
    details: Mapping[str, str | float | tuple[str, ...] | None]

    def finding(self) -> Finding:
        """Return it as it was found."""
        return Finding(self.kind, self.message, self.utterance, self.span, dict(self.details))


class KeptAlignment(msgspec.Struct, frozen=True):
    """An alignment of a text with everything that was heard.

    Attributes:
        key: of all that it depends on, but for the text (see ``alignment_key``).
        source: the text.
        hearing: in words.
        version: of the format, which is cuemark's own.
    """

    key: str
    source: str
    hearing: Hearing
    alignment: Alignment
    words: tuple[TimedWord, ...]
    utterances: tuple[TimedUtterance, ...]
    continue_point: Continue
    coverage: float
    speakers: tuple[Speaker, ...]
    named_turns: tuple[NamedTurn, ...]
    diarization: str | None
    findings: tuple[KeptFinding, ...]
    version: Literal[1] = 1


def alignment_key(config: Config, show: str | None, recordings: Mapping[str, str]) -> str:
    """Return the key of all that an alignment depends on, but for the text.

    Args:
        config: the options of all stages; those of what is written afterwards do not matter.
        show: whose voice book is used; None without one.
        recordings: the SHA-256 of each by its name; the episode's has none.
    """
    options = {one.name: getattr(config, one.name) for one in fields(config) if one.name not in _OF_WRITING}
    return key_of(version_of("cuemark"), recordings, options, show)


def kept_alignment(key: str, result: Result) -> KeptAlignment:
    """Return a whole alignment as it is kept.

    Args:
        key: see ``alignment_key``.
        result: of everything that is heard.
    """
    return KeptAlignment(
        key=key,
        source=result.transcript.source,
        hearing=result.hearing,
        alignment=result.alignment,
        words=result.words,
        utterances=result.utterances,
        continue_point=result.continue_point,
        coverage=result.coverage,
        speakers=result.speakers,
        named_turns=result.named_turns,
        diarization=result.diarization,
        findings=tuple(
            KeptFinding(one.kind, one.message, one.utterance, one.span, _details(one))
            for one in result.findings
            if one.kind in ABOUT_SOUND
        ),
    )


def encode_alignment(kept: KeptAlignment) -> bytes:
    """Return an alignment as it is in a file."""
    return msgspec.msgpack.encode(kept)


def decode_alignment(content: bytes, key: str) -> KeptAlignment | None:
    """Return the alignment in a file; None if it is damaged, of another version, or of other recordings or options."""
    try:
        kept = msgspec.msgpack.decode(content, type=KeptAlignment)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return kept if kept.key == key else None


def save_alignment(store: Store, kept: KeptAlignment) -> None:
    """Keep an alignment in place of the last one with its key, which is of an earlier text."""
    store.save(_STAGE, kept.key, zlib.compress(encode_alignment(kept), _LEVEL))


def load_alignment(store: Store, key: str) -> KeptAlignment | None:
    """Return the last alignment with a key; None if there is none."""
    packed = store.load(_STAGE, key, bytes)
    try:
        return decode_alignment(zlib.decompress(packed), key) if packed is not None else None
    except zlib.error:
        return None


def _details(finding: Finding) -> Mapping[str, str | float | tuple[str, ...] | None]:
    return {
        name: tuple(map(str, value)) if isinstance(value, tuple) else value for name, value in finding.details.items()
    }
