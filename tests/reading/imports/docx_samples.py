"""Word documents made by hand, part by part."""

from __future__ import annotations

from html import escape
from io import BytesIO
from zipfile import ZipFile, ZipInfo

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_FORMAT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
TYPES = f"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="png" ContentType="image/png"/>
<Override PartName="/word/document.xml" ContentType="{_FORMAT}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_FORMAT}.styles+xml"/>
</Types>"""
STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="character" w:styleId="Fett"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
</w:styles>"""


def run(text: str, properties: str = "") -> str:
    """A run with its properties as XML."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>'


def bold(text: str) -> str:
    """A bold run."""
    return run(text, "<w:b/>")


def paragraph(*runs: str, style: str = "") -> str:
    """A paragraph of runs; one that is not XML is plain text."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{''.join(one if one.startswith('<') else run(one) for one in runs)}</w:p>"


def body(*blocks: str) -> str:
    """The part that has the text."""
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{declaration}\n<w:document xmlns:w="{W}"><w:body>{"".join(blocks)}</w:body></w:document>'


def package(parts: dict[str, str | bytes]) -> bytes:
    """An archive of parts, not compressed, so that a test can damage one; the same at each run."""
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name), content)
    return made.getvalue()


def relations(kind: str, target: str) -> str:
    """The part that says where another one is."""
    relation = f'<Relationship Id="r" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_RELATIONS}">{relation}</Relationships>'


def parts_of(document: str | bytes) -> dict[str, str | bytes]:
    """The parts of a Word document with its text."""
    return {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relations("officeDocument", "word/document.xml"),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": relations("styles", "styles.xml"),
        "word/styles.xml": STYLES,
        "word/media/image1.png": bytes(range(256)),
    }


def word_document(*blocks: str) -> bytes:
    """A Word document of paragraphs and tables; one that is not XML is a paragraph of plain text."""
    return package(parts_of(body(*(one if one.startswith("<") else paragraph(one) for one in blocks))))
