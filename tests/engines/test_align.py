"""``cuemark align`` on the command line with a real model: right times and a right continue note of the example."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import jsonschema
import pysubs2
import pytest

import pipeline.writing
from pipeline.cli import main
from pipeline.episode.engines import Engines
from pipeline.listening.audio.recording import open_recording
from pipeline.times import Span, from_seconds, parse_clock
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT, TRUTH
from tests.excerpts import write_excerpt

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

SCHEMA = Path(pipeline.writing.__file__).with_name("alignment.schema.json")
STEM = "07-the-slow-build"
CONTINUE_AT = TRUTH["continue_at"]
LAST_QUESTION = "**Hannah Weir**: How do you back up"
LAST_PART = 200.6, 235.0
"""From that question to 15 s after the last typed word, in seconds."""

Command = Callable[..., int]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example in it and, once the first test has run, its results."""
    folder = tmp_path_factory.mktemp("align")
    shutil.copy(AUDIO, folder)
    shutil.copy(TRANSCRIPT, folder)
    return folder


@pytest.fixture(autouse=True)
def here(folder: Path, example_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run all commands in that folder, with that store."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CUEMARK_STORE", str(example_store))


@pytest.fixture
def cuemark(loaded: Engines) -> Command:
    """Give one command for the example with the smallest model: ``cuemark("align", "--in-place")``."""

    def run(command: str, *more: str, files: tuple[str, str] = (AUDIO.name, TRANSCRIPT.name)) -> int:
        return main([command, *files, "--model", "tiny.en", *more], loaded)

    return run


def test_align_times_the_example(folder: Path, cuemark: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """Writes four files, names them, and moves the note to within a second of the truth."""
    assert cuemark("align") == 0

    written = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert written == [f"{STEM}.timed.md", f"{STEM}.srt", f"{STEM}.vtt", f"{STEM}.json"]
    document = json.loads((folder / f"{STEM}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert abs(document["continue_at"] - CONTINUE_AT) < 1
    assert document["complete"] is False
    assert document["engine"]["asr"] == "faster-whisper"
    assert document["engine"]["model"] == "tiny.en"


def test_no_confident_time_is_a_second_off(folder: Path) -> None:
    """More than 70 % of the utterances have a confidence of 0.5 or more, and their starts are off by less than 1 s."""
    document = json.loads((folder / f"{STEM}.json").read_text(encoding="utf-8"))

    sure = [
        (utterance["start"], truth["start"])
        for utterance, truth in zip(document["utterances"], TRUTH["utterances"], strict=True)
        if utterance["confidence"] >= 0.5
    ]
    assert len(sure) > 0.7 * len(TRUTH["utterances"])
    assert all(abs(start - true_start) < 1 for start, true_start in sure)


def test_nothing_but_times_and_the_note_changes(folder: Path) -> None:
    """Without the inserted times and the note, the timed document is the human's."""
    timed = (folder / f"{STEM}.timed.md").read_text(encoding="utf-8").splitlines()
    typed = TRANSCRIPT.read_text(encoding="utf-8").splitlines()

    assert len(timed) == len(typed)
    for new, old in zip(timed, typed, strict=True):
        if new != old and not old.startswith("<!--"):
            clock, separator, label = new.partition(" - ")
            assert (separator, label) == (" - ", old)
            assert 0 <= parse_clock(clock) < from_seconds(TRUTH["duration"])


@pytest.mark.parametrize("suffix", ["srt", "vtt"])
def test_the_subtitles_can_be_read(folder: Path, suffix: str) -> None:
    """An independent parser reads cues that are in order, within the audio, and have the human's words."""
    events = pysubs2.load(str(folder / f"{STEM}.{suffix}"), encoding="utf-8").events

    assert len(events) > 20
    assert all(a.end < b.start for a, b in pairwise(events))
    assert events[-1].end < TRUTH["duration"] * 1000
    assert any("That is what I thought too." in event.plaintext.replace("\n", " ") for event in events)


def test_a_second_run_does_not_transcribe(folder: Path, cuemark: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """With the hearing in the store, the same bytes are written, and no engine is loaded."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert cuemark("align") == 0

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert "heard before" in capsys.readouterr().err


def test_marker_prints_the_new_note_and_the_old(cuemark: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """There are two lines: the new note and the old one."""
    assert cuemark("marker") == 0

    new, old = capsys.readouterr().out.splitlines()
    assert old == "was: <!-- Continue at 1:30! -->"
    assert abs(parse_clock(new.removeprefix("<!-- Continue at ").removesuffix("! -->")) - CONTINUE_AT * 1000) < 2_000


def test_aligning_the_result_again_changes_nothing(folder: Path, loaded: Engines) -> None:
    """The timed document, aligned in place, does not change by a byte."""
    timed = folder / "again.md"
    shutil.copy(folder / f"{STEM}.timed.md", timed)
    before = timed.read_bytes()

    assert main(["align", AUDIO.name, timed.name, "--model", "tiny.en", "--in-place", "-f", "md"], loaded) == 0

    assert timed.read_bytes() == before


def test_the_other_engine_finds_the_same_note(folder: Path, cuemark: Command) -> None:
    """With openai-whisper, the same weights and beam size 1, the continue time is within a second of the truth too.

    It listens to the last typed turns and some more, and not to who speaks: this engine needs more time than the audio
    lasts.
    """
    start, end = LAST_PART
    write_excerpt(open_recording(AUDIO), Span(from_seconds(start), from_seconds(end)), folder / "part.wav")
    text = TRANSCRIPT.read_text(encoding="utf-8")
    (folder / "part.md").write_text(text[text.index(LAST_QUESTION) :], encoding="utf-8")
    (folder / "quick.toml").write_text("[transcribe]\nengine = 'openai-whisper'\nbeam_size = 1\n", encoding="utf-8")
    files = "part.wav", "part.md"

    assert cuemark("align", "--config", "quick.toml", "--no-voices", "-f", "json", "-o", "other", files=files) == 0

    document = json.loads((folder / "other" / "part.json").read_text(encoding="utf-8"))
    assert document["engine"]["asr"] == "openai-whisper"
    assert abs(document["continue_at"] - (CONTINUE_AT - start)) < 1
