from __future__ import annotations

import pytest

from pipeline.reading.labels.label_times import leading_time, lone_time, starts_with_time, time_after, times_before
from pipeline.schema import Chars


def whole(line: str) -> Chars:
    """Return the range of the whole line."""
    return Chars(0, len(line))


@pytest.mark.parametrize(
    ("line", "leads", "alone", "begins"),
    [
        ("0:17 text", "0:17", None, True),
        ("0:17-0:20 text", "0:17", None, True),
        ("[0:17] text", None, None, True),
        ("[0:17]", None, "0:17", True),
        ("00:00:17:", None, "00:00:17", True),
        ("0:17", None, "0:17", False),
        ("\\[0:17\\]", None, "0:17", True),
        ("(0:17) text", None, None, True),
        ("`0:17` text", None, None, True),
        ("*0:17* text", "0:17", None, True),
        ("_0:17_ text", "0:17", None, True),
        ("text 0:17", None, None, False),
        ("**0:17** text", "0:17", None, True),
        ("**0:17**", None, "0:17", False),
        ("`[0:17]`", None, "0:17", False),
        ("*0:17_ text", None, None, False),
        ("3:1 text", None, None, False),
    ],
)
def test_times_at_the_start_of_a_line(line: str, leads: str | None, alone: str | None, begins: bool) -> None:  # noqa: FBT001
    """Without brackets a time leads text after a blank; a time may be all of a line."""
    leading, lone = leading_time(line, whole(line)), lone_time(line, whole(line))

    assert (leading and leading.digits, lone and lone.digits) == (leads, alone)
    assert starts_with_time(line, whole(line)) is begins


def test_the_text_around_a_time_belongs_to_it() -> None:
    """Opening and closing are what stands between the digits and the label, so that other times can be written so."""
    line = "\\[00:01\\] - **Ann** [0:02]: so"
    (before, _) = times_before(line, whole(line))
    after = time_after(line, Chars(line.index("**Ann"), line.index(" [0:02")), whole(line))

    assert (before.opening, before.digits, before.closing) == ("\\[", "00:01", "\\] - ")
    assert after is not None
    assert (after.opening, after.digits, after.closing) == (" [", "0:02", "]")
