"""Read Advanced SubStation Alpha (ASS): pysubs2 reads the events, whose field Name is the speaker."""

from __future__ import annotations

from collections.abc import Iterator

import pysubs2

from pipeline.reading.imports.pieces import ImportedFileError, Piece


def read_ass(source: str) -> Iterator[Piece]:
    """Yield the pieces of a script: its events that are displayed, without drawings and styling.

    Raises:
        ImportedFileError: it cannot be read.
    """
    try:
        events = pysubs2.SSAFile.from_string(source, format_="ass")
    except (pysubs2.exceptions.Pysubs2Error, ValueError, LookupError) as e:
        raise ImportedFileError("is a file of subtitles (ASS) that cannot be read") from e
    for event in events:
        if not event.is_comment and not event.is_drawing and 0 <= event.start <= event.end:
            text = " ".join(event.plaintext.replace("\u2060", "").split())
            yield Piece(" ".join(event.name.split()) or None, text, event.start, event.end)
