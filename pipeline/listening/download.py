"""A file over HTTP, whole or not at all: resumed where it broke off, checked at the end, in place in one step."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from pipeline.files import sha256_file

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


class SourceError(Exception):
    """One source of a model does not give it; ``str`` says why. The next source may."""


def fetch(url: str, target: Path, sha256: str, tell: Tell) -> None:
    """Download ``url`` to ``target``.

    What came before a break is kept beside the target (``.part``) and gone on with, now and in a later run. ``target``
    only ever holds the content whose hash is ``sha256``; anything else is thrown away.

    Raises:
        SourceError: the server is out of reach, gives something else, or breaks off again and again.
        OSError: it cannot be written.
    """
    part = target.with_name(f"{target.name}.part")
    resumed = part.exists()
    _bring(url, part, tell)
    if sha256_file(part) != sha256 and resumed:  # the old piece may be of another time
        part.unlink()
        _bring(url, part, tell)
    if sha256_file(part) != sha256:
        part.unlink()
        raise SourceError(f"{_host(url)} gave a file that is not the model (its SHA-256 is wrong)")
    part.replace(target)


def _bring(url: str, part: Path, tell: Tell) -> None:
    """Fill ``part`` to its end, beginning again after each break that brought something."""
    import requests  # noqa: PLC0415 -- only by those who fetch

    for _ in range(_MOST_BREAKS):
        before = _size(part)
        try:
            _continue(url, part, tell)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as e:
            if _size(part) == before:
                raise SourceError(f"{_host(url)} does not answer") from e
        except requests.RequestException as e:
            raise SourceError(f"{_host(url)} cannot be asked ({e})") from e
        else:
            return
    raise SourceError(f"{_host(url)} breaks off again and again; run it again to go on")


def _continue(url: str, part: Path, tell: Tell) -> None:
    import requests  # noqa: PLC0415 -- the same

    have = _size(part)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    timeout = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
    with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # all of it is here, or more than all: the hash will tell
        if not response.ok:
            raise SourceError(f"{_host(url)} answers {response.status_code} {response.reason}")
        if response.headers.get("Content-Type", "").startswith("text/"):
            raise SourceError(f"{_host(url)} answers with a page, not with a model (a log-in page of the network?)")
        if response.status_code != requests.codes.partial_content:  # it does not know Range and sends all
            have = 0
        length = response.headers.get("Content-Length")
        with part.open("ab" if have else "wb") as file:
            _pour(response, file, have, have + int(length) if length else None, tell)


def _pour(response: requests.Response, file: BinaryIO, have: int, total: int | None, tell: Tell) -> None:
    tell(have, total)
    for piece in response.iter_content(_CHUNK):
        file.write(piece)
        have += len(piece)
        tell(have, total)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _host(url: str) -> str:
    return urlsplit(url).netloc or url
