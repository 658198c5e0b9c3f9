from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.listening.transcribe.window_parts import WindowStore
from pipeline.schema import Hearing
from tests.fake_engines import FakeEngines
from tests.sample_episode import (
    ANN,
    BOB,
    FORCED,
    FOUND,
    HEARD,
    LISTENED,
    MOVED,
    NOTE_MOVED,
    SEPARATED,
    SHOW,
    STORED,
    TIMED,
    TO_THE_END,
    Command,
    Outcome,
    contents,
)

# --- what comes out ------------------------------------------------------------------------------------------------


def test_align_writes_the_four_formats(workspace: Path, cuemark: Command) -> None:
    """Writes the timed transcript, subtitles and the report, and prints their paths, one a line."""
    outcome = cuemark("align show.mp3 show.md", HEARD)

    assert outcome == Outcome(
        0,
        "show.timed.md\nshow.srt\nshow.vtt\nshow.json\n",
        f"{LISTENED}{FORCED}{SEPARATED}{MOVED}{FOUND}results: in {workspace}\n",
    )
    assert sorted(contents(workspace)) == ["show.json", "show.md", "show.mp3", "show.srt", "show.timed.md", "show.vtt"]
    assert (workspace / "show.timed.md").read_text() == TIMED
    assert (workspace / "show.md").read_text() == SHOW
    assert (workspace / "show.srt").read_text().startswith("1\n00:00:01,000 --> ")
    assert (workspace / "show.vtt").read_text().startswith("WEBVTT\n\n00:00:01.000 --> ")
    assert json.loads((workspace / "show.json").read_text())["continue_at"] == 15.2


def test_second_run_calls_no_engine_and_changes_no_byte(workspace: Path, cuemark: Command) -> None:
    """Takes what was heard from the store, and replaces its own files by equal ones."""
    first = cuemark("align show.mp3 show.md", HEARD)
    before = contents(workspace)
    second = cuemark("align show.mp3 show.md")

    assert second == Outcome(0, first.out, first.err.replace(LISTENED + FORCED + SEPARATED, STORED))
    assert contents(workspace) == before


def test_relisten_starts_anew(workspace: Path, cuemark: Command) -> None:
    """Listens again with ``--relisten``, and writes what is heard then."""
    cuemark("align show.mp3 show.md", HEARD)
    outcome = cuemark("align show.mp3 show.md --relisten -f md", TO_THE_END)

    assert outcome.out == "show.timed.md\n"
    assert "Continue at" not in (workspace / "show.timed.md").read_text()


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("-f srt", ["show.srt"]),
        ("-f vtt -f srt -f vtt", ["show.srt", "show.vtt"]),
        (
            "--output-format all",
            ["show.timed.md", "show.srt", "show.vtt", "show.json", "show.html", "show.chapters.json"],
        ),
        ("-f md -o out/deep", ["out/deep/show.timed.md"]),
        ("--output-dir . -f json", ["show.json"]),
        ("--in-place", ["show.md", "show.srt", "show.vtt", "show.json"]),
        ("--in-place -f md", ["show.md"]),
        ("--in-place -f md -o out", ["show.md"]),
    ],
)
def test_results_are_those_asked_for(workspace: Path, cuemark: Command, options: str, names: list[str]) -> None:
    """Writes the formats that were asked for, each once, where it was asked to, and prints just these."""
    outcome = cuemark(f"align show.mp3 show.md {options}", HEARD)

    assert outcome.out.splitlines() == names
    assert set(contents(workspace)) == {"show.md", "show.mp3", *names}


def test_in_place_writes_the_humans_file(workspace: Path, cuemark: Command) -> None:
    """Writes times and note into the transcript itself; a second run finds nothing to change and does not touch it."""
    (workspace / "show.md").chmod(0o640)
    cuemark("align show.mp3 show.md --in-place -f md", HEARD)
    first = (workspace / "show.md").stat()
    outcome = cuemark("align show.mp3 show.md --in-place -f md")

    assert (workspace / "show.md").read_text() == TIMED
    assert oct(first.st_mode) == oct(0o100640)
    assert outcome.out == ""
    assert outcome.err.startswith(f"{STORED}show.md: nothing to change\nnote: <!-- Continue at 0:15! --> is right as")
    assert (workspace / "show.md").stat().st_mtime_ns == first.st_mtime_ns


def link_to(real: Path, name: Path) -> None:
    """Move a file to another place in its folder, and leave a link to it under its name."""
    real.parent.mkdir()
    name.rename(real)
    name.symlink_to(real.relative_to(name.parent))


def test_in_place_follows_a_link(workspace: Path, cuemark: Command) -> None:
    """Writes the file that a link leads to, and leaves the link."""
    link_to(workspace / "docs" / "real.md", workspace / "show.md")
    cuemark("align show.mp3 show.md --in-place -f md", HEARD)

    assert (workspace / "show.md").is_symlink()
    assert (workspace / "docs" / "real.md").read_text() == TIMED


@pytest.mark.parametrize("command", ["align show.mp3 show.md --in-place -f md", "marker show.mp3 show.md --in-place"])
def test_in_place_leaves_a_target_that_changes_meanwhile(workspace: Path, cuemark: Command, command: str) -> None:
    """Leaves the file that a link leads to as it is if somebody saves it while cuemark listens, and keeps the link."""
    real = workspace / "docs" / "real.md"
    link_to(real, workspace / "show.md")

    def saved_meanwhile(_: WindowStore) -> Hearing:
        real.write_text(f"{SHOW}\n**Ann Lee**: And more.\n")
        return HEARD

    outcome = cuemark(command, saved_meanwhile)

    assert outcome.status == 1
    assert "show.md: was changed while cuemark was listening and is left as it is; run again\n" in outcome.err
    assert real.read_text() == f"{SHOW}\n**Ann Lee**: And more.\n"
    assert (workspace / "show.md").is_symlink()
    assert sorted(contents(workspace)) == ["docs/real.md", "show.md", "show.mp3"]


def test_in_place_writes_what_was_read_though_the_link_changes_meanwhile(workspace: Path, cuemark: Command) -> None:
    """Follows a link once: where it leads meanwhile nothing is written, not even over the same text."""
    real, other = workspace / "docs" / "real.md", workspace / "other.md"
    link_to(real, workspace / "show.md")
    other.write_text(SHOW)

    def changed_meanwhile(_: WindowStore) -> Hearing:
        (workspace / "show.md").unlink()
        (workspace / "show.md").symlink_to("other.md")
        return HEARD

    outcome = cuemark("align show.mp3 show.md --in-place -f md", changed_meanwhile)

    assert outcome.status == 0
    assert (real.read_text(), other.read_text()) == (TIMED, SHOW)
    assert (workspace / "show.md").readlink() == Path("other.md")


def test_diff_shows_the_change_and_writes_nothing(workspace: Path, cuemark: Command) -> None:
    """Prints a unified diff of the transcript, and leaves the folder as it was."""
    before = contents(workspace)
    outcome = cuemark("align show.mp3 show.md --diff", HEARD)

    assert outcome.status == 0
    assert outcome.out.splitlines() == [
        "--- show.md",
        "+++ show.md",
        "@@ -8,8 +8,8 @@",
        " ",
        " ## Start",
        " ",
        f"-**Ann Lee**: {ANN}",
        f"+0:01 - **Ann Lee**: {ANN}",
        " ",
        f"-**Bob Ray**: {BOB}",
        f"+0:08 - **Bob Ray**: {BOB}",
        " ",
        "-<!-- Continue at 0:05! -->",
        "+<!-- Continue at 0:15! -->",
    ]
    assert contents(workspace) == before


def test_diff_goes_before_in_place(workspace: Path, cuemark: Command) -> None:
    """Writes nothing with ``--diff`` whatever else is asked for, so that adding it to a command is always safe."""
    before = contents(workspace)
    plain = cuemark("align show.mp3 show.md --diff", HEARD)
    outcome = cuemark("align show.mp3 show.md --in-place --overwrite --diff")

    assert outcome.out == plain.out
    assert contents(workspace) == before


def test_diff_of_no_change_is_empty(workspace: Path, cuemark: Command) -> None:
    """Prints nothing where the transcript is right already."""
    (workspace / "show.md").write_text(TIMED)

    assert cuemark("align show.mp3 show.md --diff", HEARD).out == ""


def test_no_times_moves_only_the_note(workspace: Path, cuemark: Command) -> None:
    """Changes only the note with ``--no-times``."""
    cuemark("align show.mp3 show.md --no-times --in-place", HEARD)

    assert (workspace / "show.md").read_text() == NOTE_MOVED


def test_fix_times_replaces_wrong_times(workspace: Path, cuemark: Command) -> None:
    """Leaves a typed time as it is, and replaces it with ``--fix-times`` where it is off."""
    wrong = TIMED.replace("0:08", "0:38")
    (workspace / "show.md").write_text(wrong)
    cuemark("align show.mp3 show.md --in-place -f md", HEARD)
    left = (workspace / "show.md").read_text()
    cuemark("align show.mp3 show.md --in-place -f md --fix-times")

    assert left == wrong
    assert (workspace / "show.md").read_text() == TIMED


def test_json_prints_the_document(workspace: Path, cuemark: Command) -> None:
    """Prints with ``--json`` the document in place of the paths, the same that it writes."""
    outcome = cuemark("align show.mp3 show.md --json", HEARD)

    assert outcome.out == (workspace / "show.json").read_text()
    assert json.loads(outcome.out)["schema"] == "cuemark.alignment/1"


def test_summary_names_what_subtitles_leave_out(workspace: Path, cuemark: Command) -> None:
    """Says on standard error which part the subtitles do not have, where they were asked for."""
    never_said = (
        "\n**Ann Lee**: Purple elephants juggle seventeen marble pianos behind frozen volcanoes every Tuesday.\n"
    )
    (workspace / "show.md").write_text(SHOW.replace("\n<!--", f"{never_said}\n<!--"))
    with_srt = cuemark("align show.mp3 show.md -f srt", HEARD)
    without = cuemark("align show.mp3 show.md -f md")

    assert "not in srt, because not found surely: 1 utterance\n" in with_srt.err
    assert "not-heard: not found: “Purple elephants juggle seventeen" in with_srt.err
    assert "not found surely" not in without.err


@pytest.mark.parametrize("command", ["align show.mp3 show.md -f md", "marker show.mp3 show.md"])
def test_other_notes_are_named(workspace: Path, cuemark: Command, command: str) -> None:
    """Names the notes that stay as they are, with their lines."""
    (workspace / "show.md").write_text(SHOW.replace("## Start", "<!-- Continue at 0:02! -->\n\n## Start"))
    outcome = cuemark(command, HEARD)

    assert "      another note in line 9 is left as it is: <!-- Continue at 0:02! -->\n" in outcome.err


@pytest.mark.parametrize("command", ["align show.mp3 show.md -f md -f json", "marker show.mp3 show.md"])
def test_lines_that_look_like_labels_are_told(workspace: Path, cuemark: Command, command: str) -> None:
    """Says on standard error in one line, after all else, which text looks like a speaker and is read as text."""
    (workspace / "show.md").write_text(SHOW.replace("**Bob Ray**:", "**Bob Ray**"))
    outcome = cuemark(command, HEARD)

    last = outcome.err.removesuffix(f"results: in {workspace}\n").splitlines()[-1]
    assert outcome.status == 0
    assert last == "line 13 looks like a speaker and is read as text"
    assert (outcome.err.count(last), outcome.out.count(last)) == (1, 0)
    if "json" in command:
        findings = json.loads((workspace / "show.json").read_text())["findings"]
        assert [one["message"] for one in findings if one["kind"] == "possible-label"] == [last]


@pytest.mark.usefixtures("workspace")
def test_labels_that_are_read_are_not_told(cuemark: Command) -> None:
    """Says nothing about labels where all of them are read."""
    assert "look" not in cuemark("align show.mp3 show.md -f md", HEARD).err.replace("to look at", "")


# --- names of files ----------------------------------------------------------------------------------------------


def test_paths_are_one_line_each(workspace: Path, cuemark: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """Quotes a name that would break the list of paths, as git does, and with ``--null`` writes it as it is."""
    name = "sh\now\x1b[2J"
    (workspace / "show.mp3").rename(workspace / f"{name}.mp3")
    engines = FakeEngines([HEARD, HEARD, HEARD]).engines
    printed = []
    for options in (["-f", "srt", "-f", "json"], ["-f", "srt", "-f", "json", "--null"]):
        assert main(["align", f"{name}.mp3", "show.md", *options], engines) == 0
        printed.append(capsys.readouterr().out)
    assert cuemark("align show.md show.md --null --json").status == 2

    assert printed == [
        '"sh\\now\\033[2J.srt"\n"sh\\now\\033[2J.json"\n',
        f"{name}.srt\0{name}.json\0",
    ]


# --- marker --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "answer", "lines"),
    [
        (SHOW, HEARD, "<!-- Continue at 0:15! -->\nwas: <!-- Continue at 0:05! -->\n"),
        (SHOW.replace("<!-- Continue at 0:05! -->", "TODO 0:05"), HEARD, "TODO 0:15\nwas: TODO 0:05\n"),
        (SHOW.replace("<!-- Continue at 0:05! -->\n", ""), HEARD, "<!-- Continue at 0:15! -->\nwas: none\n"),
        (SHOW, TO_THE_END, "complete\nwas: <!-- Continue at 0:05! -->\n"),
        (SHOW.replace("<!-- Continue at 0:05! -->\n", ""), TO_THE_END, "complete\nwas: none\n"),
        ("", HEARD, "<!-- Continue at 0:00! -->\nwas: none\n"),
    ],
)
def test_marker_prints_the_note(workspace: Path, cuemark: Command, source: str, answer: Hearing, lines: str) -> None:
    """Prints the note in the file's own wording, or that it is complete, and what it was; it writes nothing."""
    (workspace / "show.md").write_text(source)
    before = contents(workspace)

    outcome = cuemark("marker show.mp3 show.md", answer)

    assert (outcome.status, outcome.out) == (0, lines)
    assert contents(workspace) == before


def test_marker_says_where_nothing_is_found(workspace: Path, cuemark: Command) -> None:
    """With ``--force`` it gives no note that is not known: where nothing was found and none stood, it says so."""
    (workspace / "show.md").write_text("**Ann**: Zzyzx, Xyzzy!\n")

    assert cuemark("marker show.mp3 show.md --force", HEARD) == Outcome(
        0,
        "not known\nwas: none\n",
        f"{LISTENED}note: not moved, because nothing that is written was found in the audio\n"
        "found: 0% of the written words\n",
    )


def test_marker_of_an_empty_page(workspace: Path, cuemark: Command) -> None:
    """Says that nothing is typed, instead of that nothing was found."""
    (workspace / "show.md").write_text("The Garden Show\n===\n")

    assert cuemark("marker show.mp3 show.md", HEARD) == Outcome(
        0, "<!-- Continue at 0:00! -->\nwas: none\n", f"{LISTENED}found: nothing, because nothing is typed yet\n"
    )


@pytest.mark.parametrize(
    ("answer", "at", "note"), [(HEARD, 15.2, "<!-- Continue at 0:15! -->"), (TO_THE_END, None, None)]
)
@pytest.mark.usefixtures("workspace")
def test_marker_json(cuemark: Command, answer: Hearing, at: float | None, note: str | None) -> None:
    """Prints with ``--json`` the document of ``cuemark.marker/1``."""
    outcome = cuemark("marker show.mp3 show.md --json", answer)

    assert json.loads(outcome.out) == {
        "schema": "cuemark.marker/1",
        "continue_at": at,
        "complete": at is None,
        "note": note,
        "old_note": "<!-- Continue at 0:05! -->",
        "heard_seconds": sum(span.duration for span in answer.speech) / 1000,
        "full_pass": True,
    }


def test_marker_in_place_moves_only_the_note(workspace: Path, cuemark: Command) -> None:
    """Writes the note, and nothing else, into the transcript."""
    outcome = cuemark("marker show.mp3 show.md --in-place", HEARD)

    assert outcome.out == "<!-- Continue at 0:15! -->\nwas: <!-- Continue at 0:05! -->\n"
    assert contents(workspace) == {"show.mp3": b"sound", "show.md": NOTE_MOVED.encode()}


@pytest.mark.usefixtures("workspace")
def test_marker_and_align_hear_once(cuemark: Command) -> None:
    """Listens once for both commands."""
    cuemark("marker show.mp3 show.md", HEARD)

    assert cuemark("align show.mp3 show.md -f md").status == 0
