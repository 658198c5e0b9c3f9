"""Engines for the commands of the pages: they need no model, and go to another process by their names.

A file of audio holds what is said in it, as text (see ``fake_engines_by_name``). The example episode is real audio;
what is heard in it is kept in ``tests/episodes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.io.atomic import sha256_file
from pipeline.listening.audio.multitrack import TrackOptions
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.vad import SpeechOptions
from pipeline.listening.transcribe import Transcriber
from pipeline.listening.transcribe.window_parts import WindowStore
from pipeline.listening.transcribe.windows import EarlyResults, HearOptions
from pipeline.progress import Progress
from pipeline.schema import Hearing, NamedTurn
from pipeline.times import Span
from tests.batch import fake_engines_by_name as by_name
from tests.episodes.kept_hearing import AUDIO, kept_hearing

EXAMPLES = (AUDIO.name, "new.mp3")
"""The names of the example episode; the second is in ``sample_folder`` another cut of it."""


def open_recording(path: Path) -> Recording:
    """The example episode, or a file that holds its words."""
    if path.name in EXAMPLES:
        return Recording(path, kept_hearing().duration, sha256_file(path))
    return by_name.open_recording(path)


def hear(
    recording: Recording,
    transcriber: Transcriber,
    options: HearOptions,
    progress: Progress,
    keep: WindowStore,
    speech: SpeechOptions,
    terms: tuple[str, ...],
    _early: EarlyResults | None = None,
) -> Hearing:
    """What was heard in the example episode, or what the file holds."""
    if recording.path.name in EXAMPLES:
        return kept_hearing()
    return by_name.hear(recording, transcriber, options, progress, keep, speech, terms)


def follow(
    tracks: Mapping[str, Recording], mix: Recording, _options: TrackOptions, _progress: Progress
) -> tuple[NamedTurn, ...]:
    """The speakers one after the other, each for the same time."""
    length = mix.duration // len(tracks)
    return tuple(NamedTurn(Span(length * k, length * (k + 1)), name) for k, name in enumerate(tracks))


ENGINES = replace(by_name.ENGINES, open_recording=open_recording, hear=hear, follow=follow)
