from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import OutputError
from pipeline.files.results import (
    ResultFolder,
    check_in_place,
    check_results,
    diff,
    most_mode,
    other_links,
    result_path,
    write_in_place,
    write_results,
)
from pipeline.files.store import Store
from pipeline.io.atomic import sha256_of


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A new store."""
    return Store(tmp_path / "store")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with an episode and its transcript."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "show.mp3").write_bytes(b"sound")
    (folder / "show.md").write_bytes(b"text")
    return folder


def write(workspace: Path, contents: Mapping[Path, bytes], store: Store, *, overwrite: bool = False) -> None:
    """Write results into the workspace."""
    write_results(ResultFolder.at(workspace), contents, store, overwrite=overwrite, mode=0o666)


def refusal(path: Path, workspace: Path, store: Store, *, overwrite: bool = False) -> str | None:
    """Why a result at ``path`` is refused; None where it is not."""
    try:
        inputs = [workspace / "show.mp3", workspace / "show.md"]
        check_results(ResultFolder.at(workspace), [path], inputs, store, overwrite=overwrite)
    except OutputError as e:
        return e.reason
    return None


def test_results_are_named_after_the_audio() -> None:
    """Takes the stem of the audio's name, dots inside it included, and the suffix of the format."""
    assert result_path(Path("in/24.a.show.mp3"), Path("out"), ".timed.md") == Path("out/24.a.show.timed.md")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "name", ["show.md", "SHOW.md", "./show.md", "../workspace/show.md", "soft.md", "hard.md", "show.MP3"]
)
def test_no_result_falls_on_an_input(workspace: Path, store: Store, name: str, *, overwrite: bool) -> None:
    """Refuses an input by each of its names, with ``--overwrite`` too, and changes nothing."""
    (workspace / "soft.md").symlink_to("show.md")
    (workspace / "hard.md").hardlink_to(workspace / "show.md")

    reason = refusal(workspace / name, workspace, store, overwrite=overwrite)

    source = workspace / ("show.mp3" if name == "show.MP3" else "show.md")
    assert reason == f"is the input {source} itself, or would be on some disks; give --output-dir"


def test_file_that_is_not_ours_is_refused(workspace: Path, store: Store) -> None:
    """Refuses a file that cuemark never wrote, unless ``--overwrite`` is given."""
    (workspace / "show.srt").write_text("somebody's")

    assert refusal(workspace / "show.srt", workspace, store) == (
        "is not as cuemark left it, or not cuemark's; give --overwrite to replace it"
    )
    assert refusal(workspace / "show.srt", workspace, store, overwrite=True) is None


def test_own_file_is_replaced_until_somebody_works_on_it(workspace: Path, store: Store) -> None:
    """Replaces what it wrote itself, byte for byte; one changed byte and it refuses."""
    path = workspace / "show.srt"
    write(workspace, {path: b"first"}, store)
    write(workspace, {path: b"second"}, store)
    ours = refusal(path, workspace, store)
    path.write_bytes(b"Second")

    assert ours is None
    assert refusal(path, workspace, store) is not None


def test_own_earlier_version_is_not_ours_any_more(workspace: Path, store: Store) -> None:
    """Refuses a file that was restored to an earlier version written by cuemark."""
    path = workspace / "show.srt"
    write(workspace, {path: b"first"}, store)
    write(workspace, {path: b"second"}, store)
    path.write_bytes(b"first")

    assert refusal(path, workspace, store) is not None


def test_file_written_meanwhile_is_not_replaced(workspace: Path, store: Store) -> None:
    """Writes none of the results if one of them appeared since the check."""
    paths = [workspace / "show.srt", workspace / "show.vtt"]
    check_results(ResultFolder.at(workspace), paths, [], store, overwrite=False)
    paths[1].write_text("somebody's")

    with pytest.raises(OutputError, match="not as cuemark left it"):
        write(workspace, dict.fromkeys(paths, b"ours"), store)

    assert not paths[0].exists()
    assert paths[1].read_text() == "somebody's"


def test_run_killed_between_two_steps_leaves_the_file_ours(workspace: Path, store: Store) -> None:
    """Knows the old and the new version where a run ended after it said what it would write."""
    path = workspace / "show.srt"
    write(workspace, {path: b"first"}, store)
    store.record(path, *store.written(path), sha256_of(b"second"))
    before_the_rename = refusal(path, workspace, store)
    path.write_bytes(b"second")

    assert before_the_rename is None
    assert refusal(path, workspace, store) is None


def test_link_to_somebodys_file_is_refused(workspace: Path, store: Store) -> None:
    """Looks at what a link leads to: replacing that would be just as bad."""
    (workspace / "precious.txt").write_text("somebody's")
    (workspace / "show.srt").symlink_to("precious.txt")

    assert refusal(workspace / "show.srt", workspace, store) is not None


def test_folder_in_the_place_of_a_result_is_refused(workspace: Path, store: Store) -> None:
    """Refuses a folder with the result's name, with ``--overwrite`` too."""
    (workspace / "show.srt").mkdir()

    assert refusal(workspace / "show.srt", workspace, store, overwrite=True) == (
        "is no file, so no result can be written there; give --output-dir"
    )


def test_folder_that_cannot_be_made_is_refused(workspace: Path, store: Store) -> None:
    """Says before any listening that a folder cannot be made below a file."""
    path = workspace / "show.md" / "out" / "show.srt"

    assert refusal(path, workspace, store) == f"{workspace / 'show.md'} is no folder; give another --output-dir"


def test_missing_folders_are_made(workspace: Path, store: Store) -> None:
    """Makes the folders of a result when it writes it, not when it checks."""
    path = workspace / "a" / "b" / "show.srt"
    check_results(ResultFolder.at(workspace), [path], [], store, overwrite=False)
    before = (workspace / "a").exists()
    write(workspace, {path: b"text"}, store)

    assert before is False
    assert path.read_bytes() == b"text"


def test_in_place_writes_what_was_read(workspace: Path) -> None:
    """Replaces the human's file where it still is what was read."""
    check_in_place(Path("show.md"), workspace / "show.md")
    write_in_place(Path("show.md"), workspace / "show.md", sha256_of(b"text"), b"0:01 - text")

    assert (workspace / "show.md").read_bytes() == b"0:01 - text"


def test_in_place_leaves_a_changed_file(workspace: Path) -> None:
    """Leaves the human's file as it is where it changed since it was read, or is gone."""
    (workspace / "show.md").write_bytes(b"more text")

    with pytest.raises(OutputError, match="was changed while cuemark was listening"):
        write_in_place(Path("show.md"), workspace / "show.md", sha256_of(b"text"), b"0:01 - text")
    assert (workspace / "show.md").read_bytes() == b"more text"

    (workspace / "show.md").unlink()
    with pytest.raises(OutputError, match="No such file"):
        write_in_place(Path("show.md"), workspace / "show.md", sha256_of(b"text"), b"0:01 - text")
    assert not (workspace / "show.md").exists()


def test_race_is_lost_without_harm(workspace: Path, store: Store) -> None:
    """Leaves a result that is changed between the check and the rename, and says which files were written."""
    first, second = workspace / "show.srt", workspace / "show.vtt"
    write(workspace, {second: b"ours"}, store)

    class ChangedBetween(Store):
        def record(self, path: Path, *hashes: str) -> None:
            super().record(path, *hashes)
            if path == second:
                second.write_bytes(b"theirs")

    racing = ChangedBetween(store.folder)
    with pytest.raises(OutputError) as caught:
        write(workspace, {first: b"new", second: b"newer"}, racing)

    assert caught.value.written == (first,)
    assert str(caught.value).endswith(f"; written: {first}; not written: {second}")
    assert (first.read_bytes(), second.read_bytes()) == (b"new", b"theirs")


def test_in_place_race_is_lost_without_harm(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the human's file where it is saved by an editor while the new text is being written."""
    real = os.fsync

    def saved_meanwhile(file: int) -> None:
        (workspace / "show.md").write_bytes(b"more text")
        real(file)

    monkeypatch.setattr(os, "fsync", saved_meanwhile)
    with pytest.raises(OutputError, match="was changed while cuemark was listening"):
        write_in_place(Path("show.md"), workspace / "show.md", sha256_of(b"text"), b"0:01 - text")

    assert (workspace / "show.md").read_bytes() == b"more text"
    assert sorted(path.name for path in workspace.iterdir()) == ["show.md", "show.mp3"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("link", "target", "name"),
    [
        ("show.srt", "../private/.bash_profile", "show.srt"),
        ("show.srt", "../private/not there yet", "show.srt"),
        ("season 1", "../private", "season 1/show.srt"),
        ("season 1", "../private/not there yet", "season 1/show.srt"),
    ],
)
def test_link_that_leads_out_is_refused(
    workspace: Path, store: Store, link: str, target: str, name: str, *, overwrite: bool
) -> None:
    """Refuses a result that a link would put outside the folder, dangling or not, with ``--overwrite`` too."""
    (workspace.parent / "private").mkdir()
    (workspace.parent / "private" / ".bash_profile").write_text("precious")
    (workspace / link).symlink_to(target)
    before = sorted(workspace.parent.rglob("*"))
    reason = refusal(workspace / name, workspace, store, overwrite=overwrite)
    with pytest.raises(OutputError, match="leads out of the folder"):
        write(workspace, {workspace / name: b"text"}, store, overwrite=overwrite)

    assert reason is not None
    assert reason.startswith("is a link, or is below one, that leads out of the folder, to ")
    assert reason.endswith("; remove the link, or give another --output-dir")
    assert sorted(workspace.parent.rglob("*")) == before
    assert (workspace.parent / "private" / ".bash_profile").read_text() == "precious"


def test_folder_that_is_a_link_is_followed_once(workspace: Path, store: Store) -> None:
    """Follows a folder that the user names; when that link is changed meanwhile, the results go where it led."""
    named = workspace / "out"
    (workspace / "real").mkdir()
    (workspace / "elsewhere").mkdir()
    named.symlink_to("real")
    folder = ResultFolder.at(named)
    check_results(folder, [named / "show.srt"], [], store, overwrite=False)
    named.unlink()
    named.symlink_to("elsewhere")
    write_results(folder, {named / "show.srt": b"text"}, store, overwrite=False, mode=0o666)

    assert (workspace / "real" / "show.srt").read_bytes() == b"text"
    assert list((workspace / "elsewhere").iterdir()) == []


def test_private_transcript_has_private_results(workspace: Path, store: Store) -> None:
    """Gives a result no more than the mode of its transcript permits; what is not there permits what is usual."""
    (workspace / "show.md").chmod(0o600)
    path = workspace / "show.srt"
    write_results(
        ResultFolder.at(workspace), {path: b"text"}, store, overwrite=False, mode=most_mode(workspace / "show.md")
    )

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (most_mode(workspace / "none"), most_mode(None)) == (0o666, 0o666)


def test_other_names_of_a_file_are_counted(workspace: Path) -> None:
    """Counts the hard links of a file, without the name itself."""
    before = other_links(workspace / "show.md")
    (workspace / "twin.md").hardlink_to(workspace / "show.md")

    assert (before, other_links(workspace / "show.md"), other_links(workspace / "none")) == (0, 1, 0)


TEXTS = st.text(st.sampled_from("ab \r\n\u2028\x0b\u00e9"), max_size=12)


def patched(before: str, change: str) -> str:
    """Apply a unified diff as ``patch`` does: the slow, plain reading of its format."""
    old = re.findall(r"[^\n]*\n|[^\n]+", before)
    new: list[str] = []
    done = 0
    lines = re.findall(r"[^\n]*\n", change)[2:]
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        text = line[1:-1] if following.startswith("\\ No newline") else line[1:]
        if head := re.match(r"@@ -(\d+)(,0)?", line):
            start = int(head[1]) - (0 if head[2] else 1)
            new += old[done:start]
            done = start
        elif line[0] in " -":
            assert old[done] == text
            done += 1
        if line[0] in " +":
            new.append(text)
    return "".join(new + old[done:])


@given(before=TEXTS, after=TEXTS)
def test_patch_applies_the_diff(before: str, after: str) -> None:
    """Gives a diff that turns the old text into the new one, to the byte, and none where they are equal."""
    change = diff(Path("show.md"), before, after)

    assert bool(change) == (before != after)
    assert change == "" or change.startswith("--- show.md\n+++ show.md\n@@ ")
    assert patched(before, change) == after


def test_diff_has_one_line_for_each_name() -> None:
    """Quotes the name in the head of a diff where it would break the line."""
    assert diff(Path("a\nb.md"), "x\n", "y\n").startswith('--- "a\\nb.md"\n+++ "a\\nb.md"\n@@ ')
