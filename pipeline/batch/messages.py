"""Types of a batch: the episodes as they are requested, what a worker gets for one, and what it returns.

All values can be pickled, because a worker is another process, perhaps on another machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.matching.speakers.profile import VoiceBook
from pipeline.schema import VoiceExamples
from pipeline.settings.config import Config

Work = Literal["auto", "align", "finish", "draft"]
"""The work on an episode; ``auto`` aligns if there is a transcript, and drafts if there is none."""

State = Literal["waiting", "running", "done", "failed", "refused"]
"""The state of an episode; ``refused`` marks what was found in the source and cannot be processed."""


@dataclass(frozen=True, slots=True)
class Job:
    """One episode as it is requested. Each file is a path, or an address that fsspec can open (``s3://…``).

    Attributes:
        name: the name of its results, without suffix, relative to the result folder (``season 1/07-the-slow-build``);
            no part of it is ``..``, and no two jobs of a batch have names that differ only in case or Unicode form.
        transcript: None if there is no transcript yet.
        title: the title of the drafted document; None to use the name.
        like: another transcript of the show, whose style a draft follows.
        tracks: the speakers' own recordings, by the speakers' names.
        options: this episode's differences from the batch's options, such as ``{"transcribe.language": "de"}``.
        length: the size of the audio in bytes, if its publisher states it. The statement is often wrong: another size
            is a warning, and less than half is an error (see ``downloads``).
        other_transcripts: further transcripts, in the order in which they are tried if the first is not of this audio.
        allow_private: whether its addresses of the web may lead to this machine or its network: somebody trustworthy
            has named them, the user or a source that is there itself (see ``checked_session``).
    """

    name: str
    audio: str
    transcript: str | None = None
    work: Work = "auto"
    title: str | None = None
    like: str | None = None
    tracks: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    length: int | None = None
    other_transcripts: tuple[str, ...] = ()
    allow_private: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """All its files."""
        names = (self.audio, self.transcript, self.like, *self.tracks.values(), *self.other_transcripts)
        return tuple(name for name in names if name is not None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was found and cannot be processed: its displayed name, the reason, and what to do.

    Attributes:
        file: its path or address, if it is a file.
        skipped: the user asked to skip it, or it is a copy of what is taken; this is not an error.
        is_episode: the name is that of an episode and not of a file; ``file`` is its recording then.
    """

    name: str
    reason: str
    file: str | None = None
    skipped: bool = False
    is_episode: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The episodes of a batch, in their order, and what cannot be processed.

    Attributes:
        remarks: messages about the source for the user, one line each.
    """

    jobs: tuple[Job, ...]
    refusals: tuple[Refusal, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """All that a worker needs for one episode.

    Attributes:
        config: the settings of this episode, with its own options.
        folder: the folder for the results: a path, or an address that fsspec can open.
        downloads: the folder for downloaded files until the episode is done; empty for the worker's default folder.
        formats: names in ``writing.FORMATS``.
        written: the SHA-256 of each result as this batch last wrote it, by its path or address.
        overwrite: replace results that a person has changed since.
        force: continue although the transcript does not seem to belong to the audio.
        book: the show's voices; None if no voice book is requested.
        terms: names and terms of the show, for Whisper's prompt.
        keep_cues: also write a transcript of another program in its own format, with only its times changed.
    """

    job: Job
    config: Config
    folder: str
    downloads: str
    formats: tuple[str, ...]
    written: Mapping[str, str] = field(default_factory=dict)
    overwrite: bool = False
    force: bool = False
    book: VoiceBook | None = None
    terms: tuple[str, ...] = ()
    keep_cues: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of the work on one episode.

    Attributes:
        work: the work that was done: ``align``, ``finish`` or ``draft``.
        inputs: the SHA-256 of each input file, by its role: ``audio``, ``transcript``.
        results: the SHA-256 of each result that was written, by its path or address.
        figures: values of JSON's types: ``duration`` and ``continue_at`` in seconds, ``complete``, ``coverage``, …
        findings: the number of findings of each kind.
        warnings: the warnings that a single command would have printed, one line each.
        error: one line; None if there was no error.
        examples: voice examples of the episode, for the show's voice book only: they are never put into the ledger.
    """

    work: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None
    examples: VoiceExamples | None = None
