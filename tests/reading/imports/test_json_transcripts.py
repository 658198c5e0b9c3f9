from __future__ import annotations

import json

import pytest

from pipeline.reading.imports.json_transcripts import read_json
from pipeline.reading.imports.pieces import ImportedFileError, Piece


def test_segments_of_whisper_and_whisperx_are_read() -> None:
    """Other fields may be anything; WhisperX adds the speaker."""
    segments = [
        {"id": 0, "start": 0.5, "end": 1.25, "text": " Hello.", "tokens": [1], "speaker": "SPEAKER_00"},
        {"start": 2, "end": 1, "text": "Late", "words": [{"word": "Late"}]},
    ]

    assert list(read_json(json.dumps({"text": " Hello.", "segments": segments, "language": "en"}))) == [
        Piece("SPEAKER_00", "Hello.", 500, 1250),
        Piece(None, "Late", 2000, None),
    ]


def test_segments_of_the_podcast_namespace_are_read() -> None:
    """Times have other names there."""
    segments = [{"speaker": "Ann", "startTime": 0.5, "endTime": 0.75, "body": "Hi <3"}]

    assert list(read_json(json.dumps({"version": "1.0.0", "segments": segments}))) == [Piece("Ann", "Hi <3", 500, 750)]


def test_monologues_of_rev_are_read() -> None:
    """Punctuation has no time; speakers are numbers."""
    elements = [
        {"type": "text", "value": "Hi", "ts": 1.0, "end_ts": 1.5, "confidence": 0.9},
        {"type": "punct", "value": ", "},
        {"type": "text", "value": "all", "ts": 1.5, "end_ts": 2.0},
        {"type": "punct", "value": "."},
    ]

    assert list(read_json(json.dumps({"monologues": [{"speaker": 1, "elements": elements}]}))) == [
        Piece("Speaker 1", "Hi, all.", 1000, 2000)
    ]


def test_paragraphs_of_otranscribe_are_read() -> None:
    """A time stamp is the time of the text after it, also in the middle of a paragraph."""
    text = (
        '<p><span class="timestamp" data-timestamp="3.2">00:03</span>&nbsp;<b>Ann:</b> One &amp; all.<br>'
        '<span class="timestamp" data-timestamp="9">00:09</span> two</p><p>three</p>'
    )

    assert list(read_json(json.dumps({"text": text, "media": "a.mp3", "media-time": 9.1}))) == [
        Piece(None, "Ann: One & all.", 3200),
        Piece(None, "two", 9000),
        Piece(None, "three"),
    ]


@pytest.mark.parametrize(
    ("source", "reason", "line"),
    [
        ('{"segments": [\n{"text": "a"},\n]}', "broken JSON", 3),
        ('{"segments": [\n{"text": "a"', "broken JSON", None),
        ('{"text": "a"}', "no segments", None),
        ('{"segments": [{"start": "0"}]}', r"\$\.segments\[0\]\.start", None),
    ],
)
def test_another_json_is_an_error(source: str, reason: str, line: int | None) -> None:
    """The error names the place."""
    with pytest.raises(ImportedFileError, match=reason) as error:
        read_json(source)

    assert error.value.line == line
