from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.files.conversion import format_of, timed_result
from pipeline.files.transcript_file import read_transcript
from pipeline.times import Span

SRT = """1
00:00:01,000 --> 00:00:02,000
Ann Lee: aaaa bbbbb

2
00:00:04,000 --> 00:00:05,000
cccc.

3
00:00:06,000 --> 00:00:07,000
Bob Day: *dd* ee
"""


def test_words_have_the_times_of_their_cues(tmp_path: Path) -> None:
    """The words of a cue share its time by their letters, though a turn is made of several cues."""
    (tmp_path / "a.srt").write_text(SRT)

    made = timed_result(read_transcript(tmp_path / "a.srt"), "en")

    assert [one.speaker for one in made.transcript.utterances] == ["Ann Lee", "Bob Day"]
    assert [word.span for word in made.words] == [
        Span(1000, 1400),
        Span(1500, 2000),
        Span(4000, 5000),
        Span(6000, 6571),
        Span(6714, 7000),
    ]
    assert [one.span for one in made.utterances] == [Span(1000, 5000), Span(6000, 7000)]


def test_a_transcript_with_typed_times_has_them(tmp_path: Path) -> None:
    """From each typed time to the next, but no longer than slow speech; what is before the first one has no time."""
    (tmp_path / "a.md").write_text("**Ann**: Hi all.\n\n0:05 - **Bob**: One two.\n\n1:00 - **Ann**: Three.\n")

    made = timed_result(read_transcript(tmp_path / "a.md"), "en")

    assert [one.span for one in made.utterances] == [None, Span(5000, 7100), Span(60_000, 60_896)]


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("a.srt", "srt"),
        ("A.VTT", "vtt"),
        ("a.chapters.vtt", "vtt-chapters"),
        ("a.b.txt", "txt"),
        ("a.textgrid", "textgrid"),
    ],
)
def test_the_longest_suffix_names_the_format(name: str, output: str) -> None:
    """Case does not count."""
    assert format_of(Path(name)).name == output


@pytest.mark.parametrize("name", ["a.json", "a.html", "a", ".srt", "srt"])
def test_a_name_without_a_format_is_an_error(name: str) -> None:
    """JSON alone could be several formats; the page and the report need the audio."""
    with pytest.raises(ConfigError, match="the suffix names no format to convert to; give one of"):
        format_of(Path(name))
