"""What is asked for a whole batch, and from that each episode's options, key and task."""

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
from pipeline.settings.precedence import load_settings, show_file

_SETTINGS_WITHOUT_EFFECT = ("weights", "transcribe.device", "diarize.device", "diarize.folder")
"""Tables and options that say where models are and what computes: nothing that is written depends on them."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What is asked for, whatever the episode.

    Attributes:
        source: the folder, manifest or feed, as it was named.
        work: what is to be done where an episode does not say.
        folder: where the results go: a path, or an address that fsspec reaches.
        downloads: where what comes from addresses is kept until it is whole.
        like: the transcript whose style every draft follows; None for each one's neighbour.
        voice_book: the show whose voices are used and learned; None for none.
        given: the word after ``--config``.
        flags: the options given on the command line, as ``{"transcribe.model": "base"}``.
        overwrite: replace results that somebody has changed since.
        force: go on though a transcript does not seem to belong to its audio.
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


def request_episodes(request: BatchRequest, plan: Plan) -> tuple[list[RequestedEpisode], list[Refusal]]:
    """The episodes of a plan with all that their results depend on; what cannot be understood is refused."""
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
    """What a worker is given for an episode; ``written`` are the hashes of its results as they were last written."""
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
    )


class _ConfigResolver:
    """Episodes' options: its own, then the command line's, the files', the show's, the defaults; each made once."""

    def __init__(self, request: BatchRequest) -> None:
        self._request = request
        self._defaults = dict(_flat_settings(Config()))
        self._resolved: dict[str, tuple[Config, dict[str, object]]] = {}

    def __call__(self, job: Job) -> tuple[Config, dict[str, object]]:
        """The options of an episode, and those of them that are not at their defaults.

        Raises:
            ConfigError: one of them is not understood.
        """
        transcript = Path(job.transcript) if job.transcript and not is_address(job.transcript) else None
        key = repr((transcript and show_file(transcript), sorted(job.options.items())))
        if key not in self._resolved:
            config = load_settings(self._request.given, transcript, {**self._request.flags, **job.options}).config
            changed = {name: value for name, value in _flat_settings(config) if value != self._defaults[name]}
            self._resolved[key] = config, changed
        return self._resolved[key]


def _key(request: BatchRequest, job: Job, changed: Mapping[str, object]) -> str:
    """The key of all that an episode's results depend on, but for its files.

    Neither the program's version nor a neighbour's style is in it: people have gone on with what was done.
    """
    settings = {name: value for name, value in changed.items() if not name.startswith(_SETTINGS_WITHOUT_EFFECT)}
    work = resolved_work(job), job.name, job.title, sorted(job.tracks)
    return key_of(work, settings, request.like, request.formats, request.force, request.voice_book)


def _flat_settings(config: Config) -> Iterator[tuple[str, object]]:
    for table in fields(config):
        for name, value in asdict(getattr(config, table.name)).items():
            yield f"{table.name}.{name}", value


def _input_files(job: Job) -> dict[str, str]:
    """The episode's own files by what they are."""
    tracks = {f"track {who}": name for who, name in job.tracks.items()}
    files = {"audio": job.audio, "transcript": job.transcript, **tracks}
    return {what: name for what, name in files.items() if name is not None}


def _input_fingerprints(job: Job, remote_fingerprints: Mapping[str, str | None]) -> dict[str, str]:
    """What tells whether a file of the episode changed, without listening to it; ``remote_fingerprints`` has it of addresses."""
    return {
        what: remote_fingerprints[name] or "cannot be read"
        if name in remote_fingerprints
        else _fingerprint_of(name, whole=what == "transcript")
        for what, name in _input_files(job).items()
    }


def _fingerprint_of(name: str, *, whole: bool) -> str:
    """A file's size and time, or the hash of a text, whose time changes whenever it is copied or checked out."""
    try:
        if whole and os.path.isfile(name):  # noqa: PTH113 -- a stranger's name may be none for a Path
            return sha256_file(Path(name))
        return fingerprint(name)
    except (OSError, ValueError, PlaceError):
        return "cannot be read"
