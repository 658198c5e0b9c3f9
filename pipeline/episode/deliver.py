"""One command from its request to the files on disk: nothing is printed here, the console gets it as a value.

The order is the promise: everything that can be refused is refused before any listening; then the episode goes through
all stages; then everything is written, the human's own file first; only then is there anything to print.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from pipeline.episode.rendered import (
    DOCUMENT,
    TRANSCRIPT,
    EpisodeOutput,
    episode_output,
    render_formats,
    suffixes,
    wrong_audio_finding,
)
from pipeline.episode.run import Mark, align_episode, draft_episode, finish_episode, mark_episode
from pipeline.episode.session import EpisodeInput, Session, ShowKnowledge
from pipeline.errors import OutputError, WrongAudioError
from pipeline.files.results import check_in_place, check_results, diff, result_path, write_in_place, write_results
from pipeline.files.store import Store
from pipeline.files.transcript_file import WrittenFile, read_transcript
from pipeline.matching.continue_note import note_edits
from pipeline.reading.edits import apply
from pipeline.schema import Result


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for, beside the options of the stages.

    Attributes:
        transcript: None if nothing is typed yet.
        formats: names in ``FORMATS``; with ``in_place`` the transcript itself stands for "md".
        work: ``align``, ``marker``, ``finish`` or ``draft``.
        tracks: the speakers' own recordings by their names.
        title: of a draft.
        like: another transcript of the show, whose style a draft follows.
        voice_book: the show whose voices are used, and learned if there are labels; None for none.
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
        return {name: result_path(self.audio, self.folder, ends[name]) for name in names}

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that no result may replace."""
        return tuple(path for path in (self.audio, self.transcript, self.like, *self.tracks.values()) if path)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The texts of a request, read before any listening.

    Attributes:
        written: the transcript; None if nothing is typed.
        like: another transcript of the show; None if there is none.
    """

    written: WrittenFile | None
    like: WrittenFile | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a command did, for the console.

    Attributes:
        made: what was made of the episode.
        output: the text for standard output.
        remarks: lines for standard error that come before the output.
        refused: why nothing but the report was written, if so; to be raised after the output.
    """

    made: EpisodeOutput
    output: str
    remarks: tuple[str, ...] = ()
    refused: WrongAudioError | None = None


def read_inputs(request: Request, store: Store) -> Inputs:
    """Read the texts of a request, and refuse now what could not be written later.

    Raises:
        PipelineError: a text cannot be read, or a result may not be written.
    """
    written = read_transcript(request.transcript, request.audio) if request.transcript else None
    like = read_transcript(request.like, request.audio) if request.like else None
    if not request.diff:
        check_results(request.results.values(), request.inputs, store, overwrite=request.overwrite)
        if request.in_place and request.transcript:
            check_in_place(request.transcript)
    return Inputs(written, like)


def deliver(request: Request, inputs: Inputs, session: Session, show: ShowKnowledge) -> Delivered:
    """Align, finish or draft an episode, and write all results that were asked for.

    Raises:
        PipelineError: something went wrong; everything that was written until then is whole.
    """
    episode = EpisodeInput(request.audio, inputs.written, request.tracks)
    if request.work == "draft":
        made = episode_output(draft_episode(episode, request.title, inputs.like, session, show), session.config)
    elif request.work == "finish":
        made = episode_output(finish_episode(episode, session, show), session.config)
    else:
        made = episode_output(align_episode(episode, session, show), session.config)
    refused = _refusal(request, made.result)
    if refused:
        return replace(_report(request, session, made), refused=refused)
    if request.diff and inputs.written is not None:
        return Delivered(made, diff(inputs.written.path, inputs.written.source, made.text))
    return _write(request, session, inputs.written, made)


def deliver_mark(request: Request, inputs: Inputs, session: Session) -> tuple[Mark, tuple[str, ...]]:
    """Find where the typing stops, and with ``in_place`` write the note; also returns remarks for standard error.

    Raises:
        WrongAudioError: transcript and audio do not belong together.
        PipelineError: something else went wrong; nothing was written.
    """
    written = cast("WrittenFile", inputs.written)  # this command has no form without a transcript
    mark = mark_episode(EpisodeInput(request.audio, written), session)
    if refused := _refusal(request, mark.result):
        raise refused
    remarks: tuple[str, ...] = ()
    if request.in_place:
        text = apply(written.source, note_edits(mark.result.transcript, mark.result.continue_point))
        _, remarks = _write_back(written, text)
    return mark, remarks


def _write(request: Request, session: Session, written: WrittenFile | None, made: EpisodeOutput) -> Delivered:
    """Write all results; the output is the document or the paths that were written."""
    names, config = request.results, session.config
    document = DOCUMENT.render(made.result, config.writing) if request.json or DOCUMENT.name in names else ""
    texts = render_formats(made, (name for name in names if name != DOCUMENT.name), config) | {DOCUMENT.name: document}
    contents = {path: texts[name].encode() for name, path in names.items()}
    paths, remarks = list(contents), tuple[str, ...]()
    check_results(
        contents, request.inputs, session.store, overwrite=request.overwrite
    )  # again, before the first is written
    if request.in_place and written is not None:
        changed, remarks = _write_back(written, made.text)
        paths = [written.path, *paths] if changed else paths
    write_results(contents, session.store, overwrite=request.overwrite)
    return Delivered(made, document if request.json else "".join(f"{path}\n" for path in paths), remarks)


def _write_back(written: WrittenFile, text: str) -> tuple[bool, tuple[str, ...]]:
    """Write the human's own file if anything in it changes; returns whether, and a remark if not."""
    if text == written.source:
        return False, (f"{written.path}: nothing to change",)
    write_in_place(written.path, written.sha256, text.encode())
    return True, ()


def _refusal(request: Request, result: Result) -> WrongAudioError | None:
    finding = wrong_audio_finding(result)
    return WrongAudioError(f"{request.transcript}: {finding.message}") if finding and not request.force else None


def _report(request: Request, session: Session, made: EpisodeOutput) -> Delivered:
    """Write the JSON alone, whether it was asked for or not: the two do not belong together."""
    if request.diff:
        return Delivered(made, "")
    document = DOCUMENT.render(made.result, session.config.writing)
    path = result_path(request.audio, request.folder, DOCUMENT.suffix)
    try:
        check_results([path], request.inputs, session.store, overwrite=request.overwrite)
        write_results({path: document.encode()}, session.store, overwrite=request.overwrite)
    except OutputError as e:
        return Delivered(made, "", (f"no report: {e}",))
    return Delivered(made, document if request.json else f"{path}\n")
