from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.imports import docx_package
from pipeline.reading.imports.docx_package import main_part, read_part, styles_part, with_part
from pipeline.reading.imports.pieces import ImportedFileError
from tests.reading.imports.docx_samples import body, package, paragraph, parts_of, word_document

PARTS = parts_of(body(paragraph("Hello.")))
DOCUMENT = package(PARTS)


def test_the_parts_of_a_document_are_found() -> None:
    """The relations say where its text and its styles are, whatever their names are."""
    moved = {name.replace("word/", "text/").replace("document.xml", "d.xml"): part for name, part in PARTS.items()}
    moved["_rels/.rels"] = str(PARTS["_rels/.rels"]).replace("word/document.xml", "/text/d.xml")

    assert (main_part(DOCUMENT), styles_part(DOCUMENT, main_part(DOCUMENT))) == ("word/document.xml", "word/styles.xml")
    assert (main_part(package(moved)), styles_part(package(moved), "text/d.xml")) == ("text/d.xml", "text/styles.xml")
    assert styles_part(DOCUMENT, "word/styles.xml") is None


def test_one_part_is_replaced() -> None:
    """The others keep their bytes, their order and their dates."""
    made = with_part(DOCUMENT, "word/document.xml", b"new")

    with ZipFile(BytesIO(DOCUMENT)) as old, ZipFile(BytesIO(made)) as new:
        assert new.namelist() == old.namelist()
        assert [one.date_time for one in new.infolist()] == [one.date_time for one in old.infolist()]
        changed = [name for name in old.namelist() if old.read(name) != new.read(name)]
        assert (changed, new.read("word/document.xml")) == (["word/document.xml"], b"new")


def test_a_comment_among_the_relations_is_no_relation() -> None:
    """XML may have comments and instructions for programs anywhere."""
    relations = str(PARTS["_rels/.rels"]).replace("<Relationship ", "<!-- made by hand --><?made by?><Relationship ")

    assert main_part(package({**PARTS, "_rels/.rels": relations})) == "word/document.xml"


@pytest.mark.parametrize("damaged", [4, 9])
def test_a_damaged_part_in_lzma_is_refused(damaged: int) -> None:
    """ZIP has more ways to compress than Word uses; here the properties are damaged (byte 4), or the text (9)."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_LZMA) as archive:
        for name, part in PARTS.items():
            archive.writestr(name, part)
    content = bytearray(made.getvalue())
    at = content.find(b"word/document.xml") + len("word/document.xml") + damaged
    content[at : at + 50] = b"\xff" * 50

    with pytest.raises(ImportedFileError, match="cannot be unpacked"):
        read_part(bytes(content), "word/document.xml")


def encrypted() -> bytes:
    """A document whose entries say that they are encrypted."""
    content = bytearray(DOCUMENT)
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)
    return bytes(content)


def twice() -> bytes:
    """A document that has its text twice."""
    made = BytesIO(DOCUMENT)
    with pytest.warns(UserWarning, match="Duplicate name"), ZipFile(made, "a") as archive:
        archive.writestr("word/document.xml", "other")
    return made.getvalue()


def bomb() -> bytes:
    """A small document that unpacks to more than the limit."""
    made = BytesIO(DOCUMENT)
    with ZipFile(made, "a", ZIP_DEFLATED) as archive, archive.open("word/media/zeros.bin", "w") as entry:
        for _ in range(docx_package.MAX_UNPACKED_BYTES >> 20):
            entry.write(bytes(1 << 20))
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04 and nothing else", "is a zipped file that is broken"),
        (DOCUMENT[:-200], "is a zipped file that is broken"),
        (package({"a.txt": "text"}), "is a zipped file, but no Word document"),
        (package(PARTS | {"_rels/.rels": "<Relationships/>"}), "is a zipped file, but no Word document"),
        (package(PARTS | {"_rels/.rels": "<Rel"}), "broken or nested too deeply"),
        (package(PARTS | {"word/vbaProject.bin": b"1"}), "is a Word document with macros"),
        (encrypted(), "with a password"),
        (package({f"{n}.txt": "" for n in range(5_001)}), "unpacks to more than"),
    ],
    ids=range(8),
)
def test_another_archive_is_refused(content: bytes, reason: str) -> None:
    """One line says what it is."""
    with pytest.raises(ImportedFileError, match=reason):
        main_part(content)


@pytest.mark.parametrize(
    ("make", "reason"), [(twice, "two parts have one name"), (bomb, "unpacks to more than 256 MB")]
)
def test_a_hostile_archive_is_refused(make: object, reason: str) -> None:
    """Nothing is unpacked."""
    with pytest.raises(ImportedFileError, match=reason):
        main_part(make())  # type: ignore[operator]


def test_a_part_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is missing, damaged or too large."""
    content = package({"a.xml": "<a>some text that is damaged</a>"})
    place = content.index(b"a.xml") + len("a.xml")
    damaged = content[:place] + bytes(8) + content[place + 8 :]

    with pytest.raises(ImportedFileError, match=r"without its part b\.xml"):
        read_part(content, "b.xml")
    with pytest.raises(ImportedFileError, match=r"whose part a\.xml cannot be unpacked"):
        read_part(damaged, "a.xml")
    monkeypatch.setattr(docx_package, "MAX_TEXT_BYTES", 9)
    with pytest.raises(ImportedFileError, match="of text, which no transcript has"):
        read_part(content, "a.xml")


@given(st.integers(0, len(DOCUMENT) - 1), st.integers(0, 255))
def test_a_damaged_document_is_read_or_refused(place: int, byte: int) -> None:
    """No other error leaves the reader."""
    damaged = DOCUMENT[:place] + bytes([byte]) + DOCUMENT[place + 1 :]
    try:
        name = main_part(damaged)
        read_part(damaged, name)
        with_part(damaged, name, b"")
    except ImportedFileError:
        return


def test_a_document_of_the_tests_is_one() -> None:
    """The samples are read."""
    assert main_part(word_document("Ann: Hello.")) == "word/document.xml"
