"""What belongs to a document in the folder of the desk: who has it open, its port, what is ignored, its journal.

A document is known by the real path of its file. Its name in the folder is a hash of that path, so that two files of
one name do not meet, and a path of any length has a name. What is remembered is read and written under a lock.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import filelock
import msgspec

from pipeline.errors import DeskError
from pipeline.io.atomic import sha256_of, write_below
from pipeline.io.part_files import ProcessMark, own_mark

_LOCK_WAIT_S = 5.0
"""Another desk holds the lock while it writes a line or saves: far less than this on any disk."""


def default_desk_folder() -> Path:
    """Return the folder of the desk: ``CUEMARK_DESK``, else a folder with the user's own data."""
    if named := os.environ.get("CUEMARK_DESK"):
        return Path(named)
    import platformdirs  # imported late: few runs need it, and it would slow --help down  # noqa: PLC0415

    return Path(platformdirs.user_data_dir("cuemark")) / "desk"


class _Holder(msgspec.Struct, frozen=True):
    host: str
    process: int
    start: int


class _Record(msgspec.Struct, frozen=True):
    """What is remembered of a document.

    Attributes:
        port: of its last desk.
        holder: the process that has it open.
        ignored: the findings that a person does not want to see again.
    """

    port: int | None = None
    holder: _Holder | None = None
    ignored: tuple[str, ...] = ()


class TakenOverError(Exception):
    """Another desk has taken the document over."""


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """The place of a document in the folder of the desk.

    Attributes:
        folder: without links; it need not exist.
        name: of its files there.
    """

    ALIGNMENT_END: ClassVar = ".alignment"

    folder: Path
    name: str

    @classmethod
    def of(cls, folder: Path, document: Path) -> DocumentPlace:
        """Return the place of the document with this real path."""
        return cls(Path(os.path.realpath(folder)), sha256_of(os.fsencode(document)))

    @property
    def journal(self) -> Path:
        """The path of the journal."""
        return self.folder / f"{self.name}.journal"

    @property
    def alignment(self) -> Path:
        """The path of the last alignment."""
        return self.folder / f"{self.name}{self.ALIGNMENT_END}"

    @property
    def redirect(self) -> Path:
        """The path of the file that leads the browser to the desk."""
        return self.folder / f"{self.name}.html"

    @property
    def port(self) -> int | None:
        """The port of the document's last desk."""
        return self._record().port

    @property
    def ignored(self) -> frozenset[str]:
        """The findings that a person does not want to see again."""
        return frozenset(self._record().ignored)

    def ignore(self, findings: frozenset[str]) -> None:
        """Remember the findings that a person does not want to see again.

        Raises:
            DeskError: the folder cannot be written.
        """
        with self._locked():
            self._write(msgspec.structs.replace(self._record(), ignored=tuple(sorted(findings))))

    def take(self, port: int, *, by_force: bool) -> bool:
        """Take the document for this process, and remember its port; False if another process has it open.

        Args:
            port: of this process's desk.
            by_force: take it from that process, too.

        Raises:
            DeskError: the folder cannot be written.
        """
        with self._locked():
            record = self._record()
            if not by_force and record.holder not in {None, _own()} and not _has_ended(record.holder):
                return False
            self._write(msgspec.structs.replace(record, port=port, holder=_own()))
            return True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the document: no other process takes it over before this ends.

        Raises:
            TakenOverError: another process has taken it over already.
            DeskError: the folder cannot be written.
        """
        with self._locked():
            if self._record().holder != _own():
                raise TakenOverError
            yield

    def is_ours(self) -> bool:
        """Return whether this process has the document."""
        return self._record().holder == _own()

    def is_free(self) -> bool:
        """Return whether no process that runs has the document."""
        holder = self._record().holder
        return holder is None or _has_ended(holder)

    def release(self) -> None:
        """Let other processes take the document; its port stays."""
        with self._locked():
            record = self._record()
            if record.holder == _own():
                self._write(msgspec.structs.replace(record, holder=None))

    @property
    def _path(self) -> Path:
        return self.folder / f"{self.name}.json"

    def _record(self) -> _Record:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Record)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _Record()

    def _write(self, record: _Record) -> None:
        try:
            write_below(self.folder, self._path.name, msgspec.json.encode(record), mode=0o600, folder_mode=0o700)
        except OSError as e:
            raise DeskError(str(self.folder), f"cannot be written ({e.strerror}); name another in CUEMARK_DESK") from e

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = filelock.FileLock(self.folder / f"{self.name}.lock", timeout=_LOCK_WAIT_S, mode=0o600)
            lock.acquire()
        except (OSError, filelock.Timeout) as e:
            raise DeskError(str(self.folder), f"cannot be used ({e}); name another in CUEMARK_DESK") from e
        try:
            yield
        finally:
            lock.release()


def _own() -> _Holder:
    own = own_mark()
    return _Holder(own.host, own.process, own.start)


def _has_ended(holder: _Holder | None) -> bool:
    return holder is not None and ProcessMark(holder.host, holder.process, holder.start).has_ended
