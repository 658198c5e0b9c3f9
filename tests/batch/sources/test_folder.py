from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.batch.messages import Job, Plan, Refusal
from pipeline.batch.sources.folder import HEAD_BYTES, plan_folder
from pipeline.writing import FORMATS
from tests.listening.tagged_recording import write_tagged

SPOKEN = "\n\n".join(f"**Ann**: line {number}" for number in range(4))


def fill(folder: Path, *names: str) -> Path:
    """Create files in a folder, each with its name as its content."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name, encoding="utf-8")
    return folder


def taken(plan: Plan, folder: Path) -> dict[str, str | None]:
    """Return each audio with its transcript, relative to the folder."""
    return {_below(folder, job.audio): job.transcript and _below(folder, job.transcript) for job in plan.jobs}


def _below(folder: Path, path: str) -> str:
    return os.path.relpath(path, folder)


def test_a_folder_is_planned_with_its_subfolders(tmp_path: Path) -> None:
    """Jobs have paths that include the folder, and result names that include the subfolders."""
    folder = fill(tmp_path / "show", "s1/7.mp3", "s1/7.md", "8.mkv")

    assert plan_folder(folder) == Plan(
        (
            Job("8", str(folder / "8.mkv")),
            Job("s1/7", str(folder / "s1" / "7.mp3"), str(folder / "s1" / "7.md")),
        )
    )


def test_hidden_files_and_results_are_ignored(tmp_path: Path) -> None:
    """Hidden files and folders, and the result folder, are not listed."""
    folder = fill(
        tmp_path, "7.mp3", ".git/8.mp3", "._7.mp3", "out/7.timed.md", "out/copy of 7.mp3", "7.timed.md", "s/out/9.mp3"
    )

    assert taken(plan_folder(folder, results=folder / "out"), folder) == {"7.mp3": None, "s/out/9.mp3": None}
    assert taken(plan_folder(folder, results=folder), folder).keys() == {"7.mp3", "out/copy of 7.mp3", "s/out/9.mp3"}


def test_texts_for_other_programs_are_no_transcripts(tmp_path: Path) -> None:
    """A second run in the same folder does not take what the first one wrote for a transcript."""
    ends = [form.suffix for form in FORMATS.values() if form.suffix.endswith((".txt", ".md", ".docx"))]
    folder = fill(tmp_path, "7.mp3", *(f"7{end}" for end in ends), *(f"8{end}" for end in ends))

    assert len(ends) > 3
    assert plan_folder(folder, results=folder) == Plan((Job("7", str(folder / "7.mp3")),))


def test_a_link_is_followed_only_inside_the_folder(tmp_path: Path) -> None:
    """A link to a file of the folder is accepted; links to outside are refused, and links to folders ignored."""
    outside = fill(tmp_path / "outside", "secret.mp3", "more/9.mp3")
    folder = fill(tmp_path / "show", "real/7.mp3")
    (folder / "8.mp3").symlink_to(folder / "real" / "7.mp3")
    (folder / "secret.mp3").symlink_to(outside / "secret.mp3")
    (folder / "gone.mp3").symlink_to(folder / "nothing")
    (folder / "loop.mp3").symlink_to(folder / "loop.mp3")
    (folder / "more").symlink_to(outside / "more")
    (folder / "again").symlink_to(folder)
    plan = plan_folder(folder)

    assert taken(plan, folder) == {"8.mp3": None, "real/7.mp3": None}
    assert set(plan.refusals) == {
        Refusal("secret.mp3", "is a link that leads out of the folder; name its file in a manifest"),
        Refusal("gone.mp3", "is a link to what is not there"),
        Refusal("loop.mp3", "is a link to what is not there"),
    }


def test_odd_names_are_accepted_and_undecodable_ones_refused(tmp_path: Path) -> None:
    """Line ends, emoji and other scripts are accepted, and a name that is not UTF-8 is refused."""
    folder = fill(tmp_path, "a\nb.mp3", "😀.mp3", "茶.mp3", " .mp3", "-rf.mp3")
    (folder / os.fsdecode(b"b\xff.mp3")).write_bytes(b"sound")
    (folder / os.fsdecode(b"b\xff.py")).write_bytes(b"code")
    plan = plan_folder(folder)

    assert taken(plan, folder).keys() == {"a\nb.mp3", "😀.mp3", "茶.mp3", " .mp3", "-rf.mp3"}
    assert plan.refusals == (Refusal("b?.mp3", "its name or its folder's is not UTF-8; rename it"),)


def test_a_special_file_is_refused(tmp_path: Path) -> None:
    """A named pipe is refused without reading it, and a folder with an audio's suffix is a folder."""
    os.mkfifo(tmp_path / "live.mp3")
    fill(tmp_path, "best of.mp3/7.mp3")
    plan = plan_folder(tmp_path)

    assert taken(plan, tmp_path) == {"best of.mp3/7.mp3": None}
    assert plan.refusals == (Refusal("live.mp3", "is a pipe or a device, not a file"),)


def test_headings_are_read_from_the_disk(tmp_path: Path) -> None:
    """The beginning of an unpaired text is read for its title, whatever its bytes are."""
    fill(tmp_path, "07.mp3", "08.mp3")
    (tmp_path / "one.md").write_text(f"7: Tea\n===\n\n{SPOKEN}\n", encoding="utf-8")
    (tmp_path / "two.md").write_bytes(b"\xff\xfe\x00" * HEAD_BYTES)
    (tmp_path / "three.md").write_text(SPOKEN, encoding="utf-8")
    plan = plan_folder(tmp_path)

    assert taken(plan, tmp_path) == {"07.mp3": "one.md", "08.mp3": None}
    assert [refused.name for refused in plan.refusals] == ["three.md"]


def test_tags_are_read_if_a_transcript_is_unpaired(tmp_path: Path) -> None:
    """A recording is paired with the transcript whose title is in its tags."""
    write_tagged(tmp_path / "track.mp3", "The Slow Build")
    fill(tmp_path, "other.mp3")
    (tmp_path / "typed.md").write_text(f"# The slow build\n\n{SPOKEN}\n", encoding="utf-8")

    assert taken(plan_folder(tmp_path), tmp_path) == {"other.mp3": None, "track.mp3": "typed.md"}


def test_broken_links_are_refused_alone(tmp_path: Path) -> None:
    """Of a thousand files, fifty broken links are refused with a line each, and the others are jobs."""
    fill(tmp_path, *(f"{number:04d}.mp3" for number in range(950)))
    for number in range(950, 1_000):
        (tmp_path / f"{number:04d}.mp3").symlink_to(tmp_path / "gone" / str(number))
    plan = plan_folder(tmp_path)

    assert (len(plan.jobs), len(plan.refusals)) == (950, 50)


def test_an_unreadable_folder_is_refused_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is refused, and the others are planned."""
    fill(tmp_path, "7.mp3", "closed/8.mp3")
    scan = os.scandir

    def guarded(path: str) -> object:  # root reads what is closed to others
        if str(path).rstrip("/").endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", guarded)
    plan = plan_folder(tmp_path)

    assert taken(plan, tmp_path) == {"7.mp3": None}
    assert plan.refusals == (Refusal("closed/", "this folder cannot be read (Permission denied)"),)
