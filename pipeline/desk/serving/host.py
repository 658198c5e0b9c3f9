"""The desk while it runs: one document, the pages that show it, and what is computed beside.

Everything here runs in the server's one event loop, but for what waits for the disk. Edits are accepted one batch after
the other: the document is still ours, the batch is in the journal, and it fits the text.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.desk.changes import ChangeError, parse_changes
from pipeline.desk.desk_session import DeskSession
from pipeline.desk.edited_document import open_document
from pipeline.desk.safekeeping.document_file import ChangedOnDiskError
from pipeline.desk.safekeeping.document_place import TakenOverError
from pipeline.desk.safekeeping.journal import Kept
from pipeline.desk.serving.computing import Computing
from pipeline.desk.serving.opening import Opening
from pipeline.desk.serving.pages import Pages, Stream
from pipeline.errors import JournalError, OutputError, VoiceBookError

_LOOK_S = 1.0
"""How often it is looked whether another program has changed the file, or another desk has taken it over."""

_TAKEN_OVER = "another desk has taken the document over"
_log = logging.getLogger(__name__)


class RefusedError(Exception):
    """A request that is not done: the status of the answer, and its content."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        self.status, self.answer = status, answer
        super().__init__(f"refused with {status}")


class Host:
    """The desk of one document; see the module."""

    def __init__(self, opening: Opening, session: DeskSession) -> None:
        """Open.

        Args:
            opening: what the desk is opened with.
            session: begun with the document's text.
        """
        self.pages = Pages()
        self._opening = opening
        self._document = opening.document
        self._writing = asyncio.Lock()
        self.computing = Computing(opening, self.pages, lambda: self.session)
        self._file_state: str | None = None
        self._take(session, self._document.source)
        self._drop_saved_offer()

    def _begin(self, source: str) -> None:
        """Begin a session with a text."""
        self._take(self._opening.begin(source), source)

    def _take(self, session: DeskSession, source: str) -> None:
        self.session = session
        self._id = secrets.token_hex(8)
        is_saved = self._document.file.sha256 is not None and source == self._document.source
        self._saved_version = 0 if is_saved else None
        self.computing.begin(self.session)

    def _is_own(self, kept: Kept) -> bool:
        """Return whether the file is as the earlier desk knew it: as it read it, or as it saved it.

        That desk may have been killed between saving and beginning its journal again, or may have had no room for that.
        """
        document = self._document
        return kept.header.sha256 == document.file.sha256 or document.source in texts_of(kept)

    def _drop_saved_offer(self) -> None:
        """Offer nothing that was saved: the disk may have been full when the journal was to begin again."""
        if self._document.offered and text_of(self._document.offered) == self._document.source:
            self._document.discard()

    @property
    def unsaved(self) -> Path | None:
        """The journal, if there is something in it that is not saved."""
        return self._document.unsaved(self.session.source)

    # --- for the pages -----------------------------------------------------------------------------------------------

    def state(self, page: str) -> dict[str, Any]:
        """Return everything that a page shows."""
        state = self._whole_state()
        self.pages.show(page)
        file, kept = self._document.file, self._document.offered
        return {
            **state,
            "session": self._id,
            "file": {"name": file.shown.name, "path": str(file.path)},
            "audio": {"name": self._opening.audio.name, "duration": self._opening.duration},
            "writer": self._may_write(page),
            "saved_version": self._saved_version,
            "recovery": kept and {"changes": kept.changes, "last": kept.last, "same_file": self._is_own(kept)},
            "hearing": self.computing.hearing,
        }

    def send_everything(self) -> None:
        """Send the present value of each event to all pages."""
        self._whole_state()

    def _whole_state(self) -> dict[str, object]:
        """Return the session's state, and send it to the open pages too: the session takes it as sent to all."""
        state = self.session.state()
        events = (
            (name, state[name]) for name in ("speakers", "timing", "labels", "turns", "note", "queue", "settling")
        )
        known = [(name, content) for name, content in events if isinstance(content, dict)]
        self.pages.send([*known, ("hearing", self.computing.hearing)])
        return state

    def left(self, page: str, stream: Stream) -> None:
        """Note that a page has closed its stream of events."""
        if self.pages.close(page, stream):
            self.pages.send([("file", {"state": "released"})])

    async def update(self, page: str, version: int, updates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Accept edits of the page that writes; they are on the disk when this returns.

        Raises:
            RefusedError: they are not accepted.
        """
        async with self._writing:
            self._check(page, version)
            if self._document.offered:
                raise RefusedError(409, {"version": version, "error": "restore the journal first, or discard it"})
            await self._accept(version, updates)
        self.computing.edited()
        return {"version": self.session.version}

    async def _accept(self, version: int, updates: Sequence[Mapping[str, Any]]) -> None:
        """Write updates into the journal, then apply them; what does not fit the text is neither."""
        try:
            for one in updates:
                parse_changes(one.get("changes"))  # so that the journal has only what can be read again
        except ChangeError as e:
            raise RefusedError(400, {"error": str(e)}) from e
        await self._on_disk(self._document.append, self.session.source, updates)
        try:
            self.session.update(version, updates)
        except ChangeError as e:
            await self._on_disk(self._document.take_back)
            raise RefusedError(400, {"error": str(e)}) from e

    async def _on_disk(self, do: Callable[..., object], *arguments: object) -> None:
        """Do something that waits for the disk.

        Raises:
            RefusedError: it is not done.
        """
        try:
            await asyncio.to_thread(do, *arguments)
        except TakenOverError as e:
            self._lose()
            raise RefusedError(403, {"error": _TAKEN_OVER}) from e
        except ChangedOnDiskError as e:
            raise RefusedError(409, {"disk": open_document(e.text).page_text, "sha256": e.sha256}) from e
        except (JournalError, OutputError) as e:
            raise RefusedError(507, {"error": str(e)}) from e

    def caret(self, version: int, at: int) -> dict[str, Any]:
        """Return what is said next at a place of the text; nothing, with the present version, of an older text.

        A page that types while it asks does nothing wrong, and browsers log each refused request as an error.

        Raises:
            RefusedError: the text has no such place.
        """
        if version != self.session.version:
            return {"version": self.session.version, "at": at, "pieces": []}
        return _answered(lambda: self.session.caret(version, at))

    async def command(self, page: str, version: int, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the edits that a command makes.

        Raises:
            RefusedError: this page does not write, the text is another one by now, or there is no such command.
        """
        self._check(page, version)
        before = self.session.ignored
        if name == "save-plan" and self._opening.times:
            arguments = {**arguments, "times": True}
        answer = _answered(lambda: self.session.command(version, name, arguments))
        if self.session.ignored != before:
            await self._on_disk(self._document.place.ignore, self.session.ignored)
        self.pages.send(self.session.events())
        return answer

    async def save(self, page: str, version: int, replace: str | None) -> dict[str, Any]:
        """Write the text into its file, and the results that were asked for beside it.

        Raises:
            RefusedError: it is not written; with 409, another program has changed the file.
        """
        async with self._writing:
            self._check(page, version)
            await self._on_disk(self._document.save, self.session.source, replace)
            self._saved_version, self._file_state = version, None
        paths, remarks = await self._write_beside()
        await self.computing.keep()
        return {"version": version, "paths": [str(self._document.file.shown), *paths], "remarks": remarks}

    async def _write_beside(self) -> tuple[list[str], list[str]]:
        """Return the paths of the results, and remarks: what is not written, or what the voice book learned."""
        opening, heard = self._opening, self.computing.heard
        if not opening.formats and opening.learn is None:
            return [], []
        if heard is None or not heard.complete:
            what = ", ".join((*opening.formats, *(["the voice book"] if opening.learn else [])))
            return [], [f"{what}: not written, because not everything was listened to yet"]
        await self.computing.settle_whole()
        rendered, examples = self.session.rendered(opening.formats), self.session.examples
        paths: tuple[Path, ...] = ()
        try:
            paths = await asyncio.to_thread(opening.write_beside, rendered.contents) if rendered.contents else ()
            learned = await asyncio.to_thread(opening.learn, examples) if opening.learn and examples else ()
        except OutputError as e:
            return [str(path) for path in e.written], [str(e)]
        except VoiceBookError as e:
            learned = (str(e),)
        return [str(path) for path in paths], [*rendered.remarks, *learned]

    # --- an earlier desk, or another one -----------------------------------------------------------------------------

    async def recover(self, page: str, choice: str) -> dict[str, Any]:
        """Restore what an earlier desk did not save, or discard it; returns the state.

        Raises:
            RefusedError: this page does not write, or there is nothing to restore.
        """
        async with self._writing:
            kept = self._document.offered
            if not self._may_write(page) or kept is None:
                raise RefusedError(403, {"error": "there is nothing to restore here"})
            if choice == "discard":
                await self._on_disk(self._document.discard)
            else:
                is_own = self._is_own(kept)
                await self._on_disk(lambda: self._document.restore(is_own=is_own))
                self._begin(text_of(kept))
                if not is_own:
                    self._tell_file("changed-on-disk")
        self.computing.settle_soon()
        return self.state(page)

    async def take_over(self, page: str) -> dict[str, Any]:
        """Let this page write, and take the document from another desk if one has it; returns the state.

        Raises:
            PipelineError: the document cannot be taken, or not be read any more.
        """
        async with self._writing:
            if not self._document.owns:
                await asyncio.to_thread(self._document.take_over)
                self._file_state = None
                self._begin(self._document.source)
                self._drop_saved_offer()
            self.pages.make_writer(page)
            self.pages.send([("file", {"state": "taken-over"})], but=page)
        self.computing.settle_soon()
        return self.state(page)

    def _lose(self) -> None:
        """Only show the document from now on: another desk has it."""
        self._document.lose()
        self._tell_file("taken-over")

    # --- beside other programs ---------------------------------------------------------------------------------------

    async def watch(self) -> None:
        """Look again and again whether another program has changed the file, or another desk has taken it over."""
        while True:
            await asyncio.sleep(_LOOK_S)
            async with self._writing:
                await self._look()

    async def _look(self) -> None:
        document = self._document
        if not document.owns:
            if self._file_state != "released" and await asyncio.to_thread(document.place.is_free):
                self._tell_file("released")
        elif not await asyncio.to_thread(document.place.is_ours):
            self._lose()
        elif self._file_state is None and await asyncio.to_thread(document.file.has_changed):
            self._tell_file("changed-on-disk")

    def close(self) -> None:
        """End: the journal is removed if everything is saved, and other desks may take the document."""
        self.computing.close()
        self._document.close(self.session.source)

    def _tell_file(self, state: str) -> None:
        self._file_state = state
        self.pages.send([("file", {"state": state})])

    def _may_write(self, page: str) -> bool:
        return self._document.owns and page == self.pages.writer

    def _check(self, page: str, version: int) -> None:
        if not self._may_write(page):
            raise RefusedError(403, {"error": "this page only reads"})
        self._check_version(version)

    def _check_version(self, version: int) -> None:
        if version != self.session.version:
            raise RefusedError(409, {"version": self.session.version})


# --- pure ------------------------------------------------------------------------------------------------------------


def text_of(kept: Kept) -> str:
    """Return the text that a journal holds; updates from the first one on that does not fit are left out."""
    return deque(texts_of(kept), maxlen=1)[0]


def texts_of(kept: Kept) -> Iterator[str]:
    """Yield the texts that a journal leads through, from the one that it begins with to the one that it holds."""
    document = open_document(kept.header.source)
    yield document.source
    for update in (one for batch in kept.batches for one in batch.updates):
        try:
            document = document.apply(parse_changes(update.get("changes")))
        except ChangeError as e:
            _log.warning("%s: the end of its journal does not fit and is left out: %s", kept.header.path, e)
            return
        yield document.source


def _answered(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return ask()
    except (ValueError, LookupError, TypeError) as e:  # a place, a name or an item that there is not
        raise RefusedError(400, {"error": str(e)}) from e
