"""One command on the console: the request is checked, the episode is run with progress, the result is printed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pipeline.console.interrupt_watch import interrupt_watch
from pipeline.console.output import collected_warnings, one_line, path_list, print_message, print_result
from pipeline.console.progress_display import progress_on_stderr
from pipeline.console.summary import draft_summary, mark_summary, summary
from pipeline.console.unchanged_run import Printed, Report
from pipeline.console.voice_report import open_book, recognised_line, teach_book
from pipeline.episode.deliver import Delivered, Request, deliver, deliver_mark, read_inputs
from pipeline.episode.engines import Engines
from pipeline.episode.run import Mark
from pipeline.episode.session import Session, ShowKnowledge
from pipeline.errors import ConfigError
from pipeline.files.store import Store
from pipeline.files.voice_books import VoiceBookFolder, default_voice_book_folder
from pipeline.matching.continue_note import new_note_text, old_note_text
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.schema import Result
from pipeline.settings.config import Config
from pipeline.times import to_seconds
from pipeline.writing import FORMATS
from pipeline.writing.cues import utterances_without_cues


def run_request(request: Request, config: Config, engines: Engines, store: Store, *, null: bool = False) -> Report:
    """Align, finish or draft an episode, write what was asked for, and print what a volunteer wants to know.

    Args:
        null: end each printed path with a zero byte in place of a line break, and quote none.

    Raises:
        WrongAudioError: transcript and audio do not belong together; only the JSON was written, with the report.
        NothingFoundError: nothing that is typed was found; the same.
        PipelineError: something else went wrong; everything that was written until then is whole.
    """
    with collected_warnings() as warned:
        inputs, book = read_inputs(request, store), open_requested_book(request, config)
        for line in inputs.remarks:
            print_message(line)
        with progress_on_stderr() as progress, interrupt_watch():
            delivered = deliver(request, inputs, Session(config, engines, store, progress), ShowKnowledge(voices=book))
        output = delivered.output or path_list(delivered.paths, null=null)
        for line in delivered.remarks:
            print_message(line)
        print_result(output)
        if delivered.failure:
            raise delivered.failure
        closing = tuple(_closing_lines(request, delivered))
        for line in closing:
            print_message(line)
        if book:
            _report_voices(request, delivered.made.result, book)
    messages = (*inputs.remarks, *delivered.remarks, *closing)
    changes = book or request.transcript in delivered.paths
    repeatable = not (warned or changes or request.diff or request.json)
    return Report(delivered.made.result, Printed(output, messages) if repeatable else None, delivered.paths)


def run_mark(request: Request, config: Config, engines: Engines, store: Store) -> Result:
    """Find where the typing stops, print it, and with ``in_place`` write it.

    Raises:
        WrongAudioError: transcript and audio do not belong together.
        NothingFoundError: nothing that is typed was found.
        PipelineError: something else went wrong; nothing was written.
    """
    inputs = read_inputs(request, store)
    with progress_on_stderr() as progress, interrupt_watch():
        mark, remarks = deliver_mark(request, inputs, Session(config, engines, store, progress))
    for line in remarks:
        print_message(line)
    print_result(_mark_json(mark) if request.json else _mark_lines(mark))
    for line in mark_summary(mark):
        print_message(line)
    return mark.result


def open_requested_book(request: Request, config: Config) -> VoiceBook | None:
    """Return the voice book of the show that a request names; None if it names none.

    Raises:
        ConfigError: the voices are not used in this run, so a voice book has no effect.
        VoiceBookError: the book cannot be read.
    """
    if request.voice_book is None:
        return None
    if request.tracks or not config.diarize.voices:
        raise ConfigError("--voice-book", "needs the speakers' voices; leave out --track and --no-voices")
    return open_book(VoiceBookFolder(default_voice_book_folder()), request.voice_book)


def _report_voices(request: Request, result: Result, book: VoiceBook) -> None:
    """Say who was recognised, and let the book learn from the episode."""
    print_message(f"voice book {book.show}: {recognised_line(result)}")
    if result.examples and not request.diff:
        for line in teach_book(VoiceBookFolder(default_voice_book_folder()), book.show, result.examples):
            print_message(line)


def _closing_lines(request: Request, delivered: Delivered) -> Iterator[str]:
    output = delivered.made
    result, formats = output.result, [name for name in request.results if FORMATS[name].only_found]
    unseen = utterances_without_cues(output.shown) if formats else ()
    if output.drafts:
        yield from draft_summary(result, formats, unseen)
    else:
        note = new_note_text(result.transcript, result.continue_point)
        yield from summary(result, note, old_note_text(result.transcript), formats, unseen)
    if request.results and not request.diff:
        yield f"results: in {request.folder.resolve()}"


def _mark_lines(mark: Mark) -> str:
    none = "complete" if mark.result.continue_point.complete else "not known"
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
