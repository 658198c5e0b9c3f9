"""Read Advanced SubStation Alpha (ASS): pysubs2 reads the events, whose field Name is the speaker."""

from __future__ import annotations

from collections.abc import Iterator

import pysubs2

from pipeline.reading.imports.pieces import ImportedFileError, Piece

MAX_LINE_CHARS = 20_000
"""Of any line, and so of any event: pysubs2 takes quadratic time for some. An event with 3,000 words is shorter."""

_MAX_STEPS = 100_000_000
"""pysubs2 reads the rest of an event, or all before, for each brace in it; so many steps take up to 4 seconds."""


def read_ass(source: str) -> Iterator[Piece]:
    """Yield the pieces of a script: its events that are displayed, without drawings and styling.

    Raises:
        ImportedFileError: it cannot be read, or it would take too long; the message is for the user.
    """
    _check_length(source)
    try:
        events = pysubs2.SSAFile.from_string(source, format_="ass")
    except (pysubs2.exceptions.Pysubs2Error, ValueError, LookupError) as e:
        raise ImportedFileError("is a file of subtitles (ASS) that cannot be read") from e
    for event in events:
        if not event.is_comment and not event.is_drawing and 0 <= event.start <= event.end:
            text = " ".join(event.plaintext.replace("\u2060", "").split())
            yield Piece(" ".join(event.name.split()) or None, text, event.start, event.end)


def _check_length(source: str) -> None:
    """Refuse what pysubs2 would take minutes for.

    Raises:
        ImportedFileError: a line is too long, or all lines together have too many braces.
    """
    steps = 0
    for number, line in enumerate(source.split("\n"), start=1):
        if len(line) > MAX_LINE_CHARS:
            raise ImportedFileError(
                f"has a line of more than {MAX_LINE_CHARS:,} characters, as no subtitle has", number
            )
        may_be_heading = "[" in line.lstrip()[:4]  # pysubs2 looks for its end once for each character
        steps += len(line) * (len(line) if may_be_heading else line.count("{"))
    if steps > _MAX_STEPS:
        raise ImportedFileError("is a file of subtitles (ASS) with too many override tags to be read")
