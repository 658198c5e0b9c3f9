"""A cue that is shown for too long is split where its own times say what is said when."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.publish.caption_file import CaptionCue, parse_captions
from pipeline.publish.mended import mend
from pipeline.publish.rule_checks import find_violations
from pipeline.publish.split_cues import split_long
from pipeline.times import ClockStyle, Ms, format_clock

LONGEST: Ms = 7_000
STYLE = ClockStyle(hours="always", width=2, decimals=3)


def tag(at: Ms) -> str:
    """A time within a text."""
    return f"<{format_clock(at, STYLE)}>"


def cue(end: Ms, *text: str) -> CaptionCue:
    """A cue from 0 on."""
    return CaptionCue(1, "name", 0, end, True, "", text, tuple(range(2, 2 + len(text))), 0)  # noqa: FBT003 -- by place


def shape(cues: tuple[CaptionCue, ...]) -> list[tuple[Ms, Ms, tuple[str, ...]]]:
    """Start, end and text of each."""
    return [(one.start, one.end, one.text) for one in cues]


def test_into_even_parts() -> None:
    """It is cut at the time that is nearest to the middle; both parts keep the voice, the first one the name."""
    text = f"<v Ann>one {tag(2_000)}two {tag(4_500)}three {tag(8_000)}four"
    made = split_long(cue(10_000, text), LONGEST)

    assert shape(made) == [
        (0, 4_500, (f"<v Ann>one {tag(2_000)}two",)),
        (4_500, 10_000, (f"<v Ann>three {tag(8_000)}four",)),
    ]
    assert [one.identifier for one in made] == ["name", None]


@pytest.mark.parametrize(
    "one",
    [
        cue(7_000, f"one {tag(3_000)}two"),  # short enough
        cue(9_000, "one two"),  # no times
        cue(20_000, f"one {tag(3_000)}two"),  # too far apart
        cue(9_000, f"<i>one {tag(3_000)}two</i>"),  # a tag would be torn
        cue(9_000, f"one {tag(5_000)}two {tag(4_000)}three"),  # not in order
        cue(9_000, f"{tag(5_000)}two"),  # nothing before it
    ],
)
def test_left_as_it_is(one: CaptionCue) -> None:
    """What cannot be split safely is not."""
    assert split_long(one, LONGEST) == (one,)


@given(st.lists(st.integers(1, 6_000), min_size=1, max_size=12))
def test_laws(steps: list[Ms]) -> None:
    """No part is too long, they follow each other, and every word is in one of them, in order."""
    times = [sum(steps[: k + 1]) for k in range(len(steps))]
    text = "w0 " + " ".join(f"{tag(at)}w{k + 1}" for k, at in enumerate(times[:-1]))
    made = split_long(cue(times[-1], text), LONGEST)

    assert all(one.end - one.start <= LONGEST for one in made)
    assert [made[0].start, *(one.end for one in made)] == [*(one.start for one in made), times[-1]]
    words = re.sub(r"<[^<>]*>", "", " ".join(line for one in made for line in one.text)).split()
    assert words == [f"w{k}" for k in range(len(times))]


def test_a_copy_for_netflix() -> None:
    """A long cue with times within is split in the mended copy; one without is said to need a person."""
    long = f"one {tag(5_000)}two"
    text = f"WEBVTT\n\n00:00:00.000 --> 00:00:09.000\n{long}\n\n00:00:10.000 --> 00:00:19.000\nHello there\n"
    found = find_violations(parse_captions(text, "vtt"), "netflix")
    after = parse_captions(mend(parse_captions(text, "vtt"), "netflix"), "vtt")

    assert [(one.kind, one.line, one.fixable) for one in found] == [("too-long", 3, True), ("too-long", 6, False)]
    assert [(one.start, one.end) for one in after.cues] == [(0, 4_916), (5_000, 9_000), (10_000, 19_000)]
