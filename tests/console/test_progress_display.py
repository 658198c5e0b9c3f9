from __future__ import annotations

import itertools
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.console.progress_display import PlainProgress, progress_on_stderr, stage_title
from pipeline.progress import Step


def test_plain_lines_tell_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    """A long stage gets an estimate of the time left, from the time that it took so far."""
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
    """No estimate is shown that is over before it is read, nor at the start of a continued stage."""
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


def test_the_time_left_is_that_of_the_whole_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a step says how much is left of the run, that is shown, not what is left of the stage."""
    clock = iter([0.0, 10.0, 20.0])
    progress = PlainProgress(lambda: next(clock))
    for done, left in ((0, 400.0), (30, 300.0), (95, 8.0)):
        progress(Step("listening", done, 100, left_s=left))

    assert capsys.readouterr().err.splitlines() == [
        "listening",
        "listening: 30 %, about 5 min left",
        "listening: 90 %",
    ]
