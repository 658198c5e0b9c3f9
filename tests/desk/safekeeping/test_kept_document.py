"""A document with its journal: what is offered after a crash, and what is left after a save."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pipeline.desk.safekeeping import document_place, journal
from pipeline.desk.safekeeping.document_file import ChangedOnDiskError, DocumentFile
from pipeline.desk.safekeeping.document_place import DocumentPlace, TakenOverError
from pipeline.desk.safekeeping.journal import read_journal
from pipeline.desk.safekeeping.kept_document import KeptDocument
from pipeline.io.atomic import sha256_of
from pipeline.io.part_files import ProcessMark

UPDATE = {"clientID": "a", "changes": [3, [0, "!"]]}


def opened(folder: Path, text: str = "one") -> KeptDocument:
    """A document whose file is in a folder, taken."""
    path = folder / "show.md"
    if not path.exists():
        path.write_text(text)
    file = DocumentFile(path, path, sha256_of(path.read_bytes()))
    document = KeptDocument(file, DocumentPlace.of(folder / "desk", path), path.read_text(), 9_000)
    document.take()
    return document


def test_a_document_that_was_only_read_leaves_nothing(tmp_path: Path) -> None:
    """Without an edit there is no journal."""
    document = opened(tmp_path)

    assert (document.owns, document.offered, document.unsaved("one")) == (True, None, None)
    document.close("one")
    assert not document.place.journal.exists()


def test_what_was_not_saved_is_offered(tmp_path: Path) -> None:
    """After a crash the next desk offers the edits, goes on with the journal, and keeps it until it is saved."""
    opened(tmp_path).append("one", [UPDATE])

    document = opened(tmp_path)
    assert document.offered is not None
    assert (document.offered.changes, document.offered.header.source) == (1, "one")
    assert document.unsaved("one") == document.place.journal
    document.restore()
    document.append("one!", [UPDATE])

    assert document.unsaved("one!!") == document.place.journal
    document.close("one!!")
    again = opened(tmp_path)
    assert again.offered is not None
    assert again.offered.changes == 2


def test_after_a_save_nothing_is_offered(tmp_path: Path) -> None:
    """The journal begins again with the text that was saved; at the end it is removed."""
    document = opened(tmp_path)
    document.append("one", [UPDATE])
    document.save("one!", None)

    kept = read_journal(document.place.journal)
    assert kept is not None
    assert (kept.header.source, kept.header.sha256, kept.changes) == ("one!", sha256_of(b"one!"), 0)
    assert opened(tmp_path).offered is None
    document.close("one!")
    assert not document.place.journal.exists()


def test_edits_after_a_save_are_offered(tmp_path: Path) -> None:
    """They begin from the text that was saved."""
    document = opened(tmp_path)
    document.append("one", [UPDATE])
    document.save("one!", None)
    document.append("one!", [UPDATE])

    offered = opened(tmp_path).offered

    assert offered is not None
    assert (offered.header.source, offered.changes) == ("one!", 1)


def test_a_save_without_room_for_a_new_journal_keeps_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The file is saved; the journal goes on, and later edits are in it."""
    document = opened(tmp_path)
    document.append("one", [UPDATE])
    real = os.replace

    def replace(source: str, target: str, **folders: int) -> None:
        if target.endswith(".journal"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(source, target, **folders)

    with monkeypatch.context() as full:
        full.setattr(os, "replace", replace)
        document.save("one!", None)
    document.append("one!", [UPDATE])

    assert "goes on as it was" in caplog.text
    assert document.file.path.read_text() == "one!"
    kept = read_journal(document.place.journal)
    assert kept is not None
    assert (kept.header.source, kept.changes) == ("one", 2)


@pytest.mark.parametrize("fault", ["removed", "replaced"])
def test_a_journal_that_is_gone_is_begun_again(tmp_path: Path, fault: str) -> None:
    """An edit is never written into a file without a name: the new journal begins with the text before it."""
    document = opened(tmp_path)
    document.append("one", [UPDATE])
    if fault == "replaced":
        (tmp_path / "other").write_bytes(document.place.journal.read_bytes())
        (tmp_path / "other").replace(document.place.journal)
    else:
        document.place.journal.unlink()

    document.append("one!", [UPDATE])

    kept = read_journal(document.place.journal)
    assert kept is not None
    assert (kept.header.source, kept.changes) == ("one!", 1)


def test_a_new_journal_that_cannot_be_opened_takes_no_edits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a save it may be written and not be opened: then the edits that follow are in yet another one."""
    document = opened(tmp_path)
    document.append("one", [UPDATE])

    def fail(*_: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as full:
        full.setattr(journal, "_open", fail)
        document.save("one!", None)
    document.append("one!", [UPDATE])

    kept = read_journal(document.place.journal)
    assert kept is not None
    assert (kept.header.source, kept.changes) == ("one!", 1)


def test_edits_of_a_file_that_has_changed_are_shown_beside_it(tmp_path: Path) -> None:
    """They are restored on the text that they were made to, and saving shows what is on the disk."""
    opened(tmp_path).append("one", [UPDATE])
    (tmp_path / "show.md").write_text("two")

    document = opened(tmp_path)
    kept = document.restore()

    assert kept is not None
    assert (kept.header.source, document.source) == ("one", "one")
    with pytest.raises(ChangedOnDiskError) as raised:
        document.save("one!", None)
    assert raised.value.text == "two"
    document.save("one!", raised.value.sha256)
    assert (tmp_path / "show.md").read_text() == "one!"


def test_edits_are_discarded(tmp_path: Path) -> None:
    """A person may not want them."""
    opened(tmp_path).append("one", [UPDATE])
    document = opened(tmp_path)
    document.discard()

    assert (document.offered, document.place.journal.exists(), document.unsaved("one")) == (None, False, None)


def test_another_desk_takes_the_document_with_its_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other desk offers what the first one had not saved; the first one changes nothing any more."""
    first = opened(tmp_path)
    first.append("one", [UPDATE])
    other = ProcessMark("ffffffff", 1, 1)  # a process elsewhere, of which nobody knows that it has ended
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(document_place, "own_mark", lambda: other)
        second = opened(tmp_path)
        assert (second.owns, second.offered) == (False, None)
        with pytest.raises(TakenOverError):
            second.append("one", [UPDATE])
        second.take_over()
        assert second.owns
        assert second.offered is not None
        assert second.offered.changes == 1

    with pytest.raises(TakenOverError):
        first.append("one!", [UPDATE])
    with pytest.raises(TakenOverError):
        first.save("one!", None)
    first.lose()
    first.close("one!")
    assert read_journal(first.place.journal) is not None
    assert (tmp_path / "show.md").read_text() == "one"
    assert not first.place.is_free()
