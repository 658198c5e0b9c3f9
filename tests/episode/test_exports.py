"""Formats for other programs, asked for on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx2python import docx2python

from pipeline.writing import FORMATS
from tests.sample_episode import HEARD, Command, contents

EXPORTS = [name for name, form in FORMATS.items() if form.only_found]


def word_text(path: Path) -> str:
    """What an independent reader finds in a Word document."""
    with docx2python(path) as document:
        return str(document.text)


def test_each_format_is_written_under_its_own_name(workspace: Path, cuemark: Command) -> None:
    """All of them at once have different files, whose paths are printed, and a second run changes no byte."""
    asked = " ".join(f"-f {name}" for name in EXPORTS)
    outcome = cuemark(f"align show.mp3 show.md {asked}", HEARD)
    written = {f"show{FORMATS[name].suffix}" for name in EXPORTS}
    before = contents(workspace)

    assert (outcome.status, set(outcome.out.split())) == (0, written)
    assert before.keys() == {"show.mp3", "show.md", *written}
    assert all("old apple" in (workspace / f"show{FORMATS[one].suffix}").read_text() for one in ("tsv", "txt", "otr"))
    assert "Ann Lee: " in word_text(workspace / "show.timed.docx")
    cuemark(f"align show.mp3 show.md {asked}")
    assert contents(workspace) == before


def test_finish_writes_the_draft_too(workspace: Path, cuemark: Command) -> None:
    """Other programs get what subtitles have: the human's part and the draft."""
    outcome = cuemark("finish show.mp3 show.md -f docx -f txt -f textgrid", HEARD)

    assert outcome.status == 0
    for text in (
        word_text(workspace / "show.timed.docx"),
        (workspace / "show.timed.txt").read_text(),
        (workspace / "show.TextGrid").read_text(),
    ):
        assert "old apple trees" in text
        assert "because it is late" in text


def test_a_document_that_somebody_edited_is_not_replaced(workspace: Path, cuemark: Command) -> None:
    """A Word document is compared with what was written, as any result is; ``--overwrite`` says otherwise."""
    cuemark("align show.mp3 show.md -f docx", HEARD)
    path = workspace / "show.timed.docx"
    mine = path.read_bytes() + b"edited"
    path.write_bytes(mine)

    outcome = cuemark("align show.mp3 show.md -f docx")
    assert (outcome.status, path.read_bytes()) == (1, mine)
    assert cuemark("align show.mp3 show.md -f docx --overwrite").status == 0
    assert "Ann Lee: " in word_text(path)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('[txt]\nline = "{speaker}|{start}"\n', "Ann Lee|00:00:01\n"),
        ("[txt]\ntimes = false\n", "Ann Lee: "),
    ],
)
def test_the_line_of_a_text_is_a_setting(workspace: Path, cuemark: Command, table: str, expected: str) -> None:
    """It may be in the show's own file."""
    (workspace / "cuemark.toml").write_text(table)
    cuemark("align show.mp3 show.md -f txt", HEARD)

    assert (workspace / "show.timed.txt").read_text().startswith(expected)


@pytest.mark.parametrize(
    ("table", "error"),
    [
        (
            '[txt]\nline = "{name}"\n',
            "cuemark.toml, line 1: [txt]: line has no field {name}; there are {start}, {end}, ",
        ),
        ("[edl]\nframe_rate = 24.5\n", "cuemark.toml, line 1: [edl]: frame_rate must be one of 23.976, 24, 25, "),
    ],
)
def test_a_wrong_setting_is_one_line(workspace: Path, cuemark: Command, table: str, error: str) -> None:
    """It is refused before any listening."""
    (workspace / "cuemark.toml").write_text(table)
    outcome = cuemark("align show.mp3 show.md -f txt")

    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert error in outcome.err
