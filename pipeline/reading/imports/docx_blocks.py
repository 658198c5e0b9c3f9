"""Read the text of a Word document as blocks of lines whose characters know their places in the file.

The blocks are paragraphs, headings and rows of tables, in order. What is displayed apart from the text is left out:
headers, footers, notes, comments, text boxes, pictures, hidden text and the table of contents.

Source: ECMA-376, part 1, chapter 17 (WordprocessingML).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.reading.imports.pieces import ImportedFileError

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",  # Strict
)
_TRACKED = ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel")
_INLINE = frozenset({"hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "bdo", "dir", "customXml"})
_SIGNS: Mapping[str, str] = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_OFF = frozenset({"0", "false", "off", "none"})
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_TITLE_LEVEL = 1
_CONTENTS = re.compile(r"toc [1-9]|toc heading|table of figures", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextRun:
    """Text in one format.

    Attributes:
        node: the index of its element ``w:t`` among all of the part; None for a tab, a hyphen or a break.
    """

    text: str
    bold: bool
    node: int | None = None


Line = tuple[TextRun, ...]


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph or a row of a table.

    Attributes:
        level: of a heading: 1 for the title, 2 and more for sections; 0 for other text.
        cells: the lines of each cell; of a paragraph, one cell.
    """

    level: int
    cells: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class DocumentStyles:
    """What the styles of a document mean: the level of the headings, by the styles' identifiers, and what is bold."""

    levels: Mapping[str, int] = field(default_factory=dict)
    contents: frozenset[str] = frozenset()
    bold: frozenset[str] = frozenset()


def text_elements(root: _Element) -> list[_Element]:
    """Return all elements ``w:t`` of a part, in order.

    Raises:
        ImportedFileError: it is not the text of a Word document.
    """
    return list(root.iter(f"{_namespace(root)}t"))


def read_styles(root: _Element) -> DocumentStyles:
    """Return what the styles of a document mean."""
    w = _namespace(root)
    levels: dict[str, int] = {}
    contents, bold = set[str](), set[str]()
    for style in root.iter(f"{w}style"):
        name, identifier = _value(style.find(f"{w}name"), w) or "", style.get(f"{w}styleId", "")
        if found := _HEADING.fullmatch(name):
            levels[identifier] = int(found[1]) + _TITLE_LEVEL
        elif name.casefold() == "title":
            levels[identifier] = _TITLE_LEVEL
        elif _CONTENTS.fullmatch(name):
            contents.add(identifier)
        if _is_on(style.find(f"{w}rPr/{w}b"), w):
            bold.add(identifier)
    return DocumentStyles(levels, frozenset(contents), frozenset(bold))


def read_blocks_of_document(root: _Element, styles: DocumentStyles) -> Iterator[TextBlock]:
    """Return the blocks of a document.

    Raises:
        ImportedFileError: it is not the text of a Word document, or has tracked changes.
    """
    w = _namespace(root)
    for tag in _TRACKED:
        if next(root.iter(f"{w}{tag}"), None) is not None:
            reason = "is a Word document with tracked changes; accept or reject all of them, and save it"
            raise ImportedFileError(reason)
    nodes = {node: number for number, node in enumerate(text_elements(root))}
    return _BlockReader(w, styles, nodes).blocks(root)


def _namespace(root: _Element) -> str:
    found = next((name for name in _NAMESPACES if str(root.tag).startswith(name)), None)
    if found is None:
        raise ImportedFileError("is a zipped file, but its text is not that of a Word document")
    return found


def _value(element: _Element | None, w: str) -> str | None:
    return None if element is None else element.get(f"{w}val")


def _is_on(element: _Element | None, w: str) -> bool:
    return element is not None and (_value(element, w) or "").casefold() not in _OFF


@dataclass(frozen=True, slots=True)
class _BlockReader:
    """Walks through the tree, which is at most 256 elements deep.

    Attributes:
        w: the namespace in braces.
        nodes: the index of each element ``w:t``.
    """

    w: str
    styles: DocumentStyles
    nodes: Mapping[_Element, int]

    def blocks(self, parent: _Element) -> Iterator[TextBlock]:
        """Yield the paragraphs and rows below an element."""
        for child in parent.iterchildren(tag="*"):
            name = self._name(child)
            if name == "p":
                yield from self._paragraph(child)
            elif name == "tr":
                yield from self._row(child)
            elif name in {"body", "tbl", "sdt", "sdtContent", "customXml"}:
                yield from self.blocks(child)

    def _name(self, element: _Element) -> str:
        tag = str(element.tag)
        return tag.removeprefix(self.w) if tag.startswith(self.w) else ""

    def _paragraph(self, paragraph: _Element) -> Iterator[TextBlock]:
        w = self.w
        style = _value(paragraph.find(f"{w}pPr/{w}pStyle"), w) or ""
        lines = tuple(self._lines(paragraph, bold=style in self.styles.bold))
        if lines and style not in self.styles.contents:
            yield TextBlock(self.styles.levels.get(style, 0), (lines,))

    def _row(self, row: _Element) -> Iterator[TextBlock]:
        """Yield a row whose cells have text, but not one that is marked as a header of its table."""
        w = self.w
        if _is_on(row.find(f"{w}trPr/{w}tblHeader"), w):
            return
        cells = (
            tuple(line for block in self.blocks(cell) for lines in block.cells for line in lines)
            for cell in self._cells(row)
        )
        if filled := tuple(cell for cell in cells if cell):
            yield TextBlock(0, filled)

    def _cells(self, parent: _Element) -> Iterator[_Element]:
        for child in parent.iterchildren(tag="*"):
            name = self._name(child)
            if name == "tc":
                yield child
            elif name in {"sdt", "sdtContent", "customXml"}:
                yield from self._cells(child)

    def _lines(self, paragraph: _Element, *, bold: bool) -> Iterator[Line]:
        """Yield the lines of a paragraph that have text; a break ends one."""
        line: list[TextRun] = []
        for run in (*self._runs(paragraph, bold=bold), TextRun("\n", bold=False)):
            if run.text != "\n":
                line.append(run)
                continue
            if any(one.text.strip() for one in line):
                yield tuple(line)
            line = []

    def _runs(self, parent: _Element, *, bold: bool) -> Iterator[TextRun]:
        for child in parent.iterchildren(tag="*"):
            name = self._name(child)
            if name == "r":
                yield from self._run(child, bold=bold)
            elif name in _INLINE:
                yield from self._runs(child, bold=bold)

    def _run(self, run: _Element, *, bold: bool) -> Iterator[TextRun]:
        w = self.w
        if _is_on(run.find(f"{w}rPr/{w}vanish"), w):
            return
        own = run.find(f"{w}rPr/{w}b")
        named = (_value(run.find(f"{w}rPr/{w}rStyle"), w) or "") in self.styles.bold
        is_bold = (bold or named) if own is None else _is_on(own, w)
        for child in run.iterchildren(tag="*"):
            name = self._name(child)
            if name == "t" and child.text:
                text = child.text.replace("\r", " ").replace("\n", " ")  # as Word displays it
                yield TextRun(text, is_bold, self.nodes[child])
            elif name in _SIGNS:
                yield TextRun(_SIGNS[name], is_bold)
