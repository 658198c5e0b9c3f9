"""Choose an episode's recording among the files that a feed offers for it.

What a feed states of a file is often wrong. A media type of sound or moving pictures counts, in any case and with any
parameters (RFC 2045, section 5.1); with every other type the ending of the address decides, and then the first bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from mimetypes import MimeTypes
from urllib.parse import urlsplit

from pipeline.batch.sources.feed_parser import Enclosure
from pipeline.batch.sources.filename_parts import AUDIO_SUFFIXES, suffix
from pipeline.io.file_types import RECORDING, kind_of

_MEDIA_TYPE = re.compile(r"[^\s/;,()]{1,99}/[^\s/;,()]{1,99}")
_SOUND = ("audio/", "video/", "application/ogg")
_KNOWN_TYPES = MimeTypes(filenames=())  # Python's own table, the same on every machine
_TYPES_OF_PROGRAMS = frozenset({"application/octet-stream", "application/x-msdownload"})
"""Types of endings that say nothing about what a server sends."""


def choose_recording(offered: Sequence[Enclosure], heads: Mapping[str, bytes]) -> Enclosure | None:
    """Return the first file that is a recording by its type or address, or else the first one by its first bytes.

    Args:
        heads: the first bytes of the undecided files, by their addresses. A file whose first bytes are missing or
            unknown is taken for a recording: the work on the episode will show what it is.
    """
    certain = next((file for file in offered if stated_recording(file)), None)
    return certain or next((file for file in undecided_files(offered) if _is_sound(heads.get(file.url))), None)


def undecided_files(offered: Sequence[Enclosure]) -> tuple[Enclosure, ...]:
    """Return the files of which the first bytes have to decide; none if one is a recording by its type or address."""
    verdicts = [stated_recording(file) for file in offered]
    return (
        ()
        if True in verdicts
        else tuple(file for file, verdict in zip(offered, verdicts, strict=True) if verdict is None)
    )


def stated_recording(enclosure: Enclosure) -> bool | None:
    """Whether a file is a recording by its media type, or else by the ending of its address; None if neither says.

    >>> [stated_recording(Enclosure("https://e.org/7.mp3?key=1", kind)) for kind in ("Audio/MPEG; a=b", "image/png")]
    [True, True]
    >>> [stated_recording(Enclosure(f"https://e.org/{name}", "binary/octet-stream")) for name in ("7.jpg", "get?id=7")]
    [False, None]
    """
    found = _MEDIA_TYPE.search(enclosure.media_type)
    if found and found[0].casefold().startswith(_SOUND):
        return True
    try:
        ending = suffix(urlsplit(enclosure.url).path)
    except ValueError:
        return False
    if ending in AUDIO_SUFFIXES:
        return True
    known, _ = _KNOWN_TYPES.guess_type(f"file{ending}")
    return None if known is None or known in _TYPES_OF_PROGRAMS else known.startswith(_SOUND)


def _is_sound(head: bytes | None) -> bool:
    return not head or kind_of(head) in {RECORDING, None}
