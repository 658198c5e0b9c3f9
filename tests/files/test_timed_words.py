from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TranscriptError
from pipeline.files.timed_file import read_timed_file
from pipeline.files.timed_words import PIECE_WORDS, TimedText, read_timed_text
from pipeline.reading.imports.pieces import Piece


def read(folder: Path, name: str, text: str) -> TimedText:
    """The text of a file."""
    (folder / name).write_text(text, encoding="utf-8")
    return read_timed_text(read_timed_file(folder / name))


def turn(start: float | None, *words: tuple[str, float | None, float | None], speaker: str | None = "Ann") -> Any:  # noqa: ANN401 -- any JSON
    """A turn as the report has it."""
    timed = [{"text": text, "start": first, "end": last} for text, first, last in words]
    return {"speaker": speaker, "start": start, "end": start, "text": "", "words": timed}


def report(*utterances: Any, draft: tuple[Any, ...] = (), duration: float = 60) -> str:  # noqa: ANN401 -- any JSON
    """The report of an alignment, with what is read of it."""
    document = {"schema": "cuemark.alignment/1", "utterances": utterances, "draft": draft}
    return json.dumps({**document, "audio": {"duration": duration}})


def test_subtitles_have_their_cues(tmp_path: Path) -> None:
    """Each cue is a piece with its times."""
    text = read(tmp_path, "a.srt", "1\n00:00:01,000 --> 00:00:02,500\nHello there.\n")

    assert text.pieces == (Piece(None, "Hello there.", 1_000, 2_500, 0),)
    assert "Hello there." in text.written.source


def test_a_transcript_has_its_typed_times(tmp_path: Path) -> None:
    """Its source is unchanged, and it has no pieces."""
    assert read(tmp_path, "a.md", "0:01 - **Ann**: Hello.\n").pieces == ()


def test_a_report_is_cut_into_a_few_words(tmp_path: Path) -> None:
    """Words that were found, a few at a time, drafted ones too, by their times; the recording's length is known."""
    words = [(f"w{k}", k + 0.0, k + 0.5) for k in range(PIECE_WORDS + 1)]
    text = read(
        tmp_path,
        "a.json",
        report(
            turn(20.0, ("later", 20.0, 20.5), ("lost", None, None), speaker=None),
            turn(None, ("never", None, None)),
            draft=(turn(0.0, *words),),
        ),
    )

    assert text.pieces == (
        Piece("Ann", " ".join(f"w{k}" for k in range(PIECE_WORDS)), 0, PIECE_WORDS * 1_000 - 500),
        Piece("Ann", f"w{PIECE_WORDS}", PIECE_WORDS * 1_000, PIECE_WORDS * 1_000 + 500),
        Piece(None, "later", 20_000, 20_500),
    )
    assert text.lasts == 60_000
    assert text.written.source.startswith("**Ann**: w0 w1 ")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (report(turn(None)), "has no words with times"),
        (report({"start": 1}), "KeyError"),
        (report(turn(1.0, ("a", "x", 2.0))), "TypeError"),  # type: ignore[arg-type]
        (report(turn("x")), "ValueError"),  # type: ignore[arg-type]
        (report(duration="x"), "TypeError"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_report(tmp_path: Path, document: str, reason: str) -> None:
    """A document that is something else is one line."""
    with pytest.raises(TranscriptError, match=reason):
        read(tmp_path, "a.json", document)


@pytest.mark.parametrize("speaker", [7, ["Ann"], {"name": "Ann"}])
def test_a_speaker_that_is_no_text_is_refused(tmp_path: Path, speaker: Any) -> None:  # noqa: ANN401 -- any JSON
    """One line, as for any other damage."""
    with pytest.raises(TranscriptError, match="not what an alignment should be"):
        read(tmp_path, "a.json", report(turn(1, ("Hello", 1, 2), speaker=speaker)))


def test_line_ends_in_a_word_begin_no_paragraph(tmp_path: Path) -> None:
    """The text of a word is one line."""
    (piece,) = read(tmp_path, "a.json", report(turn(1, ("Hello\n\nthere", 1, 2)))).pieces

    assert piece.text == "Hello there"
