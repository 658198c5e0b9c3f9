"""The file of a document is replaced only if it is what the desk knows, or what a person has seen."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pipeline.desk.safekeeping.document_file import ChangedOnDiskError, DocumentFile
from pipeline.errors import OutputError, TranscriptError
from pipeline.io.atomic import sha256_of

TEXT = "\ufeffAnn: It’s\r\n𝄞\r"


@pytest.fixture
def file(tmp_path: Path) -> DocumentFile:
    """A file that the desk has read."""
    path = tmp_path / "show.md"
    path.write_bytes(TEXT.encode())
    return DocumentFile(path, path, sha256_of(TEXT.encode()))


def test_it_is_replaced(file: DocumentFile) -> None:
    """The file has the new text to the byte; its mode stays; it can be written again."""
    file.path.chmod(0o640)

    file.write("a\r\nb\n")
    file.write("c\r")

    assert file.path.read_bytes() == b"c\r"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o640
    assert (file.sha256, file.has_changed()) == (sha256_of(b"c\r"), False)


def test_a_link_is_followed(file: DocumentFile, tmp_path: Path) -> None:
    """A link to the document stays a link."""
    link = tmp_path / "link.md"
    link.symlink_to(file.path)
    linked = DocumentFile(link, Path(os.path.realpath(link)), file.sha256)

    linked.write("new")

    assert (link.is_symlink(), file.path.read_text()) == (True, "new")


def test_a_changed_file_is_not_replaced(file: DocumentFile) -> None:
    """What another program wrote stays, and is in the error for a person to see."""
    file.path.write_bytes(b"other\r\n")

    for _ in range(2):
        with pytest.raises(ChangedOnDiskError) as raised:
            file.write("mine")
    assert file.has_changed()
    assert (raised.value.text, raised.value.sha256) == ("other\r\n", sha256_of(b"other\r\n"))
    assert file.path.read_bytes() == b"other\r\n"


def test_the_version_that_a_person_has_seen_is_replaced(file: DocumentFile) -> None:
    """That version and no other one."""
    file.path.write_text("other")
    seen = sha256_of(b"other")
    file.path.write_text("another")
    with pytest.raises(ChangedOnDiskError):
        file.write("mine", replace=seen)

    file.write("mine", replace=sha256_of(b"another"))

    assert (file.path.read_text(), file.has_changed()) == ("mine", False)


def test_a_file_that_is_gone_counts_as_changed(file: DocumentFile) -> None:
    """A removed file is not created again unasked."""
    file.path.unlink()

    with pytest.raises(ChangedOnDiskError) as raised:
        file.write("mine")

    assert (raised.value.text, raised.value.sha256, file.has_changed()) == ("", None, True)


def test_bytes_that_are_no_text_are_shown_as_far_as_they_are(file: DocumentFile) -> None:
    """Another program may have written anything."""
    file.path.write_bytes(b"\xff\xfea")

    with pytest.raises(ChangedOnDiskError) as raised:
        file.write("mine")

    assert raised.value.text == "\ufffd\ufffda"


def test_a_new_file_is_created(tmp_path: Path) -> None:
    """A document that does not exist yet is created at its first save, if nobody was quicker."""
    new, late = (DocumentFile(tmp_path / "new.md", tmp_path / "new.md", None) for _ in range(2))

    new.write("mine")

    assert (tmp_path / "new.md").read_text() == "mine"
    with pytest.raises(ChangedOnDiskError) as raised:
        late.write("late")
    assert raised.value.text == "mine"


def test_what_cannot_be_written_stays(file: DocumentFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves the old content, and one line says why."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OutputError) as raised:
        file.write("mine")

    assert str(raised.value) == f"{file.shown}: cannot be written (No space left on device)"
    assert file.path.read_bytes() == TEXT.encode()
    assert [path.name for path in file.path.parent.iterdir()] == ["show.md"]


def test_it_is_read_again(file: DocumentFile) -> None:
    """A desk that takes a document over begins from what is there now."""
    file.path.write_bytes(b"other\r\n")
    assert (file.read_again(), file.sha256) == ("other\r\n", sha256_of(b"other\r\n"))
    file.path.write_bytes(b"\xff")
    with pytest.raises(TranscriptError):
        file.read_again()
    file.path.unlink()
    assert (file.read_again(), file.sha256) == ("", None)
