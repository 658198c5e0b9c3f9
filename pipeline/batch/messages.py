"""What a batch is made of: the episodes as they were asked for, what a worker is given, and what it brings back.

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
"""What is to be done; ``auto`` aligns where there is a transcript, and drafts where there is none."""

State = Literal["waiting", "running", "done", "failed", "refused"]
"""How an episode stands; ``refused`` is what was found and is no episode, with the reason."""


@dataclass(frozen=True, slots=True)
class Job:
    """One episode as it was asked for. What names a file is a path, or an address that fsspec reaches (``s3://…``).

    Attributes:
        name: of its results, without their suffix, relative to the results' folder (``season 1/07-the-slow-build``); no
            part of it is ``..``, and no two jobs of a batch share one, however their letters are written.
        transcript: None where nothing is typed yet.
        title: of the document that is drafted; None for the name.
        like: another transcript of the show, whose style a draft follows.
        tracks: the speakers' own recordings by their names.
        options: what differs for this episode from the batch's options, as ``{"transcribe.language": "de"}``.
        length: the bytes of the audio where its publisher says so. That is often wrong: an address that gives another
            number is told of, and one that gives less than half is refused (see ``downloads``).
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


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was found and is not taken: its name as people see it, and why, with what to do.

    Attributes:
        file: its path or address, where it is a file.
        skipped: it is left out because somebody said so; nothing has to be done about it.
    """

    name: str
    reason: str
    file: str | None = None
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The episodes of a batch, in their order, and what is not taken."""

    jobs: tuple[Job, ...]
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """All that a worker needs for one episode.

    Attributes:
        config: of this episode, its own options included.
        folder: where the results go: a path, or an address that fsspec reaches.
        downloads: a folder for what is fetched from addresses, until the episode is done; empty for the worker's own.
        formats: names in ``writing.FORMATS``.
        written: the SHA-256 of each result as this batch last wrote it, by its path or address.
        overwrite: replace results that somebody has changed since.
        force: go on though the transcript does not seem to belong to the audio.
        book: the show's voices; None where they are not asked for.
        terms: names and terms of the show, that Whisper may be told.
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one episode.

    Attributes:
        work: what was done: ``align``, ``finish`` or ``draft``.
        inputs: the SHA-256 of each file that went in, by what it is: ``audio``, ``transcript``.
        results: the SHA-256 of each result that was written, by its path or address.
        figures: in JSON's own types: ``duration`` and ``continue_at`` in seconds, ``complete``, ``coverage``, …
        findings: how many there are of each kind.
        warnings: what a single command would have said on the way, each in one line.
        error: one line; None where all went well.
        examples: what the episode teaches of voices, for the show's book alone: it is never put into the ledger.
    """

    work: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None
    examples: VoiceExamples | None = None
