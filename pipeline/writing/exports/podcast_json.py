"""Write cues as the JSON transcript of the Podcasting 2.0 namespace (``transcripts.md`` there, section "JSON")."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pipeline.times import to_seconds
from pipeline.writing.cues import Cue
from pipeline.writing.line_breaks import line_text

VERSION = "1.0.0"
"""The version of the format that the namespace documents."""


def render_podcast_json(cues: Iterable[Cue]) -> str:
    """Return cues as JSON: each is a segment with its time in seconds, and its speaker if that is known."""
    document = {"version": VERSION, "segments": [_segment(cue) for cue in cues]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _segment(cue: Cue) -> dict[str, str | float]:
    speaker = {"speaker": cue.speaker} if cue.speaker else {}
    times = {"startTime": to_seconds(cue.spoken.start), "endTime": to_seconds(cue.spoken.end)}
    return {**speaker, **times, "body": line_text(cue.words)}
