"""Who has a document open: one process at a time, and none that has ended."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.desk.safekeeping.document_place import DocumentPlace, TakenOverError, default_desk_folder
from pipeline.errors import DeskError
from tests.sample_episode import environment

TAKER = """
import sys
from pathlib import Path
from pipeline.desk.safekeeping.document_place import DocumentPlace
place = DocumentPlace.of(Path(sys.argv[1]), Path("show.md"))
print(place.take(9_000, by_force="force" in sys.argv), flush=True)
sys.stdin.readline()
if "release" in sys.argv:
    place.release()
"""


@pytest.fixture
def place(tmp_path: Path) -> DocumentPlace:
    """The place of a document, in a folder that is not there yet."""
    return DocumentPlace.of(tmp_path / "desk", Path("show.md"))


def another(place: DocumentPlace, *words: str) -> subprocess.Popen[str]:
    """Another process that takes the document, and runs on until it gets a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", TAKER, str(place.folder), *words],
        env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Let a process end by itself."""
    process.communicate("\n")


def test_a_document_has_one_holder(place: DocumentPlace) -> None:
    """While another process has it, it is neither free nor ours; after its end it can be taken."""
    process = another(place, "release")
    assert (place.take(9_001, by_force=False), place.is_ours(), place.is_free()) == (False, False, False)
    with pytest.raises(TakenOverError), place.held():
        pass
    end(process)

    assert place.is_free()
    assert place.take(9_001, by_force=False)
    assert place.is_ours()


def test_a_killed_holder_holds_nothing(place: DocumentPlace) -> None:
    """After kill -9 the document is free, though nobody has released it."""
    process = another(place)
    process.kill()
    process.communicate()

    assert place.is_free()
    assert place.take(9_001, by_force=False)


def test_it_is_taken_over(place: DocumentPlace) -> None:
    """Another process that takes it by force has it; the first one sees that before it changes anything."""
    assert place.take(9_001, by_force=False)
    with place.held():
        pass
    process = another(place, "force")

    assert not place.is_ours()
    with pytest.raises(TakenOverError), place.held():
        pass
    place.release()  # of what is not ours changes nothing
    assert not place.is_free()
    assert place.take(9_001, by_force=True)
    end(process)


def test_port_and_ignored_findings_are_remembered(place: DocumentPlace) -> None:
    """They outlive the desk, and a desk that takes the document over."""
    assert (place.port, place.ignored) == (None, frozenset())
    place.take(9_001, by_force=False)
    place.ignore(frozenset({"b", "a"}))
    place.release()
    place.take(9_002, by_force=True)

    assert (place.port, place.ignored) == (9_002, frozenset({"a", "b"}))


def test_only_its_owner_can_read_it(place: DocumentPlace) -> None:
    """Nothing in the folder can be read by others."""
    place.take(9_001, by_force=False)

    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in place.folder.iterdir()}
    assert set(modes) >= {".json"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700


def test_documents_do_not_meet(tmp_path: Path) -> None:
    """Files of one name in two folders have different places; the names tell nothing of the path."""
    one, two = (DocumentPlace.of(tmp_path, Path(f"/{folder}/show.md")) for folder in ("a", "b"))

    assert one.journal != two.journal
    assert len(one.name) == 64
    assert "show" not in one.name


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"port": "x"}', b"\xff", b'{"holder": {"host": 1}}', b'{"holder": {"host": "\xf0"}}'],
)
def test_a_damaged_record_is_none(place: DocumentPlace, content: bytes) -> None:
    """What cannot be read is as if it were not there."""
    place.folder.mkdir()
    (place.folder / f"{place.name}.json").write_bytes(content)

    assert (place.port, place.is_free()) == (None, True)
    assert place.take(9_001, by_force=False)


def test_a_holder_on_another_host_is_not_known_to_have_ended(place: DocumentPlace) -> None:
    """A shared home may be mounted on several machines: such a desk has to be taken over by a person."""
    place.folder.mkdir()
    record = {"port": 9_000, "holder": {"host": "ffffffff", "process": 1, "start": 1}}
    (place.folder / f"{place.name}.json").write_text(json.dumps(record))

    assert (place.is_free(), place.take(9_001, by_force=False)) == (False, False)
    assert place.take(9_001, by_force=True)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """One line says which folder, and what to do."""
    (tmp_path / "desk").write_text("a file")

    with pytest.raises(DeskError, match=r"desk: cannot be used .*; name another in CUEMARK_DESK"):
        DocumentPlace.of(tmp_path / "desk", Path("show.md")).take(9_001, by_force=False)


def test_the_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``CUEMARK_DESK`` names it; else it is with the user's data."""
    monkeypatch.setenv("CUEMARK_DESK", str(tmp_path))
    assert default_desk_folder() == tmp_path
    monkeypatch.delenv("CUEMARK_DESK")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_desk_folder().name == "desk"
    assert os.environ["HOME"] in str(default_desk_folder()) or str(tmp_path) in str(default_desk_folder())
