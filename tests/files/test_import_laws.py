"""What the writers write, the readers read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from pipeline.files.imported_file import imported_kind
from pipeline.files.transcript_import import import_text
from pipeline.reading.imports.pieces import turns_of
from pipeline.schema import Result
from pipeline.writing import FORMATS, WritingOptions
from pipeline.writing.cues import cut_cues
from pipeline.writing.exports.speech_tiers import speaker_tiers
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import clean_text, shown_turns
from tests.writing.strategies import results

RESOLUTION = {"srt": 1, "vtt": 1, "ass": 10, "podcast-json": 1, "whisper-json": 1}


def letters(text: str) -> str:
    """A text without what a format may add or lose: white space, and marks of direction."""
    return "".join(text.translate({0x200E: None, 0x200F: None, 0x2060: None}).split())


@pytest.mark.parametrize("name", RESOLUTION)
@settings(max_examples=40)
@given(made=results())
def test_what_is_written_is_read(name: str, made: Result) -> None:
    """Each cue is read with its speaker, its text and its times, to the resolution of the format."""
    cues = cut_cues(made, WritingOptions().cues, "srt" if name == "srt" else "vtt")
    content = FORMATS[name].content(made, WritingOptions())
    if not cues:
        return
    kind = imported_kind(content, f"a.{name}")
    assert kind is not None

    pieces = import_text(content.decode(), kind).pieces

    spans = [cue.spoken if name.endswith("json") else cue.span for cue in cues]
    assert len(pieces) == len(cues)
    for piece, cue in zip(pieces, cues, strict=True):
        named = letters(f"{cue.speaker}: {line_text(cue.words)}")  # SRT has no speakers: one name alone may be text
        assert letters(piece.text) in ({letters(line_text(cue.words))} | ({named} if name == "srt" else set()))
    assert all(
        abs((piece.start or 0) - span.start) < RESOLUTION[name] and abs((piece.end or 0) - span.end) < RESOLUTION[name]
        for piece, span in zip(pieces, spans, strict=True)
    )
    if name != "srt":
        speakers = [clean_text(cue.speaker) if cue.speaker else None for cue in cues]
        assert [piece.speaker for piece in pieces] == speakers


@given(results())
def test_what_is_written_for_otranscribe_is_read(made: Result) -> None:
    """Each turn is read with its time and its text."""
    turns = list(shown_turns(made, keep_editorial=False, speaker_labels=True))
    if not turns:
        return
    content = FORMATS["otr"].content(made, WritingOptions())
    kind = imported_kind(content, "a.otr")
    assert kind is not None

    pieces = import_text(content.decode(), kind).pieces

    assert [piece.start for piece in pieces] == [turn.span.start for turn in turns]
    assert len(list(turns_of(pieces))) <= len(turns)


@pytest.mark.parametrize("name", ["textgrid", "eaf"])
@given(made=results())
def test_what_is_written_in_tiers_is_read(name: str, made: Result) -> None:
    """Each turn is read once, with its speaker, though the file has its words, too."""
    tiers = speaker_tiers(shown_turns(made, keep_editorial=False, speaker_labels=True))
    turns = sorted((turn.span.start, letters(turn.text), tier.name) for tier in tiers for turn in tier.turns)
    if not turns:
        return
    content = FORMATS[name].content(made, WritingOptions())
    kind = imported_kind(content, f"a.{name}")
    assert kind is not None

    pieces = import_text(content.decode(), kind).pieces

    assert sorted((one.start, letters(one.text), one.speaker or "unknown") for one in pieces) == turns
