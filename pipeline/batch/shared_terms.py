"""The names and jargon of a show, learned from the transcripts beside an episode's, for Whisper to be told."""

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
"""So many transcripts of a folder are read, the last in the order of the batch: they tell what there is to tell."""


class ShowTerms:
    """The terms of each folder's transcripts, found when they are first asked for.

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
        """The terms for an episode: of the folder where its transcript lies, or the one whose style it follows."""
        transcript = job.transcript or job.like
        folder = posixpath.dirname(transcript) if transcript is not None else ""
        if folder not in self._terms_by_folder:
            self._terms_by_folder[folder] = _terms_of(self._transcripts_by_folder.get(folder, ())[-MAX_TRANSCRIPTS:])
        return self._terms_by_folder[folder]


def _terms_of(names: Sequence[str]) -> tuple[str, ...]:
    transcripts = []
    for name in names:
        with suppress(PipelineError):  # it is told when it is its turn
            transcripts.append(parse(read_transcript(Path(name)).source))
    return collect_vocabulary(transcripts)
