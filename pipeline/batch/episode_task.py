"""Process one episode of a batch: write the same files as a single command, but print nothing.

The work can be repeated at any time: what was heard comes from the store, and the same results are written again.
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
from urllib.parse import urlsplit

from pipeline.batch.messages import Job, Outcome, Task
from pipeline.batch.storage import episode_files
from pipeline.batch.storage.episode_files import EpisodeFiles
from pipeline.batch.storage.remote_files import is_address, join
from pipeline.console.output import collected_warnings
from pipeline.episode.chapter_audio import chapter_audio, chapter_audio_suffix, check_chapter_audio
from pipeline.episode.engines import Engines, keep_loaded
from pipeline.episode.page_audio import relative_link, with_page_audio
from pipeline.episode.rendered import (
    DOCUMENT,
    EpisodeOutput,
    episode_output,
    new_cues,
    refusal,
    render_formats,
    suffixes,
)
from pipeline.episode.run import align_episode, draft_episode, finish_episode
from pipeline.episode.session import EpisodeInput, Session, ShowKnowledge
from pipeline.errors import PipelineError, TranscriptError
from pipeline.files.own_format import OwnFormat, find_own_format
from pipeline.files.results import TIMED
from pipeline.files.store import Store, default_folder
from pipeline.files.transcript_file import WrittenFile, read_transcript
from pipeline.io.atomic import legal, same_file, sha256_of
from pipeline.io.http_download import shown
from pipeline.matching.continue_note import new_note_text, old_note_text
from pipeline.progress import Progress
from pipeline.schema import Result
from pipeline.times import to_seconds
from pipeline.writing.transcript_page import file_name_url

_log = logging.getLogger(__name__)
_KEPT = "kept"
"""The transcript's own format among the formats, none of which has this name."""


def run_task(engines: Engines, task: Task, progress: Progress) -> Outcome:
    """Process one episode; an error is an outcome, too.

    A process keeps its models loaded from one episode to the next.
    """
    started = time.monotonic()
    with _collected_warnings() as messages:
        try:
            session = Session(task.config, _loaded_engines(engines), Store(default_folder()), progress)
            outcome = _run_with_files(task, session.without_check() if task.force else session)
        except PipelineError as e:
            outcome = Outcome(resolved_work(task.job), error=str(e))
        except Exception as e:  # noqa: BLE001 -- an error in one episode must not stop the others, whatever it is
            _log.debug("unexpected error", exc_info=True)
            outcome = Outcome(resolved_work(task.job), error=f"this is a fault of cuemark: {type(e).__name__}: {e}")
    figures = {**outcome.figures, "seconds": round(time.monotonic() - started, 3)}
    return replace(outcome, figures=figures, warnings=tuple(dict.fromkeys(messages)))


_loaded_engines = cache(keep_loaded)


@contextmanager
def _collected_warnings() -> Iterator[list[str]]:
    """Collect the warnings of cuemark's modules, and silence other packages: a worker prints nothing."""
    logger = logging.getLogger("pipeline")
    propagated = logger.propagate
    logger.propagate = False
    try:
        with collected_warnings() as messages, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield messages
    finally:
        logger.propagate = propagated


def resolved_work(job: Job) -> str:
    """Return the work on an episode: the requested one, or for ``auto`` the one that its files allow."""
    if job.work == "auto":
        return "align" if job.transcript is not None else "draft"
    return job.work


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The work on an episode with one of its transcripts; nothing is written yet.

    Attributes:
        own: the format in which the transcript is kept; None if it is not.
    """

    task: Task
    inputs: EpisodeFiles
    output: EpisodeOutput
    own: OwnFormat | None

    @property
    def refusal(self) -> PipelineError | None:
        """Why only the report is written: the transcript does not belong to the audio; None if it may belong."""
        return None if self.task.force else refusal(self.output.result, _display(self.task.job.transcript))


def _run_with_files(task: Task, session: Session) -> Outcome:
    """Fetch the files, process the episode, and remove the copies unless it failed: a retry needs them."""
    attempt = _first_fitting(task, session)
    with _original_names(attempt.task, attempt.inputs):
        outcome = _write_results(attempt, session)
    episode_files.remove_copies(task)
    return outcome


def _first_fitting(task: Task, session: Session) -> _Attempt:
    """Return the work with the first transcript that belongs to the audio; with the first one of all if none does.

    Raises:
        PipelineError: no transcript can be read, or the audio cannot.
    """
    first: _Attempt | None = None
    failure: PipelineError | None = None
    choices = (task.job.transcript, *task.job.other_transcripts)
    for number, transcript in enumerate(choices, 1):
        reason = "it does not belong to the audio"
        try:
            attempt = _attempt(replace(task, job=replace(task.job, transcript=transcript)), session)
        except TranscriptError as e:
            failure, reason = failure or e, str(e)
        else:
            if attempt.refusal is None:
                return attempt
            first = first or attempt
        if number < len(choices):
            _log.warning("the transcript %s is not used (%s); the next one is tried", _display(transcript), reason)
    if first is None:
        raise failure or TranscriptError(Path(task.job.name), "has no transcript that can be read")
    return first


def _display(name: str | None) -> str:
    return shown(name) if name and is_address(name) else str(name)


def _attempt(task: Task, session: Session) -> _Attempt:
    inputs = episode_files.fetch_inputs(task, session.progress)
    with _original_names(task, inputs):
        work = resolved_work(task.job)
        written = _read_transcript(inputs, work)
        own = _own_format(task, work, written)
        paths = [*_result_paths(task, own).values()]
        if session.config.chapters.embed:
            paths.append(_chapter_audio_path(task))
            for line in check_chapter_audio(inputs.audio):
                _log.warning("%s", episode_files.with_original_names(line, inputs, task.job))
        episode_files.check_writable(paths, inputs, task, session.store)
        output = _with_addresses(_make_output(task, work, inputs, written, session), task.job)
        return _Attempt(task, inputs, output, own)


@contextmanager
def _original_names(task: Task, inputs: EpisodeFiles) -> Iterator[None]:
    """Name addresses, as the user knows them, in place of the copies' paths in an error."""
    try:
        yield
    except PipelineError as e:
        e.args = (episode_files.with_original_names(str(e), inputs, task.job),)
        raise


def _own_format(task: Task, work: str, written: WrittenFile | None) -> OwnFormat | None:
    """Return the format in which a transcript is kept; None if that is not asked for, or not possible."""
    own = find_own_format(written) if written is not None and task.keep_cues else None
    if own is not None and own.form is None and work == "finish":
        _log.warning("%s: no draft is written into a Word document, so it is not kept", task.job.name)
        return None
    return own


def _result_paths(task: Task, own: OwnFormat | None) -> dict[str, str]:
    """Return the paths of an episode's results by format; ``_KEPT`` is the transcript's own."""
    ends = suffixes(resolved_work(task.job))
    paths = {name: _result_path(task, end) for name, end in ends.items() if name in task.formats}
    if own is None:
        return paths
    kept = join(task.folder, task.job.name + TIMED + own.suffix)
    return {name: path for name, path in paths.items() if path != kept} | {_KEPT: kept}


def _result_path(task: Task, suffix: str) -> str:
    """Return the path of a result; one that would be the transcript itself has another name, as for one episode."""
    path, given = join(task.folder, task.job.name + suffix), task.job.transcript
    if given is None or suffix.startswith(TIMED):
        return path
    if is_address(path) or is_address(given):
        is_input = path == given
    else:
        is_input = Path(path).name.casefold() == Path(given).name.casefold() and same_file(Path(path), Path(given))
    return join(task.folder, task.job.name + TIMED + suffix) if is_input else path


def _chapter_audio_path(task: Task) -> str:
    audio = task.job.audio
    return join(task.folder, task.job.name + chapter_audio_suffix(urlsplit(audio).path if is_address(audio) else audio))


def _write_results(attempt: _Attempt, session: Session) -> Outcome:
    task, inputs, output = attempt.task, attempt.inputs, attempt.output
    work, paths = resolved_work(task.job), _result_paths(task, attempt.own)
    refused = attempt.refusal
    if refused:  # write only the report
        paths = {DOCUMENT.name: _result_path(task, DOCUMENT.suffix)}
        episode_files.check_writable(paths.values(), inputs, task, session.store)
    kept = paths.pop(_KEPT, None)
    rendered = render_formats(output, paths, with_page_audio(session, tuple(paths), inputs.audio, _page_link(task)))
    contents, remarks = {paths[name]: content for name, content in rendered.contents.items()}, rendered.remarks
    if kept is not None and attempt.own is not None:
        new = new_cues(output, attempt.own, session.config.writing.cues)
        contents[kept] = attempt.own.render(output.result, new)
    if session.config.chapters.embed and not refused:
        copy, more = chapter_audio(inputs.audio, output.shown, session.config.chapters)
        contents |= {} if copy is None else {_chapter_audio_path(task): copy}
        remarks = (*remarks, *more)
    for remark in remarks:
        _log.warning("%s: %s", task.job.name, remark)
    episode_files.store_results(contents, inputs, task, session.store)
    return Outcome(
        work=work,
        inputs=_input_hashes(output.result),
        results={path: sha256_of(content) for path, content in contents.items()},
        figures=_figures(output.result),
        findings=dict(Counter(finding.kind for finding in output.result.findings)),
        error=str(refused) if refused else None,
        examples=output.result.examples,
    )


def _page_link(task: Task) -> str:
    """Return the address of the audio in the episode's web page, without a key: the page may be published."""
    audio = task.job.audio
    if audio.startswith(("http://", "https://")):
        return shown(audio)
    page = join(task.folder, task.job.name)
    if is_address(audio) or is_address(page):
        return file_name_url(audio)
    return relative_link(Path(audio), Path(page).parent)


def _read_transcript(inputs: EpisodeFiles, work: str) -> WrittenFile | None:
    if work == "draft":
        return None
    if inputs.transcript is None:
        raise TranscriptError(inputs.audio, f"has no transcript, and there is nothing to {work} without one")
    return read_transcript(inputs.transcript, inputs.audio)


def _make_output(
    task: Task, work: str, inputs: EpisodeFiles, written: WrittenFile | None, session: Session
) -> EpisodeOutput:
    episode, show = EpisodeInput(inputs.audio, written, inputs.tracks), ShowKnowledge(task.book, task.terms)
    if work == "draft":
        title = task.job.title or legal(Path(task.job.name).name)
        return episode_output(draft_episode(episode, title, _read_style_example(inputs), session, show), session.config)
    if work == "finish":
        return episode_output(finish_episode(episode, session, show), session.config)
    return episode_output(align_episode(episode, session, show), session.config)


def _read_style_example(inputs: EpisodeFiles) -> WrittenFile | None:
    """Return the transcript whose style the draft follows; None with a warning if it cannot be read."""
    try:
        return read_transcript(inputs.like) if inputs.like else None
    except TranscriptError as e:
        _log.warning("no other transcript's style is followed: %s", e)
        return None


def _with_addresses(output: EpisodeOutput, job: Job) -> EpisodeOutput:
    """Return the output with the files' addresses, as the user knows them, in place of the copies' paths."""
    files = output.result.audio, output.result.transcript_file
    audio, text = (
        replace(file, path=name) if file and name and is_address(name) else file
        for file, name in zip(files, (job.audio, job.transcript), strict=True)
    )
    return replace(output, result=replace(output.result, audio=audio or files[0], transcript_file=text))


def _input_hashes(result: Result) -> dict[str, str]:
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
        "note": new_note_text(result.transcript, point),
        "old_note": old_note_text(result.transcript),
        "drafted_words": sum(len(turn.words) for turn in result.drafted),
        "speakers": len(result.speakers),
    }
