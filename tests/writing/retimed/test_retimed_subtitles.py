from __future__ import annotations

import re
from contextlib import suppress

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.cuts.time_map import TimeMap
from pipeline.times import Span
from pipeline.writing.retimed.retimed_subtitles import TimingLineError, retime_subtitles
from tests.matching.cuts.made_maps import ADVERT_IN, cut_map, time_maps

SRT = (
    "\ufeff1\r\n00:00:02,000 --> 00:00:04,000\r\nGone.\r\n\r\n"
    "2\r\n00:00:09,000 --> 00:00:12,500  X1:1 Y1:2\r\nAnn:  <i>Half</i>\r\n\r\nof it\r\n\r\n\r\n"
    "7\r\n00:00:59,000 --> 00:01:00,400\r\n[door]\r\n\r\n"
    "8\r\n0:01:10,5 --> 0:01:12.25\r\nLoose --> form\r\n"
)
SRT_MOVED = (
    "2\r\n00:00:00,000 --> 00:00:02,500  X1:1 Y1:2\r\nAnn:  <i>Half</i>\r\n\r\nof it\r\n\r\n\r\n"
    "7\r\n00:00:49,000 --> 00:00:50,000\r\n[door]\r\n\r\n"
    "8\r\n0:01:30,500 --> 0:01:32.250\r\nLoose --> form\r\n"
)
VTT = """WEBVTT - A show
Kind: captions

NOTE from Ann, 00:05.000

STYLE
::cue { color: red }

gone
00:02.000 --> 00:04.000
Gone.

intro
00:11.000 --> 00:13.000 align:start line:0
<v Ann>One <00:11.500>two <c.x>three</c> <00:12.000>&amp;

NOTE a comment between

01:01.000 --> 01:02.000
<v Bob>Later.
"""
VTT_MOVED = """WEBVTT - A show
Kind: captions

NOTE from Ann, 00:05.000

STYLE
::cue { color: red }

intro
00:01.000 --> 00:03.000 align:start line:0
<v Ann>One <00:01.500>two <c.x>three</c> <00:02.000>&amp;

NOTE a comment between

01:21.000 --> 01:22.000
<v Bob>Later.
"""


def test_srt() -> None:
    """Only times change: numbers, blank lines within a text, marks and line endings stay; a removed cue goes."""
    retimed = retime_subtitles(SRT, ADVERT_IN)

    assert retimed.text == SRT_MOVED
    assert (retimed.kept, retimed.dropped, retimed.shortened) == (3, (Span(2_000, 4_000),), 2)


def test_vtt() -> None:
    """Identifiers, settings, comments, styles and tags stay; times within a text are moved with it."""
    retimed = retime_subtitles(VTT, ADVERT_IN)

    assert retimed.text == VTT_MOVED
    assert (retimed.noun, retimed.kept, retimed.dropped) == ("cue", 2, (Span(2_000, 4_000),))


def test_another_reader_reads_the_times() -> None:
    """pysubs2 reads the moved cues, and the words with times in them, at the new times."""
    read = pysubs2.SSAFile.from_string(retime_subtitles(VTT, ADVERT_IN).text)

    assert [(one.start, one.end) for one in read] == [(1_000, 3_000), (1_500, 2_000), (81_000, 82_000)]


def test_hours_are_written_where_they_are_needed() -> None:
    """WebVTT without hours gets them from one hour on, and times within the text too."""
    cuts = cut_map((0, 100_000, 3_590_000), old=100_000, new=3_700_000)
    moved = retime_subtitles("WEBVTT\n\n00:05.000 --> 00:15.000\na <00:12.000>b\n", cuts).text

    assert moved == "WEBVTT\n\n59:55.000 --> 01:00:05.000\na <01:00:02.000>b\n"


def test_the_signature_stays_without_its_first_cue() -> None:
    """A cue right below the signature is removed without it."""
    assert retime_subtitles("WEBVTT\n00:01.000 --> 00:02.000\nGone\n", ADVERT_IN).text == "WEBVTT\n"


@pytest.mark.parametrize("text", ["", "1\n", "WEBVTT\n\nNOTE\n00:00 --> x\n", "00:00:00,000 -->", "\r\r\n\n"])
def test_what_has_no_cues_stays(text: str) -> None:
    """Text without a timing line is returned as it is."""
    retimed = retime_subtitles(text, ADVERT_IN)

    assert (retimed.text, retimed.kept, retimed.dropped) == (text, 0, ())


@pytest.mark.parametrize(
    "line",
    [
        "00:00:30 --> 00:00:31",
        "00:00:30,000 -> 00:00:31,000",
        "00:00:45:000 --> 00:00:46:000",
        "00:00:45.000 → 00:00:46.000",
        "00.00.45.000 --> 00.00.46.000",
        "00:00:45,0000 --> 00:00:46,000 X1:1",
        "0:45 --> 0:46",
    ],
)
@pytest.mark.parametrize("number", ["", "2\r\n"])
def test_a_timing_line_that_cannot_be_moved(line: str, number: str) -> None:
    """Its cue would keep old times between moved ones, so the file is refused with the line."""
    cue = "1\r\n00:00:20,000 --> 00:00:21,000\r\na\r\n\r\n"
    with pytest.raises(
        TimingLineError, match=r"^looks like the times of a cue and cannot be moved; write it"
    ) as caught:
        retime_subtitles(f"{cue}{number}{line}\r\nb\r\n\r\n{cue}", ADVERT_IN)

    assert caught.value.line == (6 if number else 5)


def test_a_timing_line_in_a_text_of_webvtt() -> None:
    """Without a blank line above it, readers begin a cue there (section 6.1); it would keep its old times."""
    with pytest.raises(TimingLineError, match=r"write it like 00:00:01\.000 --> 00:00:02\.000") as caught:
        retime_subtitles("WEBVTT\n\n00:20.000 --> 00:21.000\na\n00:22.000 --> 00:23.000\nb\n", ADVERT_IN)

    assert caught.value.line == 5


def test_what_only_mentions_times_is_text() -> None:
    """Right below a timing line, within a sentence, and in a comment."""
    cue = "00:00:20.000 --> 00:00:21.000\n10:00 -> 11:00\nFrom 0:30 --> 0:31\n"
    source = f"WEBVTT\n\nNOTE\n0:30 -> 0:31\n\n{cue}"

    assert retime_subtitles(source, ADVERT_IN).text == source.replace("0:20", "0:10").replace("0:21", "0:11")


def test_a_byte_order_mark_hides_no_cue() -> None:
    """The first line may have the times."""
    moved = retime_subtitles("\ufeff00:00:20,000 --> 00:00:21,000\na\n", ADVERT_IN).text

    assert moved == "\ufeff00:00:10,000 --> 00:00:11,000\na\n"


def test_a_backward_cue_is_moved() -> None:
    """A cue that ends before it begins is moved by its start."""
    moved = retime_subtitles("1\n00:00:20,000 --> 00:00:19,000\na\n", ADVERT_IN).text

    assert moved == "1\n00:00:10,000 --> 00:00:10,000\na\n"


CUES = st.lists(st.tuples(st.integers(0, 90_000), st.integers(0, 9_000), st.sampled_from(("a", "<b>", "7", "x\n\ny"))))
TIMING = re.compile(r"\d+:\d\d:\d\d,\d{3} --> \d+:\d\d:\d\d,\d{3}")


def clock(at: int) -> str:
    """A time as SRT writes it."""
    return f"{at // 3_600_000:02d}:{at // 60_000 % 60:02d}:{at // 1_000 % 60:02d},{at % 1_000:03d}"


@given(CUES, time_maps())
def test_only_times_change(cues: list[tuple[int, int, str]], cuts: TimeMap) -> None:
    """Whatever the cuts: what is left of each kept cue is the same but for its times, and its times are in order."""
    blocks = [
        f"{k}\n{clock(at)} --> {clock(at + length)}\n{text} {k}.\n\n" for k, (at, length, text) in enumerate(cues)
    ]
    retimed = retime_subtitles("".join(blocks), cuts)
    kept = [block for k, block in enumerate(blocks) if f" {k}.\n\n" in retimed.text]

    assert TIMING.sub("", retimed.text) == TIMING.sub("", "".join(kept))
    assert (retimed.kept, retimed.kept + len(retimed.dropped)) == (len(kept), len(blocks))
    assert all(start <= end for start, end in (one.split(" --> ") for one in TIMING.findall(retimed.text)))


@given(st.text(st.sampled_from("0123456789:.,-> \r\n<>WEBVTTa\ufeff"), max_size=200), time_maps())
def test_any_text_is_read(text: str, cuts: TimeMap) -> None:
    """Any text is read or refused, and what has no cue is unchanged."""
    with suppress(TimingLineError):
        retimed = retime_subtitles(text, cuts)
        assert retimed.text == text or retimed.kept or retimed.dropped


@given(st.text(st.sampled_from("0123456789:.,-> \r\n<>WEBVTTa\ufeff"), max_size=200))
def test_without_a_cut_nothing_is_dropped(text: str) -> None:
    """Where the whole recording was kept, no cue within it is removed."""
    whole = cut_map((0, 10**12, 0), old=10**12, new=10**12)

    with suppress(TimingLineError):
        assert retime_subtitles(text, whole).dropped == ()
