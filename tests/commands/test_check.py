from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.io.atomic import sha256_of
from tests.sample_episode import SHOW, Command, contents, python

CLEAN = """\
title  The Garden Show
panel  Ann Lee, Bob Ray
turns  2
words  34
times  none typed
note   <!-- Continue at 0:05! --> (line 15)

line  section
9     Start

speaker  turns  words  on the panel
Ann Lee  1      17     yes
Bob Ray  1      17     yes

nothing looks wrong
"""
SLOPPY = """\
1:00 - **Ann Lee:**: Hello, [Laughter] and `so on`.

0:30 - **Bob Ray**: Hello and [welcome.

****: Who am I?
"""
SLOPPY_SHOWN = """\
title  none
panel  none
turns  3
words  10
times  2 typed, from 0:30 to 1:00
note   none

speaker         turns  words
Ann Lee         1      4
Bob Ray         1      3
(nobody named)  1      3

line  what
1     times-out-of-order  1:00 is later than 0:30 after it, in line 3: 1:00
1     double-colon        fine as it is: read as the label of Ann Lee; one colon is enough: **Ann Lee:**:
3     unclosed            a bracket begins here ([) and does not end: [welcome.
5     empty-label         the label has no name: ****:

3 things to look at, 1 fine as it is
"""


def test_clean_transcript(workspace: Path, cuemark: Command) -> None:
    """Shows what is understood, and that nothing looks wrong; touches nothing and listens to nothing."""
    before = contents(workspace)
    outcome = cuemark("check show.md --strict")

    assert (outcome.status, outcome.out, outcome.err) == (0, CLEAN, "")
    assert contents(workspace) == before


def test_sloppy_transcript(workspace: Path, cuemark: Command) -> None:
    """Shows each slip with its line, in the order of lines; findings alone are no failure."""
    (workspace / "show.md").write_text(SLOPPY)
    outcome = cuemark("check show.md")

    assert (outcome.status, outcome.out, outcome.err) == (0, SLOPPY_SHOWN, "")


@pytest.mark.parametrize(
    ("text", "status"),
    [("**Ann:**: Fine as it is.\n", 0), ("**Ann**: Not [fine.\n", 1), ("**Ann**: Fine.\n", 0)],
)
def test_strict(workspace: Path, cuemark: Command, text: str, status: int) -> None:
    """Ends with 1 for problems, and not for what is only mentioned."""
    (workspace / "show.md").write_text(text)

    assert cuemark("check show.md --strict").status == status


def test_json(workspace: Path, cuemark: Command) -> None:
    """Gives the same to machines, with seconds for times."""
    source = SHOW.replace("**Ann", "0:01.5 - **Ann").replace("**Bob Ray**:", "0:08 - **Bob Rai**:")
    (workspace / "show.md").write_text(source)
    outcome = cuemark("check show.md --json")

    assert (outcome.status, outcome.err) == (0, "")
    assert json.loads(outcome.out) == {
        "schema": "cuemark.check/1",
        "transcript": {"path": "show.md", "sha256": sha256_of(source.encode())},
        "title": "The Garden Show",
        "panel": ["Ann Lee", "Bob Ray"],
        "sections": [{"title": "Start", "line": 9, "utterance": 0}],
        "utterances": 2,
        "words": 34,
        "speakers": [
            {"name": "Ann Lee", "utterances": 1, "words": 17, "on_panel": True},
            {"name": "Bob Rai", "utterances": 1, "words": 17, "on_panel": False},
        ],
        "times": {"count": 2, "first": 1.5, "last": 8.0},
        "note": {"line": 15, "text": "<!-- Continue at 0:05! -->", "seconds": 5.0},
        "slips": [
            {
                "kind": "name-variant",
                "line": 13,
                "column": 8,
                "understood": False,
                "message": "“Bob Rai” is not on the panel; Bob Ray is (1 turn)",
                "text": "**Bob Rai**:",
            },
            {
                "kind": "times-out-of-order",
                "line": 15,
                "column": 1,
                "understood": False,
                "message": "the note says 0:05, but 0:08 is above it in line 13",
                "text": "<!-- Continue at 0:05! -->",
            },
        ],
    }


def test_empty_transcript(workspace: Path, cuemark: Command) -> None:
    """Says of an empty file that there is nothing in it."""
    (workspace / "show.md").write_bytes(b"")

    assert cuemark("check show.md").out == (
        "title  none\npanel  none\nturns  0\nwords  0\ntimes  none typed\nnote   none\n\nnothing looks wrong\n"
    )
    assert json.loads(cuemark("check show.md --json").out)["times"] == {"count": 0, "first": None, "last": None}


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("none.md", None, "none.md: there is no such file; check the name and the folder"),
        ("a.pdf", b"%PDF-1.7", "a.pdf: is a PDF document; "),
        ("a.mp3", b"ID3\0\0", "a.mp3: is a recording, not a transcript; "),
        ("latin.md", "**Zoë**: Hé".encode("latin-1"), "latin.md, line 1: "),
    ],
)
def test_what_is_no_transcript(workspace: Path, cuemark: Command, name: str, content: bytes | None, error: str) -> None:
    """Ends with 1 and one line for a file that cannot be read as a transcript."""
    if content is not None:
        (workspace / name).write_bytes(content)
    outcome = cuemark(f"check {name}")

    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith(f"cuemark: {error}")
    assert outcome.err.count("\n") == 1


def test_strangers_text_stays_in_its_row(workspace: Path, cuemark: Command) -> None:
    """Shows no control characters of a title or a name to the terminal."""
    (workspace / "show.md").write_text("# A \x1b[2J show\n\n**Ann\x07 Lee**: Hello [you.\n")
    outcome = cuemark("check show.md")

    assert outcome.status == 0
    assert [character for character in outcome.out if ord(character) < 32 and character != "\n"] == []


@pytest.mark.usefixtures("workspace")
def test_check_loads_nothing_heavy() -> None:
    """Looks at a transcript without what listening and matching need."""
    program = "import sys; from pipeline.cli import main; main(['check', 'show.md']); print(*sys.modules, sep='\\n')"
    loaded = set(python(program).stdout.splitlines())

    assert "pipeline.reading.lint.lint" in loaded
    assert loaded & {"numpy", "rich", "torch", "av", "pipeline.episode.run", "pipeline.matching"} == set()
