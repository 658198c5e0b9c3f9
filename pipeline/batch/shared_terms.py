"""Names and terms of a show, collected from the transcripts of an episode's folder, for Whisper's prompt."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.batch.messages import Job
from pipeline.batch.storage.remote_files import is_address
from pipeline.errors import PipelineError
from pipeline.files.transcript_file import read_transcript
from pipeline.reading.transcript import parse
from pipeline.reading.vocabulary import collect_vocabulary

MAX_TRANSCRIPTS = 30
"""The number of a folder's transcripts that are read, the last in the batch's order. Chosen by hand."""


class ShowTerms:
    """The terms of each folder's transcripts, collected on first use.

    Args:
        jobs: all episodes of the batch, in its order.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._transcripts_by_folder: dict[str, list[str]] = {}
        self._terms_by_folder: dict[str, tuple[str, ...]] = {}
        for job in jobs:
            if job.transcript is not None and not is_address(job.transcript):
                self._transcripts_by_folder.setdefault(posixpath.dirname(job.transcript), []).append(job.transcript)

    def terms_for(self, job: Job) -> tuple[str, ...]:
        """Return the terms of the folder of an episode's transcript, or of the transcript whose style it follows."""
        transcript = job.transcript or job.like
        folder = posixpath.dirname(transcript) if transcript is not None else ""
        if folder not in self._terms_by_folder:
            self._terms_by_folder[folder] = _terms_of(self._transcripts_by_folder.get(folder, ())[-MAX_TRANSCRIPTS:])
        return self._terms_by_folder[folder]


def _terms_of(names: Sequence[str]) -> tuple[str, ...]:
    transcripts = []
    for name in names:
        with suppress(PipelineError):  # the error is reported when this episode is processed
            transcripts.append(parse(read_transcript(Path(name)).source))
    return collect_vocabulary(transcripts)
