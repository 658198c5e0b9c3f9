"""One command from its request to the files on disk: nothing is printed here, the console gets it as a value.

The order is the promise: everything that can be refused is refused before any listening; then the episode goes through
all stages; then everything is written, the human's own file last; only then is there anything to print.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

from pipeline.episode.chapter_audio import chapter_audio, chapter_audio_suffix, check_chapter_audio
from pipeline.episode.page_audio import relative_link, with_page_audio
from pipeline.episode.rendered import (
    DOCUMENT,
    TRANSCRIPT,
    EpisodeOutput,
    episode_output,
    new_cues,
    refusal,
    render_formats,
    suffixes,
)
from pipeline.episode.run import Mark, align_episode, draft_episode, finish_episode, mark_episode
from pipeline.episode.session import EpisodeInput, Session, ShowKnowledge
from pipeline.errors import AudioError, OutputError, PipelineError, TranscriptError
from pipeline.files.own_format import own_format
from pipeline.files.results import (
    TIMED,
    ResultFolder,
    check_in_place,
    check_results,
    check_unchanged,
    diff,
    most_mode,
    other_links,
    result_path,
    write_in_place,
    write_results,
)
from pipeline.files.store import Store
from pipeline.files.transcript_file import WrittenFile, read_transcript, refuse_import
from pipeline.matching.continue_note import note_edits
from pipeline.reading.edits import apply
from pipeline.schema import Result
from pipeline.writing import CUE_FORMATS
from pipeline.writing.document import render_json


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for, besides the options of the stages.

    Attributes:
        transcript: None if nothing is typed yet.
        formats: names in ``FORMATS``; with ``in_place`` the transcript itself counts as "md".
        work: ``align``, ``marker``, ``finish`` or ``draft``.
        tracks: the speakers' own recordings by their names.
        title: of a draft.
        like: another transcript of the show, whose style a draft follows.
        voice_book: the show whose voices are used, and learned if there are labels; None for none.
        keep_cues: also write the transcript in its own format, with only its times changed.
        embed_chapters: also write a copy of the audio with the chapters in it.
        diff: print the change of the transcript, and write nothing.
        overwrite: replace results that are not as cuemark left them.
        force: go on though the transcript does not seem to belong to the audio.
    """

    audio: Path
    transcript: Path | None = None
    folder: Path = Path()
    formats: tuple[str, ...] = ()
    work: str = "align"
    tracks: Mapping[str, Path] = field(default_factory=dict)
    title: str = ""
    like: Path | None = None
    voice_book: str | None = None
    in_place: bool = False
    keep_cues: bool = False
    embed_chapters: bool = False
    diff: bool = False
    json: bool = False
    overwrite: bool = False
    force: bool = False

    @property
    def results(self) -> dict[str, Path]:
        """The formats that become files, and their paths."""
        if self.work == "marker":
            return {}
        names = (name for name in self.formats if not (self.in_place and name == TRANSCRIPT.name))
        ends = suffixes(self.work)
        return {name: result_path(self.audio, self.folder, ends[name], self.transcript) for name in names}

    @property
    def chapter_audio(self) -> Path | None:
        """The path of the copy of the audio with chapters; None if none is asked for."""
        return (
            result_path(self.audio, self.folder, chapter_audio_suffix(self.audio.name)) if self.embed_chapters else None
        )

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that no result may replace."""
        return tuple(path for path in (self.audio, self.transcript, self.like, *self.tracks.values()) if path)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The texts of a request, read before any listening, and where its results go.

    Attributes:
        written: the transcript; None if nothing is typed.
        like: another transcript of the show; None if there is none.
        folder: for the results, with its links followed.
        target: the transcript's path with its links followed: what ``in_place`` writes.
        remarks: lines for standard error that come before any listening.
    """

    written: WrittenFile | None
    like: WrittenFile | None
    folder: ResultFolder
    target: Path = Path()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a command did, for the console.

    Attributes:
        made: what was made of the episode.
        output: the text for standard output; empty if that is the paths.
        paths: the files that were written, for standard output.
        remarks: lines for standard error that come before the output.
        failure: why nothing but the report was written, or not everything; to be raised after the output.
    """

    made: EpisodeOutput
    output: str = ""
    paths: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()
    failure: PipelineError | None = None


def read_inputs(request: Request, store: Store) -> Inputs:
    """Read the texts of a request, and refuse now what could not be written later.

    Raises:
        PipelineError: a text cannot be read, or a result may not be written.
    """
    folder = ResultFolder.at(request.folder)
    target = Path(os.path.realpath(request.transcript or ""))
    written = read_transcript(request.transcript, request.audio) if request.transcript else None
    if written and (request.in_place or request.diff):
        refuse_import(written, f"{'--in-place' if request.in_place else '--diff'} changes")
    like = read_transcript(request.like, request.audio) if request.like else None
    copy, remarks = request.chapter_audio, tuple[str, ...]()
    kept = _kept_cues_path(request, written)
    if not request.diff:
        results = dict.fromkeys((*request.results.values(), *(path for path in (kept, copy) if path)))
        check_results(folder, results, request.inputs, store, overwrite=request.overwrite)
        if request.in_place and request.transcript:
            check_in_place(request.transcript, target)
        remarks = check_chapter_audio(request.audio) if copy else ()
        remarks = (*remarks, *_stand_in(request, kept))
    return Inputs(written, like, folder, target, remarks)


def deliver(request: Request, inputs: Inputs, session: Session, show: ShowKnowledge) -> Delivered:
    """Align, finish or draft an episode, and write all results that were asked for.

    Raises:
        PipelineError: something went wrong; everything that was written until then is whole.
    """
    episode = EpisodeInput(request.audio, inputs.written, request.tracks)
    session = session.without_check() if request.force else session
    if request.work == "draft":
        made = episode_output(draft_episode(episode, request.title, inputs.like, session, show), session.config)
    elif request.work == "finish":
        made = episode_output(finish_episode(episode, session, show), session.config)
    else:
        made = episode_output(align_episode(episode, session, show), session.config)
    if refused := _refusal(request, made.result):
        return replace(_report(request, inputs, session, made), failure=refused)
    if request.diff and inputs.written is not None:
        return Delivered(made, diff(inputs.written.path, inputs.written.source, made.text))
    return _write(request, inputs, session, made)


def deliver_mark(request: Request, inputs: Inputs, session: Session) -> tuple[Mark, tuple[str, ...]]:
    """Find where the typing stops, and with ``in_place`` write the note; also returns remarks for standard error.

    Raises:
        WrongAudioError: transcript and audio do not belong together.
        NothingFoundError: nothing that is typed was found.
        PipelineError: something else went wrong; nothing was written.
    """
    written = cast("WrittenFile", inputs.written)  # this command has no form without a transcript
    session = session.without_check() if request.force else session
    mark = mark_episode(EpisodeInput(request.audio, written), session)
    if refused := _refusal(request, mark.result):
        raise refused
    if not request.in_place:
        return mark, ()
    text = apply(written.source, note_edits(mark.result.transcript, mark.result.continue_point))
    changes, remarks = _changes_in_place(inputs, text)
    for write in changes.values():
        write()
    return mark, remarks


def _write(request: Request, inputs: Inputs, session: Session, made: EpisodeOutput) -> Delivered:
    """Write all results, the human's own file last; the output is the document or the paths that were written."""
    kept = _kept_cues_path(request, inputs.written)
    names = {name: path for name, path in request.results.items() if path != kept}
    link = relative_link(request.audio, request.folder)
    writing = with_page_audio(session, tuple(names), request.audio, link)
    document = render_json(made.result) if request.json or DOCUMENT.name in names else ""
    rendered = render_formats(made, (name for name in names if name != DOCUMENT.name), writing)
    rendered_contents = rendered.contents | {DOCUMENT.name: document.encode()}
    contents = {path: rendered_contents[name] for name, path in names.items() if name in rendered_contents}
    if kept and inputs.written:
        own = own_format(inputs.written)
        contents[kept] = own.render(made.result, new_cues(made, own, session.config.writing.cues))
    changes, remarks = _changes_in_place(inputs, made.text) if request.in_place else ({}, ())
    copy, copy_remarks, failure = _chapter_audio(request, session, made)
    contents |= copy
    remarks = tuple(dict.fromkeys((*remarks, *rendered.remarks, *copy_remarks)))
    check_results(inputs.folder, contents, request.inputs, session.store, overwrite=request.overwrite)  # again
    if changes and inputs.written is not None:
        check_unchanged(inputs.written.path, inputs.target, inputs.written.sha256)
    planned = (*changes, *contents)
    mode = most_mode(request.transcript or request.audio)
    try:
        write_results(inputs.folder, contents, session.store, overwrite=request.overwrite, mode=mode, last=changes)
    except OutputError as e:
        paths = () if request.json else tuple(path for path in planned if path in e.written)
        return Delivered(made, paths=paths, remarks=remarks, failure=e)
    return Delivered(made, document if request.json else "", () if request.json else planned, remarks, failure)


def _kept_cues_path(request: Request, written: WrittenFile | None) -> Path | None:
    """Return where the transcript is written in its own format; None if that is not asked for.

    Raises:
        TranscriptError: its format cannot be written with new times.
    """
    if not request.keep_cues or written is None:
        return None
    own = own_format(written)
    if request.work == "finish" and own.form is None:
        reason = "is a Word document, into which no draft is written; leave out --keep-cues"
        raise TranscriptError(written.path, reason)
    return result_path(request.audio, request.folder, TIMED + own.suffix)


def _stand_in(request: Request, kept: Path | None) -> tuple[str, ...]:
    """Return a remark if the transcript's own format is written in the place of a new one that is asked for, too."""
    name = next((name for name, path in request.results.items() if path == kept), None)
    if name is None:
        return ()
    given = (
        "the cues given (--keep-cues), not newly cut ones" if name in CUE_FORMATS else "what was given (--keep-cues)"
    )
    return (f"{kept}: has {given} (-f {name}); for both, give --output-dir",)


def _chapter_audio(
    request: Request, session: Session, made: EpisodeOutput
) -> tuple[dict[Path, bytes], tuple[str, ...], PipelineError | None]:
    """Return the copy of the audio with chapters by its path, remarks, and why it could not be made."""
    path = request.chapter_audio
    if path is None:
        return {}, (), None
    try:
        content, remarks = chapter_audio(request.audio, made.shown, session.config.chapters)
    except AudioError as e:  # the other results are of use without it
        return {}, (), e
    return ({} if content is None else {path: content}), remarks, None


def _changes_in_place(inputs: Inputs, text: str) -> tuple[dict[Path, Callable[[], None]], tuple[str, ...]]:
    """Return how the human's own file is written, by its path, and remarks; nothing if its text stays the same."""
    written = inputs.written
    if written is None or text == written.source:
        return {}, () if written is None else (f"{written.path}: nothing to change",)
    remarks: tuple[str, ...] = ()
    if number := other_links(inputs.target):
        names = "another name" if number == 1 else f"{number} other names"
        remarks = (f"{written.path}: has {names} (hard links), under which the old text stays",)
    return {written.path: partial(write_in_place, written.path, inputs.target, written.sha256, text.encode())}, remarks


def _refusal(request: Request, result: Result) -> PipelineError | None:
    return None if request.force else refusal(result, str(request.transcript))


def _report(request: Request, inputs: Inputs, session: Session, made: EpisodeOutput) -> Delivered:
    """Write the JSON alone, whether it was asked for or not."""
    if request.diff:
        return Delivered(made)
    document = render_json(made.result)
    path = result_path(request.audio, request.folder, DOCUMENT.suffix, request.transcript)
    mode = most_mode(request.transcript or request.audio)
    try:
        check_results(inputs.folder, [path], request.inputs, session.store, overwrite=request.overwrite)
        write_results(inputs.folder, {path: document.encode()}, session.store, overwrite=request.overwrite, mode=mode)
    except OutputError as e:
        return Delivered(made, remarks=(f"no report: {e}",))
    return Delivered(made, document if request.json else "", () if request.json else (path,))
