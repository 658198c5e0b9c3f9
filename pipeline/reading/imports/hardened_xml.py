"""Parse XML of strangers: without a document type or entities, no network, no deeper than libxml2 permits (256)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.reading.imports.pieces import ImportedFileError

if TYPE_CHECKING:
    from lxml.etree import _Element


def parse_xml(content: bytes, what: str) -> _Element:
    """Return the root element of a document.

    A document type is refused: it alone can declare entities, and no format that is read here needs one. What libxml2
    expands of them before it is refused is limited by libxml2 itself.

    Args:
        what: what is parsed, for messages: it continues "the file ".

    Raises:
        ImportedFileError: it is no well-formed XML, has a document type, or is nested too deeply.
    """
    from lxml import etree  # noqa: PLC0415 -- few transcripts need it

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as e:
        raise ImportedFileError(f"{what} that is broken or nested too deeply", e.lineno or None) from e
    if root.getroottree().docinfo.internalDTD is not None:
        raise ImportedFileError(f"{what} with a document type (DOCTYPE), which may declare entities; remove it")
    return root
