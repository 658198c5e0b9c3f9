"""Chapters as a person asks for them: which files there are, and what is said of those that are not written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sample_episode import (
    ANN,
    BOB,
    FORCED,
    FOUND,
    HEARD,
    LISTENED,
    MOVED,
    SEPARATED,
    SHOW,
    Command,
    Outcome,
    contents,
)

NO_HEADINGS = "the transcript has no headings"
SECTIONS = SHOW.replace("**Bob Ray**", "## Apples\n\n**Bob Ray**")


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("chapters.json", '{\n  "version": "1.2.0",\n  "title": "The Garden Show",\n'),
        ("psc.xml", "<?xml version='1.0' encoding='UTF-8'?>\n<psc:chapters "),
        ("chapters.vtt", "WEBVTT\n\n00:00:01.000 --> 00:00:21.000\nStart\n"),
        ("ffmetadata", ";FFMETADATA1\n\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=21000\ntitle=Start\n"),
    ],
)
def test_formats_are_files(workspace: Path, cuemark: Command, name: str, start: str) -> None:
    """Each is written under its suffix, beside nothing else."""
    form = {"chapters.json": "chapters", "psc.xml": "psc", "chapters.vtt": "vtt-chapters"}.get(name, name)
    outcome = cuemark(f"align show.mp3 show.md -f {form}", HEARD)

    assert outcome == Outcome(
        0, f"show.{name}\n", f"{LISTENED}{FORCED}{SEPARATED}{MOVED}{FOUND}results: in {workspace}\n"
    )
    assert (workspace / f"show.{name}").read_text().startswith(start)


def test_a_list_that_youtube_would_ignore_is_not_written(workspace: Path, cuemark: Command) -> None:
    """It is said which chapters break which rule; the command itself has not failed."""
    (workspace / "show.md").write_text(SECTIONS.replace("<!-- C", "## Pears\n\n<!-- C"))
    outcome = cuemark("align show.mp3 show.md -f youtube -f chapters", HEARD)

    assert (outcome.status, outcome.out) == (0, "show.chapters.json\n")
    assert outcome.err.startswith(
        f"{LISTENED}{FORCED}{SEPARATED}"
        "youtube: not written, because YouTube takes three chapters or more, and there are 2\n"
        'no chapter for "Pears": nothing is written there\n'
        "note: "
    )


@pytest.mark.parametrize("command", ["align", "finish"])
def test_without_headings_all_is_the_other_formats(workspace: Path, cuemark: Command, command: str) -> None:
    """One line names what is left out and how to have it; no empty file is written."""
    (workspace / "show.md").write_text(f"**Ann Lee**: {ANN}\n\n**Bob Ray**: {BOB}\n")
    outcome = cuemark(f"{command} show.mp3 show.md -f all", HEARD)

    assert outcome.status == 0
    assert not (workspace / "show.chapters.json").exists()
    assert (workspace / "show.html").exists()
    assert outcome.err.count("chapters") == 3
    assert f"\nchapters: not written, because {NO_HEADINGS}; --chapters auto proposes chapters\n" in outcome.err


def test_auto_says_why_it_proposes_nothing(workspace: Path, cuemark: Command) -> None:
    """The sample has no pause in which another topic could begin."""
    (workspace / "show.md").write_text(f"**Ann Lee**: {ANN}\n")
    outcome = cuemark("align show.mp3 show.md -f chapters --chapters auto", HEARD)

    assert (outcome.status, outcome.out) == (0, "")
    assert f"chapters: not written, because {NO_HEADINGS}, and its topics cannot be told apart\n" in outcome.err


@pytest.mark.usefixtures("workspace")
def test_a_draft_has_no_chapters_of_one_topic(cuemark: Command) -> None:
    """Its only heading is cuemark's own."""
    outcome = cuemark("draft show.mp3 -f all", HEARD)

    assert outcome.status == 0
    assert "show.chapters.json" not in outcome.out
    assert "chapters: not written, because the headings were drafted by cuemark, and its topics" in outcome.err


def test_an_unknown_source_is_refused(cuemark: Command) -> None:
    """The line says what there is."""
    outcome = cuemark("align show.mp3 show.md --chapters sections")

    assert outcome.status == 2
    assert outcome.err == 'cuemark: --chapters: chapters.source has no choice "sections"; there are headings, auto\n'


def test_json_alone_is_printed_without_chapters(workspace: Path, cuemark: Command) -> None:
    """What is left out does not disturb the document on standard output."""
    (workspace / "show.md").write_text(f"**Ann Lee**: {ANN}\n")
    outcome = cuemark("align show.mp3 show.md --json -f chapters", HEARD)

    assert json.loads(outcome.out)["schema"] == "cuemark.alignment/1"
    assert sorted(contents(workspace)) == ["show.md", "show.mp3"]
