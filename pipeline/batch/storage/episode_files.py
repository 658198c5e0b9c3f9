"""Fetch an episode's files to this machine's disk, and write its results to a folder or an address."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch.messages import Job, Task
from pipeline.batch.storage import downloads, remote_files, remote_results
from pipeline.errors import OutputError, PipelineError
from pipeline.files.results import ResultFolder, most_mode
from pipeline.files.results import check_results as check_on_disk
from pipeline.files.results import write_results as write_on_disk
from pipeline.files.store import Store, default_folder
from pipeline.io.atomic import legal, sha256_of
from pipeline.io.confined import LinkOutError, make_folders, real_name
from pipeline.progress import Progress, Step

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EpisodeFiles:
    """The files of an episode, on this machine.

    Attributes:
        results: the folder of the results, with its links followed; None for an address.
    """

    audio: Path
    transcript: Path | None
    like: Path | None
    tracks: Mapping[str, Path]
    results: ResultFolder | None

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
    job = task.job
    results = None if remote_files.is_address(task.folder) else ResultFolder.at(Path(task.folder))
    folder = _make_download_folder(task) if any(map(remote_files.is_address, job.files)) else Path()
    fetch = _Fetch(folder, job.allow_private, progress)
    transcript = fetch.text(job.transcript) if job.transcript else None
    like = None
    try:
        like = fetch.text(job.like) if job.like else None
    except PipelineError as e:  # a draft can be made without a style
        _log.warning("no other transcript's style is followed: %s", e)
    audio = fetch.audio(job.audio, job.length)
    tracks = {who: fetch.audio(name) for who, name in job.tracks.items()}
    return EpisodeFiles(audio, transcript, like, tracks, results)


def remove_copies(task: Task) -> None:
    """Remove an episode's copied files."""
    with suppress(OSError):
        root, name = _download_folder(task)
        shutil.rmtree(root / real_name(root, name), ignore_errors=True)


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
    if files.results is None:
        remote_results.check_remote_results(results, task.job.files, task)
        return
    for name in results:
        path = files.results.real_path(Path(name))
        if (hashed := task.written.get(name)) and hashed not in store.written(path):
            store.record(path, *store.written(path), hashed)  # the store was cleared since
    check_on_disk(files.results, map(Path, results), files.paths, store, overwrite=task.overwrite)


def store_results(contents: Mapping[str, bytes], files: EpisodeFiles, task: Task, store: Store) -> None:
    """Write each result atomically.

    Raises:
        PipelineError: a result may not or cannot be written.
    """
    if files.results is None:
        remote_results.write_remote_results(contents, task.job.files, task)
        return
    source = task.job.transcript or task.job.audio
    write_on_disk(
        files.results,
        {Path(name): content for name, content in contents.items()},
        store,
        overwrite=task.overwrite,
        mode=most_mode(None if remote_files.is_address(source) else Path(source)),
    )


def _download_folder(task: Task) -> tuple[Path, Path]:
    """Return the folder of an episode's copies, as a folder without links and a name below it.

    It is below the run's download folder, or next to the worker's own store.
    """
    below = Path(task.downloads) if task.downloads else default_folder().with_name("downloads")
    name = sha256_of(task.job.name.encode("utf-8", "surrogatepass"))[:16]
    return Path(os.path.realpath(below.parent)), Path(below.name, name)


def _make_download_folder(task: Task) -> Path:
    """Create the folder of an episode's copies; in a place of cuemark's own choice, others may not look into it.

    Raises:
        OutputError: a link leads out of the results' folder, or it cannot be created.
    """
    root, name = _download_folder(task)
    try:
        return make_folders(root, real_name(root, name), None if task.downloads else 0o700)
    except LinkOutError as e:
        reason = f"a link leads out of the folder, to {e.target}; remove the link, or give another --output-dir"
        raise OutputError(root / name, reason) from e
    except OSError as e:
        raise OutputError(root / name, f"cannot be created ({e.strerror}); give another --output-dir") from e


@dataclass(frozen=True, slots=True)
class _Fetch:
    """Copies files at addresses to ``folder``."""

    folder: Path
    allow_private: bool
    progress: Progress

    def text(self, name: str) -> Path:
        """Return the path of a text."""
        if not remote_files.is_address(name):
            return Path(name)
        if remote_files.is_web(name):
            return downloads.download_transcript(name, self.folder, allow_private=self.allow_private)
        return remote_files.fetch_file(name, self.folder, self.progress)

    def audio(self, name: str, length: int | None = None) -> Path:
        """Return the path of a recording; ``length`` is what its publisher states, in bytes."""
        if not remote_files.is_address(name):
            return Path(name)
        if not remote_files.is_web(name):
            return remote_files.fetch_file(name, self.folder, self.progress)
        downloaded = downloads.download(name, self.folder, self._report, length, allow_private=self.allow_private)
        if downloaded.remark:
            _log.warning("%s", downloaded.remark)
        return downloaded.path

    def _report(self, done: int, total: int | None) -> None:
        self.progress(Step(downloads.DOWNLOADING, done, total, "bytes"))
