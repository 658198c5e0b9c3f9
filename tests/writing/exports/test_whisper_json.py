from __future__ import annotations

import json
import re
from io import StringIO
from itertools import pairwise

import pysubs2
from hypothesis import given
from whisper.utils import WriteTSV, WriteVTT

from pipeline.schema import Result
from pipeline.times import Span
from pipeline.writing.cues import CueOptions, cut_cues
from pipeline.writing.exports.tab_separated import render_tsv
from pipeline.writing.exports.whisper_json import render_whisper_json
from pipeline.writing.line_breaks import line_text
from tests.writing.cue_samples import cue_of
from tests.writing.strategies import cue_options, results

_TIMES = re.compile(r"[\d:]{5,}\.\d{3} --> ")


def test_the_document_has_the_fields_of_whisper_and_whisperx() -> None:
    """A segment has all that openai-whisper writes, and the speaker of WhisperX; words have both their names."""
    cue = cue_of(Span(1_200, 2_000), ("Hello", "there"), "Ann", speaker_changes=True)
    made = json.loads(render_whisper_json([cue], "en"))

    assert made == {
        "text": " Hello there",
        "language": "en",
        "segments": [
            {
                "id": 0,
                "seek": 120,
                "start": 1.2,
                "end": 2.0,
                "text": " Hello there",
                "tokens": [],
                "temperature": 0.0,
                "avg_logprob": 0.0,
                "compression_ratio": 1.0,
                "no_speech_prob": 0.0,
                "speaker": "Ann",
                "words": [
                    {"word": " Hello", "start": 1.2, "end": 1.6, "probability": 1.0, "score": 1.0, "speaker": "Ann"},
                    {"word": " there", "start": 1.6, "end": 2.0, "probability": 1.0, "score": 1.0, "speaker": "Ann"},
                ],
            }
        ],
        "word_segments": [
            {"word": "Hello", "start": 1.2, "end": 1.6, "score": 1.0, "speaker": "Ann"},
            {"word": "there", "start": 1.6, "end": 2.0, "score": 1.0, "speaker": "Ann"},
        ],
    }


@given(results(), cue_options())
def test_readers_of_whisper_find_the_cues(made: Result, options: CueOptions) -> None:
    """pysubs2 finds each with its time and text; its words make up its text and lie within it, in order."""
    cues = cut_cues(made, options)
    document = json.loads(render_whisper_json(cues, "en"))
    events = pysubs2.load_from_whisper(document).events

    assert [(one.start, one.end, one.plaintext) for one in events] == [
        (cue.spoken.start, cue.spoken.end, line_text(cue.words)) for cue in cues
    ]
    for segment in document["segments"]:
        words = segment["words"]
        assert "".join(word["word"] for word in words) == segment["text"]
        assert all(segment["start"] <= word["start"] <= word["end"] <= segment["end"] for word in words)
        assert all(left["start"] <= right["start"] for left, right in pairwise(words))
    assert "".join(segment["text"] for segment in document["segments"]) == document["text"]


@given(results(), cue_options())
def test_whispers_own_writers_take_it(made: Result, options: CueOptions) -> None:
    """openai-whisper writes the TSV that we write, and subtitles by the words."""
    cues = cut_cues(made, options)
    document = json.loads(render_whisper_json(cues, "en"))
    table, subtitles = StringIO(), StringIO()
    WriteTSV(".").write_result(document, file=table)
    WriteVTT(".").write_result(document, file=subtitles, options={"max_line_width": 30, "max_line_count": 2})

    assert table.getvalue() == render_tsv(cues)
    lines = [line for line in subtitles.getvalue().splitlines()[1:] if not _TIMES.match(line)]
    said = "".join(line_text(cue.words) for cue in cues)
    assert "".join("".join(lines).split()) == "".join(said.split())
