"""Resumable download of a file over HTTP; parts of two versions of the file are never mixed."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests

Tell = Callable[[int, int | None], None]
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
_IN_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")


class SourceError(Exception):
    """A source does not deliver a file; ``str`` says why. Another source may deliver it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to download.

    Attributes:
        part: the partial file; it is continued after an interruption, in this run or in a later one.
        what: the name of the file in messages ("the audio"), for the case that a web page arrives instead.
        note: a file that records the version that the partial file belongs to. A part of another version, or of a
            version that the server does not identify, is then discarded. None if a hash of the whole file is checked.
        largest: bytes; the download stops if the server sends more.
    """

    url: str
    part: Path
    what: str
    note: Path | None = None
    largest: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a file that a partial file belongs to.

    Attributes:
        mark: the server's identifier of the version, a strong ETag or a date; None if there is none.
        total: bytes of the whole file; None if the server does not say.
        ends: whether the end of the response can be distinguished from an interruption without ``total``.
    """

    url: str
    mark: str | None
    total: int | None
    ends: bool = False


def bring(wanted: Wanted, tell: Tell) -> Version:
    """Complete ``wanted.part``, with a new attempt after each interruption that brought some bytes.

    If the version has a total, the part has that many bytes afterwards.

    Raises:
        SourceError: the server cannot be reached, sends something else, or is interrupted repeatedly.
        OSError: it cannot be written.
    """
    import requests  # noqa: PLC0415 -- only by those who fetch

    for _ in range(_MOST_BREAKS):
        before = _size(wanted.part)
        try:
            return _continue(wanted, tell)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as e:
            if _size(wanted.part) == before:
                raise SourceError(f"{host_of(wanted.url)} does not answer") from e
        except (requests.RequestException, ValueError) as e:  # an invalid address is sometimes a ValueError
            raise SourceError(f"{host_of(wanted.url)} cannot be asked ({_first_line(e)})") from e
    raise SourceError(f"{host_of(wanted.url)} breaks off again and again; run it again to go on")


def read(url: str, largest: int, what: str) -> tuple[str, bytes]:
    """Download a small file into memory; returns its address after all redirections, and its bytes.

    Raises:
        SourceError: the server cannot be reached, does not deliver it, or sends more than ``largest`` bytes.
    """
    import requests  # noqa: PLC0415 -- the same

    content = bytearray()
    try:
        with requests.get(url, stream=True, timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S)) as response:
            _refuse(response, url)
            for piece in response.iter_content(_CHUNK):
                content += piece
                if len(content) > largest:
                    raise SourceError(f"{host_of(url)} gives more than {largest >> 20} MB for {what}")
            return response.url, bytes(content)
    except (requests.ConnectionError, requests.Timeout) as e:
        raise SourceError(f"{host_of(url)} does not answer") from e
    except (requests.RequestException, ValueError) as e:
        raise SourceError(f"{host_of(url)} cannot be asked ({_first_line(e)})") from e


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


def _continue(wanted: Wanted, tell: Tell) -> Version:
    import requests  # noqa: PLC0415 -- the same

    known = _noted(wanted)
    have = _size(wanted.part) if known else 0
    if known and known.total == have > 0:  # the last run had received everything
        return known
    headers = {"Accept-Encoding": "identity"}
    if known and have:
        headers |= {"Range": f"bytes={have}-"} | ({"If-Range": known.mark} if known.mark else {})
    timeout = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
    with requests.get(wanted.url, headers=headers, stream=True, timeout=timeout) as response:
        beyond = response.status_code == requests.codes.requested_range_not_satisfiable
        if beyond and not wanted.note:
            return Version(wanted.url, None, None)  # everything is here, or more than that: the hash decides
        partial = response.status_code == requests.codes.partial_content
        if have and (beyond or (partial and not _fits(response, have, known if wanted.note else None))):
            wanted.part.unlink()
            return _continue(wanted, tell)
        _refuse(response, wanted.url)
        if response.headers.get("Content-Type", "").startswith("text/"):
            page = f"answers with a page, not with {wanted.what} (a log-in page of the network?)"
            raise SourceError(f"{host_of(wanted.url)} {page}")
        have = (
            have if partial else 0
        )  # the server does not support Range, or has another version now: it sends the whole file
        version = known if have and known and wanted.note else _version(response, wanted.url, have)
        return _pour(response, wanted, have, version, tell)


def _fits(response: requests.Response, have: int, known: Version | None) -> bool:
    """Return whether the response continues the partial file: from the requested offset, and of the known version."""
    place = _IN_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if known is None or place is None:
        return known is None and (place is None or int(place[1]) == have)
    return int(place[1]) == have and place[2] == str(known.total) and _mark(response) in {None, known.mark}


def _refuse(response: requests.Response, url: str) -> None:
    if not response.ok:
        raise SourceError(f"{host_of(url)} answers {response.status_code} {response.reason}")


def _version(response: requests.Response, url: str, have: int) -> Version:
    if (
        response.headers.get("Content-Encoding", "identity") != "identity"
    ):  # it compresses nevertheless, so the number of bytes means nothing
        return Version(url, None, None, ends=True)
    length = response.headers.get("Content-Length", "")
    total = have + int(length) if length.isdecimal() else None
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "").casefold()
    return Version(url, _mark(response) if total else None, total, ends=chunked)


def _mark(response: requests.Response) -> str | None:
    """Return what identifies this version; a weak ETag does not, because the bytes may differ."""
    tag = response.headers.get("ETag", "").strip()
    return tag if tag.startswith('"') else response.headers.get("Last-Modified")


def _pour(response: requests.Response, wanted: Wanted, have: int, version: Version, tell: Tell) -> Version:
    with wanted.part.open("ab" if have else "wb") as file:
        if wanted.note and not have:  # only now is no part of another version left
            _write_note(wanted.note, version)
        tell(have, version.total)
        for piece in response.iter_content(_CHUNK):
            file.write(piece)
            have += len(piece)
            tell(have, version.total)
            if wanted.largest is not None and have > wanted.largest:
                raise SourceError(
                    f"{host_of(wanted.url)} gives more than {wanted.largest >> 30} GB; this is no episode"
                )
    return version


def _noted(wanted: Wanted) -> Version | None:
    """Return the version of the partial file; None if it may not be continued."""
    if wanted.note is None:
        return Version(wanted.url, None, None)
    with suppress(OSError, ValueError, TypeError):
        version = Version(**json.loads(wanted.note.read_text(encoding="utf-8")))
        whole = version.total is not None and version.total == _size(wanted.part)
        return version if version.url == wanted.url and (version.mark or whole) else None
    return None


def _write_note(path: Path, version: Version) -> None:
    said = {"url": version.url, "mark": version.mark, "total": version.total, "ends": version.ends}
    path.write_text(json.dumps(said), encoding="utf-8")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200] or type(error).__name__
