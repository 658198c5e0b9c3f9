from __future__ import annotations

import itertools
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.console.output import print_message
from pipeline.console.progress_display import PlainProgress, progress_on_stderr, stage_title
from pipeline.console.summary import MOST_FINDINGS, summary
from pipeline.progress import Step
from pipeline.schema import Continue, Finding
from pipeline.times import Span
from tests.factories import result

SOURCE = "**Ann**: Hello.\n\n<!-- Continue at 0:05! -->\n"
OLD, NEW = "<!-- Continue at 0:05! -->", "<!-- Continue at 0:15! -->"


@pytest.mark.parametrize(
    ("point", "note", "old", "line"),
    [
        (Continue(15_000, complete=False), NEW, OLD, f"note: {OLD} -> {NEW}"),
        (Continue(15_000, complete=False), NEW, None, f"note: none -> {NEW}"),
        (Continue(5_000, complete=False), OLD, OLD, f"note: {OLD} is right as it is"),
        (Continue(None, complete=True), None, OLD, f"note: the transcript is complete; {OLD} goes"),
        (Continue(None, complete=True), None, None, "note: the transcript is complete"),
        (
            Continue(None, complete=False),
            OLD,
            OLD,
            "note: not moved, because nothing that is written was found in the audio",
        ),
        (Continue(9_000, complete=False), "## 0:09\n\nWIP", "## 0:05\n\nWIP", "note: ## 0:05 WIP -> ## 0:09 WIP"),
    ],
)
def test_summary_begins_with_the_note(point: Continue, note: str | None, old: str | None, line: str) -> None:
    """Says in one line what becomes of the note."""
    lines = list(summary(result(SOURCE, point=point), note, old, []))

    assert lines == [line, "found: 100% of the written words"]


def test_summary_lists_findings() -> None:
    """Lists what to look at first with its place, but not the note, which it has told of already."""
    findings = (
        Finding("untranscribed", "12 words are not in the transcript", span=Span(61_000, 65_000)),
        Finding("not-heard", "not found: “Hello.”", utterance=0),
        Finding("note-moved", "the note has moved"),
    )
    lines = list(summary(result(SOURCE, findings=findings, point=Continue(5_000, complete=False)), OLD, OLD, [0]))

    assert lines[2:] == [
        "to look at: 2 things, the most important first",
        "  not-heard: not found: “Hello.”",
        "  1:01 untranscribed: 12 words are not in the transcript",
        "the subtitles leave out what was not found surely: 1 utterance",
    ]


def test_summary_is_short() -> None:
    """Shows no more findings than one can read, and says where the others are."""
    findings = tuple(Finding("not-heard", f"number {k}") for k in range(MOST_FINDINGS + 3))
    lines = list(summary(result(SOURCE, findings=findings), None, None, []))

    assert lines[2] == "to look at: 15 things, the most important first"
    assert lines[-2:] == ["  not-heard: number 11", "  … and 3 more, all of them in the JSON"]


def test_plain_lines_tell_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    """Tells for a long stage about how long it will still take, by how long the part behind it took."""
    clock = iter([100.0, 700.0, 1_200.0, 1_290.0])
    progress = PlainProgress(lambda: next(clock))
    for done in (0, 3_600_000, 7_200_000, 9_900_000, 10_800_000):
        progress(Step("listening", done, 10_800_000, "ms"))

    assert capsys.readouterr().err.splitlines() == [
        "listening (3:00:00)",
        "listening: 30 %, about 20 min left",
        "listening: 60 %, about 9 min left",
        "listening: 90 %, about 2 min left",
    ]


def test_plain_lines_of_what_is_quick(capsys: pytest.CaptureFixture[str]) -> None:
    """Tells no time that is over before anybody has read it, and none of a stage that goes on where it broke off."""
    clock = iter([0.0, 0.5, 1.0])
    progress = PlainProgress(lambda: next(clock))
    progress(Step("fetching base", 70, 100, "bytes"))
    progress(Step("fetching base", 80, 100, "bytes"))
    progress(Step("fetching base", 90, 100, "bytes"))

    assert capsys.readouterr().err.splitlines() == [
        "fetching base (0 MB)",
        "fetching base: 90 %",
    ]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step("model base", 0, 145_300_000, "bytes"), "model base (145 MB)"),
        (Step("listening", 0, 3_723_000, "ms"), "listening (1:02:03)"),
        (Step("matching", 0, 1), "matching"),
        (Step("model base", 0, None, "bytes"), "model base"),
    ],
)
def test_title_says_how_much(step: Step, text: str) -> None:
    """Names a stage with the size of what is to be done, in units that people know."""
    assert stage_title(step) == text


def test_progress_is_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Writes a line when a stage begins, and none for each tenth of what is over at once."""
    with progress_on_stderr() as progress:
        for done in range(0, 1_001, 10):
            progress(Step("listening", done, 1_000, "ms"))
        progress(Step("unknown", 5, None))

    assert capsys.readouterr().err.splitlines() == ["listening (0:01)", "unknown"]


def test_plain_lines_tell_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    """Writes a line at each tenth that takes a second or more, however often it is called."""
    seconds = itertools.count(0.0, 1.0)
    progress = PlainProgress(lambda: next(seconds))
    for done in range(0, 1_001, 10):
        progress(Step("listening", done, 1_000, "ms"))

    assert capsys.readouterr().err.splitlines() == [
        "listening (0:01)",
        *(f"listening: {tenth}0 %" for tenth in range(1, 10)),
    ]


def test_lines_have_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    """Shows a control character as a mark, and every other character as it is."""
    print_message("a\x1b[2Jb\x07\x9b\r é \u3042")

    assert capsys.readouterr().err == "a\ufffd[2Jb\ufffd\ufffd\ufffd é \u3042\n"


ON_A_TERMINAL = """
import logging
from pipeline.progress import Step
from pipeline.console.output import logging_to_stderr
from pipeline.console.progress_display import progress_on_stderr
with logging_to_stderr(debug=False), progress_on_stderr() as progress:
    progress(Step("listening", 0, 60_000, "ms"))
    logging.getLogger("pipeline.files.store").warning("something to know")
    logging.getLogger("somebody.else").error("noise")
    progress(Step("listening", 60_000, 60_000, "ms"))
print("result")
"""


def test_progress_is_a_bar_on_a_terminal() -> None:
    """Draws a bar on a terminal's standard error, keeps warnings readable, and standard output free of both."""
    reader, writer = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm", "COLUMNS": "80"}
    words = [sys.executable, "-c", ON_A_TERMINAL]
    process = subprocess.run(words, env=environment, stdout=subprocess.PIPE, stderr=writer, check=True)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)
    os.close(writer)

    assert process.stdout == b"result\n"
    assert "listening (1:00)" in shown
    assert "100 %" in shown
    assert "warning: something to know\r\n" in shown
    assert "noise" not in shown
    assert shown.endswith("\x1b[?25h")
