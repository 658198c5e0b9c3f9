"""One command from what was asked for to what lies on the disk and stands on the screen.

The order is the promise: everything that can refuse does so before any listening; then the episode goes through the
rooms; then all that is written is written, the human's own file first, and only then is anything printed as a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec

from pipeline.console.output import draft_summary, give, mark_summary, one_line, progress_on_stderr, say, summary
from pipeline.console.voice_report import open_book, recognised_line, teach_book
from pipeline.episode import run
from pipeline.episode.engines import Ears
from pipeline.episode.rendered import DOCUMENT, TRANSCRIPT, Edition, edition_of, render, suffixes, wrong_audio
from pipeline.episode.run import Mark
from pipeline.errors import ConfigError, OutputError, WrongAudioError
from pipeline.files.results import check, check_in_place, diff, place, write, write_in_place
from pipeline.files.store import Store
from pipeline.files.transcript_file import WrittenFile, read_transcript
from pipeline.files.voice_books import Bookshelf, default_shelf
from pipeline.matching.continue_note import note_edits, note_text, old_note_text
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.reading.edits import apply
from pipeline.schema import Result
from pipeline.settings.config import Config
from pipeline.times import to_seconds
from pipeline.writing import SUBTITLES
from pipeline.writing.cues import left_out


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for, beside the options of the stages.

    Attributes:
        transcript: None where nothing is typed yet.
        formats: names in ``FORMATS``; with ``in_place`` the transcript itself stands for "md".
        work: what is done: ``align``, ``finish`` or ``draft``.
        tracks: the speakers' own recordings by their names.
        like: another transcript of the show, whose style is followed.
        voice_book: the show whose voices are used, and learned where there are labels; None for none.
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
    like: Path | None = None
    voice_book: str | None = None
    in_place: bool = False
    diff: bool = False
    json: bool = False
    overwrite: bool = False
    force: bool = False

    @property
    def results(self) -> dict[str, Path]:
        """The formats that become files, and where."""
        names = (name for name in self.formats if not (self.in_place and name == TRANSCRIPT.name))
        ends = suffixes(self.work)
        return {name: place(self.audio, self.folder, ends[name]) for name in names}

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that no result may fall on."""
        return tuple(path for path in (self.audio, self.transcript, self.like, *self.tracks.values()) if path)


def deliver_alignment(request: Request, config: Config, ears: Ears, store: Store) -> Result:
    """Align an episode and deliver all that was asked for.

    Raises:
        WrongAudioError: the two do not belong together; only the JSON was written, with the report.
        PipelineError: something else went wrong; whatever was written by then is whole.
    """
    written, book = _read(request, store), _open_book(request, config)
    with progress_on_stderr() as progress:
        result = run.align(
            request.audio, written, config, ears=ears, store=store, progress=progress, tracks=request.tracks, book=book
        )
    return _deliver(request, config, store, written, edition_of(result, config), book)


def deliver_finished(request: Request, config: Config, ears: Ears, store: Store) -> Result:
    """Draft the rest of an episode and deliver all that was asked for.

    Raises:
        WrongAudioError: as ``deliver_alignment``.
        PipelineError: as there.
    """
    written, book = _read(request, store), _open_book(request, config)
    with progress_on_stderr() as progress:
        made = run.finish(
            request.audio, written, config, ears=ears, store=store, progress=progress, tracks=request.tracks, book=book
        )
    return _deliver(request, config, store, written, edition_of(made, config), book)


def deliver_draft(request: Request, title: str, config: Config, ears: Ears, store: Store) -> Result:
    """Draft an episode of which nothing is typed, and deliver all that was asked for.

    Raises:
        PipelineError: something went wrong; whatever was written by then is whole.
    """
    sample = read_transcript(request.like, request.audio) if request.like else None
    check(request.results.values(), request.inputs, store, overwrite=request.overwrite)
    book = _open_book(request, config)
    with progress_on_stderr() as progress:
        made = run.draft(
            request.audio,
            title,
            config,
            like=sample,
            ears=ears,
            store=store,
            progress=progress,
            tracks=request.tracks,
            book=book,
        )
    return _deliver(request, config, store, None, edition_of(made, config), book)


def _open_book(request: Request, config: Config) -> VoiceBook | None:
    """The show's voices, if they are asked for and can be of use."""
    if request.voice_book is None:
        return None
    if request.tracks or not config.diarize.voices:
        raise ConfigError(
            "--voice-book", "is of use only where voices tell who speaks; leave --track and --no-voices away"
        )
    return open_book(Bookshelf(default_shelf()), request.voice_book)


def _deliver(
    request: Request,
    config: Config,
    store: Store,
    written: WrittenFile | None,
    edition: Edition,
    book: VoiceBook | None,
) -> Result:
    """Write what was made, print what is a result, and say at the end what a volunteer wants to know."""
    result = edition.result
    try:
        _refuse_wrong_audio(request, result)
    except WrongAudioError:
        if not request.diff:
            _write_report(request, store, DOCUMENT.render(result, config.writing))
        raise
    if request.diff and written is not None:
        give(diff(written.path, written.source, edition.text))
    else:
        wanted = request.json or DOCUMENT.name in request.results
        document = DOCUMENT.render(result, config.writing) if wanted else ""
        paths = _write(request, config, store, written, edition, document)
        give(document if request.json else "".join(f"{path}\n" for path in paths))
    _close(request, edition)
    if book:
        say(f"voice book {book.show}: {recognised_line(result)}")
    if book and result.examples and not request.diff:
        for line in teach_book(Bookshelf(default_shelf()), book.show, result.examples):
            say(line)
    return result


def deliver_mark(request: Request, config: Config, ears: Ears, store: Store) -> Result:
    """Find where the typing stops, print it, and with ``in_place`` write it.

    Raises:
        WrongAudioError: the two do not belong together.
        PipelineError: something else went wrong; nothing was written.
    """
    written = _read(request, store)
    with progress_on_stderr() as progress:
        mark = run.marker(request.audio, written, config, ears=ears, store=store, progress=progress)
    _refuse_wrong_audio(request, mark.result)
    if request.in_place:
        edits = note_edits(mark.result.transcript, mark.result.continue_point)
        _write_back(written, apply(written.source, edits))
    give(_mark_json(mark) if request.json else _mark_lines(mark))
    for line in mark_summary(mark.result):
        say(line)
    return mark.result


def _read(request: Request, store: Store) -> WrittenFile:
    """Read the transcript, and refuse now what could not be written later."""
    path = cast("Path", request.transcript)  # whoever asks for the reading of one has one
    written = read_transcript(path, request.audio)
    if not request.diff:
        check(request.results.values(), request.inputs, store, overwrite=request.overwrite)
        if request.in_place:
            check_in_place(path)
    return written


def _write(
    request: Request, config: Config, store: Store, written: WrittenFile | None, edition: Edition, document: str
) -> list[Path]:
    """Write everything; returns the paths that were written."""
    names = request.results
    texts = render(edition, (name for name in names if name != DOCUMENT.name), config) | {DOCUMENT.name: document}
    contents = {path: texts[name].encode() for name, path in names.items()}
    paths = list(contents)
    check(contents, request.inputs, store, overwrite=request.overwrite)  # again, before the first of them is written
    if request.in_place and written is not None and _write_back(written, edition.text):
        paths.insert(0, written.path)
    write(contents, store, overwrite=request.overwrite)
    return paths


def _write_back(written: WrittenFile, text: str) -> bool:
    """Write the human's own file, if anything in it changes."""
    if text == written.source:
        say(f"{written.path}: nothing to change")
        return False
    write_in_place(written.path, written.sha256, text.encode())
    return True


def _refuse_wrong_audio(request: Request, result: Result) -> None:
    finding = wrong_audio(result)
    if finding and not request.force:
        raise WrongAudioError(f"{request.transcript}: {finding.message}")


def _write_report(request: Request, store: Store, document: str) -> None:
    """All that is delivered where the two do not belong together: the JSON, whether it was asked for or not."""
    path = place(request.audio, request.folder, DOCUMENT.suffix)
    try:
        check([path], request.inputs, store, overwrite=request.overwrite)
        write({path: document.encode()}, store, overwrite=request.overwrite)
    except OutputError as e:
        say(f"no report: {e}")
    else:
        give(document if request.json else f"{path}\n")


def _close(request: Request, edition: Edition) -> None:
    """Say at the end what a volunteer wants to know."""
    result, point = edition.result, edition.result.continue_point
    note = note_text(result.transcript, point)
    unseen = _unseen(request, edition.shown)
    lines = summary(result, note, old_note_text(result.transcript), unseen)
    for line in draft_summary(result, unseen) if edition.drafts else lines:
        say(line)
    if request.results and not request.diff:
        say(f"results: in {request.folder.resolve()}")


def _unseen(request: Request, result: Result) -> tuple[int, ...]:
    """The utterances that subtitles leave out, if subtitles were asked for."""
    return left_out(result) if SUBTITLES.keys() & request.results.keys() else ()


def _mark_lines(mark: Mark) -> str:
    none = "complete" if mark.result.continue_point.complete else "not found"
    return f"{one_line(mark.note or none)}\nwas: {one_line(mark.old_note or 'none')}\n"


def _mark_json(mark: Mark) -> str:
    point = mark.result.continue_point
    document = {
        "schema": "cuemark.marker/1",
        "continue_at": None if point.at is None else to_seconds(point.at),
        "complete": point.complete,
        "note": mark.note,
        "old_note": mark.old_note,
        "heard_seconds": to_seconds(mark.heard),
        "full_pass": mark.full_pass,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
