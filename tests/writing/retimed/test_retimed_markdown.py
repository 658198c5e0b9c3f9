from __future__ import annotations

import re

import pytest
from hypothesis import given

from pipeline.matching.cuts.time_map import TimeMap
from pipeline.reading.transcript import parse
from pipeline.times import Span
from pipeline.writing.retimed.retimed_markdown import retime_markdown
from tests.matching.cuts.made_maps import ADVERT_IN, cut_map, time_maps

SOURCE = """# Seven\r\n\r
0:02 - **Ann Lee**: Gone, at 0:30 o'clock.\r\n\r
0:12 - **Bob Ray**:  Kept, *as* typed.  \r\n\r
1:00 - **Ann Lee**: After the advert.\r\n\r
1:05 - **Bob Ray**: And on.\r\n\r
<!-- Continue at 1:09! -->\r
"""
MOVED = """# Seven\r\n\r
0:00 - **Ann Lee**: Gone, at 0:30 o'clock.\r\n\r
0:02 - **Bob Ray**:  Kept, *as* typed.  \r\n\r
1:20 - **Ann Lee**: After the advert.\r\n\r
1:25 - **Bob Ray**: And on.\r\n\r
<!-- Continue at 1:29! -->\r
"""


def test_times_and_note() -> None:
    """Only times before labels and that of the note change; the text of what was removed stays, its time is the cut."""
    retimed = retime_markdown(SOURCE, ADVERT_IN)

    assert retimed.text == MOVED
    assert (retimed.noun, retimed.kept, retimed.dropped) == ("time", 4, (Span(2_000, 3_000),))


def test_a_floored_time_is_after_the_advert() -> None:
    """A typed 0:59 is of 0:59.6, after the advert that was put in at 0:59.4; a note of 0:59 is before it."""
    cuts = cut_map((0, 59_400, 0), (59_400, 90_000, 119_400), old=90_000, new=150_000)

    assert retime_markdown("0:59 - **Ann**: Back again.\n\n<!-- Continue at 0:59! -->\n", cuts).text == (
        "1:59 - **Ann**: Back again.\n\n<!-- Continue at 0:59! -->\n"
    )


@pytest.mark.parametrize(
    ("source", "moved"),
    [
        ("\\[00:00:12.50\\] **Ann**: Hello.\n", "\\[00:00:02.50\\] **Ann**: Hello.\n"),
        ("**Ann** (00:12): Hello.\n", "**Ann** (00:02): Hello.\n"),
        ("**Ann**: Nothing typed.\n", "**Ann**: Nothing typed.\n"),
        ("", ""),
    ],
)
def test_notation_stays(source: str, moved: str) -> None:
    """A time keeps the file's notation: brackets, hours, decimals."""
    assert retime_markdown(source, ADVERT_IN).text == moved


@given(time_maps())
def test_only_digits_change(cuts: TimeMap) -> None:
    """Whatever the cuts: all but the times stays, and times that were in order are in order."""
    retimed = retime_markdown(SOURCE, cuts)
    without = re.compile(r"(?<=\n)\d+:\d\d(?= -)|(?<=at )\d+:\d\d(?=!)")

    assert without.sub("", retimed.text) == without.sub("", SOURCE)
    times = [claim.at for claim in parse(retimed.text).claims]
    assert times == sorted(times)
