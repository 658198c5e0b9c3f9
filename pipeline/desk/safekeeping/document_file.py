"""The file of the document that is open in the desk: written only if it is what the desk knows, or a person says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import OutputError
from pipeline.files.transcript_file import LARGEST, read_transcript, refuse_import
from pipeline.io.atomic import ChangedMeanwhileError, create_atomic, sha256_of, write_atomic


class ChangedOnDiskError(Exception):
    """The file is not as it was when the desk read or wrote it.

    Attributes:
        text: what is there now, as far as it is text; empty if there is no file any more.
        sha256: of its bytes; None if there is no file.
    """

    def __init__(self, text: str, sha256: str | None) -> None:
        self.text, self.sha256 = text, sha256
        super().__init__("the file was changed on the disk")


@dataclass(slots=True)
class DocumentFile:
    """The file of a document.

    Attributes:
        shown: its path as the user gave it.
        path: the same without links.
        sha256: of the bytes that the desk has read or written there; None if there was no file.
    """

    shown: Path
    path: Path
    sha256: str | None
    _seen: tuple[int, int, int] | None = field(default=None, init=False)

    def read_again(self) -> str:
        """Return the text that is on the disk now, from which the desk begins again; empty without a file.

        Raises:
            TranscriptError: it is no text.
        """
        if self._status() is None:
            self.sha256 = None
            return ""
        written = read_transcript(self.shown)
        refuse_import(written, "the desk opens")
        self.sha256 = written.sha256
        return written.source

    def has_changed(self) -> bool:
        """Return whether another program has changed the file; its bytes are read only if its status has changed."""
        status = self._status()
        if status == self._seen and status is not None:
            return False
        self._seen = status
        return _read(self.path)[1] != self.sha256

    def write(self, text: str, replace: str | None = None) -> None:
        """Replace the file's content atomically; its mode stays, and a link to it stays a link.

        Args:
            text: the new content.
            replace: the SHA-256 of a version on the disk that a person has seen and wants to replace.

        Raises:
            ChangedOnDiskError: it is neither that version nor the one that the desk knows; it stays as it is.
            OutputError: it cannot be written; it stays as it is.
        """
        known = {self.sha256} if replace is None else {self.sha256, replace}
        present, sha256 = _read(self.path)
        content = text.encode()
        if sha256 not in known:
            raise ChangedOnDiskError(present.decode("utf-8", "replace"), sha256)
        try:
            if sha256 is None:
                create_atomic(self.path, content)
            else:
                write_atomic(self.path, content, may_replace=lambda now: now in known)
        except (ChangedMeanwhileError, FileExistsError) as e:
            present, sha256 = _read(self.path)
            raise ChangedOnDiskError(present.decode("utf-8", "replace"), sha256) from e
        except OSError as e:
            raise OutputError(self.shown, f"cannot be written ({e.strerror})") from e
        self.sha256, self._seen = sha256_of(content), None

    def _status(self) -> tuple[int, int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: Path) -> tuple[bytes, str | None]:
    """Return the bytes of a file, at most as many as a transcript has, and the hash of all; empty without a file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return b"", None
    except OSError as e:
        raise OutputError(path, f"cannot be read ({e.strerror})") from e
    return content[:LARGEST], sha256_of(content)
