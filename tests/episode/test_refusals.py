from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from pipeline.listening.transcribe.window_parts import WindowStore
from pipeline.schema import Hearing
from tests.fake_engines import FakeEngines
from tests.sample_episode import (
    ELSEWHERE,
    FORCED,
    HEARD,
    LISTENED,
    SEPARATED,
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
        case "link out":
            (workspace / "show.timed.md").symlink_to("../.bash_profile")
        case "folder out":
            (workspace / "out").mkdir()
            (workspace / "out" / "show.srt").symlink_to("../show.notes")
        case _:
            (workspace / "out").write_text("a file")


FOREIGN = "is not as cuemark left it, or not cuemark's; give --overwrite to replace it"
LINK = "is a link, or is below one, that leads out of the folder, to {}; remove the link, or give another --output-dir"
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
            "link out",
            "align show.mp3 show.md --overwrite",
            f"show.timed.md: {LINK.format('{parent}/.bash_profile')}",
        ),
        ("folder out", "finish show.mp3 show.md -o out", f"out/show.srt: {LINK.format('{workspace}/show.notes')}"),
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

    expected = error.format(workspace=workspace, parent=workspace.parent)
    assert outcome == Outcome(1, "", f"cuemark: {expected}\n")
    assert fake.history == []
    assert contents(workspace) == before
    assert not (workspace.parent / ".bash_profile").exists()


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
        f"{LISTENED}{FORCED}{SEPARATED}"
        "cuemark: show.md: was changed while cuemark was listening and is left as it is; run again\n",
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


def test_disk_that_is_full_on_the_way_is_told_exactly(
    workspace: Path, cuemark: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writes the transcript last, and says which files are written and which are not; prints those that are."""
    real = os.write

    def full(file: int, content: bytes) -> int:
        if bytes(content).startswith(b"WEBVTT"):
            raise OSError(28, "No space left on device")
        return real(file, content)

    monkeypatch.setattr(os, "write", full)
    outcome = cuemark("align show.mp3 show.md --in-place", HEARD)

    assert outcome == Outcome(
        1,
        "show.srt\n",
        f"{LISTENED}{FORCED}{SEPARATED}cuemark: show.vtt: cannot be written (No space left on device); "
        "written: show.srt; not written: show.vtt, show.json, show.md\n",
    )
    assert set(contents(workspace)) == {"show.mp3", "show.md", "show.srt"}
    assert (workspace / "show.md").read_text() == SHOW


@pytest.mark.usefixtures("workspace")
def test_transcript_is_written_last(cuemark: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renames the transcript after all results, so that it says nothing that is not there."""
    order = []
    real_replace, real_link = os.replace, os.link

    def replace(source: str, target: str, **folders: int) -> None:
        order.append(target)
        real_replace(source, target, **folders)

    def link(source: str, target: str, **options: Any) -> None:  # noqa: ANN401 -- passed on as they are
        order.append(target)
        real_link(source, target, **options)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(os, "link", link)
    cuemark("align show.mp3 show.md --in-place", HEARD)

    assert [name for name in order if name.startswith("show.")] == ["show.srt", "show.vtt", "show.json", "show.md"]


def test_hard_links_are_said(workspace: Path, cuemark: Command) -> None:
    """Says that another name of the transcript keeps the old text."""
    (workspace / "twin.md").hardlink_to(workspace / "show.md")
    outcome = cuemark("align show.mp3 show.md --in-place -f md", HEARD)

    assert "show.md: has another name (hard links), under which the old text stays\n" in outcome.err
    assert (workspace / "show.md").read_text() == TIMED
    assert (workspace / "twin.md").read_text() == SHOW


@pytest.mark.parametrize("command", ["align", "finish"])
def test_results_are_as_private_as_the_transcript(workspace: Path, cuemark: Command, command: str) -> None:
    """A result can be read only by those who may read the transcript."""
    (workspace / "show.md").chmod(0o600)
    outcome = cuemark(f"{command} show.mp3 show.md", HEARD)

    assert {oct(stat.S_IMODE((workspace / name).stat().st_mode)) for name in outcome.out.splitlines()} == {"0o600"}


# --- nothing found ----


NOWHERE = "**Ann Lee**: Zzyzx, Xyzzy!\n"
NONE_FOUND = (
    "cuemark: show.md: none of the written words (2) was found in the audio; "
    "is it this episode's? --force goes on anyway\n"
)


@pytest.mark.parametrize("line", ["align show.mp3 show.md", "finish show.mp3 show.md", "align show.mp3 show.md -f srt"])
def test_nothing_found_writes_only_the_report(workspace: Path, cuemark: Command, line: str) -> None:
    """Fails where none of the written words is said, and writes only the JSON."""
    (workspace / "show.md").write_text(NOWHERE)
    outcome = cuemark(f"{line} --in-place", HEARD)

    assert outcome == Outcome(1, "show.json\n", f"{LISTENED}{SEPARATED}{NONE_FOUND}")
    assert set(contents(workspace)) == {"show.mp3", "show.md", "show.json"}
    assert (workspace / "show.md").read_text() == NOWHERE
    assert json.loads((workspace / "show.json").read_text())["coverage"] == 0


@pytest.mark.parametrize(
    "line",
    [
        "align show.mp3 show.md --diff",
        "marker show.mp3 show.md",
        "marker show.mp3 show.md --json",
        "marker show.mp3 show.md --in-place",
    ],
)
def test_nothing_found_prints_and_changes_nothing_else(workspace: Path, cuemark: Command, line: str) -> None:
    """Prints neither note nor change where nothing was found."""
    (workspace / "show.md").write_text(NOWHERE)
    before = contents(workspace)

    separated = "" if line.startswith("marker") else SEPARATED
    assert cuemark(line, HEARD) == Outcome(1, "", f"{LISTENED}{separated}{NONE_FOUND}")
    assert contents(workspace) == before


@pytest.mark.parametrize("source", ["", "# The Garden Show\n", "[Laughter]\n", "<!-- Continue at 0:00! -->\n"])
def test_nothing_typed_is_no_failure(workspace: Path, cuemark: Command, source: str) -> None:
    """Does not fail where no spoken word is typed yet."""
    (workspace / "show.md").write_text(source)

    assert cuemark("align show.mp3 show.md", HEARD).status == 0
    assert cuemark("finish show.mp3 show.md").status == 0
    assert cuemark("marker show.mp3 show.md").out.startswith("<!-- Continue at 0:00! -->\n")


# --- wrong audio ----


WRONG = (
    "cuemark: show.md: the transcript does not belong to this audio: only 0% of its distinctive phrases are said in it"
)


def test_wrong_audio_writes_only_the_report(workspace: Path, cuemark: Command) -> None:
    """Writes only the JSON where the two do not belong together, and fails in one line."""
    outcome = cuemark("align show.mp3 show.md --in-place", ELSEWHERE)

    assert outcome == Outcome(1, "show.json\n", f"{LISTENED}{SEPARATED}{WRONG}; --force aligns them anyway\n")
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


def test_force_goes_on_where_nothing_is_found(workspace: Path, cuemark: Command) -> None:
    """Writes everything with ``--force`` though nothing was found; ``marker`` then has no note to give."""
    (workspace / "show.md").write_text(NOWHERE)

    assert (cuemark("align show.mp3 show.md --force", HEARD).status, (workspace / "show.timed.md").read_text()) == (
        0,
        NOWHERE,
    )
    assert cuemark("marker show.mp3 show.md --force").out == "not known\nwas: none\n"


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
