"""Download a model's file over HTTP, check its hash, and write it atomically."""

from __future__ import annotations

from pathlib import Path

from pipeline.io.atomic import sha256_file
from pipeline.io.http_download import ByteProgress, DownloadRequest, SourceError, download, host_of


def fetch(url: str, target: Path, sha256: str, report: ByteProgress) -> None:
    """Download ``url`` to ``target``.

    If the connection breaks, the received part is kept next to the target (``.part``) and continued, now or in a later
    run. ``target`` is written only with the content whose hash is ``sha256``; other content is deleted.

    Args:
        report: called with the number of bytes received and the number of all bytes, if it is known.

    Raises:
        SourceError: the server is not reachable, sends other content, or breaks off repeatedly.
        OSError: the file cannot be written.
    """
    request = DownloadRequest(url, target.with_name(f"{target.name}.part"), "a model", allow_private=True)
    part = request.part
    resumed = part.exists()
    download(request, report)
    if sha256_file(part) != sha256 and resumed:  # the old part may be of another version
        part.unlink()
        download(request, report)
    if sha256_file(part) != sha256:
        part.unlink()
        raise SourceError(f"{host_of(url)} gave a file that is not the model (its SHA-256 is wrong)")
    part.replace(target)
