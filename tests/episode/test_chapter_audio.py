"""The copy of the audio with chapters, as a person asks for it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from mutagen.id3 import ID3

from pipeline.episode.chapter_audio import chapter_audio
from pipeline.io.atomic import sha256_file
from pipeline.schema import Source
from pipeline.writing.chapters.chapter_list import ChapterOptions
from tests.factories import result
from tests.listening.audio.chapters.recordings import recording, with_opus_cover
from tests.sample_episode import FORCED, FOUND, HEARD, LISTENED, MOVED, SEPARATED, SHOW, Command, Outcome, contents

CHAPTERS = SHOW.replace("**Bob Ray**", "## Apples\n\n**Bob Ray**")


@pytest.fixture(autouse=True)
def _sound(workspace: Path) -> None:
    """Put a real recording in the place of the sample's."""
    recording(workspace / "show.mp3")
    (workspace / "show.md").write_text(CHAPTERS)


@pytest.mark.parametrize("command", ["align", "finish"])
def test_the_copy_is_a_result(workspace: Path, cuemark: Command, command: str) -> None:
    """It is written beside the others, its path is printed, and the original is as it was."""
    before = (workspace / "show.mp3").read_bytes()
    outcome = cuemark(f"{command} show.mp3 show.md -f srt --embed-chapters", HEARD)

    assert (outcome.status, outcome.out) == (0, "show.srt\nshow.chapters.mp3\n")
    assert [one.sub_frames["TIT2"].text[0] for one in ID3(workspace / "show.chapters.mp3").getall("CHAP")] == [
        "Start",
        "Apples",
    ]
    assert (workspace / "show.mp3").read_bytes() == before


def test_a_second_run_writes_the_same_and_leaves_what_a_person_changed(workspace: Path, cuemark: Command) -> None:
    """The copy is checked as all results are, before any listening."""
    cuemark("align show.mp3 show.md -f srt --embed-chapters", HEARD)
    before = contents(workspace)
    cuemark("align show.mp3 show.md -f srt --embed-chapters")
    assert contents(workspace) == before

    (workspace / "show.chapters.mp3").write_bytes(b"cut")
    outcome = cuemark("align show.mp3 show.md -f srt --embed-chapters --relisten")
    assert outcome == Outcome(
        1,
        "",
        "cuemark: show.chapters.mp3: is not as cuemark left it, or not cuemark's; give --overwrite to replace it\n",
    )
    assert (workspace / "show.chapters.mp3").read_bytes() == b"cut"


def test_without_chapters_there_is_no_copy(workspace: Path, cuemark: Command) -> None:
    """One line says why; everything else is written."""
    (workspace / "show.md").write_text(SHOW.replace("## Start\n\n", ""))
    outcome = cuemark("align show.mp3 show.md -f srt --embed-chapters", HEARD)

    assert outcome == Outcome(
        0,
        "show.srt\n",
        f"{LISTENED}{FORCED}{SEPARATED}audio with chapters: not written, because the transcript has no headings; "
        f"--chapters auto proposes chapters\n{MOVED}{FOUND}results: in {workspace}\n",
    )


def test_audio_holds_255_chapters(tmp_path: Path) -> None:
    """More are not written in part; 255 are."""
    path = recording(tmp_path / "a.mp3")
    source = "".join(f"## Part {number}\n\n**Ann**: Hello.\n\n" for number in range(256))
    made = replace(result(source), audio=Source(str(path), sha256_file(path)))
    fewer = replace(result(source.partition("## Part 255")[0]), audio=made.audio)
    content, _ = chapter_audio(path, fewer, ChapterOptions())
    (tmp_path / "b.mp3").write_bytes(content or b"")

    assert chapter_audio(path, made, ChapterOptions()) == (
        None,
        ("audio with chapters: not written, because audio can have 255 chapters, and there are 256",),
    )
    assert len(ID3(tmp_path / "b.mp3").getall("CTOC")[0].child_element_ids) == 255


def test_what_is_known_of_the_chapters_is_said_once(workspace: Path, cuemark: Command) -> None:
    """Though both the file and the copy have them."""
    (workspace / "show.md").write_text(CHAPTERS + "\n## Links\n")
    outcome = cuemark("align show.mp3 show.md -f chapters --embed-chapters", HEARD)

    assert outcome.out == "show.chapters.json\nshow.chapters.mp3\n"
    assert outcome.err.count('no chapter for "Links"') == 1


def test_a_format_without_chapters_is_refused_before_listening(workspace: Path, cuemark: Command) -> None:
    """Nothing is heard, and nothing written."""
    recording(workspace / "show.wav")
    before = contents(workspace)
    outcome = cuemark("align show.wav show.md --embed-chapters")

    assert outcome == Outcome(
        1,
        "",
        "cuemark: show.wav: its format (wav) cannot hold chapters; mp3, m4a, mp4, mkv, mka, webm, ogg and opus can\n",
    )
    assert contents(workspace) == before


def test_a_loss_is_told_before_listening(workspace: Path, cuemark: Command) -> None:
    """It is the first line, so that there is time to stop."""
    with_opus_cover(recording(workspace / "show.opus"))
    outcome = cuemark("align show.opus show.md -f srt --embed-chapters", HEARD)

    assert outcome.err.startswith(f"show.opus: the copy with chapters has all of it but its cover\n{LISTENED}")
    assert outcome.out == "show.srt\nshow.chapters.opus\n"


def test_audio_that_changes_meanwhile_is_not_copied(workspace: Path, cuemark: Command) -> None:
    """The chapters would be of another recording; the other results are written, and the command fails."""

    def changed_meanwhile(_: object) -> object:
        os.truncate(workspace / "show.mp3", 9_000)
        return HEARD

    outcome = cuemark("align show.mp3 show.md -f srt --embed-chapters", changed_meanwhile)

    assert (outcome.status, outcome.out) == (1, "show.srt\n")
    assert outcome.err.endswith("cuemark: show.mp3: was changed while cuemark was listening; run again\n")
    assert not (workspace / "show.chapters.mp3").exists()


def test_diff_writes_no_copy(workspace: Path, cuemark: Command) -> None:
    """It writes nothing at all."""
    before = contents(workspace)
    cuemark("align show.mp3 show.md --diff --embed-chapters", HEARD)

    assert contents(workspace) == before
