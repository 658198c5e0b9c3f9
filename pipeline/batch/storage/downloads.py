"""Download an episode's files from the web into a folder: audio completely or not at all, transcripts as Markdown.

A partial download is kept in the folder and resumed, in this run or a later one, as long as the server still has the
same version (see ``http_download``). A complete file is used without asking the server again: the caller removes the
folder when the episode is done.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from pipeline.errors import AudioError, TranscriptError
from pipeline.files.transcript_import import as_transcript
from pipeline.io import http_download
from pipeline.io.atomic import write_below
from pipeline.io.confined import open_without_link, refuse_link
from pipeline.io.http_download import ByteProgress, DownloadRequest, SourceError, Version

MAX_AUDIO_BYTES = 16 << 30
"""Bytes: a day of audio in CD quality. A limit, so that no server can fill the disk."""

MAX_TRANSCRIPT_BYTES = 16 << 20
"""Bytes. The words of three hours in JSON, each with its times, are a quarter of it."""

DOWNLOADING = "downloading"
"""The stage of a progress step in which the audio is downloaded, in bytes."""

_MIN_PLAUSIBLE_LENGTH = 10_000
"""Bytes. Feeds state 0, 1 or 1024 for an unknown length; half a second of speech is more."""

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A complete download.

    Attributes:
        length: in bytes.
        remark: one line if the feed states another length; else None.
    """

    path: Path
    length: int
    remark: str | None = None


def plausible_length(length: int | None) -> int | None:
    """Return a length that a publisher states, in bytes; None if no episode has it.

    >>> plausible_length(1_024), plausible_length(50_000_000), plausible_length(10**15)
    (None, 50000000, None)
    """
    return length if length is not None and _MIN_PLAUSIBLE_LENGTH <= length <= MAX_AUDIO_BYTES else None


def download(
    address: str, folder: Path, report: ByteProgress, feed_length: int | None = None, *, allow_private: bool
) -> Downloaded:
    """Download an episode's audio into ``folder``, which is created if necessary.

    The download must have exactly the length that the server states. The length in the feed is often wrong, because
    advertisements are inserted later or it was never checked: a difference is only a remark. But a file of less than
    half that length is an error.

    Args:
        feed_length: the bytes that the feed states.
        allow_private: whether the address may be one of this machine or its network (see ``checked_session``).

    Raises:
        AudioError: the server does not send the whole file, or it cannot be written.
    """
    target = folder / f"{_file_stem(address)}{_suffix(address)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            refuse_link(target)
            if not target.exists():
                _download_whole(address, target, report, feed_length, allow_private=allow_private)
            length = target.stat().st_size
            return Downloaded(target, length, _remark(length, feed_length))
    except SourceError as e:
        raise AudioError(Path(http_download.shown(address)), str(e)) from e
    except OSError as e:
        raise AudioError(Path(http_download.shown(address)), f"cannot be kept in {folder} ({e.strerror})") from e


def download_transcript(address: str, folder: Path, *, allow_private: bool) -> Path:
    """Download a transcript into ``folder`` and convert it to Markdown (see ``transcript_import``).

    Args:
        allow_private: as for ``download``.

    Raises:
        TranscriptError: the server does not send it, it contains no spoken text, or it cannot be written.
    """
    target = folder / f"{_file_stem(address)}.md"
    try:
        received = http_download.read(address, MAX_TRANSCRIPT_BYTES, "a transcript", allow_private=allow_private)
        write_below(Path(os.path.realpath(folder)), target.name, as_transcript(received.content))
    except (SourceError, ValueError) as e:
        raise TranscriptError(Path(http_download.shown(address)), str(e)) from e
    except OSError as e:
        raise TranscriptError(Path(http_download.shown(address)), f"cannot be kept in {folder} ({e.strerror})") from e
    return target


def _download_whole(
    address: str, target: Path, report: ByteProgress, feed_length: int | None, *, allow_private: bool
) -> None:
    part, version_file = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.note")
    request = DownloadRequest(address, part, "a recording", version_file, MAX_AUDIO_BYTES, allow_private=allow_private)
    version = http_download.download(request, report)
    try:
        _check_length(address, part.stat().st_size, version, feed_length)
    except SourceError:
        part.unlink()
        version_file.unlink(missing_ok=True)
        raise
    with open(part, "rb+", opener=open_without_link) as file:
        os.fsync(file.fileno())  # the content must be on the disk before the final name is
    part.replace(target)
    version_file.unlink(missing_ok=True)


def _check_length(address: str, length: int, version: Version, feed_length: int | None) -> None:
    host = http_download.host_of(address)
    if version.total is None and not version.has_end and length != feed_length:
        raise SourceError(f"{host} does not say how long the file is, so it is unknown whether it is complete")
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
