"""The voice books on disk: one file for each show, in a folder that nobody else may look into.

A file begins with a line that says what it is and one with the SHA-256 of the rest, so one that was damaged, or that a
newer cuemark has written, is told and never overwritten. It is replaced in one step, and changed under a lock.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import msgspec

from pipeline.errors import ConfigError, VoiceBookError
from pipeline.io.atomic import legal, sha256_of, write_atomic
from pipeline.matching.speakers.profile import MAX_NAME_LENGTH, VoiceBook, clean_name
from pipeline.schema import VoiceExample

VOICE_BOOK_SUFFIX = ".voices"
MAX_FILE_BYTES = 64 * 1024 * 1024
"""Bytes. A thousand people with twelve episodes each are 40 MB."""

_KIND = b"cuemark-voices/"
_VERSION = b"1"
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_MAX_EMBEDDING_BYTES = 4 * 4_096


def default_voice_book_folder() -> Path:
    """The folder of the books: ``CUEMARK_VOICES``, else a folder with the user's own data."""
    if named := os.environ.get("CUEMARK_VOICES"):
        return Path(named)
    import platformdirs  # late: few runs need it, and it costs a part of the time that --help takes  # noqa: PLC0415

    return Path(platformdirs.user_data_dir("cuemark")) / "voices"


def checked_name(name: str, what: str) -> str:
    """The name of a show or a person, in one Unicode form and without spaces around it.

    Args:
        what: is to be named, for the error.

    Raises:
        ConfigError: it is empty, too long, or has characters that are no text.
    """
    clean = clean_name(name)
    if not clean or " ".join(unicodedata.normalize("NFC", legal(name)).split()) != clean:
        raise ConfigError(what, f"give it a name of 1 to {MAX_NAME_LENGTH} plain letters")
    return clean


@dataclass(frozen=True, slots=True)
class VoiceBookFolder:
    """The books of all shows, below ``folder``, which need not exist."""

    folder: Path

    def path(self, show: str) -> Path:
        """Where a show's book lies: under a name that no other show has, whatever a disk takes for the same."""
        plain = unicodedata.normalize("NFKD", show).encode("ascii", "ignore").decode().lower()
        slug = _NO_LETTERS.sub("-", plain).strip("-")[:40]
        return self.folder / f"{slug or 'show'}-{sha256_of(show.encode())[:16]}{VOICE_BOOK_SUFFIX}"

    def shows(self) -> tuple[str, ...]:
        """The shows that have a book, by name.

        Raises:
            VoiceBookError: a book cannot be used.
        """
        try:
            paths = sorted(self.folder.glob(f"*{VOICE_BOOK_SUFFIX}"))
        except OSError as e:
            raise VoiceBookError(self.folder, f"cannot be read ({e.strerror})") from e
        return tuple(sorted(read_book(path).show for path in paths))

    def read(self, show: str) -> VoiceBook | None:
        """A show's book; None where there is none.

        Raises:
            VoiceBookError: it cannot be used; it is left as it is.
        """
        path = self.path(show)
        if not path.exists():
            return None
        book = read_book(path)
        if book.show != show:
            raise VoiceBookError(path, f"is the voice book of {book.show}; take it with: cuemark voices import FILE")
        return book

    def change(self, show: str, change: Callable[[VoiceBook], VoiceBook]) -> VoiceBook:
        """Change a show's book, a new one where there is none, while no other run does; returns what it became.

        Raises:
            VoiceBookError: it cannot be used or written; it is left as it is.
        """
        with self._locked(show):
            before = self.read(show)
            after = change(before or VoiceBook(show))
            if after != before:
                write_book(self.path(show), after)
            return after

    def remove(self, show: str) -> None:
        """Remove a show's book.

        Raises:
            VoiceBookError: it cannot be removed.
        """
        with self._locked(show):
            try:
                self.path(show).unlink(missing_ok=True)
            except OSError as e:
                raise VoiceBookError(self.path(show), f"cannot be removed ({e.strerror})") from e

    @contextmanager
    def _locked(self, show: str) -> Iterator[None]:
        path = self.path(show)
        try:
            if not self.folder.is_dir():  # one that was there may be other people's too; the books are private anyway
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = filelock.FileLock(path.with_suffix(".lock"))
            lock.acquire()
        except OSError as e:
            raise VoiceBookError(path, f"cannot be written ({e.strerror})") from e
        try:
            yield
        finally:
            lock.release()


def write_book(path: Path, book: VoiceBook) -> None:
    """Put a book into a file that its owner alone may read.

    Raises:
        VoiceBookError: it cannot be written; whatever was there is as it was.
    """
    payload = msgspec.msgpack.encode(book)
    head = b"%s%s\n%s\n" % (_KIND, _VERSION, sha256_of(payload).encode())
    try:
        write_atomic(path, head + payload, private=True)
    except OSError as e:
        raise VoiceBookError(path, f"cannot be written ({e.strerror})") from e


def read_book(path: Path) -> VoiceBook:
    """The book in a file, which may come from a stranger.

    Raises:
        VoiceBookError: there is no such file, it is no voice book, it is damaged, or a newer cuemark has written it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as e:
        raise VoiceBookError(path, f"cannot be read ({e.strerror})") from e
    kind, _, rest = content.partition(b"\n")
    claimed, _, payload = rest.partition(b"\n")
    if not kind.startswith(_KIND) or len(content) > MAX_FILE_BYTES:
        raise VoiceBookError(path, "is no voice book")
    if kind != _KIND + _VERSION:
        raise VoiceBookError(path, "was written by a newer cuemark; it is left as it is")
    if claimed != sha256_of(payload).encode():
        raise VoiceBookError(path, "is damaged and left as it is; put a copy in its place, or remove it to begin anew")
    try:
        return _checked(msgspec.msgpack.decode(payload, type=VoiceBook))
    except (msgspec.MsgspecError, ValueError) as e:
        raise VoiceBookError(path, "is no voice book that cuemark has written") from e


def _checked(book: VoiceBook) -> VoiceBook:
    """Refuse a book that holds what no book of ours does: with a right hash, too, it may be a stranger's."""
    names = [book.show, *book.forgotten, *book.renamed.values(), *(voice.name for voice in book.voices)]
    names += [lesson.episode for voice in book.voices for lesson in voice.enrolments]
    if any(not name or name != clean_name(name) for name in names):
        raise ValueError("a name that is none")
    examples = [one for voice in book.voices for lesson in voice.enrolments for one in lesson.examples]
    if (book.weights is None) != (not book.voices) or not _alike(examples):
        raise ValueError("vectors that cannot be compared")
    return book


def _alike(examples: list[VoiceExample]) -> bool:
    """Whether they have vectors of one size, and lengths that are some."""
    sizes = {len(one.embedding) for one in examples}
    plausible = all(0 < size <= _MAX_EMBEDDING_BYTES and size % 4 == 0 for size in sizes)
    return len(sizes) <= 1 and plausible and all(one.ms > 0 and one.at >= 0 for one in examples)
