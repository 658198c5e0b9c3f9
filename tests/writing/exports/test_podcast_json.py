from __future__ import annotations

from itertools import pairwise

import msgspec
from hypothesis import given

from pipeline.schema import Result
from pipeline.times import Span
from pipeline.writing.cues import CueOptions, cut_cues
from pipeline.writing.exports.podcast_json import render_podcast_json
from pipeline.writing.line_breaks import line_text
from tests.writing.cue_samples import cue_of
from tests.writing.strategies import cue_options, results


class Segment(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A segment as the namespace describes it."""

    start_time: float
    end_time: float
    body: str
    speaker: str | None = None


class Document(msgspec.Struct, forbid_unknown_fields=True):
    """The document as the namespace describes it."""

    version: str
    segments: list[Segment]


def opened(text: str) -> Document:
    """The document; a field that the namespace does not have, or of another type, is an error."""
    return msgspec.json.decode(text, type=Document)


def test_a_cue_is_a_segment() -> None:
    """Times are seconds of what is spoken; who is not known has no field."""
    cues = [
        cue_of(Span(0, 1_500), ("Hello & welcome", "to <NodeUp>."), 'Ann "A" Lee', speaker_changes=True),
        cue_of(Span(3_661_001, 3_662_000), ("0.8.3!",), None, speaker_changes=True),
    ]

    assert opened(render_podcast_json(cues)) == Document(
        "1.0.0",
        [
            Segment(0.0, 1.5, "Hello & welcome to <NodeUp>.", 'Ann "A" Lee'),
            Segment(3661.001, 3662.0, "0.8.3!"),
        ],
    )
    assert '"speaker": null' not in render_podcast_json(cues)
    assert opened(render_podcast_json([])).segments == []


@given(results(), cue_options())
def test_segments_are_those_of_the_subtitles(made: Result, options: CueOptions) -> None:
    """All words are in them, in order, and no segment is empty or overlaps the next."""
    cues = cut_cues(made, options)
    segments = opened(render_podcast_json(cues)).segments

    assert [(one.body, one.speaker) for one in segments] == [(line_text(cue.words), cue.speaker) for cue in cues]
    assert all(one.start_time < one.end_time for one in segments)
    assert all(left.end_time <= right.start_time for left, right in pairwise(segments))
