from __future__ import annotations

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.imports.pieces import ImportedFileError
from pipeline.reading.imports.subtitle_cues import cue_pieces, read_cues

SRT = """1
00:00:01,000 --> 00:00:02,500
ANN: Yes, <i>this</i>

is one.
BOB: {\\an8}No.

2
0:01:02.5 --> 01:00:03,000 X1:0 Y1:2
12

3
00:00:09,000 --> 00:00:10,000
"""
VTT = """WEBVTT - a title

STYLE
::cue { color: red }

NOTE not said

intro
00:01.000 --> 00:02.000 align:start
<v Ann Lee>Hello &lt;b&gt;</v>
<v Bob>Hi.

This is no cue.
"""


def test_a_cue_of_srt_may_have_blank_lines_and_two_speakers() -> None:
    """A number before the next times is the next cue's; a line with a name begins a piece of its own."""
    cues = read_cues(SRT, "srt")

    assert [(cue.start, cue.end) for cue in cues] == [(1000, 2500), (62_500, 3_603_000), (9000, 10_000)]
    assert [SRT[cue.start_at.start : cue.end_at.end] for cue in cues] == [
        "00:00:01,000 --> 00:00:02,500",
        "0:01:02.5 --> 01:00:03,000",
        "00:00:09,000 --> 00:00:10,000",
    ]
    assert [(piece.text, piece.cue) for piece in cue_pieces(cues)] == [
        ("ANN: Yes, this is one.", 0),
        ("BOB: No.", 0),
        ("12", 1),
    ]


def test_voice_tags_of_vtt_are_speakers() -> None:
    """Styles, notes, identifiers, settings and what follows a blank line are no speech."""
    pieces = list(cue_pieces(read_cues(VTT, "vtt")))

    assert [(piece.speaker, piece.text) for piece in pieces] == [("Ann Lee", "Hello <b>"), ("Bob", "Hi.")]
    assert pieces[0].start == 1000
    assert pieces[0].end == pieces[1].start
    assert pieces[1].end == 2000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("00:00:0x,000 --> 00:00:02,000", "cannot be read"),
        ("00:00:01,000 --> 00:00", "cannot be read"),
        ("00:00:61,000 --> 00:00:62,000", "00:00:61,000 is not a time"),
        ("00:00:05,000 --> 00:00:02,000", "ends before it starts"),
    ],
)
def test_a_broken_cue_is_an_error_with_its_line(line: str, reason: str) -> None:
    """No cue is left out silently."""
    with pytest.raises(ImportedFileError, match=reason) as error:
        read_cues(f"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi.\r\n\r\n2\r\n{line}\r\nHo.\r\n", "srt")

    assert error.value.line == 6


def test_an_arrow_in_a_text_of_srt_is_text() -> None:
    """Only what looks like times is one."""
    cues = read_cues("1\n00:00:01,000 --> 00:00:02,000\nThen a --> b.\n", "srt")

    assert [cue.text for cue in cues] == ["Then a --> b."]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("if a < b and c > d then stop", "if a < b and c > d then stop"),
        ("I <3 you -> really", "I <3 you -> really"),
        ("<> and <!> are signs", "<> and <!> are signs"),
        ("<i>so</i> <FONT color='red'>it</FONT> <00:00:01.500>is", "so it is"),
        ("write <\u2060b> for bold", "write <b> for bold"),
    ],
)
def test_words_between_angle_brackets_stay(said: str, text: str) -> None:
    """A tag begins with a letter or a slash, or is a time; a word joiner before its name says that it is none."""
    cues = read_cues(f"1\n00:00:01,000 --> 00:00:02,000\n{said}\n", "srt")

    assert [piece.text for piece in cue_pieces(cues)] == [text]


LINES = (
    st.text("ab :.,!?éא12", min_size=1, max_size=20).map(str.strip).filter(lambda text: not text.isdecimal() and text)
)
EVENTS = st.lists(st.tuples(st.integers(0, 9_000_000), st.integers(1, 5000), LINES), min_size=1, max_size=6)


@given(EVENTS, st.sampled_from(["srt", "vtt"]), st.sampled_from(["\n", "\r\n", "\r"]))
def test_cues_of_another_writer_are_read(events: list[tuple[int, int, str]], form: str, ending: str) -> None:
    """What pysubs2 writes is read with the same times and texts, whatever ends its lines."""
    script = pysubs2.SSAFile()
    script.events = [pysubs2.SSAEvent(start, start + length, text) for start, length, text in events]
    source = script.to_string(form).replace("\n", ending)

    cues = read_cues(source, "srt" if form == "srt" else "vtt")

    assert sorted((cue.start, cue.end, cue.text) for cue in cues) == sorted(
        (event.start, event.end, event.text) for event in script.events
    )
