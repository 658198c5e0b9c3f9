from __future__ import annotations

from pipeline.reading.imports.ass_script import read_ass
from pipeline.reading.imports.pieces import Piece

HEAD = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def test_events_are_read_with_their_speakers() -> None:
    """Comments, drawings and styling are no speech."""
    events = (
        "Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ann Lee,0,0,0,,{\\k20}Hel{\\k30}lo\\N{\\i1}there{\\i0}, all\n"
        "Comment: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,hidden\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}\n"
    )

    assert list(read_ass(HEAD + events)) == [Piece("Ann Lee", "Hello there, all", 1000, 2500)]
