"""A file over HTTP, gathered piece by piece: resumed where it broke off, and never put together from two versions."""

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
"""Called with the bytes that are there and the bytes that there will be (None where that is not known)."""

DISK_ERRORS = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.ENOSPC,
    errno.EPERM,
    errno.EROFS,
}
"""What the disk answers, and no server: with these, asking another source would be in vain."""

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 5.0, 30.0
_CHUNK = 1 << 16
_MOST_BREAKS = 5
_IN_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")


class SourceError(Exception):
    """One source of a file does not give it; ``str`` says why. The next source may."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to come.

    Attributes:
        part: where it is gathered; what a break leaves there is gone on with, now and in a later run.
        what: what it should be, in words ("the audio"), for who gets a page in its place.
        note: where it is kept which version of the file the piece is of. With it, a piece of another version, or of one
            that the server does not tell from others, is thrown away and never gone on with. None where a hash of the
            whole file will tell.
        largest: bytes; a server that sends more is left.
    """

    url: str
    part: Path
    what: str
    note: Path | None = None
    largest: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of a file a piece is of.

    Attributes:
        mark: what the server tells versions apart by, a strong ETag or a date; None where it gives none.
        total: bytes of the whole; None where the server does not say.
        ends: whether the end of what comes is told from a break without ``total``.
    """

    url: str
    mark: str | None
    total: int | None
    ends: bool = False


def bring(wanted: Wanted, tell: Tell) -> Version:
    """Fill ``wanted.part`` to its end, beginning again after each break that brought something.

    Where the version has a total, that many bytes are there afterwards.

    Raises:
        SourceError: the server is out of reach, gives something else, or breaks off again and again.
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
        except (requests.RequestException, ValueError) as e:  # what cannot be an address is a ValueError at times
            raise SourceError(f"{host_of(wanted.url)} cannot be asked ({_first_line(e)})") from e
    raise SourceError(f"{host_of(wanted.url)} breaks off again and again; run it again to go on")


def read(url: str, largest: int, what: str) -> tuple[str, bytes]:
    """Get a small file whole: the address that it came from after all redirections, and its bytes.

    Raises:
        SourceError: the server is out of reach, does not give it, or gives more than ``largest`` bytes.
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
    """An address as people may see it: without a name and a password, and without what stands behind "?", a key often.

    >>> shown("https://ann:secret@example.org/7.mp3?key=1")
    'https://example.org/7.mp3'
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    return url


def host_of(url: str) -> str:
    """The host of an address, for people: without the name and the password that may stand before it."""
    with suppress(ValueError):
        return urlsplit(url).netloc.rpartition("@")[2] or url
    return url


def _continue(wanted: Wanted, tell: Tell) -> Version:
    import requests  # noqa: PLC0415 -- the same

    known = _noted(wanted)
    have = _size(wanted.part) if known else 0
    if known and known.total == have > 0:  # all was here already when the last run ended
        return known
    headers = {"Accept-Encoding": "identity"}
    if known and have:
        headers |= {"Range": f"bytes={have}-"} | ({"If-Range": known.mark} if known.mark else {})
    timeout = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
    with requests.get(wanted.url, headers=headers, stream=True, timeout=timeout) as response:
        beyond = response.status_code == requests.codes.requested_range_not_satisfiable
        if beyond and not wanted.note:
            return Version(wanted.url, None, None)  # all of it is here, or more than all: the hash will tell
        partial = response.status_code == requests.codes.partial_content
        if have and (beyond or (partial and not _fits(response, have, known if wanted.note else None))):
            wanted.part.unlink()
            return _continue(wanted, tell)
        _refuse(response, wanted.url)
        if response.headers.get("Content-Type", "").startswith("text/"):
            page = f"answers with a page, not with {wanted.what} (a log-in page of the network?)"
            raise SourceError(f"{host_of(wanted.url)} {page}")
        have = have if partial else 0  # what does not know Range, or has another version now, sends all
        version = known if have and known and wanted.note else _version(response, wanted.url, have)
        return _pour(response, wanted, have, version, tell)


def _fits(response: requests.Response, have: int, known: Version | None) -> bool:
    """Tell whether what comes belongs behind what is there: from the place asked for, and of the version known."""
    place = _IN_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if known is None or place is None:
        return known is None and (place is None or int(place[1]) == have)
    return int(place[1]) == have and place[2] == str(known.total) and _mark(response) in {None, known.mark}


def _refuse(response: requests.Response, url: str) -> None:
    if not response.ok:
        raise SourceError(f"{host_of(url)} answers {response.status_code} {response.reason}")


def _version(response: requests.Response, url: str, have: int) -> Version:
    if response.headers.get("Content-Encoding", "identity") != "identity":  # it packs all the same; bytes say nothing
        return Version(url, None, None, ends=True)
    length = response.headers.get("Content-Length", "")
    total = have + int(length) if length.isdecimal() else None
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "").casefold()
    return Version(url, _mark(response) if total else None, total, ends=chunked)


def _mark(response: requests.Response) -> str | None:
    """What tells this version from others; a weak ETag does not, because the bytes may differ."""
    tag = response.headers.get("ETag", "").strip()
    return tag if tag.startswith('"') else response.headers.get("Last-Modified")


def _pour(response: requests.Response, wanted: Wanted, have: int, version: Version, tell: Tell) -> Version:
    with wanted.part.open("ab" if have else "wb") as file:
        if wanted.note and not have:  # only now is nothing left of another version
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
    """The version that the piece is of; None where a piece may not be gone on with."""
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
