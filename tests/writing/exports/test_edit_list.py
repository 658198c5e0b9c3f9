from __future__ import annotations

import re
from itertools import pairwise

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.writing.exports.edit_list import EdlOptions, render_edl
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn
from tests.writing.exports.turn_samples import hostile_turns, turn

MARKER = re.compile(r"\|C:ResolveColor(\w+) \|M:(.*) \|D:(\d+)")


def opened(text: str, rate: float = 24.0) -> list[tuple[int, str, str, int]]:
    """The frame, the colour, the text and the duration of each marker, as OpenTimelineIO finds the events."""
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=rate)
    found = []
    for clip in timeline.find_clips():
        (comment,) = clip.metadata["cmx_3600"]["comments"]
        fields = MARKER.fullmatch(comment)
        assert fields is not None
        colour, marker, duration = fields.groups()
        found.append((int(clip.source_range.start_time.value), colour, marker, int(duration)))
    return found


def test_each_turn_is_a_marker() -> None:
    """The timeline begins at one hour; each speaker has a colour, and a marker lasts as long as its turn."""
    turns = [
        turn("Ann", "yes it is", 3_650),
        turn("Bo", "no | no", 4_600),
        turn("Ann", "ah", 10_000),
        turn(None, "hm", 11_000),
    ]
    text = render_edl(turns, "show", EdlOptions())

    assert text.startswith(
        "TITLE: show\nFCM: NON-DROP FRAME\n\n001  001      V     C        01:00:03:15 01:00:03:16 01:00:"
    )
    assert opened(text) == [
        (86_400 + 87, "Blue", "Ann: yes it is", 22),
        (86_400 + 110, "Cyan", "Bo: no / no", 22),
        (86_400 + 240, "Blue", "Ann: ah", 7),
        (86_400 + 264, "Green", "hm", 7),
    ]


@pytest.mark.parametrize(
    ("rate", "hour", "time_code"),
    [
        (25.0, 0, "00:59:59:24"),
        (24.0, 1, "01:59:59:23"),
        (29.97, 1, "01:59:56:12"),
        (23.976, 1, "01:59:56:09"),
        (60.0, 23, "23:59:59:59"),
    ],
)
def test_a_time_code_counts_frames_of_the_rate(rate: float, hour: int, time_code: str) -> None:
    """After an hour a time code that drops no numbers is 3.6 s behind the clock at 29.97 frames a second."""
    options = EdlOptions(rate, hour)

    assert options.time_code(options.frames(3_599_999)) == time_code


@pytest.mark.parametrize("options", [{"frame_rate": 0.0}, {"frame_rate": 24.5}, {"start_hour": 24}, {"start_hour": -1}])
def test_a_timeline_that_nobody_has_is_refused(options: dict[str, float]) -> None:
    """The message names the option."""
    with pytest.raises(ValueError, match=next(iter(options))):
        EdlOptions(**options)  # type: ignore[arg-type] # one of either type


@given(hostile_turns(), st.sampled_from((24.0, 25.0, 30.0)))
def test_whatever_was_typed_is_in_a_marker(turns: tuple[ShownTurn, ...], rate: float) -> None:
    """Events are in order and do not overlap, and each has the name and the text."""
    found = opened(render_edl(turns, "show", EdlOptions(rate)), rate)
    ordered = sorted(turns, key=lambda one: one.span)

    assert [text for _, _, text, _ in found] == [
        ((f"{one.speaker}: " if one.speaker else "") + line_text(one.words)).replace("|", "/") for one in ordered
    ]
    assert all(left[0] < right[0] for left, right in pairwise(found))
    assert all(duration >= 1 for *_, duration in found)
