"""One episode of a batch, from its task to its outcome: the same files as a single command writes, and nothing said.

It can be done again at any time: what was heard comes from the store, and the same results are written anew.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pipeline import episode
from pipeline.batch.job import Job, Outcome, Task
from pipeline.edition import DOCUMENT, Edition, edition_of, render, suffixes, wrong_audio
from pipeline.errors import PipelineError, TranscriptError, WrongAudioError
from pipeline.files import legal, sha256_of
from pipeline.inputs import WrittenFile, read_transcript
from pipeline.listen import Ears, keep_loaded
from pipeline.matching.note import note_text, old_note_text
from pipeline.outputs import check, write
from pipeline.progress import Progress
from pipeline.schema import Result
from pipeline.store import Store, default_folder
from pipeline.times import to_seconds

_log = logging.getLogger(__name__)


def do(ears: Ears, task: Task, progress: Progress) -> Outcome:
    """Do what is to be done with one episode, and tell what became of it; what fails is an outcome too.

    A process that does several keeps its models loaded from one to the next.
    """
    started = time.monotonic()
    with _kept_quiet() as warned:
        try:
            outcome = _done(task, _Inputs.of(task.job), _settled(ears), Store(default_folder()), progress)
        except PipelineError as e:
            outcome = Outcome(work_of(task.job), error=str(e))
        except Exception as e:  # noqa: BLE001 -- one episode must not cost another, whatever is wrong with it or us
            _log.debug("a fault", exc_info=True)
            outcome = Outcome(work_of(task.job), error=f"this is a fault of cuemark: {type(e).__name__}: {e}")
    figures = {**outcome.figures, "seconds": round(time.monotonic() - started, 3)}
    return replace(outcome, figures=figures, warnings=tuple(dict.fromkeys(warned)))


_settled = cache(keep_loaded)


@contextmanager
def _kept_quiet() -> Iterator[list[str]]:
    """Collect what our modules warn of, and silence other packages: a worker has no screen of its own."""
    told: list[str] = []
    ours, handler = logging.getLogger("pipeline"), _Collector(told)
    before = ours.propagate
    ours.addHandler(handler)
    ours.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield told
    finally:
        ours.removeHandler(handler)
        ours.propagate = before


class _Collector(logging.Handler):
    def __init__(self, told: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        self._told.append(record.getMessage())


def work_of(job: Job) -> str:
    """What is done with an episode: what was asked for, or what its files allow."""
    if job.work == "auto":
        return "align" if job.transcript is not None else "draft"
    return job.work


@dataclass(frozen=True, slots=True)
class _Inputs:
    """The files of an episode, on this machine."""

    audio: Path
    transcript: Path | None
    like: Path | None
    tracks: dict[str, Path]

    @classmethod
    def of(cls, job: Job) -> _Inputs:
        """Where they are."""
        optional = [Path(name) if name is not None else None for name in (job.transcript, job.like)]
        return cls(Path(job.audio), optional[0], optional[1], {who: Path(name) for who, name in job.tracks.items()})

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of them: no result may fall on one."""
        return tuple(path for path in (self.audio, self.transcript, self.like, *self.tracks.values()) if path)


def _done(task: Task, inputs: _Inputs, ears: Ears, store: Store, progress: Progress) -> Outcome:
    work = work_of(task.job)
    places = {
        name: Path(task.folder, task.job.name + end) for name, end in suffixes(work).items() if name in task.formats
    }
    written = _transcript(inputs, work)
    check(places.values(), inputs.paths, store, overwrite=task.overwrite)
    edition = _edition(task, work, inputs, written, ears, store, progress)
    amiss = wrong_audio(edition.result)
    if amiss and not task.force:  # the report is all that is written
        places = {DOCUMENT.name: Path(task.folder, task.job.name + DOCUMENT.suffix)}
        check(places.values(), inputs.paths, store, overwrite=task.overwrite)
    texts = render(edition, places, task.config)
    contents = {path: texts[name].encode() for name, path in places.items()}
    write(contents, store, overwrite=task.overwrite)
    return Outcome(
        work=work,
        inputs=_hashes(edition.result),
        results={str(path): sha256_of(content) for path, content in contents.items()},
        figures=_figures(edition.result),
        findings=dict(Counter(finding.kind for finding in edition.result.findings)),
        error=str(WrongAudioError(f"{task.job.transcript}: {amiss.message}")) if amiss and not task.force else None,
        examples=edition.result.examples,
    )


def _transcript(inputs: _Inputs, work: str) -> WrittenFile | None:
    if work == "draft":
        return None
    if inputs.transcript is None:
        raise TranscriptError(inputs.audio, f"has no transcript, and there is nothing to {work} without one")
    return read_transcript(inputs.transcript, inputs.audio)


def _edition(
    task: Task,
    work: str,
    inputs: _Inputs,
    written: WrittenFile | None,
    ears: Ears,
    store: Store,
    progress: Progress,
) -> Edition:
    if written is None:
        made = episode.draft(
            inputs.audio,
            task.job.title or legal(Path(task.job.name).name),
            task.config,
            like=inputs.like,
            ears=ears,
            store=store,
            progress=progress,
            tracks=inputs.tracks,
            book=task.book,
            terms=task.terms,
        )
        return edition_of(made, task.config)
    make = episode.finish if work == "finish" else episode.align
    aligned = make(inputs.audio, written, task.config, ears=ears, store=store, progress=progress, tracks=inputs.tracks)
    return edition_of(aligned, task.config)


def _hashes(result: Result) -> dict[str, str]:
    files = {"audio": result.audio, "transcript": result.transcript_file}
    return {what: file.sha256 for what, file in files.items() if file is not None}


def _figures(result: Result) -> dict[str, str | int | float | bool | None]:
    point = result.continue_point
    return {
        "duration": to_seconds(result.hearing.duration),
        "language": result.hearing.language,
        "coverage": round(result.coverage, 4),
        "continue_at": None if point.at is None else to_seconds(point.at),
        "complete": point.complete,
        "note": note_text(result.transcript, point),
        "old_note": old_note_text(result.transcript),
        "drafted_words": sum(len(turn.words) for turn in result.drafted),
        "speakers": len(result.speakers),
    }
