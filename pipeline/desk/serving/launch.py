"""From the command to a running desk, and to its end: what is opened, where it listens, how the browser gets there."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvicorn

from pipeline.console.command_run import open_requested_book
from pipeline.console.voice_report import teach_book
from pipeline.desk.desk_session import DeskSession
from pipeline.desk.kept_alignment import kept_key
from pipeline.desk.safekeeping.alignment_file import read_alignment_file, write_alignment_file
from pipeline.desk.safekeeping.document_file import DocumentFile
from pipeline.desk.safekeeping.document_place import DocumentPlace, default_desk_folder
from pipeline.desk.safekeeping.kept_document import KeptDocument
from pipeline.desk.serving.access import Access
from pipeline.desk.serving.background import BackgroundProcess, collect_seldom
from pipeline.desk.serving.host import Host
from pipeline.desk.serving.listener import LISTENING_NICENESS, Listener, ListenRequest, LookRequest
from pipeline.desk.serving.opening import Opening
from pipeline.desk.serving.redirect import has_display, write_redirect
from pipeline.desk.serving.server import Sound, desk_app
from pipeline.desk.serving.settler import Settler, settle_requests, soon
from pipeline.desk.serving.virtual_wav import Peaks, VirtualWav
from pipeline.desk.settle import Given, Settled, SettleRequest
from pipeline.episode.deliver import Request
from pipeline.episode.engines import Engines
from pipeline.episode.run import refuse_model
from pipeline.episode.stored_alignment import KeptAlignment, decode_alignment, encode_alignment, load_alignment
from pipeline.episode.stored_recording import open_stored
from pipeline.errors import DeskError
from pipeline.files.results import ResultFolder, check_in_place, check_results, most_mode, write_results
from pipeline.files.store import Store
from pipeline.files.transcript_file import WrittenFile, read_transcript, refuse_import
from pipeline.files.voice_books import VoiceBookFolder, default_voice_book_folder
from pipeline.io.atomic import legal
from pipeline.listening.audio.recording import Recording
from pipeline.reading.structure.file_style import DEFAULT_STYLE, FileStyle
from pipeline.reading.transcript import parse
from pipeline.schema import Source, VoiceExamples
from pipeline.settings.config import Config
from pipeline.writing.new_document import ShowStyle, render_beginning, show_style

LOOPBACK = "127.0.0.1"
DONE, UNSAVED = 0, 130
_SHOWING_S = 1
"""Seconds that a page has to show what was heard before, from its entering until listening begins: its processes would
take the processors from it. Three hours take half of that on a quiet machine."""

_LISTENING_WAIT_S = 10
"""Seconds until listening begins although no page has entered. Chosen by hand: no page is in a hurry after that."""

_PEAKS_WAIT_S = 10
"""Seconds that the waveform waits for the times of what was heard before: five times as long as they take to open. What
is heard now takes longer, and the waveform does not wait for that."""

_END_WAIT_S = 1
"""Seconds that answers which are being sent have at the end."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """What the user asks for, besides the options of the stages.

    Attributes:
        results: the audio, the transcript, which need not exist, and what is written beside it when it is saved.
        port: of the server; None for the one that the document had last, or a free one.
        browser: whether the browser is opened.
    """

    results: Request
    port: int | None = None
    browser: bool = True


def run_desk(request: DeskRequest, config: Config, engines: Engines, store: Store, tell: Callable[[str], None]) -> int:
    """Run the desk until it is interrupted; returns the exit status: 130 if something is not saved, else 0.

    Args:
        request: what the user asks for.
        config: the options of all stages.
        engines: what listens.
        store: where results of listening are kept.
        tell: prints a line for the user.

    Raises:
        PipelineError: a file cannot be read, or the desk cannot be opened.
    """
    collect_seldom()
    results = request.results
    shown, path = results.transcript or Path(), Path(os.path.realpath(results.transcript or ""))
    written, source, style = _read(results)
    refuse_model(config.transcribe, source.split())
    book = open_requested_book(results, config)
    folder = ResultFolder.at(results.folder)
    check_results(folder, results.results.values(), results.inputs, store, overwrite=results.overwrite)
    beside = _Beside()
    place = DocumentPlace.of(default_desk_folder(), path)
    try:
        sound = _Sound(
            open_stored(results.audio, engines, store),
            {name: open_stored(track, engines, store) for name, track in results.tracks.items()},
        )
        with _listening_socket(request.port, place.port) as listener:
            file = DocumentFile(shown, path, written.sha256 if written else None)
            document = KeptDocument(file, place, source, listener.getsockname()[1])
            document.take()
            if not document.owns:
                tell(f"{shown}: another desk has it open; this one only shows it until it takes it over")
            sources = (
                Source(str(results.audio), sound.mix.sha256, sound.mix.is_cut_off),
                Source(str(shown), file.sha256 or ""),
            )
            given = Given(config, sources, style, book)
            desk = _Desk(request, given, engines, store, sound, document, beside, tell)
            return asyncio.run(desk.run(listener))
    finally:
        beside.stop()


def _read(request: Request) -> tuple[WrittenFile | None, str, FileStyle]:
    """Return the transcript, its text, and the style of its show; a new one begins in that style.

    Raises:
        PipelineError: it cannot be read, or cannot be written when it is to be saved.
    """
    path = request.transcript or Path()
    like = read_transcript(request.like, request.audio) if request.like else None
    style = show_style(parse(like.source)) if like else ShowStyle()
    turns = replace(style.file_style, is_given=True) if like else style.file_style
    if path.exists() or path.is_symlink() or not path.parent.is_dir():
        written = read_transcript(path, request.audio)
        refuse_import(written, "the desk opens")
        check_in_place(path, Path(os.path.realpath(path)))
        is_begun = like is not None and not any(one.label for one in parse(written.source).utterances)
        return written, written.source, turns if is_begun else DEFAULT_STYLE
    return None, render_beginning(legal(request.audio.stem), style), turns


@contextmanager
def _listening_socket(given: int | None, remembered: int | None) -> Generator[socket.socket]:
    """Yield a socket on loopback, on the given port, else on the remembered one if it is free, else on any.

    Raises:
        DeskError: the given port is not free.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the last desk's connections may linger there
        for port in (given,) if given is not None else (remembered, 0):
            if port is None:
                continue
            try:
                listener.bind((LOOPBACK, port))
                break
            except (OSError, OverflowError) as e:
                if given is not None:
                    raise DeskError(f"--port {given}", "cannot be used; leave it out, or give another one") from e
        listener.listen()
        yield listener


# --- while it runs -----------------------------------------------------------------------------------------------


def _sums(tracks: Mapping[str, Recording]) -> dict[str, str]:
    return {name: track.sha256 for name, track in tracks.items()}


class _Server(uvicorn.Server):
    """The server, without its own handling of signals: the desk has to say what is not saved."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@dataclass(frozen=True, slots=True)
class _Sound:
    """The episode's recording, and those of its speakers by their names."""

    mix: Recording
    tracks: Mapping[str, Recording]


@dataclass(slots=True)
class _Beside:
    """The processes beside the server. They import for a second each, so they wait where a page can be shown first."""

    listening: BackgroundProcess = field(
        default_factory=lambda: BackgroundProcess("cuemark-listening", Listener(LISTENING_NICENESS))
    )
    settling: BackgroundProcess = field(default_factory=lambda: BackgroundProcess("cuemark-settling", settle_requests))
    _has_started: bool = field(default=False, init=False)

    def start(self) -> None:
        """Start them, once."""
        if not self._has_started:
            self._has_started = True
            self.listening.start()
            self.settling.start()

    def stop(self) -> None:
        """End them, whatever they do."""
        self.listening.stop()
        self.settling.stop()


@dataclass(slots=True)
class _Desk:
    """All parts of a desk while it runs."""

    request: DeskRequest
    given: Given
    engines: Engines
    store: Store
    sound: _Sound
    document: KeptDocument
    beside: _Beside
    tell: Callable[[str], None]
    _access: Access = field(init=False)
    _listens: bool = field(default=False, init=False)
    _is_open: bool = field(default=False, init=False)
    _has_entered: bool = field(default=False, init=False)

    async def run(self, listener: socket.socket) -> int:
        """Serve until a signal comes; returns the exit status."""
        loop = asyncio.get_running_loop()
        settler = Settler(self.beside.settling, loop)
        more_peaks = asyncio.Event()
        peaks = Peaks(self.sound.mix, self.store, lambda: soon(loop, more_peaks.set))
        opened = asyncio.create_task(self._open(settler, peaks))
        sound = Sound(VirtualWav(self.sound.mix), peaks, more_peaks)
        self._access = desk_app(lambda: asyncio.shield(opened), sound, self.document.port, self._entered)
        server = _Server(uvicorn.Config(
            self._access, log_config=None, access_log=False, lifespan="off", ws="none", http="h11", loop="asyncio",
            server_header=False, date_header=False, proxy_headers=False, timeout_graceful_shutdown=_END_WAIT_S,
        ))  # fmt: skip

        def end() -> None:
            server.should_exit = True
            if opened.done() and opened.exception() is None:
                opened.result().pages.end()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end)
        serving = asyncio.create_task(server.serve([listener]))  # the browser reads the script meanwhile
        try:
            self._begin(peaks)
            host = await opened
            watching = asyncio.create_task(host.watch())
            try:
                self._begin_to_listen(host)
                await serving
            finally:
                watching.cancel()
                unsaved = host.unsaved
                host.close()
        finally:
            serving.cancel()  # where the document could not be opened
            peaks.close()
            self.document.place.redirect.unlink(missing_ok=True)
        return self._farewell(unsaved)

    async def _open(self, settler: Settler, peaks: Peaks) -> Host:
        """Return the desk of the document, whose session begins in a thread: three hours take half a second."""
        key = kept_key(self.given, {"": self.sound.mix.sha256, **_sums(self.sound.tracks)})
        kept = await asyncio.to_thread(self._kept_alignment, key)
        if kept is None:
            self.beside.start()  # they import what they need while the text is read
        opening = self._opening(settler, peaks, key, kept)
        return Host(opening, await asyncio.to_thread(opening.begin, self.document.source))

    def _begin_to_listen(self, host: Host) -> None:
        """Listen at once, or when the page has had time to show what was heard before."""
        loop = asyncio.get_running_loop()
        self.beside.listening.receive = lambda message: soon(loop, host.computing.take_heard, message)
        self._is_open = True
        if not host.session.is_resumed:
            self._listen()
        else:  # a page that enters lets it begin earlier
            loop.call_later(_SHOWING_S if self._has_entered else _LISTENING_WAIT_S, self._listen)

    def _opening(self, settler: Settler, peaks: Peaks, key: str, kept: KeptAlignment | None) -> Opening:
        document, results, config = self.document, self.request.results, self.given.config

        def begin(source: str) -> DeskSession:
            language, ignored = config.transcribe.language or "en", document.place.ignored
            return DeskSession(source, self.given, self.sound.mix.duration, language, ignored, kept)

        def keep(alignment: KeptAlignment) -> None:
            write_alignment_file(document.place, encode_alignment(alignment))

        async def settle(request: SettleRequest) -> Settled | None:
            self._listen()
            return await settler.settle(request)

        async def look(source: str) -> None:
            await asyncio.to_thread(self.beside.listening.send, LookRequest(source))

        return Opening(
            document,
            results.audio,
            self.sound.mix.duration,
            begin,
            settle,
            times=config.finish.times,
            formats=tuple(results.results),
            write_beside=self._write_beside,
            look=look,
            learn=self._learn if results.voice_book else None,
            key=key,
            keep=keep,
            settled=peaks.take_turn,
        )

    def _kept_alignment(self, key: str) -> KeptAlignment | None:
        """Return the last alignment: by the desk, or by ``align`` if only that is of the present text."""
        content = None if self.store.relisten else read_alignment_file(self.document.place)
        kept = decode_alignment(content, key) if content else None
        if kept is not None and kept.source == self.document.source:
            return kept
        stored = load_alignment(self.store, key)
        is_better = stored is not None and (kept is None or stored.source == self.document.source)
        return stored if is_better else kept

    def _learn(self, examples: VoiceExamples) -> tuple[str, ...]:
        assert self.given.book is not None, "only then there are examples"  # noqa: S101 -- our own invariant
        return teach_book(VoiceBookFolder(default_voice_book_folder()), self.given.book.show, examples)

    def _write_beside(self, rendered: Mapping[str, bytes]) -> tuple[Path, ...]:
        results = self.request.results
        folder = ResultFolder.at(results.folder)
        contents = {path: rendered[name] for name, path in results.results.items() if name in rendered}
        check_results(folder, contents, results.inputs, self.store, overwrite=results.overwrite)
        mode = most_mode(self.document.file.path)
        write_results(folder, contents, self.store, overwrite=results.overwrite, mode=mode)
        return tuple(contents)

    def _begin(self, peaks: Peaks) -> None:
        """Begin to draw, and open the browser."""
        peaks.start(_PEAKS_WAIT_S)
        address = self._access.new_address()
        self.tell(f"desk: {address}")
        self.tell("desk: it runs until you press Ctrl-C here")
        if self.request.browser and has_display():
            redirect = write_redirect(self.document.place, address)
            threading.Thread(target=webbrowser.open, args=(redirect.as_uri(),), daemon=True).start()

    def _listen(self) -> None:
        """Begin to listen, once."""
        if self._listens:
            return
        self._listens = True
        self.beside.start()
        request = ListenRequest(
            self.sound.mix,
            self.document.source,
            self.given.config,
            self.engines,
            self.store.folder,
            self.store.relisten,
            self.sound.tracks,
        )
        self.beside.listening.send(request)

    def _entered(self) -> None:
        """Forget the address that was used, and give a new one for another browser."""
        self._has_entered = True
        if self._is_open:
            asyncio.get_running_loop().call_later(_SHOWING_S, self._listen)
        self.document.place.redirect.unlink(missing_ok=True)
        self.tell(f"desk: open; for another browser: {self._access.new_address()}")

    def _farewell(self, unsaved: Path | None) -> int:
        if unsaved is None:
            return DONE
        shown = self.document.file.shown
        self.tell(f"{shown}: not everything is saved; it is in {unsaved}, and the next cuemark desk offers it")
        return UNSAVED
