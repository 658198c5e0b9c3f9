"""Fetch an episode's files to this machine's disk, and write its results to a folder or an address."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch.messages import Job, Task
from pipeline.batch.storage import downloads, remote_files, remote_results
from pipeline.errors import PipelineError
from pipeline.files.results import check_results as check_on_disk
from pipeline.files.results import write_results as write_on_disk
from pipeline.files.store import Store, default_folder
from pipeline.io.atomic import legal, sha256_of
from pipeline.progress import Progress, Step

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EpisodeFiles:
    """The files of an episode, on this machine."""

    audio: Path
    transcript: Path | None
    like: Path | None
    tracks: Mapping[str, Path]

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files: no result may replace one of them."""
        return tuple(path for path in (self.audio, self.transcript, self.like, *self.tracks.values()) if path)


def fetch_inputs(task: Task, progress: Progress) -> EpisodeFiles:
    """Return the paths of an episode's files; files at addresses are copied to ``task.downloads``.

    Texts are fetched first, so that a missing one is found before the large audio is downloaded.

    Raises:
        PipelineError: a file cannot be fetched.
    """
    job, folder = task.job, _download_folder(task)
    transcript = _fetch_text(job.transcript, folder, progress) if job.transcript else None
    like = None
    try:
        like = _fetch_text(job.like, folder, progress) if job.like else None
    except PipelineError as e:  # a draft can be made without a style
        _log.warning("no other transcript's style is followed: %s", e)
    audio = _fetch_audio(job.audio, folder, progress, job.length)
    return EpisodeFiles(
        audio, transcript, like, {who: _fetch_audio(name, folder, progress) for who, name in job.tracks.items()}
    )


def remove_copies(task: Task) -> None:
    """Remove an episode's copied files."""
    shutil.rmtree(_download_folder(task), ignore_errors=True)


def with_original_names(line: str, files: EpisodeFiles, job: Job) -> str:
    """Return a message with the addresses that the user knows in place of the copies' paths."""
    copies = {job.audio: files.audio, job.transcript: files.transcript, job.like: files.like}
    copies.update({job.tracks[who]: path for who, path in files.tracks.items()})
    for name, path in copies.items():
        if name and path:
            line = line.replace(str(path), legal(name) if remote_files.is_address(name) else str(path))
    return line


def check_writable(results: Collection[str], files: EpisodeFiles, task: Task, store: Store) -> None:
    """Check that each result may be written (see ``files.results`` and ``remote_results``).

    Raises:
        PipelineError: a result may not be written.
    """
    if remote_files.is_address(task.folder):
        remote_results.check_remote_results(results, _input_names(task.job), task)
        return
    for name in results:
        path = Path(name)
        if (hashed := task.written.get(name)) and hashed not in store.written(path):
            store.record(path, *store.written(path), hashed)  # the store was cleared since
    check_on_disk(map(Path, results), files.paths, store, overwrite=task.overwrite)


def store_results(contents: Mapping[str, bytes], task: Task, store: Store) -> None:
    """Write each result atomically.

    Raises:
        PipelineError: a result may not or cannot be written.
    """
    if remote_files.is_address(task.folder):
        remote_results.write_remote_results(contents, _input_names(task.job), task)
    else:
        write_on_disk({Path(name): content for name, content in contents.items()}, store, overwrite=task.overwrite)


def _download_folder(task: Task) -> Path:
    """Return the folder of an episode's copies: below the run's download folder, or next to the worker's own store."""
    below = Path(task.downloads) if task.downloads else default_folder().with_name("downloads")
    return below / sha256_of(task.job.name.encode("utf-8", "surrogatepass"))[:16]


def _input_names(job: Job) -> tuple[str, ...]:
    return tuple(name for name in (job.audio, job.transcript, job.like, *job.tracks.values()) if name)


def _fetch_text(name: str, folder: Path, progress: Progress) -> Path:
    return (
        downloads.download_transcript(name, folder)
        if remote_files.is_web(name)
        else remote_files.fetch_file(name, folder, progress)
    )


def _fetch_audio(name: str, folder: Path, progress: Progress, length: int | None = None) -> Path:
    if not remote_files.is_web(name):
        return remote_files.fetch_file(name, folder, progress)

    def tell(done: int, total: int | None) -> None:
        progress(Step("downloading", done, total, "bytes"))

    downloaded = downloads.download(name, folder, tell, length)
    if downloaded.remark:
        _log.warning("%s", downloaded.remark)
    return downloaded.path
