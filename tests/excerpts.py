"""Excerpts of a recording as files."""

from __future__ import annotations

from pathlib import Path

from pipeline.listening.audio.recording import Recording
from pipeline.times import Span


def write_excerpt(recording: Recording, span: Span, path: Path) -> Path:
    """Write a part of a recording as WAV, without loss, and return its path."""
    recording.segment(span).export(path, "wav").close()
    return path
