from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError, TranscriptError
from pipeline.files.conversion import ConvertOptions, convert, format_of, markdown_beside, timed_result
from pipeline.files.store import Store
from pipeline.files.transcript_file import WrittenFile, read_transcript
from pipeline.files.transcript_import import as_markdown, import_text
from pipeline.io.file_types import JSON
from pipeline.reading.imports.pieces import ImportedFileError
from pipeline.schema import Result
from pipeline.times import Span
from pipeline.writing import FORMATS, WritingOptions, render_all
from pipeline.writing.document import render_json
from pipeline.writing.shown_words import running_text
from tests.factories import result
from tests.writing.strategies import results

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


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff \r\n"])
@pytest.mark.parametrize("name", ["a.srt", "a.md"])
def test_an_empty_file_is_not_converted(tmp_path: Path, content: str, name: str) -> None:
    """Its name alone makes no subtitles of it; nothing is written."""
    (tmp_path / name).write_text(content, encoding="utf-8")

    with pytest.raises(TranscriptError, match="is empty: there is nothing to convert"):
        convert(tmp_path / name, tmp_path / "b.txt", ConvertOptions(WritingOptions()), Store(tmp_path), overwrite=False)
    assert not (tmp_path / "b.txt").exists()


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


@pytest.mark.parametrize("name", ["a.json", "a", ".srt", "srt"])
def test_a_name_without_a_format_is_an_error(name: str) -> None:
    """JSON alone could be several formats; the report needs the audio."""
    with pytest.raises(ConfigError, match="the suffix names no format to convert to; give one of"):
        format_of(Path(name))


def test_an_alignment_keeps_what_was_measured(tmp_path: Path) -> None:
    """Its turns and words have the times, the fits and the confidence of the result that it was written from."""
    source = "## Start\n\n**Ann**: One *two*\n\n**Ann**: Three [so] four.\n\n## End\n\n**Bob**: 0.8 R&D\n"
    made = result(source, starts={1: 9_000}, confidence={2: 0.4}, silent=(4,))
    (tmp_path / "a.json").write_text(render_json(made))

    again = timed_result(read_transcript(tmp_path / "a.json"), "en")

    assert again.words == made.words
    assert again.utterances == made.utterances
    assert (again.audio, again.hearing.duration) == (made.audio, made.hearing.duration)
    assert [one.title for one in again.transcript.sections] == ["Start", "End"]


@given(results())
def test_any_alignment_is_read(made: Result) -> None:
    """The words of each turn are those that it was written from, with their times, and a draft in its place."""
    written = import_text(render_json(made), JSON)

    assert [one.text for one in written.pieces] == [
        " ".join(running_text(made.transcript, made.transcript.words[one.words.start : one.words.end]).split())
        for one in made.transcript.utterances
    ]


TIMES = st.none() | st.floats(-1, 9, allow_nan=False) | st.just(1e300)
TEXTS = st.text("aB .,:*_[]()<>#-1", max_size=9)
WORDS = st.fixed_dictionaries({"text": TEXTS, "start": TIMES, "end": TIMES, "timing": st.sampled_from(["heard", None])})
TURNS = st.fixed_dictionaries(
    {"text": TEXTS, "start": TIMES, "end": TIMES, "confidence": st.floats(0, 1), "speaker": st.none() | TEXTS},
    optional={"words": st.lists(WORDS, max_size=3), "section": st.none() | TEXTS},
)


@given(st.lists(TURNS, max_size=3), st.lists(TURNS, max_size=2))
def test_any_alignment_of_a_stranger_is_converted_or_refused(turns: list[object], drafts: list[object]) -> None:
    """No other error leaves the readers and the writers, whatever its times and texts are."""
    document = json.dumps({"schema": "cuemark.alignment/1", "utterances": turns, "draft": drafts})
    try:
        imported = import_text(document, JSON)
    except ImportedFileError:
        return
    written = WrittenFile(Path("a.json"), as_markdown(imported), "0" * 64, imported)

    made = timed_result(written, "en")

    render_all([name for name in FORMATS if name != "json"], made, WritingOptions())


def test_a_transcript_of_another_program_is_edited_as_markdown_beside_it(tmp_path: Path) -> None:
    """It is converted once; afterwards the Markdown is taken as it is, and the file itself is never changed."""
    source, markdown, store = tmp_path / "a.srt", tmp_path / "a.md", Store(tmp_path / "store")
    source.write_text(SRT)

    first = markdown_beside(source, store)

    assert first.path == markdown
    assert first.remarks == ("a.srt is a file of subtitles (SRT): it was converted to a.md, which is opened",)
    assert markdown.read_text() == read_transcript(source).source
    markdown.write_text("**Ann Lee**: edited\n")
    again = markdown_beside(source, store)
    assert again.path == markdown
    assert again.remarks == ("a.srt is a file of subtitles (SRT): a.md beside it is opened",)
    assert (markdown.read_text(), source.read_text()) == ("**Ann Lee**: edited\n", SRT)


def test_markdown_and_what_is_not_there_are_edited_as_they_are(tmp_path: Path) -> None:
    """Nothing is written."""
    markdown, store = tmp_path / "a.md", Store(tmp_path / "store")
    for path in (tmp_path / "new.md", markdown):
        assert markdown_beside(path, store).path == path
        markdown.write_text("**Ann Lee**: Hello.\n")

    assert [one.name for one in tmp_path.iterdir()] == ["a.md"]


def test_words_without_a_time_inside_a_turn_are_named(tmp_path: Path) -> None:
    """Of three segments of a JSON the second has no time, and its words are in no cue."""
    segments = [
        {"start": 0, "end": 2, "text": "Hello there.", "speaker": "Ann"},
        {"text": "All of this is lost.", "speaker": "Ann"},
        {"start": 8, "end": 9, "text": "Goodbye.", "speaker": "Bob"},
    ]
    (tmp_path / "a.json").write_text(json.dumps({"segments": segments}))

    made = convert(
        tmp_path / "a.json",
        tmp_path / "a.vtt",
        ConvertOptions(WritingOptions()),
        Store(tmp_path / "s"),
        overwrite=False,
    )

    assert made.remarks == ("5 words of other turns have no time; subtitles lack them",)
    assert "lost" not in (tmp_path / "a.vtt").read_text()
