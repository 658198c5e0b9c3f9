"""Files in the folder of the desk with the last alignment of each document: a cache, which may be lost at any time.

A file has the hash of its content, so that a damaged one is known. There are only the newest ones, up to a size. They
have the text and what was heard, which are private: their owner alone can read them.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from pipeline.desk.safekeeping.document_place import DocumentPlace
from pipeline.io.atomic import sha256_of, write_below

MOST_FILES = 20
MOST_BYTES = 200_000_000
"""Documents that are kept, and the size of all: three hours have 5 to 10 MB. Chosen by hand."""

_HASH_LENGTH = 64
_log = logging.getLogger(__name__)


def read_alignment_file(place: DocumentPlace) -> bytes | None:
    """Return the content that was written last; None if there is none, or it is damaged."""
    try:
        content = place.alignment.read_bytes()
    except OSError:
        return None
    claimed, kept = content[:_HASH_LENGTH], content[_HASH_LENGTH:]
    return kept if claimed == sha256_of(kept).encode() else None


def write_alignment_file(place: DocumentPlace, content: bytes) -> None:
    """Write the file of a document, and remove the oldest ones of others. If it cannot be written, nothing happens."""
    try:
        write_below(
            place.folder,
            place.alignment.name,
            sha256_of(content).encode() + content,
            mode=0o600,
            folder_mode=0o700,
        )
        _remove_oldest(place.folder)
    except OSError as e:
        _log.info("%s: cannot be written (%s)", place.alignment, e.strerror)


def _remove_oldest(folder: Path) -> None:
    """Keep the newest files alone."""
    with os.scandir(folder) as entries:
        found = [(one.stat(), Path(one)) for one in entries if one.name.endswith(DocumentPlace.ALIGNMENT_END)]
    total = 0
    for number, (status, path) in enumerate(sorted(found, key=lambda one: one[0].st_mtime, reverse=True), start=1):
        total += status.st_size
        if number > MOST_FILES or (total > MOST_BYTES and number > 1):
            with suppress(OSError):
                path.unlink()
