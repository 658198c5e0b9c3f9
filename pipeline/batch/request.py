"""The request for a whole batch, and from it each episode's options, key and task."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from pipeline.batch.episode_task import resolved_work
from pipeline.batch.ledger_rows import RequestedEpisode
from pipeline.batch.messages import Job, Plan, Refusal, Task, Work
from pipeline.batch.storage.remote_files import fingerprint, fingerprints, is_address
from pipeline.episode.session import ShowKnowledge
from pipeline.errors import ConfigError, PlaceError
from pipeline.files.store import key_of
from pipeline.io.atomic import sha256_file
from pipeline.settings.config import Config
from pipeline.settings.precedence import load_settings
from pipeline.settings.setting_files import show_file

_SETTINGS_WITHOUT_EFFECT = ("weights", "transcribe.device", "diarize.device", "diarize.folder")
"""Tables and options that say where models are and which device computes: the results do not depend on them."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """The request for all episodes of a batch.

    Attributes:
        source: the folder, manifest or feed, as the user gave it.
        work: the work on episodes that do not state it themselves.
        folder: the folder for the results: a path, or an address that fsspec can open.
        downloads: the folder for downloaded files; empty for each worker's default folder.
        like: the transcript whose style every draft follows; None to use the nearest transcript of the folder.
        voice_book: the show whose voices are used and learned; None for none.
        given: the value of ``--config``.
        flags: the options given on the command line, such as ``{"transcribe.model": "base"}``.
        overwrite: replace results that a person has changed since.
        force: continue although a transcript does not seem to belong to its audio.
        keep_cues: also write transcripts of other programs in their own format, with only their times changed.
    """

    source: str
    folder: str
    downloads: str
    formats: tuple[str, ...]
    work: Work = "auto"
    like: str | None = None
    voice_book: str | None = None
    given: str | None = None
    flags: Mapping[str, object] = field(default_factory=dict)
    overwrite: bool = False
    force: bool = False
    keep_cues: bool = False


def request_episodes(request: BatchRequest, plan: Plan) -> tuple[list[RequestedEpisode], list[Refusal]]:
    """Return the episodes of a plan with all that their results depend on; invalid options are refusals."""
    requested, refusals = list[RequestedEpisode](), [refusal for refusal in plan.refusals if not refusal.skipped]
    config_of = _ConfigResolver(request)
    jobs = [replace(found, like=request.like) if request.like else found for found in plan.jobs]
    remote_fingerprints = fingerprints(
        {name for job in jobs for name in _input_files(job).values() if is_address(name)}
    )
    for job in jobs:
        try:
            config, changed = config_of(job)
        except ConfigError as e:
            refusals.append(Refusal(job.name, str(e)))
        else:
            requested.append(
                RequestedEpisode(
                    job, _key(request, job, changed), changed, _input_fingerprints(job, remote_fingerprints), config
                )
            )
    return requested, refusals


def task_of(
    request: BatchRequest, requested: RequestedEpisode, written: Mapping[str, str], show: ShowKnowledge
) -> Task:
    """Return a worker's task for an episode; ``written`` has the hashes of its results as they were last written."""
    return Task(
        job=requested.job,
        config=requested.config,
        folder=request.folder,
        downloads=request.downloads,
        formats=request.formats,
        written=written,
        overwrite=request.overwrite,
        force=request.force,
        book=None if requested.job.tracks else show.voices,
        terms=show.terms,
        keep_cues=request.keep_cues,
    )


class _ConfigResolver:
    """Resolve episodes' options: the episode's, the command line's, files', the show's, defaults; each set once."""

    def __init__(self, request: BatchRequest) -> None:
        self._request = request
        self._defaults = dict(_flat_settings(Config()))
        self._resolved: dict[str, tuple[Config, dict[str, object]]] = {}

    def __call__(self, job: Job) -> tuple[Config, dict[str, object]]:
        """Return the options of an episode, and those of them that are not at their defaults.

        Raises:
            ConfigError: an option is invalid.
        """
        transcript = Path(job.transcript) if job.transcript and not is_address(job.transcript) else None
        key = repr((transcript and show_file(transcript), sorted(job.options.items())))
        if key not in self._resolved:
            config = load_settings(self._request.given, transcript, {**self._request.flags, **job.options}).config
            changed = {name: value for name, value in _flat_settings(config) if value != self._defaults[name]}
            self._resolved[key] = config, changed
        return self._resolved[key]


def _key(request: BatchRequest, job: Job, changed: Mapping[str, object]) -> str:
    """Return a hash of all that an episode's results depend on, except its files.

    It excludes the program's version and the style of another transcript: people may have edited the results since,
    so a change of these must not process the episode again.
    """
    settings = {name: value for name, value in changed.items() if not name.startswith(_SETTINGS_WITHOUT_EFFECT)}
    work = resolved_work(job), job.name, job.title, sorted(job.tracks)
    kept = ("keep-cues",) if request.keep_cues else ()  # without it, the key is that of older ledgers
    return key_of(work, settings, request.like, request.formats, request.force, request.voice_book, *kept)


def _flat_settings(config: Config) -> Iterator[tuple[str, object]]:
    for table in fields(config):
        for name, value in asdict(getattr(config, table.name)).items():
            yield f"{table.name}.{name}", value


def _input_files(job: Job) -> dict[str, str]:
    """Return the episode's own files by their role."""
    tracks = {f"track {who}": name for who, name in job.tracks.items()}
    files = {"audio": job.audio, "transcript": job.transcript, **tracks}
    return {what: name for what, name in files.items() if name is not None}


def _input_fingerprints(job: Job, remote_fingerprints: Mapping[str, str | None]) -> dict[str, str]:
    """Return the fingerprint of each file of the episode; those of addresses are in ``remote_fingerprints``."""
    return {
        what: remote_fingerprints[name] or "cannot be read"
        if name in remote_fingerprints
        else _fingerprint_of(name, whole=what == "transcript")
        for what, name in _input_files(job).items()
    }


def _fingerprint_of(name: str, *, whole: bool) -> str:
    """Return a file's size and time, or the hash of a text: its time changes when it is copied or checked out."""
    try:
        if whole and os.path.isfile(name):  # noqa: PTH113 -- a name from a manifest may be invalid for a Path
            return sha256_file(Path(name))
        return fingerprint(name)
    except (OSError, ValueError, PlaceError):
        return "cannot be read"
