"""An episode's files from the web in a folder of our own: audio whole or not at all, transcripts as cuemark reads them.

What came before a break is kept beside the file and gone on with, now and in a later run, as long as the server still
has the same version (see ``transfer``). A file that is there whole is taken as it is, without asking: whoever is done
with an episode removes its folder.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from pipeline.batch.storage.transcript_import import as_transcript
from pipeline.errors import AudioError, TranscriptError
from pipeline.io import http_download
from pipeline.io.atomic import write_atomic
from pipeline.io.http_download import SourceError, Tell, Version, Wanted

MAX_AUDIO_BYTES = 16 << 30
"""Bytes. A day of sound as a CD has it; no server may fill the disk."""

MAX_TRANSCRIPT_BYTES = 16 << 20
"""Bytes. Every word of three hours in JSON, with its times, is a quarter of it."""

_MIN_PLAUSIBLE_LENGTH = (
    10_000  # bytes: feeds say 0, 1 or 1024 where nobody knows the length; half a second of speech is more
)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that came whole.

    Attributes:
        length: in bytes.
        remark: one line where its publisher says another length; None where there is nothing to say.
    """

    path: Path
    length: int
    remark: str | None = None


def download(address: str, folder: Path, report: Tell, feed_length: int | None = None) -> Downloaded:
    """Bring an episode's audio into ``folder``, which is made if it is missing.

    The length that the server itself states must be there to the byte. What the publisher's feed says is often not
    true, because advertisements are put in later or nobody looked: a difference is a remark. But a file of less than
    half the promised length is no episode, and is refused.

    Args:
        feed_length: the bytes as the publisher's feed has them.

    Raises:
        AudioError: the server does not give it whole, or it cannot be kept.
    """
    target = folder / f"{_file_stem(address)}{_suffix(address)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if not target.exists():
                _download_whole(address, target, report, feed_length)
            length = target.stat().st_size
            return Downloaded(target, length, _remark(length, feed_length))
    except SourceError as e:
        raise AudioError(Path(http_download.shown(address)), str(e)) from e
    except OSError as e:
        raise AudioError(Path(http_download.shown(address)), f"cannot be kept in {folder} ({e.strerror})") from e


def download_transcript(address: str, folder: Path) -> Path:
    """Bring a transcript into ``folder``, as Markdown that cuemark reads (see ``published``).

    Raises:
        TranscriptError: the server does not give it, nothing in it is text that anybody says, or it cannot be kept.
    """
    target = folder / f"{_file_stem(address)}.md"
    try:
        _, content = http_download.read(address, MAX_TRANSCRIPT_BYTES, "a transcript")
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(target, as_transcript(content))
    except (SourceError, ValueError) as e:
        raise TranscriptError(Path(http_download.shown(address)), str(e)) from e
    except OSError as e:
        raise TranscriptError(Path(http_download.shown(address)), f"cannot be kept in {folder} ({e.strerror})") from e
    return target


def _download_whole(address: str, target: Path, report: Tell, feed_length: int | None) -> None:
    part, note = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.note")
    version = http_download.bring(Wanted(address, part, "a recording", note, MAX_AUDIO_BYTES), report)
    try:
        _check_length(address, part.stat().st_size, version, feed_length)
    except SourceError:
        part.unlink()
        note.unlink(missing_ok=True)
        raise
    with part.open("rb+") as file:
        os.fsync(file.fileno())  # a name in place says that the content is, whatever breaks off
    part.replace(target)
    note.unlink(missing_ok=True)


def _check_length(address: str, length: int, version: Version, feed_length: int | None) -> None:
    host = http_download.host_of(address)
    if version.total is None and not version.ends and length != feed_length:
        raise SourceError(f"{host} does not say how long the file is, so nobody can tell whether it is whole")
    if version.total is not None and length != version.total:
        raise SourceError(f"{host} gives {length} bytes and not the {version.total} that it states")
    if not length:
        raise SourceError(f"{host} gives an empty file")
    if feed_length is not None and length < feed_length / 2:
        raise SourceError(f"{host} gives {length} bytes, less than half of the {feed_length} that the feed promises")


def _remark(length: int, feed_length: int | None) -> str | None:
    if feed_length is None or feed_length < _MIN_PLAUSIBLE_LENGTH or feed_length == length:
        return None
    return f"the audio has {length} bytes, and its publisher says {feed_length}"


def _file_stem(address: str) -> str:
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _suffix(address: str) -> str:
    found = _SUFFIX.search(address.partition("?")[0].partition("#")[0])
    return found[0].lower() if found else ""
