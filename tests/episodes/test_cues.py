"""The example's subtitles lie on its speech: the truth says when each sentence is said, and where music plays."""

from __future__ import annotations

from pathlib import Path

import pysubs2

from pipeline.times import Span, from_seconds
from tests.episodes.kept_hearing import TRUTH

SUBTITLES = Path(__file__).parent / "expected" / "07-the-slow-build.srt"
SPEECH = [Span(from_seconds(one["start"]), from_seconds(one["end"])) for one in TRUTH["sentences"]]
CUES = [Span(line.start, line.end) for line in pysubs2.load(str(SUBTITLES))]


def longest_pause(cue: Span) -> int:
    """The longest time in a cue in which nobody speaks, in ms."""
    inside = [one.clip(cue) for one in SPEECH if one.overlap(cue)]
    ends, starts = [cue.start, *(one.end for one in inside)], [*(one.start for one in inside), cue.end]
    return max(start - end for end, start in zip(ends, starts, strict=True))


def test_no_cue_stands_over_music_or_silence() -> None:
    """Two seconds would be seen as wrong; music plays in the example, and people pause."""
    assert max(map(longest_pause, CUES)) < 600


def test_no_cue_begins_before_its_sound() -> None:
    """To a tenth of a second."""
    first = [next(one for one in SPEECH if one.end > cue.start).start - cue.start for cue in CUES]

    assert len(CUES) > 40
    assert max(first) <= 100
