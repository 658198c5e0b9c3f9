from __future__ import annotations

import pytest

from pipeline.reading.imports.ass_script import MAX_LINE_CHARS, read_ass
from pipeline.reading.imports.pieces import ImportedFileError, Piece

HEAD = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
EVENT = "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,"


def test_events_are_read_with_their_speakers() -> None:
    """Comments, drawings and styling are no speech."""
    events = (
        "Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ann Lee,0,0,0,,{\\k20}Hel{\\k30}lo\\N{\\i1}there{\\i0}, all\n"
        "Comment: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,hidden\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}\n"
    )

    assert list(read_ass(HEAD + events)) == [Piece("Ann Lee", "Hello there, all", 1000, 2500)]


def test_an_event_as_long_as_is_allowed_is_read() -> None:
    """The limit is that of the whole line."""
    text = "a" * (MAX_LINE_CHARS - len(EVENT))

    assert list(read_ass(f"{HEAD}{EVENT}{text}\n")) == [Piece(None, text, 1000, 2500)]


def test_a_line_that_is_too_long_is_an_error() -> None:
    """One of braces alone would take pysubs2 seconds, and one of 1 MB minutes."""
    with pytest.raises(ImportedFileError, match="more than 20,000 characters") as error:
        list(read_ass(f"{HEAD}{EVENT}Hi.\n{EVENT}{'{' * MAX_LINE_CHARS}\n"))

    assert error.value.line == 11


@pytest.mark.parametrize("line", [EVENT + "{" * 19_000, EVENT + "{\\p0}" * 3_800, "[" * 4 + "a" * 19_000])
def test_many_long_lines_are_an_error(line: str) -> None:
    """A line below the limit takes up to 2 seconds, so that of many all together are limited."""
    with pytest.raises(ImportedFileError, match="too many override tags"):
        list(read_ass(HEAD + f"{line}\n" * 200))


def test_times_of_each_word_are_far_below_the_limit() -> None:
    """Two hours of karaoke, with styles for each word."""
    text = "{\\k20\\b1}word " * 20

    pieces = list(read_ass(HEAD + f"{EVENT}{text}\n" * 3_000))

    assert (len(pieces), pieces[-1].text) == (3_000, " ".join(["word"] * 20))
