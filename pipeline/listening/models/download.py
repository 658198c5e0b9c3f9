"""A model's file over HTTP, whole or not at all: checked by its hash, in place in one step."""

from __future__ import annotations

from pathlib import Path

from pipeline.io.atomic import sha256_file
from pipeline.io.http_download import SourceError, Tell, Wanted, bring, host_of


def fetch(url: str, target: Path, sha256: str, tell: Tell) -> None:
    """Download ``url`` to ``target``.

    What came before a break is kept beside the target (``.part``) and gone on with, now and in a later run. ``target``
    only ever holds the content whose hash is ``sha256``; anything else is thrown away.

    Raises:
        SourceError: the server is out of reach, gives something else, or breaks off again and again.
        OSError: it cannot be written.
    """
    wanted = Wanted(url, target.with_name(f"{target.name}.part"), "a model")
    part = wanted.part
    resumed = part.exists()
    bring(wanted, tell)
    if sha256_file(part) != sha256 and resumed:  # the old piece may be of another time
        part.unlink()
        bring(wanted, tell)
    if sha256_file(part) != sha256:
        part.unlink()
        raise SourceError(f"{host_of(url)} gave a file that is not the model (its SHA-256 is wrong)")
    part.replace(target)
