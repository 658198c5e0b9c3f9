from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import docx
import pytest
import webvtt

from tests.commands.test_imports import FILES, MARKDOWN, SRT, content_of
from tests.episodes.test_goldens import EXPECTED
from tests.sample_episode import ANN, BOB, HEARD, Command, contents


@pytest.mark.parametrize("name", FILES)
def test_any_readable_format_becomes_markdown_and_subtitles(workspace: Path, cuemark: Command, name: str) -> None:
    """Times and speakers are those of the file; nothing is listened to."""
    (workspace / name).write_bytes(content_of(name))

    assert cuemark(f"convert {name} new.md").out == "new.md\n"
    assert cuemark(f"convert {name} new.vtt").status == 0

    cues = webvtt.from_buffer(StringIO((workspace / "new.vtt").read_text())).captions
    assert (workspace / "new.md").read_text() == MARKDOWN
    assert [cue.voice for cue in (cues[0], cues[-1])] == ["Ann Lee", "Bob Ray"]
    assert " ".join(cue.text for cue in cues).replace("\n", " ") == f"{ANN} {BOB}"
    assert cues[0].start_in_seconds == 1


def test_markdown_with_times_becomes_a_word_document(workspace: Path, cuemark: Command) -> None:
    """Read by python-docx."""
    (workspace / "typed.md").write_text(MARKDOWN)

    assert cuemark("convert typed.md new.docx").status == 0

    text = "\n".join(one.text for one in docx.Document(str(workspace / "new.docx")).paragraphs)
    assert ANN in text
    assert "Bob Ray" in text


@pytest.mark.parametrize(
    ("line", "status", "error"),
    [
        ("convert old.srt old.srt", 1, "old.srt: is the file itself that is to be converted; give another name"),
        ("convert old.srt mine.vtt", 1, "mine.vtt: is not as cuemark left it, or not cuemark's; give --overwrite"),
        (
            "convert old.srt new.json",
            2,
            "command line: new.json: the suffix names no format to convert to; give one of",
        ),
        ("convert old.srt new.html", 1, "old.srt: does not say to which audio it belongs, and html has a player; give"),
        ("convert own.json new.srt", 1, "own.json: says that it is cuemark.alignment/1, but is not (Expected `array`"),
        ("convert show.md new.srt", 1, "show.md: has no times, and srt needs them; cuemark align finds them"),
        ("convert old.srt new.chapters.json", 1, "old.srt: chapters: not written, because the transcript has no"),
        ("convert none.srt new.vtt", 1, "none.srt: there is no such file"),
    ],
)
def test_what_cannot_be_converted_is_one_line(
    workspace: Path, cuemark: Command, line: str, status: int, error: str
) -> None:
    """Nothing is written."""
    (workspace / "old.srt").write_text(SRT)
    (workspace / "mine.vtt").write_text("mine")
    (workspace / "own.json").write_text('{"schema": "cuemark.alignment/1", "utterances": 7}')
    before = contents(workspace)

    outcome = cuemark(line)

    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (status, "", 1)
    assert outcome.err.startswith(f"cuemark: {error}")
    assert contents(workspace) == before


def test_turns_without_a_time_are_counted(workspace: Path, cuemark: Command) -> None:
    """What is left out is said."""
    (workspace / "typed.md").write_text("**Ann**: Not timed.\n\n0:05 - **Bob**: This is.\n")

    outcome = cuemark("convert typed.md new.srt")

    assert (outcome.status, outcome.err) == (0, "1 turn has no time and is left out\n")
    assert "Not timed" not in (workspace / "new.srt").read_text()


SAME = ("srt", "vtt", "TextGrid", "ass", "ctm", "eaf", "edl", "karaoke.vtt", "otr", "podcast.json", "rttm", "timed.txt")


def test_an_alignment_becomes_every_format(workspace: Path, cuemark: Command) -> None:
    """Each file is the one that align wrote beside the JSON, since measured times stay measured."""
    document = json.loads((EXPECTED / "07-the-slow-build.json").read_text())
    for turn in document["utterances"]:  # the JSON does not have the stars that make it a sound in (*laughs*)
        turn["text"] = turn["text"].removesuffix(" (laughs)")
        turn["words"] = [word for word in turn["words"] if word["text"] != "(laughs)"]
    (workspace / "own.json").write_text(json.dumps(document))

    for suffix in (*SAME, "youtube.txt"):
        assert cuemark(f"convert own.json new.{suffix}").status == 0
        assert (workspace / f"new.{suffix}").read_bytes() == (EXPECTED / f"07-the-slow-build.{suffix}").read_bytes()
    assert cuemark("convert own.json new.html").status == 0
    assert 'src="./07-the-slow-build.mp3"' in (workspace / "new.html").read_text()


def test_a_drafted_rest_is_converted(workspace: Path, cuemark: Command) -> None:
    """It follows what was typed."""
    assert cuemark("finish show.mp3 show.md -f json", HEARD).status == 0

    assert cuemark("convert show.json new.txt").status == 0

    lines = (workspace / "new.txt").read_text().splitlines()
    assert [line[:10] for line in lines] == ["[00:00:01]", "[00:00:08]", "[00:00:16]"]
