"""The document that is open in the desk, as it is kept on the disk: its file, its journal, and whose it is.

Every method that changes something on the disk first makes sure that no other desk has taken the document over.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.desk.safekeeping.document_file import DocumentFile
from pipeline.desk.safekeeping.document_place import DocumentPlace
from pipeline.desk.safekeeping.journal import Header, Journal, Kept, read_journal
from pipeline.errors import JournalError

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class KeptDocument:
    """A document with its journal.

    Attributes:
        source: the text that the file has, or the beginning of a new one.
        port: of the desk.
        owns: whether this process may change it; another one may take it over at any time.
        offered: what an earlier desk did not save, until a person has decided what is done with it.
    """

    file: DocumentFile
    place: DocumentPlace
    source: str
    port: int
    owns: bool = field(default=False, init=False)
    offered: Kept | None = field(default=None, init=False)
    _journal: Journal | None = field(default=None, init=False)

    def take(self, *, by_force: bool = False) -> None:
        """Take the document for this process, if no other one has it or ``by_force``.

        Raises:
            DeskError: the folder of the desk cannot be written.
            JournalError: the journal cannot be read.
        """
        if not self.place.take(self.port, by_force=by_force):
            return
        self.owns = True
        kept = read_journal(self.place.journal)
        if kept and kept.batches:
            self.offered = kept
        elif kept:
            self.place.journal.unlink(missing_ok=True)

    def take_over(self) -> None:
        """Take the document from whoever has it, with its file and its journal as they are now.

        Raises:
            DeskError: the folder of the desk cannot be written.
            JournalError: the journal cannot be read.
            TranscriptError: the file cannot be read any more.
        """
        self.take(by_force=True)
        self.source = self.file.read_again()

    def lose(self) -> None:
        """Change nothing any more: another desk has the document, and its journal."""
        self.owns = False
        if self._journal is not None:
            self._journal.close(remove=False)
            self._journal = None

    def append(self, source: str, updates: Sequence[Mapping[str, Any]]) -> None:
        """Write updates into the journal; they are on the disk when this returns.

        Args:
            source: the text before them.
            updates: as the page sent them.

        Raises:
            TakenOverError: another desk has taken the document over.
            JournalError: they cannot be written; nothing is.
        """
        with self.place.held():
            if (
                self._journal is not None and not self._journal.is_in_place
            ):  # a new one could not be opened, or it is gone
                self._journal.close(remove=False)
                self._journal = None
            if self._journal is None:
                self._journal = Journal.begin(self.place.journal, self._header(source))
            self._journal.append(updates)

    def take_back(self) -> None:
        """Remove from the journal what was written last."""
        if self._journal is not None:
            self._journal.take_back()

    def save(self, source: str, replace: str | None) -> None:
        """Write the file, and begin the journal again.

        Args:
            source: the text.
            replace: the SHA-256 of a version on the disk that a person has seen and wants to replace.

        Raises:
            TakenOverError: another desk has taken the document over.
            ChangedOnDiskError: another program has changed the file; it stays as it is.
            OutputError: it cannot be written; it stays as it is.
        """
        with self.place.held():
            self.file.write(source, replace)
            self.source = source
            if self._journal is None:
                return
            try:
                new = Journal.begin(self.place.journal, self._header(source))
            except JournalError as e:  # it then has more than it needs, and the next desk sees that all of it is saved
                _log.warning("%s; it goes on as it was", e)
            else:
                self._journal.close(remove=False)
                self._journal = new

    def restore(self, *, is_own: bool = False) -> Kept | None:
        """Go on with the journal that is offered; returns what it holds.

        The file counts as what the journal began from. So if it is another one, saving shows both.

        Args:
            is_own: whether the file is what a desk with this journal has saved; it then is known as it is.

        Raises:
            JournalError: it cannot be written.
        """
        kept = self.offered
        if kept is not None:
            self._journal = Journal.go_on(self.place.journal, kept)
            self.offered = None
            if not is_own:
                self.source = kept.header.source
                self.file.sha256 = kept.header.sha256
        return kept

    def discard(self) -> None:
        """Remove the journal that is offered."""
        if self.offered is not None:
            self.place.journal.unlink(missing_ok=True)
            self.offered = None

    def unsaved(self, source: str) -> Path | None:
        """Return the journal if it has what is not saved, given the text; else None."""
        has_more = self._journal is not None and source != self.source
        return self.place.journal if self.owns and (has_more or self.offered) else None

    def close(self, source: str) -> None:
        """Let other desks take the document, and remove the journal if everything in it is saved."""
        if self._journal is not None:
            self._journal.close(remove=self.unsaved(source) is None)
            self._journal = None
        if self.owns:
            self.place.release()

    def _header(self, source: str) -> Header:
        return Header(str(self.file.path), self.file.sha256, source)
