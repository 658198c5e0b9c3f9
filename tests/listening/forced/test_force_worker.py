"""The process that forces stretches answers each job, also one that cannot be done, and ends with its caller."""

from __future__ import annotations

import threading
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

from pipeline.listening.audio.recording import open_recording
from pipeline.listening.forced.force_in_processes import Job
from pipeline.listening.forced.force_worker import serve
from pipeline.listening.forced.pronounced_stretch import PronouncedStretch
from pipeline.matching.forced.stretches import ForcedWord, Stretch
from pipeline.times import Span
from tests.episodes.kept_hearing import AUDIO


def test_each_job_has_its_answer(tmp_path: Path) -> None:
    """In their order; an error is an answer too, and the next job is done."""
    recording = open_recording(AUDIO)
    word = ForcedWord(("hello",), is_abbreviation=False, heard=None, optional=False)
    stretch = PronouncedStretch.of(Stretch(Span(20_000, 20_000), Span(22_000, 22_000), (word,)))
    jobs = Job(replace(recording, path=tmp_path / "gone.mp3"), (stretch,), None), Job(recording, (stretch,), None)
    ours, theirs = Pipe()
    serving = threading.Thread(target=serve, args=(theirs,))
    serving.start()

    with ours:
        for job in jobs:
            ours.send(job)
        failed, done = ours.recv(), ours.recv()
    serving.join(60)

    assert isinstance(failed, FileNotFoundError)
    assert done == jobs[1].results()
    assert not serving.is_alive()
