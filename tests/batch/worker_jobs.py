"""Work functions for real worker processes: they use no audio, but real files; and functions that set processes up."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from pipeline.batch.messages import Job, Outcome, Task
from pipeline.batch.storage import episode_files, remote_files, remote_results
from pipeline.errors import PipelineError, PlaceError
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.progress import Progress, Step, silent
from pipeline.settings.config import Config


def task(name: str, folder: str, *, device: str = "auto", audio: str = "a.mp3", title: str | None = None) -> Task:
    """Return a task whose download folder is named after ``folder``, in the current folder."""
    config = Config(transcribe=TranscribeOptions(device=device))  # type: ignore[arg-type]  # as a flag gives it
    return Task(Job(name, audio, title=title), config, folder, f"{Path(folder).name}.downloads", ("md",))


def write_process_id(task: Task, progress: Progress) -> Outcome:
    """Write the process id to a file of the episode, and report a step before and after."""
    progress(Step("listening", 0, 2))
    where = Path(task.folder, f"{task.job.name}.md")
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text(str(os.getpid()), encoding="utf-8")
    progress(Step("listening", 2, 2))
    return Outcome("align", results={str(where): "hash"})


def wait_for_go(task: Task, progress: Progress) -> Outcome:
    """Write a ``.begun`` file; end when the file ``go`` exists, or when the run is cancelled."""
    marker = Path(task.folder, f"{task.job.name}.{os.getpid()}.begun")
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()
    try:
        for number in range(6_000):
            progress(Step("listening", number, None))
            if Path(task.folder, "go").exists():
                return write_process_id(task, silent)
            time.sleep(0.01)
    except BaseException:
        marker.with_suffix(".ended").touch()
        raise
    return Outcome("align", error="the file go never appeared")


def copy_doubled(task: Task, progress: Progress) -> Outcome:
    """Wait in the same way, in the folder that the title names; then write the doubled audio as the result."""
    assert task.job.title is not None
    wait_for_go(replace_folder(task, task.job.title), progress)
    audio = remote_files.fetch_file(task.job.audio, Path(task.downloads), progress)
    result = remote_files.join(task.folder, f"{task.job.name}.md")
    remote_results.write_remote_results({result: audio.read_bytes() * 2}, [task.job.audio], task)
    return Outcome("align", results={result: "hash"})


def fetch_only(task: Task, progress: Progress) -> Outcome:
    """Fetch the episode's files, and return the content of the audio, or the error."""
    try:
        files = episode_files.fetch_inputs(task, progress)
    except PipelineError as e:
        return Outcome("align", error=str(e))
    return Outcome("align", inputs={"audio": files.audio.read_text(encoding="utf-8")})


def replace_folder(given: Task, folder: str) -> Task:
    """Return the same task with results in ``folder``."""
    return Task(given.job, given.config, folder, given.downloads, given.formats)


def kill_process_if_deadly(task: Task, progress: Progress) -> Outcome:
    """Kill the process if the episode's name is deadly, as a system without memory does; else write the process id."""
    if task.job.name == "deadly":
        time.sleep(0.2)  # as memory fills up slowly
        os.kill(os.getpid(), signal.SIGKILL)
    return write_process_id(task, progress)


def prepare_nothing() -> None:
    """Prepare nothing."""


def mark_ready(folder: str) -> None:
    """Write a file that says that this process was set up."""
    Path(folder, f"{os.getpid()}.ready").touch()


def fail_to_prepare(where: str) -> None:
    """Fail, because a file that the process needs does not exist."""
    raise PlaceError(where, "is not there")
