from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pysubs2
import pytest

import pipeline.writing
from tests.factories import heard, hearing
from tests.sample_episode import ANN, BOB, ELSEWHERE, HEARD, SHOW, TO_THE_END, Command, contents

SCHEMA = json.loads(Path(pipeline.writing.__file__).with_name("alignment.schema.json").read_text(encoding="utf-8"))
HUMAN = SHOW.partition("<!--")[0]
COMMENT = "<!-- Drafted by cuemark from 0:15 -->"
DRAFTED = "****: And here is what nobody has typed so far because it is late."


def test_finish_drafts_below_the_humans_words(workspace: Path, cuemark: Command) -> None:
    """Puts the draft below a comment where the note stood, keeps all above it, and prints what it wrote."""
    outcome = cuemark("finish show.mp3 show.md", HEARD)

    finished = (workspace / "show.finished.md").read_text()
    assert outcome.status == 0
    assert outcome.out.split() == ["show.finished.md", "show.srt", "show.vtt", "show.json"]
    assert finished == f"{HUMAN}{COMMENT}\n\n{DRAFTED}\n"
    assert "drafted: 13 words in 1 turn; turns: unknown speaker 1\n" in outcome.err
    assert (workspace / "show.md").read_text() == SHOW


def test_finish_writes_times_into_the_contents(workspace: Path, cuemark: Command) -> None:
    """The entries of the human's own table of contents get times, if they are asked for; no other time is written."""
    listed = SHOW.replace("## Start", "## Contents\n\n1. [Start](#start)\n\n## Start")
    (workspace / "show.md").write_text(listed)

    assert cuemark("finish show.mp3 show.md --toc-times -f md", HEARD).status == 0

    finished = (workspace / "show.finished.md").read_text()
    assert finished.partition("<!--")[0] == listed.partition("<!--")[0].replace("[Start]", "0:01 - [Start]")


def test_finish_twice_drafts_nothing_twice(workspace: Path, cuemark: Command) -> None:
    """Leaves a finished transcript as it is, also with what a person has since corrected in the draft."""
    cuemark("finish show.mp3 show.md --in-place", HEARD)
    once = (workspace / "show.md").read_text()
    cuemark("finish show.mp3 show.md --in-place", HEARD)
    assert (workspace / "show.md").read_text() == once

    corrected = once.replace("****: And here is what", "**Ann Lee**: Here's what")
    (workspace / "show.md").write_text(corrected)
    outcome = cuemark("finish show.mp3 show.md --in-place", HEARD)

    assert (workspace / "show.md").read_text() == corrected
    assert "drafted: nothing, because nothing is said that is not written" in outcome.err


def test_finish_shows_the_draft_in_subtitles_and_json(workspace: Path, cuemark: Command) -> None:
    """The subtitles have the human's part and the draft; the JSON separates the two."""
    cuemark("finish show.mp3 show.md", HEARD)

    shown = " ".join(event.plaintext for event in pysubs2.load(str(workspace / "show.srt"))).replace("\n", " ")
    document = json.loads((workspace / "show.json").read_text())
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert "old apple trees" in shown
    assert "because it is late" in shown
    assert [one["speaker"] for one in document["utterances"]] == ["Ann Lee", "Bob Ray"]
    assert [(one["speaker"], one["start"], one["end"]) for one in document["draft"]] == [(None, 16.0, 20.0)]
    assert document["draft"][0]["words"][-1]["text"] == "late."


def test_finish_adds_times_only_where_asked(workspace: Path, cuemark: Command) -> None:
    """Adds none to a file without times, and everywhere with ``--times``."""
    cuemark("finish show.mp3 show.md -f md", HEARD)
    assert "0:01 - " not in (workspace / "show.finished.md").read_text()

    cuemark("finish show.mp3 show.md -f md --times", HEARD)
    timed = (workspace / "show.finished.md").read_text()
    assert "0:01 - **Ann Lee**: " in timed
    assert f"0:16 - {DRAFTED}" in timed


def test_finish_diff_writes_nothing(workspace: Path, cuemark: Command) -> None:
    """Prints the change and leaves every file as it was."""
    before = contents(workspace)
    outcome = cuemark("finish show.mp3 show.md --diff", HEARD)

    assert f"+{COMMENT}\n" in outcome.out
    assert contents(workspace) == before


def test_finish_of_what_is_complete(workspace: Path, cuemark: Command) -> None:
    """Drafts nothing where nothing is left, and the note goes as in ``align``."""
    outcome = cuemark("finish show.mp3 show.md -f md", TO_THE_END)

    assert (workspace / "show.finished.md").read_text() == f"{HUMAN.rstrip()}\n"
    assert "drafted: nothing" in outcome.err


def test_finish_fills_gaps_where_asked(workspace: Path, cuemark: Command) -> None:
    """Drafts what was left out in the middle only with ``--fill-gaps``, between comments of its own."""
    sponsor = "this show is paid for by people who love quiet tractors and long evenings"
    engines = hearing(
        heard(ANN, 1_000, 7_000), heard(sponsor, 8_000, 13_000), heard(BOB, 14_000, 21_000), duration=22_000
    )
    (workspace / "show.md").write_text(HUMAN)
    cuemark("finish show.mp3 show.md -f md", engines)
    assert (workspace / "show.finished.md").read_text().count("quiet tractors") == 0

    cuemark("finish show.mp3 show.md -f md --fill-gaps", engines)
    filled = (workspace / "show.finished.md").read_text()
    assert filled.index("apple trees") < filled.index("quiet tractors") < filled.index("**Bob Ray**")
    assert "<!-- Drafted by cuemark from 0:08 -->" in filled
    assert "<!-- End of what cuemark drafted -->" in filled


def test_finish_refuses_what_does_not_belong(workspace: Path, cuemark: Command) -> None:
    """Drafts nothing below a transcript of other audio; only the report is written."""
    outcome = cuemark("finish show.mp3 show.md", ELSEWHERE)

    assert (outcome.status, outcome.out) == (1, "show.json\n")
    assert set(contents(workspace)) == {"show.mp3", "show.md", "show.json"}


def test_finish_keeps_what_was_worked_on(workspace: Path, cuemark: Command) -> None:
    """Refuses, before it listens, to replace a finished transcript that was corrected by hand."""
    cuemark("finish show.mp3 show.md -f md", HEARD)
    worked_on = (workspace / "show.finished.md").read_text().replace("late", "very late")
    (workspace / "show.finished.md").write_text(worked_on)

    outcome = cuemark("finish show.mp3 show.md -f md")

    assert outcome.status == 1
    assert outcome.err.startswith("cuemark: show.finished.md: is not as cuemark left it")
    assert (workspace / "show.finished.md").read_text() == worked_on


def test_draft_writes_a_whole_document(workspace: Path, cuemark: Command) -> None:
    """Drafts an episode of which nothing is typed, under the audio's name."""
    outcome = cuemark("draft show.mp3 -f md -f json", HEARD)

    document = json.loads((workspace / "show.json").read_text())
    drafted = (workspace / "show.draft.md").read_text()
    assert (outcome.status, outcome.out.split()) == (0, ["show.draft.md", "show.json"])
    assert drafted.startswith("show\n===")
    assert "<!-- Drafted by cuemark from 0:00 -->" in drafted
    assert "old apple trees" in drafted
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert (document["transcript"], document["utterances"]) == (None, [])


def test_draft_never_falls_on_its_sample(workspace: Path, cuemark: Command) -> None:
    """Refuses to write over the transcript whose style it follows."""
    (workspace / "show.draft.md").write_text(SHOW)
    outcome = cuemark("draft show.mp3 --like show.draft.md --overwrite -f md", HEARD)

    assert outcome.status == 1
    assert outcome.err.startswith("cuemark: show.draft.md: is the input show.draft.md itself")
    assert (workspace / "show.draft.md").read_text() == SHOW


def test_draft_follows_another_transcript(workspace: Path, cuemark: Command) -> None:
    """Takes title marks, headings and labels from the sample, and the title that is given."""
    (workspace / "other.md").write_text("# Seven\n\nPanel:\n\n- Ann Lee\n\n### Start\n\nANN LEE: Hello there.\n")
    cuemark("draft show.mp3 --like other.md --title Eight -f md", HEARD)

    drafted = (workspace / "show.draft.md").read_text()
    assert drafted.startswith("# Eight\n")
    assert "\n### " in drafted


@pytest.mark.parametrize(
    ("line", "status", "error"),
    [
        ("draft none.mp3", 1, "none.mp3: there is no such file"),
        ("draft show.mp3 --like none.md", 1, "none.md: there is no such file; check the name and the folder"),
        ("finish show.mp3 show.md --diff --json", 2, "command line: --diff and --json both print; give one of them"),
    ],
)
def test_what_cannot_be_drafted_is_one_line(
    workspace: Path, cuemark: Command, line: str, status: int, error: str
) -> None:
    """Says in one line what is missing, and writes nothing."""
    before = contents(workspace)
    outcome = cuemark(line)

    assert (outcome.status, outcome.out) == (status, "")
    assert outcome.err.startswith(f"cuemark: {error}")
    assert contents(workspace) == before
