"""Detect whether a batch's source is a folder, a manifest or a podcast's feed, and plan its episodes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from pipeline.batch.messages import Job, Plan, Work
from pipeline.batch.sources.feed import plan_feed
from pipeline.batch.sources.feed_pages import local_path
from pipeline.batch.sources.filename_parts import AUDIO_SUFFIXES, suffix
from pipeline.batch.sources.folder import HEAD_BYTES, plan_folder, plan_listing
from pipeline.batch.sources.manifest import plan_manifest
from pipeline.batch.sources.manifest_rows import MAX_MANIFEST_BYTES, SUFFIXES
from pipeline.batch.storage.remote_files import is_address, is_web
from pipeline.errors import ConfigError, PipelineError
from pipeline.io.file_types import FEED, kind_of_file
from pipeline.io.path_hints import explain

_FEED_SUFFIXES = {".xml", ".rss", ".atom"}
_ACCEPTED_SOURCES = "give a folder, a manifest (CSV, YAML, JSON Lines) or the address of a podcast's feed"


class RemoteStorage(Protocol):
    """Access to files at addresses that are not on the web (``s3://…``)."""

    def list_files(self, folder: str, /) -> Iterable[str]:
        """Return the names of the files below an address, relative to it."""

    def read_bytes(self, address: str, length: int | None, /) -> bytes:
        """Return the first ``length`` bytes of the content at an address."""


def plan_source(source: str, remote: RemoteStorage, work: Work = "auto", results: str | None = None) -> Plan:
    """Plan the episodes of a folder, a manifest or a feed, whichever ``source`` names.

    By default, an episode without a transcript follows the style of the transcript before it in its folder, or else of
    the one after it.

    Args:
        remote: gives access to files at addresses.
        work: the work on episodes for which a manifest states none.
        results: the folder for the results, which is ignored if it is inside the planned folder.

    Raises:
        ConfigError: it is none of them, or a manifest cannot be read.
        FeedError: a feed cannot be read.
    """
    if is_web(source):
        if suffix(urlsplit(source).path) in SUFFIXES:
            raise ConfigError(source, "a manifest is not read from the web; download it first, and give its name")
        return plan_feed(source, work)
    if is_address(source) and not source.casefold().startswith("file:"):
        plan = _plan_remote(source, remote, work)
    else:
        plan = _plan_local(source, work, results)
    return replace(plan, jobs=tuple(with_style(plan.jobs)))


def with_style(jobs: Iterable[Job]) -> Iterator[Job]:
    """Give each job without a transcript another transcript of its folder, whose style a draft may follow."""
    jobs = tuple(jobs)
    following = list(_previous_transcripts(reversed(jobs)))[::-1]
    for job, before, after in zip(jobs, _previous_transcripts(jobs), following, strict=True):
        needs_style = job.transcript is None and job.like is None and job.work in {"auto", "draft"}
        yield replace(job, like=before or after) if needs_style else job


def _previous_transcripts(jobs: Iterable[Job]) -> Iterator[str | None]:
    """Return for each job the last transcript before it in its audio's folder."""
    last_by_folder: dict[str, str] = {}
    for job in jobs:
        folder = posixpath.dirname(job.audio)
        yield last_by_folder.get(folder)
        if job.transcript is not None:
            last_by_folder[folder] = job.transcript


def _plan_local(source: str, work: Work, results: str | None) -> Plan:
    path = local_path(source)
    try:
        if path.is_dir():
            return plan_folder(path, work, Path(results) if results and not is_address(results) else None)
        if not path.is_file():
            raise ConfigError(source, explain(path))
        if suffix(path.name) in SUFFIXES:
            with path.open("rb") as file:
                return plan_manifest(file.read(MAX_MANIFEST_BYTES + 1), str(path), str(path.parent), work)
    except (OSError, ValueError) as e:  # ValueError: an invalid name
        raise ConfigError(source, f"cannot be read ({getattr(e, 'strerror', None) or e})") from e
    if suffix(path.name) in _FEED_SUFFIXES or kind_of_file(path) is FEED:
        return plan_feed(source, work)
    if suffix(path.name) in AUDIO_SUFFIXES:
        raise ConfigError(
            source, f"is a single recording; cuemark align or cuemark draft take it, or {_ACCEPTED_SOURCES}"
        )
    raise ConfigError(source, f"is neither a manifest nor a feed by its name; {_ACCEPTED_SOURCES}")


def _plan_remote(source: str, remote: RemoteStorage, work: Work) -> Plan:
    if suffix(source) in SUFFIXES:
        return plan_manifest(remote.read_bytes(source, MAX_MANIFEST_BYTES + 1), source, source.rpartition("/")[0], work)
    if suffix(source) in _FEED_SUFFIXES:
        raise ConfigError(source, "a feed is read from the web or from a file; download it first, and give its name")
    start = source.rstrip("/")
    plan = plan_listing(remote.list_files(source), lambda name: _remote_head(f"{start}/{name}", remote), work=work)
    refusals = tuple(replace(refusal, file=f"{start}/{refusal.name}") for refusal in plan.refusals)
    return Plan(tuple(_with_address(start, job) for job in plan.jobs), refusals)


def _remote_head(address: str, remote: RemoteStorage) -> bytes:
    with suppress(PipelineError):  # an unreadable text is planned by its name alone
        return remote.read_bytes(address, HEAD_BYTES)
    return b""


def _with_address(start: str, job: Job) -> Job:
    transcript, like = (name and f"{start}/{name}" for name in (job.transcript, job.like))
    return replace(job, audio=f"{start}/{job.audio}", transcript=transcript, like=like)
