from __future__ import annotations

import pytest
from lxml import etree

from pipeline.reading.imports.docx_blocks import DocumentStyles, TextBlock, read_blocks_of_document, read_styles
from pipeline.reading.imports.pieces import ImportedFileError
from tests.reading.imports.docx_samples import STYLES, W, body, bold, paragraph, run


def blocks(*content: str) -> list[TextBlock]:
    """Read the blocks of a document with the styles of the samples."""
    root = etree.fromstring(body(*content).encode())
    return list(read_blocks_of_document(root, read_styles(etree.fromstring(STYLES.encode()))))


def texts(*content: str) -> list[list[str]]:
    """The lines of each block."""
    return [["".join(one.text for one in line) for cell in block.cells for line in cell] for block in blocks(*content)]


def test_styles_are_read_by_their_names() -> None:
    """Their identifiers are in the language of the program."""
    assert read_styles(etree.fromstring(STYLES.encode())) == DocumentStyles(
        {"Titel": 1, "berschrift1": 2}, frozenset({"Verzeichnis1"}), frozenset({"Fett"})
    )


def test_headings_and_paragraphs_are_told_apart() -> None:
    """A table of contents and empty paragraphs are left out."""
    found = blocks(
        paragraph("The Show", style="Titel"),
        paragraph("Start", style="berschrift1"),
        paragraph("Start … 1", style="Verzeichnis1"),
        paragraph("  "),
        paragraph("Hello."),
    )

    assert [block.level for block in found] == [1, 2, 0]


def test_bold_text_is_marked() -> None:
    """By the run, by its style, or by neither."""
    [block] = blocks(paragraph(bold("a"), run("b", '<w:rStyle w:val="Fett"/>'), run("c", '<w:b w:val="0"/>'), run("d")))

    assert [(one.text, one.bold, one.node) for one in block.cells[0][0]] == [
        ("a", True, 0),
        ("b", True, 1),
        ("c", False, 2),
        ("d", False, 3),
    ]


def test_only_the_text_is_read() -> None:
    """Links and fields have text; text boxes, instructions of fields, notes and hidden text have none."""
    assert texts(
        paragraph(
            "<w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink><w:r><w:tab/><w:noBreakHyphen/></w:r>",
            "<w:r><w:instrText>PAGE</w:instrText></w:r><w:fldSimple><w:r><w:t>field</w:t></w:r></w:fldSimple>",
            run("hidden", "<w:vanish/>"),
            "<w:r><w:footnoteReference/><w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
            "<w:r><w:t>one\ntwo</w:t><w:br/><w:t>three</w:t></w:r>",
        ),
        "<w:sdt><w:sdtContent>" + paragraph("inside") + "</w:sdtContent></w:sdt><x>foreign</x>",
    ) == [["link\t-fieldone two", "three"], ["inside"]]


def cell(*content: str) -> str:
    """A cell of a table."""
    return f"<w:tc>{''.join(map(paragraph, content))}</w:tc>"


def test_rows_have_cells() -> None:
    """A header is left out, and a table in a cell is part of the cell."""
    inner = f"<w:tc><w:tbl><w:tr>{cell('in')}{cell('ner')}</w:tr></w:tbl>{paragraph('after')}</w:tc>"
    found = blocks(
        f"<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>{cell('Speaker')}{cell('Text')}</w:tr>"
        f"<w:tr>{cell('Ann')}<w:sdt><w:sdtContent>{cell('one', 'two')}</w:sdtContent></w:sdt>{cell('')}</w:tr>"
        f"<w:tr>{inner}</w:tr></w:tbl>"
    )

    assert [[["".join(one.text for one in line) for line in lines] for lines in block.cells] for block in found] == [
        [["Ann"], ["one", "two"]],
        [["in", "ner", "after"]],
    ]


@pytest.mark.parametrize("tag", ["ins", "del", "moveFrom", "moveTo"])
def test_tracked_changes_are_refused(tag: str) -> None:
    """It is not known which of the two texts is meant."""
    with pytest.raises(ImportedFileError, match="tracked changes; accept or reject all of them"):
        blocks(paragraph(f"<w:{tag}><w:r><w:t>text</w:t></w:r></w:{tag}>"))


def test_another_document_is_refused() -> None:
    """A Strict document is read, one of another vocabulary is not."""
    strict = body(paragraph("Hello.")).replace(W, "http://purl.oclc.org/ooxml/wordprocessingml/main")

    assert len(list(read_blocks_of_document(etree.fromstring(strict.encode()), DocumentStyles()))) == 1
    with pytest.raises(ImportedFileError, match="is not that of a Word document"):
        read_blocks_of_document(etree.fromstring(b"<workbook/>"), DocumentStyles())
