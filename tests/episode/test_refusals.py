from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.listening.transcribe.windows import WindowStore
from pipeline.schema import Hearing
from tests.fake_engines import FakeEngines
from tests.sample_episode import (
    ELSEWHERE,
    HEARD,
    LISTENED,
    SHOW,
    TIMED,
    TO_THE_END,
    Command,
    Outcome,
    contents,
)


def prepared(workspace: Path, how: str) -> None:
    """Bring the workspace into a state in which a result must not be written."""
    match how:
        case "foreign":
            (workspace / "show.srt").write_text("somebody's")
        case "input by name":
            (workspace / "show.md").rename(workspace / "show.timed.md")
        case "input by soft link":
            (workspace / "show.srt").symlink_to("show.mp3")
        case "input by hard link":
            (workspace / "show.vtt").hardlink_to(workspace / "show.md")
        case "input by case":
            (workspace / "show.md").rename(workspace / "SHOW.Timed.md")
        case "two on one file":
            (workspace / "show.srt").symlink_to("show.vtt")
        case "folder":
            (workspace / "show.json").mkdir()
        case _:
            (workspace / "out").write_text("a file")


FOREIGN = "is not as cuemark left it, or not cuemark's; give --overwrite to replace it"
INPUT = "is the input {} itself, or would be on some disks; give --output-dir"


@pytest.mark.parametrize(
    ("how", "line", "error"),
    [
        ("foreign", "align show.mp3 show.md", f"show.srt: {FOREIGN}"),
        ("input by name", "align show.mp3 show.timed.md", f"show.timed.md: {INPUT.format('show.timed.md')}"),
        ("input by soft link", "align show.mp3 show.md", f"show.srt: {INPUT.format('show.mp3')}"),
        ("input by hard link", "align show.mp3 show.md --overwrite", f"show.vtt: {INPUT.format('show.md')}"),
        ("input by case", "align show.mp3 SHOW.Timed.md", f"show.timed.md: {INPUT.format('SHOW.Timed.md')}"),
        (
            "two on one file",
            "align show.mp3 show.md --overwrite",
            "show.vtt: is the same file as show.srt; remove the link, or give --output-dir",
        ),
        (
            "folder",
            "align show.mp3 show.md",
            "show.json: is no file, so no result can be written there; give --output-dir",
        ),
        (
            "file for a folder",
            "align show.mp3 show.md -o out",
            "out/show.timed.md: out is no folder; give another --output-dir",
        ),
    ],
)
def test_refused_before_listening(workspace: Path, cuemark: Command, how: str, line: str, error: str) -> None:
    """Refuses before any listening, in one line and with status 1, and leaves every file as it was."""
    prepared(workspace, how)
    before = contents(workspace)
    fake = FakeEngines()

    outcome = cuemark(line, engines=fake)

    assert outcome == Outcome(1, "", f"cuemark: {error}\n")
    assert fake.history == []
    assert contents(workspace) == before


def test_overwrite_replaces_what_is_not_ours(workspace: Path, cuemark: Command) -> None:
    """``--overwrite`` replaces a file that was changed by hand."""
    cuemark("align show.mp3 show.md -f md", HEARD)
    (workspace / "show.timed.md").write_text("worked on")
    refused = cuemark("align show.mp3 show.md -f md")
    replaced = cuemark("align show.mp3 show.md -f md --overwrite")

    assert (refused.status, refused.err) == (1, f"cuemark: show.timed.md: {FOREIGN}\n")
    assert replaced.status == 0
    assert (workspace / "show.timed.md").read_text() == TIMED


def test_transcript_changed_while_listening_is_left(workspace: Path, cuemark: Command) -> None:
    """Writes nothing at all where the human went on typing while cuemark listened."""

    def typing(_: WindowStore) -> Hearing:
        (workspace / "show.md").write_text(SHOW + "more\n")
        return HEARD

    outcome = cuemark("align show.mp3 show.md --in-place", typing)

    assert outcome == Outcome(
        1,
        "",
        f"{LISTENED}cuemark: show.md: was changed while cuemark was listening and is left as it is; run again\n",
    )
    assert contents(workspace) == {"show.mp3": b"sound", "show.md": f"{SHOW}more\n".encode()}


@pytest.mark.parametrize("option", ["", " --in-place"])
def test_result_made_while_listening_is_left(workspace: Path, cuemark: Command, option: str) -> None:
    """Does not replace a file that was written while cuemark listened, and writes none of the others."""

    def writing(_: WindowStore) -> Hearing:
        (workspace / "show.vtt").write_text("somebody's")
        return HEARD

    outcome = cuemark(f"align show.mp3 show.md{option}", writing)

    assert (outcome.status, outcome.out) == (1, "")
    assert contents(workspace) == {"show.mp3": b"sound", "show.md": SHOW.encode(), "show.vtt": b"somebody's"}


# --- wrong audio ----


WRONG = (
    "cuemark: show.md: the transcript does not belong to this audio: only 0% of its distinctive phrases are said in it"
)


def test_wrong_audio_writes_only_the_report(workspace: Path, cuemark: Command) -> None:
    """Writes only the JSON where the two do not belong together, and fails in one line."""
    outcome = cuemark("align show.mp3 show.md --in-place", ELSEWHERE)

    assert outcome == Outcome(1, "show.json\n", f"{LISTENED}{WRONG}; --force aligns them all the same\n")
    assert set(contents(workspace)) == {"show.mp3", "show.md", "show.json"}
    assert (workspace / "show.md").read_text() == SHOW
    assert "wrong-audio" in {
        finding["kind"] for finding in json.loads((workspace / "show.json").read_text())["findings"]
    }


def test_wrong_audio_report_replaces_nothing(workspace: Path, cuemark: Command) -> None:
    """Even the report does not replace a file that cuemark did not write."""
    (workspace / "show.json").write_text("{}")
    outcome = cuemark("align show.mp3 show.md -f srt", ELSEWHERE)

    assert (outcome.status, outcome.out) == (1, "")
    assert f"no report: show.json: {FOREIGN}\n{WRONG}" in outcome.err
    assert contents(workspace) == {"show.mp3": b"sound", "show.md": SHOW.encode(), "show.json": b"{}"}


@pytest.mark.parametrize(
    "line", ["align show.mp3 show.md --diff", "marker show.mp3 show.md", "marker show.mp3 show.md --in-place"]
)
def test_wrong_audio_prints_and_changes_nothing_else(workspace: Path, cuemark: Command, line: str) -> None:
    """Shows no change and no note where the two do not belong together."""
    before = contents(workspace)
    outcome = cuemark(line, ELSEWHERE)

    assert (outcome.status, outcome.out) == (1, "")
    assert contents(workspace) == before


def test_force_goes_on(workspace: Path, cuemark: Command) -> None:
    """Writes everything with ``--force``."""
    outcome = cuemark("align show.mp3 show.md --force", ELSEWHERE)

    assert (outcome.status, len(outcome.out.splitlines())) == (0, 4)
    assert (workspace / "show.timed.md").read_text() == SHOW


@pytest.mark.parametrize(
    ("source", "answer", "status"),
    [
        (SHOW, HEARD, 1),
        (SHOW, TO_THE_END, 0),
        (TIMED.replace("\n<!-- Continue at 0:15! -->\n", ""), TO_THE_END, 0),
    ],
)
def test_strict_fails_on_findings(workspace: Path, cuemark: Command, source: str, answer: Hearing, status: int) -> None:
    """Ends with 1 under ``--strict`` where there are findings, but not for a moved note alone; else with 0."""
    (workspace / "show.md").write_text(source)
    align = cuemark("align show.mp3 show.md --strict", answer)
    marker = cuemark("marker show.mp3 show.md --strict")
    lenient = cuemark("align show.mp3 show.md")

    assert (align.status, marker.status, lenient.status) == (status, status, 0)
    assert align.out == lenient.out
