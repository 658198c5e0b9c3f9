from __future__ import annotations

from pipeline.files.transcript_import import import_text, render_import
from pipeline.io.file_types import SRT
from pipeline.schema import Result
from pipeline.writing.cues import CueOptions, cut_cues
from pipeline.writing.own_format.kept_cues import render_kept_cues, with_new_cues
from tests.factories import result

SOURCE = """1
00:00:10,000 --> 00:00:11,000
Ann: One two.

2
00:00:12,000 --> 00:00:13,000
(bell)

3
00:00:14,000 --> 00:00:15,000
Ann: Three four.

4
00:00:14,500 --> 00:00:16,000
Bob: Five.
"""


def kept(made: Result) -> list[str]:
    """Return the lines of times after the times of a result are put in; all other lines stay."""
    imported = import_text(SOURCE, SRT)
    lines = render_kept_cues(made, SOURCE, imported.pieces, imported.cues).split("\n")
    assert [line for line in lines if "-->" not in line] == [line for line in SOURCE.split("\n") if "-->" not in line]
    return [line for line in lines if "-->" in line]


def document() -> str:
    """Return the Markdown that the subtitles become."""
    return render_import(import_text(SOURCE, SRT).pieces, times=True)


def test_cues_move_to_their_words() -> None:
    """A cue lasts as long as before, but not into the next one; those that overlapped may still do so."""
    assert kept(result(document(), starts={0: 3_000, 1: 8_000})) == [
        "00:00:03,000 --> 00:00:03,600",
        "00:00:03,600 --> 00:00:03,900",
        "00:00:03,900 --> 00:00:04,900",
        "00:00:08,000 --> 00:00:09,500",
    ]


def test_cues_that_are_not_found_move_with_the_cue_before() -> None:
    """A turn that is not sure gives no times; without any found cue, nothing moves."""
    assert kept(result(document(), starts={0: 3_000}, confidence={1: 0.4}))[3] == "00:00:04,400 --> 00:00:05,900"
    assert kept(result(document(), confidence={0: 0.0, 1: 0.0})) == [
        line for line in SOURCE.split("\n") if "-->" in line
    ]


def test_new_cues_follow() -> None:
    """Numbers continue, in the line ending of the file; the last kept cue ends where the new ones begin."""
    new = cut_cues(result("**Ann**: New.", starts={0: 20_000}), CueOptions())
    imported = import_text(SOURCE, SRT)
    made = result(document(), starts={1: 19_900})

    times = render_kept_cues(made, SOURCE, imported.pieces, imported.cues, 20_000)

    assert times.endswith("00:00:19,900 --> 00:00:20,000\nBob: Five.\n")
    assert with_new_cues("1\r\n0:01.0 --> 0:02.0\r\nA", new, "srt", 42).startswith(
        "1\r\n0:01.0 --> 0:02.0\r\nA\r\n\r\n2\r\n00:00:20,000 --> "
    )
    assert with_new_cues("WEBVTT\n", new, "vtt", 42).startswith("WEBVTT\n\n00:00:20.000 --> ")
    assert with_new_cues(SOURCE, (), "srt", 42) == SOURCE
