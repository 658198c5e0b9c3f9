"""What a run on one episode works with: its inputs, the session, and what is known of the show beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict

from pipeline.episode.engines import Engines, real_engines
from pipeline.files.store import Store, default_folder
from pipeline.files.transcript_file import WrittenFile, read_transcript
from pipeline.listening.audio.recording import Recording
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.progress import Progress, silent
from pipeline.schema import Source
from pipeline.settings.config import Config


@dataclass(frozen=True, slots=True)
class Session:
    """The options, the engines, the store and the progress callback of one run."""

    config: Config
    engines: Engines
    store: Store
    progress: Progress = silent

    def without_check(self) -> Session:
        """Return a session that listens to everything, though audio and transcript may not belong together."""
        unchecked = replace(self.config.wrong_audio, probe=False)
        return replace(self, config=replace(self.config, wrong_audio=unchecked))


@dataclass(frozen=True, slots=True)
class ShowKnowledge:
    """What is known about the show from its earlier episodes.

    Attributes:
        voices: the show's voice book; None if it is not used. ``Result.examples`` then has what the episode adds.
        terms: names and terms of the show (see ``reading.vocabulary``), given to Whisper after the transcript's own
            if English is spoken.
    """

    voices: VoiceBook | None = None
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EpisodeInput:
    """The files of one episode.

    Attributes:
        written: the transcript as far as it is typed; None if nothing is typed yet.
        tracks: the speakers' own recordings by their names, if the show has them: proof of who speaks.
    """

    audio: Path
    written: WrittenFile | None = None
    tracks: Mapping[str, Path] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The transcript's text; empty if nothing is typed."""
        return self.written.source if self.written else ""

    def sources(self, recording: Recording) -> tuple[Source, Source | None]:
        """Paths and hashes of the audio, which is open as ``recording``, and of the transcript."""
        audio, written = Source(str(self.audio), recording.sha256, recording.is_cut_off), self.written
        return audio, Source(str(written.path), written.sha256) if written else None


class RunOptions(TypedDict, total=False):
    """The keyword arguments that ``align``, ``marker``, ``finish`` and ``draft`` share.

    Attributes:
        engines: the speech engines; by default those of this machine.
        store: where results of listening are kept; by default the user's (``files.store.default_folder``).
        progress: a callback that gets each step.
        tracks: the speakers' own recordings by their names.
        book: the show's voice book; it is not changed.
        terms: names and terms of the show.
    """

    engines: Engines | None
    store: Store | None
    progress: Progress
    tracks: Mapping[str, Path | str]
    book: VoiceBook | None
    terms: tuple[str, ...]


def session_of(config: Config, options: RunOptions) -> Session:
    """Return the session that these options describe, with the defaults of this machine."""
    engines = options.get("engines") or real_engines()
    store = options.get("store") or Store(default_folder())
    return Session(config, engines, store, options.get("progress", silent))


def knowledge_of(options: RunOptions) -> ShowKnowledge:
    """Return what these options say about the show."""
    return ShowKnowledge(options.get("book"), options.get("terms", ()))


def input_of(audio: Path | str, transcript: Path | str | WrittenFile | None, options: RunOptions) -> EpisodeInput:
    """Return the files of an episode; a transcript that is given as a path is read.

    Raises:
        TranscriptError: the transcript cannot be read.
    """
    tracks = {name: Path(path) for name, path in options.get("tracks", {}).items()}
    return EpisodeInput(Path(audio), as_written(transcript, Path(audio)), tracks)


def as_written(transcript: Path | str | WrittenFile | None, audio: Path) -> WrittenFile | None:
    """Return a transcript's file, read if only its path is given.

    Raises:
        TranscriptError: it cannot be read.
    """
    if transcript is None or isinstance(transcript, WrittenFile):
        return transcript
    return read_transcript(Path(transcript), audio)
