"""The voice books on disk: one file for each show, in a folder that only its owner can read.

A file begins with a line that says what it is and one with the SHA-256 of the rest. So a damaged file, or one that a
newer cuemark has written, is reported and never overwritten. A file is replaced atomically, and changed under a lock.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipeline.errors import ConfigError, VoiceBookError
from pipeline.io.atomic import create_atomic, legal, sha256_of, write_below
from pipeline.io.confined import refuse_link
from pipeline.io.part_files import remove_abandoned
from pipeline.matching.speakers.profile import MAX_NAME_LENGTH, VoiceBook, clean_name
from pipeline.schema import VoiceExample

VOICE_BOOK_SUFFIX = ".voices"
MAX_FILE_BYTES = 64 * 1024 * 1024
"""The largest file that is read. A thousand people with twelve episodes each are 40 MB."""

_KIND = b"cuemark-voices/"
_VERSION = b"1"
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_MAX_EMBEDDING_BYTES = 4 * 4_096  # far more than the 192 floats of the models in use


def default_voice_book_folder() -> Path:
    """Return the folder of the voice books: ``CUEMARK_VOICES``, else a folder with the user's own data."""
    if named := os.environ.get("CUEMARK_VOICES"):
        return Path(named)
    import platformdirs  # imported late: few runs need it, and it would slow --help down  # noqa: PLC0415

    return Path(platformdirs.user_data_dir("cuemark")) / "voices"


def checked_name(name: str, what: str) -> str:
    """Return the name of a show or a person in Unicode form NFC, without spaces around it.

    Args:
        what: the option or argument that gives the name, for the error.

    Raises:
        ConfigError: the name is empty, too long, or has control characters.
    """
    clean = clean_name(name)
    if not clean or " ".join(unicodedata.normalize("NFC", legal(name)).split()) != clean:
        raise ConfigError(what, f"give it a name of 1 to {MAX_NAME_LENGTH} plain letters")
    return clean


@dataclass(frozen=True, slots=True)
class VoiceBookFolder:
    """The voice books of all shows, in ``folder``, which need not exist."""

    folder: Path

    def path(self, show: str) -> Path:
        """Return the path of a show's book: no other show has it, even on disks that ignore case."""
        plain = unicodedata.normalize("NFKD", show).encode("ascii", "ignore").decode().lower()
        slug = _NO_LETTERS.sub("-", plain).strip("-")[:40]
        return self.folder / f"{slug or 'show'}-{sha256_of(show.encode())[:16]}{VOICE_BOOK_SUFFIX}"

    def shows(self) -> tuple[str, ...]:
        """Return the names of the shows that have a book, in order.

        Raises:
            VoiceBookError: a book cannot be read.
        """
        try:
            paths = sorted(self.folder.glob(f"*{VOICE_BOOK_SUFFIX}"))
        except OSError as e:
            raise VoiceBookError(self.folder, f"cannot be read ({e.strerror})") from e
        return tuple(sorted(read_book(path).show for path in paths))

    def read(self, show: str) -> VoiceBook | None:
        """Read a show's book; return None if there is none.

        Raises:
            VoiceBookError: the book cannot be read; it is left as it is.
        """
        path = self.path(show)
        if not path.exists():
            return None
        book = read_book(path)
        if book.show != show:
            raise VoiceBookError(path, f"is the voice book of {book.show}; take it with: cuemark voices import FILE")
        return book

    def change(self, show: str, change: Callable[[VoiceBook], VoiceBook]) -> VoiceBook:
        """Change a show's book, or a new one, under a lock; return the changed book.

        Raises:
            VoiceBookError: the book cannot be read or written; it is left as it is.
        """
        with self._locked(show):
            before = self.read(show)
            after = change(before or VoiceBook(show))
            if after != before:
                self._write(self.path(show), after)
            return after

    def remove(self, show: str) -> None:
        """Remove a show's book.

        Raises:
            VoiceBookError: the file cannot be removed.
        """
        with self._locked(show):
            try:
                self.path(show).unlink(missing_ok=True)
            except OSError as e:
                raise VoiceBookError(self.path(show), f"cannot be removed ({e.strerror})") from e

    def _write(self, path: Path, book: VoiceBook) -> None:
        try:
            write_below(Path(os.path.realpath(self.folder)), path.name, _encode(book), mode=0o600)
        except OSError as e:
            raise VoiceBookError(path, f"cannot be written ({e.strerror})") from e

    @contextmanager
    def _locked(self, show: str) -> Iterator[None]:
        import filelock  # noqa: PLC0415 -- few runs write a book

        path = self.path(show)
        try:
            if (
                not self.folder.is_dir()
            ):  # an existing folder may be shared; its mode stays, the books are private anyway
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            remove_abandoned(self.folder)
            refuse_link(path.with_suffix(".lock"))
            lock = filelock.FileLock(path.with_suffix(".lock"), mode=0o600)
            lock.acquire()
        except OSError as e:
            raise VoiceBookError(path, f"cannot be written ({e.strerror})") from e
        try:
            yield
        finally:
            lock.release()


def export_book(path: Path, book: VoiceBook) -> None:
    """Write a book into a new file that only its owner can read.

    Raises:
        VoiceBookError: something has this name already, or the file cannot be written.
    """
    try:
        create_atomic(path, _encode(book), private=True)
    except FileExistsError as e:
        raise VoiceBookError(path, "is there already; give another name") from e
    except OSError as e:
        raise VoiceBookError(path, f"cannot be written ({e.strerror})") from e


def _encode(book: VoiceBook) -> bytes:
    payload = msgspec.msgpack.encode(book)
    return b"%s%s\n%s\n" % (_KIND, _VERSION, sha256_of(payload).encode()) + payload


def read_book(path: Path) -> VoiceBook:
    """Read the book in a file, which may come from a stranger.

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
        raise VoiceBookError(path, "is damaged and left as it is; replace it with a copy, or remove it to start again")
    try:
        return _checked(msgspec.msgpack.decode(payload, type=VoiceBook))
    except (msgspec.MsgspecError, ValueError, RecursionError) as e:  # RecursionError: nested too deeply
        raise VoiceBookError(path, "is no voice book that cuemark has written") from e


def _checked(book: VoiceBook) -> VoiceBook:
    """Refuse a book with values that cuemark never writes: a file with a right hash may still be a stranger's."""
    enrolments = [enrolment for voice in book.voices for enrolment in voice.enrolments]
    names = [book.show, *book.forgotten, *book.renamed.values(), *(voice.name for voice in book.voices)]
    names += [enrolment.episode for enrolment in enrolments]
    if any(not name or name != clean_name(name) for name in names):
        raise ValueError("a name that is none")
    examples = [example for enrolment in enrolments for example in enrolment.examples]
    if (book.weights is None) != (not book.voices) or not _are_comparable(examples):
        raise ValueError("embeddings that cannot be compared")
    return book


def _are_comparable(examples: list[VoiceExample]) -> bool:
    """Return whether the embeddings have one size, and the examples possible times."""
    sizes = {len(one.embedding) for one in examples}
    are_floats = all(0 < size <= _MAX_EMBEDDING_BYTES and size % 4 == 0 for size in sizes)
    return len(sizes) <= 1 and are_floats and all(one.ms > 0 and one.at >= 0 for one in examples)
