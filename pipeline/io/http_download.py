"""Resumable download of a file over HTTP; parts of two versions of the file are never mixed."""

from __future__ import annotations

import errno
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.io.confined import open_without_link

if TYPE_CHECKING:
    import requests

    from pipeline.io.checked_session import CheckedSession

ByteProgress = Callable[[int, int | None], None]
"""Called with the number of bytes received and the total (None if it is not known)."""

DISK_ERRORS = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.ENOSPC,
    errno.EPERM,
    errno.EROFS,
}
"""Errors of the local disk: another source would fail in the same way."""

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 5.0, 30.0
_CHUNK = 1 << 16
_MOST_BREAKS = 5
_GZIP = ("gzip", "x-gzip")
_GZIP_WINDOW = 16 + zlib.MAX_WBITS  # as zlib is asked for gzip's header and checksum
_WAIT = re.compile(r"[0-9]{1,6}")
_IN_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")


class SourceError(Exception):
    """A source does not deliver a file; ``str`` says why. Another source may deliver it."""


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """A file to download.

    Attributes:
        part: the partial file; it is continued after an interruption, in this run or in a later one.
        description: the name of the file in messages ("the audio"), for the case that a web page arrives instead.
        version_file: records the version that the partial file belongs to. A part of another version, or of a version
            that the server does not identify, is then discarded. None if a hash of the whole file is checked.
        max_bytes: bytes; the download stops if the server sends more.
        allow_private: whether the address may be one of this machine or its network (see ``checked_session``).
    """

    url: str
    part: Path
    description: str
    version_file: Path | None = None
    max_bytes: int | None = None
    allow_private: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Received:
    """A small file from the web.

    Attributes:
        url: its address after all redirections.
        private: whether it came from this machine or its network.
    """

    url: str
    content: bytes
    private: bool


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a file that a partial file belongs to.

    Attributes:
        validator: what identifies the version (RFC 9110, section 8.8), a strong ETag or a date; None if there is none.
        total: bytes of the whole file; None if the server does not say.
        has_end: whether the end of the response can be distinguished from an interruption without ``total``.
    """

    url: str
    validator: str | None
    total: int | None
    has_end: bool = False


def download(request: DownloadRequest, report: ByteProgress) -> Version:
    """Complete ``request.part``, with a new attempt after each interruption that brought some bytes.

    If the version has a total, the part has that many bytes afterwards.

    Raises:
        SourceError: the server cannot be reached, sends something else, or is interrupted repeatedly.
        OSError: it cannot be written.
    """
    import requests  # noqa: PLC0415 -- only by those who fetch

    for _ in range(_MOST_BREAKS):
        before = _size(request.part)
        try:
            return _continue(request, report)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as e:
            if _size(request.part) == before:
                raise SourceError(f"{host_of(request.url)} {_interruption(e)}") from e
        except (requests.RequestException, ValueError) as e:  # an invalid address is sometimes a ValueError
            raise SourceError(f"{host_of(request.url)} cannot be asked ({_first_line(e)})") from e
    raise SourceError(f"{host_of(request.url)} breaks off again and again; run it again to go on")


def read(url: str, max_bytes: int, description: str, *, allow_private: bool) -> Received:
    """Download a small file into memory.

    Args:
        max_bytes: bytes; more are an error.
        allow_private: whether the address may be one of this machine or its network (see ``checked_session``).

    Raises:
        SourceError: the server cannot be reached or may not be, does not deliver it, or sends more.
    """
    content = bytearray()
    headers = {"Accept-Encoding": "gzip"}
    with _source_errors(url), _get(url, headers, allow_private=allow_private) as (response, session):
        _check_status(response, url)
        for piece in _body(response, url):
            content += piece
            if len(content) > max_bytes:
                raise SourceError(f"{host_of(url)} gives more than {max_bytes >> 20} MB for {description}")
        return Received(response.url, bytes(content), session.private)


def read_head(url: str, length: int, *, allow_private: bool) -> bytes:
    """Return the first bytes of a file: at least one and at most ``length``, unless the file is empty.

    Raises:
        SourceError: the server cannot be reached or may not be, or does not deliver it.
    """
    headers = {"Accept-Encoding": "identity", "Range": f"bytes=0-{length - 1}"}
    with _source_errors(url), _get(url, headers, allow_private=allow_private) as (response, _):
        _check_status(response, url, may_be_partial=True)
        content: bytes = response.raw.read1(length)  # what arrives first: a slow server is not waited for
        return content


@contextmanager
def _get(
    url: str, headers: Mapping[str, str], *, allow_private: bool
) -> Iterator[tuple[requests.Response, CheckedSession]]:
    """Provide the response to a request, and the session that knows from where it came."""
    from pipeline.io.checked_session import CheckedSession, PrivateAddressError  # noqa: PLC0415 -- imports requests

    timeout = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
    try:
        with (
            CheckedSession(allow_private=allow_private) as session,
            session.get(url, headers=dict(headers), stream=True, timeout=timeout) as response,
        ):
            yield response, session
    except PrivateAddressError as e:
        raise SourceError(str(e)) from e


@contextmanager
def _source_errors(url: str) -> Iterator[None]:
    """Turn the errors of a request into ``SourceError``."""
    import requests  # noqa: PLC0415 -- the same
    import urllib3  # noqa: PLC0415 -- the same

    try:
        yield
    except (
        requests.ConnectionError,
        requests.Timeout,
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.HTTPError,  # where the content is read without requests
    ) as e:
        raise SourceError(f"{host_of(url)} {_interruption(e)}") from e
    except (requests.RequestException, ValueError) as e:  # an invalid address is sometimes a ValueError
        raise SourceError(f"{host_of(url)} cannot be asked ({_first_line(e)})") from e


def _interruption(error: Exception) -> str:
    """Return what a server does that gives nothing, or not all."""
    import requests  # noqa: PLC0415 -- the same
    import urllib3  # noqa: PLC0415 -- the same

    broken = isinstance(error, (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError))
    return "breaks off before the end; run it again" if broken else "does not answer"


def shown(url: str) -> str:
    """Return an address for display: without user name, password and query, which is often a key.

    >>> shown("https://ann:secret@example.org/7.mp3?key=1")
    'https://example.org/7.mp3'
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    return url


def host_of(url: str) -> str:
    """Return the host of an address for display: without user name and password."""
    with suppress(ValueError):
        return urlsplit(url).netloc.rpartition("@")[2] or url
    return url


def _continue(request: DownloadRequest, report: ByteProgress) -> Version:
    import requests  # noqa: PLC0415 -- the same

    known = _saved_version(request)
    start = _size(request.part) if known else 0
    if known and known.total == start > 0:  # the last run had received everything
        return known
    headers = {"Accept-Encoding": "identity"}
    if known and start:
        headers |= {"Range": f"bytes={start}-"} | ({"If-Range": known.validator} if known.validator else {})
    with _get(request.url, headers, allow_private=request.allow_private) as (response, _):
        past_end = response.status_code == requests.codes.requested_range_not_satisfiable
        if past_end and start and not request.version_file:
            return Version(request.url, None, None)  # everything is here, or more than that: the hash decides
        partial = response.status_code == requests.codes.partial_content
        version = known if request.version_file else None
        if start and (past_end or (partial and not _continues_part(response, start, version))):
            request.part.unlink()
            return _continue(request, report)
        _check_status(response, request.url, may_be_partial=start > 0)
        if response.headers.get("Content-Type", "").startswith("text/"):
            page = f"answers with a page, not with {request.description} (a log-in page of the network?)"
            raise SourceError(f"{host_of(request.url)} {page}")
        if not partial:  # the server does not support Range, or has another version now: it sends the whole file
            start = 0
        version = known if start and known and request.version_file else _version(response, request.url, start)
        return _copy_body(response, request, start, version, report)


def _continues_part(response: requests.Response, start: int, known: Version | None) -> bool:
    """Return whether the response continues the partial file: from the requested offset, and of the known version."""
    content_range = _IN_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if known is None or content_range is None:
        return known is None and (content_range is None or int(content_range[1]) == start)
    same_total = content_range[2] == str(known.total)
    return int(content_range[1]) == start and same_total and _validator(response) in {None, known.validator}


def _check_status(response: requests.Response, url: str, *, may_be_partial: bool = False) -> None:
    """Refuse an answer that is an error, or a part of a file that was not asked for.

    The words are those of the standard, because a server may send a page in place of a word.
    """
    partial = response.status_code == HTTPStatus.PARTIAL_CONTENT
    if response.ok and (may_be_partial or not partial):
        return
    words = next((one.phrase for one in HTTPStatus if one == response.status_code), "")
    wait = response.headers.get("Retry-After", "")
    advice = f"; it asks to wait {wait} s" if _WAIT.fullmatch(wait) else ""
    raise SourceError(f"{host_of(url)} answers {response.status_code} {words}".rstrip() + advice)


def _version(response: requests.Response, url: str, start: int) -> Version:
    length = response.headers.get("Content-Length", "")
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "").casefold()
    encoding = _encoding(response)
    if encoding != "identity":  # it compresses nevertheless, so the number of bytes means nothing
        return Version(url, None, None, has_end=chunked or length.isdecimal() or encoding in _GZIP)
    total = start + int(length) if length.isdecimal() else None
    return Version(url, _validator(response) if total else None, total, has_end=chunked)


def _validator(response: requests.Response) -> str | None:
    """Return what identifies this version; a weak ETag does not, because the bytes may differ."""
    tag = response.headers.get("ETag", "").strip()
    return tag if tag.startswith('"') else response.headers.get("Last-Modified")


def _copy_body(
    response: requests.Response, request: DownloadRequest, start: int, version: Version, report: ByteProgress
) -> Version:
    received = start
    with open(request.part, "ab" if start else "wb", opener=open_without_link) as file:
        if request.version_file and not start:  # only now is no part of another version left
            _save_version(request.version_file, version)
        report(received, version.total)
        for piece in _body(response, request.url):
            file.write(piece)
            received += len(piece)
            report(received, version.total)
            if request.max_bytes is not None and received > request.max_bytes:
                raise SourceError(
                    f"{host_of(request.url)} gives more than {request.max_bytes >> 30} GB; this is no episode"
                )
    return version


def _body(response: requests.Response, url: str) -> Iterator[bytes]:
    """Yield the content in pieces of limited size; a compressed one must reach its own end.

    The library unpacks as well, but takes compressed data that is cut off for all.

    Raises:
        SourceError: compressed data is damaged or cut off.
    """
    if _encoding(response) not in _GZIP:
        yield from response.iter_content(_CHUNK)
        return
    del response.raw.headers["Content-Encoding"]
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        for piece in response.iter_content(_CHUNK):
            while piece:
                if unpacker.eof:  # another member follows (RFC 1952, section 2.2)
                    unpacker = zlib.decompressobj(_GZIP_WINDOW)
                yield unpacker.decompress(piece, _CHUNK)
                piece = unpacker.unconsumed_tail or unpacker.unused_data  # noqa: PLW2901 -- what is left of it
        yield unpacker.flush()
    except zlib.error as e:
        raise SourceError(f"{host_of(url)} sends compressed data that is damaged") from e
    if not unpacker.eof:
        raise SourceError(f"{host_of(url)} sends compressed data that is cut off; run it again")


def _encoding(response: requests.Response) -> str:
    return response.headers.get("Content-Encoding", "identity").strip().casefold()


def _saved_version(request: DownloadRequest) -> Version | None:
    """Return the version of the partial file; None if it may not be continued."""
    if request.version_file is None:
        return Version(request.url, None, None)
    with suppress(OSError, ValueError, TypeError, RecursionError):  # RecursionError: nested too deeply
        version = Version(**json.loads(request.version_file.read_text(encoding="utf-8")))
        whole = version.total is not None and version.total == _size(request.part)
        return version if version.url == request.url and (version.validator or whole) else None
    return None


def _save_version(path: Path, version: Version) -> None:
    fields = {"url": version.url, "validator": version.validator, "total": version.total, "has_end": version.has_end}
    with open(path, "w", encoding="utf-8", opener=open_without_link) as file:
        file.write(json.dumps(fields))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200] or type(error).__name__
