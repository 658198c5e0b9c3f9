"""Work that a test gives to real processes: no sound, but real files; and what those processes are told to do first."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from pipeline.batch.messages import Job, Outcome, Task
from pipeline.batch.storage import remote_files, remote_results
from pipeline.errors import PlaceError
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.progress import Progress, Step, silent
from pipeline.settings.config import Config


def task(name: str, folder: str, *, device: str = "auto", audio: str = "a.mp3", title: str | None = None) -> Task:
    """A task whose downloads lie beside ``folder``, or in the current one."""
    config = Config(transcribe=TranscribeOptions(device=device))  # type: ignore[arg-type]  # as a flag gives it
    return Task(Job(name, audio, title=title), config, folder, f"{Path(folder).name}.downloads", ("md",))


def put_number(task: Task, progress: Progress) -> Outcome:
    """Write the process's number to a file of the episode, and say so when it begins and ends."""
    progress(Step("listening", 0, 2))
    where = Path(task.folder, f"{task.job.name}.md")
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text(str(os.getpid()), encoding="utf-8")
    progress(Step("listening", 2, 2))
    return Outcome("align", results={str(where): "hash"})


def wait_for_word(task: Task, progress: Progress) -> Outcome:
    """Leave word who has begun; end when the file ``go`` is there, unless nobody waits any longer."""
    begun = Path(task.folder, f"{task.job.name}.{os.getpid()}.begun")
    begun.parent.mkdir(parents=True, exist_ok=True)
    begun.touch()
    try:
        for number in range(6_000):
            progress(Step("listening", number, None))
            if Path(task.folder, "go").exists():
                return put_number(task, silent)
            time.sleep(0.01)
    except BaseException:
        begun.with_suffix(".ended").touch()
        raise
    return Outcome("align", error="nobody gave word")


def copy(task: Task, progress: Progress) -> Outcome:
    """Wait likewise, in the folder that the title names; then put the doubled audio where the results go."""
    assert task.job.title is not None
    wait_for_word(replace_folder(task, task.job.title), progress)
    audio = remote_files.fetch_file(task.job.audio, Path(task.downloads), progress)
    result = remote_files.join(task.folder, f"{task.job.name}.md")
    remote_results.write_remote_results({result: audio.read_bytes() * 2}, [task.job.audio], task)
    return Outcome("align", results={result: "hash"})


def replace_folder(given: Task, folder: str) -> Task:
    """The same task with results on the disk."""
    return Task(given.job, given.config, folder, given.downloads, given.formats)


def die(task: Task, progress: Progress) -> Outcome:
    """End the process without a word where the episode is called deadly, as the system does that is out of memory."""
    if task.job.name == "deadly":
        time.sleep(0.2)  # no memory is full at once
        os.kill(os.getpid(), signal.SIGKILL)
    return put_number(task, progress)


def nothing() -> None:
    """Prepare nothing."""


def leave_mark(folder: str) -> None:
    """Leave word that this process was made ready."""
    Path(folder, f"{os.getpid()}.ready").touch()


def fail(where: str) -> None:
    """Find nothing of what is needed."""
    raise PlaceError(where, "is not there")
