"""Read a web page as blocks of text with their speakers, in linear time.

lxml's HTML parser (libxml2) reports tags and text without building a tree. HTML5's own algorithm is not used: it closes
and opens formatting elements again, which takes quadratic time and memory on some pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.reading.imports.pieces import ImportedFileError, Piece, milliseconds
from pipeline.times import Ms, parse_clock

MAX_PAGE_BYTES = 4 << 20
"""Bytes. The words of three hours with markup for each line are a tenth of it."""

_CHUNK_BYTES = 1 << 16
_MAX_COMPARISONS = 300_000_000
"""The parser compares each end tag with all open elements; so many comparisons take a second."""

_BLOCK_TAGS = frozenset(
    {"p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "section", "article", "cite"}
)
_IGNORED_TAGS = frozenset({"script", "style", "head", "template", "time", "nav"})


class Block(NamedTuple):
    """A block of text, its speaker, and its time in ms."""

    speaker: str | None
    text: str
    at: Ms | None = None


def block_pieces(page: str) -> Iterator[Piece]:
    """Return the blocks of a page as pieces of a transcript.

    Raises:
        ImportedFileError: as ``read_blocks``.
    """
    return (Piece(block.speaker, block.text, block.at) for block in read_blocks(page))


def read_blocks(page: str) -> Iterator[Block]:
    """Return each block of text of a page with its speaker and time, in order; white space is one space.

    A block ends with its element. The name in ``<cite>`` is the speaker of the following blocks. What is not
    displayed is left out, as is ``<nav>``. The time in ``<time>``, or in the attribute ``data-timestamp``, is that of
    the text after it. Of oTranscribe's stamps, which have the class ``timestamp``, only the attribute is read.

    Raises:
        ImportedFileError: the page is too large, or its elements are nested too deeply; the message is for the user.
    """
    from lxml import etree  # noqa: PLC0415 -- few episodes need it

    content = page.encode("utf-8", "replace")
    if len(content) > MAX_PAGE_BYTES:
        raise ImportedFileError(f"is a web page (HTML) of more than {MAX_PAGE_BYTES >> 20} MB, which no transcript is")
    max_depth = _MAX_COMPARISONS / max(1, content.count(b"</"))
    reader = _BlockReader()
    parser = etree.HTMLParser(target=reader, encoding="utf-8")
    for start in range(0, len(content), _CHUNK_BYTES):
        parser.feed(content[start : start + _CHUNK_BYTES])
        if reader.depth > max_depth:
            raise ImportedFileError("is a web page (HTML) whose elements are nested too deeply to be read")
    with suppress(etree.XMLSyntaxError):  # raised for a page without any element, and for nothing else
        parser.close()
    return iter(reader.blocks)


@dataclass
class _BlockReader:
    """Collects blocks from the parser's reports.

    Attributes:
        depth: the number of open elements.
        ignored: the open element that is ignored with all that is in it.
        clock: the text of ``<time>``.
        at: the time of the next block.
    """

    blocks: list[Block] = field(default_factory=list)
    depth: int = 0
    text: list[str] = field(default_factory=list)
    speaker: str | None = None
    ignored: str | None = None
    clock: list[str] = field(default_factory=list)
    at: Ms | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin a new block, or begin to ignore an element."""
        self.depth += 1
        if tag == "body":
            self.ignored = None
            return
        if self.ignored is None and "data-timestamp" in attributes:
            self._end_block()
            self.at = _seconds(attributes["data-timestamp"])
        if self.ignored is None and (tag in _IGNORED_TAGS or _is_stamp(attributes)):
            self.ignored = tag
        elif tag in _BLOCK_TAGS:
            self._end_block()

    def end(self, tag: str) -> None:
        """End a block."""
        self.depth -= 1
        if tag == self.ignored:
            self.ignored = None
            if tag == "time":
                self._end_time()
        elif tag == "cite":
            self.speaker = " ".join("".join(self.text).split()).rstrip(":： ") or None
            self.text.clear()
        elif tag in _BLOCK_TAGS:
            self._end_block()

    def data(self, text: str) -> None:
        """Keep displayed text."""
        if self.ignored is None:
            self.text.append(text)
        elif self.ignored == "time":
            self.clock.append(text)

    def close(self) -> None:
        """End the last block."""
        self._end_block()

    def _end_time(self) -> None:
        text = "".join(self.clock).strip(" \t\r\n[]()")
        self.clock.clear()
        with suppress(ValueError):  # a date, for example
            at = parse_clock(text)
            self._end_block()
            self.at = at

    def _end_block(self) -> None:
        text = " ".join("".join(self.text).split())
        self.text.clear()
        if text:
            self.blocks.append(Block(self.speaker, text, self.at))
            self.at = None


def _is_stamp(attributes: Mapping[str, str]) -> bool:
    """Return whether the text of an element is only its time, as oTranscribe writes it."""
    return "data-timestamp" in attributes and "timestamp" in (attributes.get("class") or "").split()


def _seconds(text: str) -> Ms | None:
    try:
        return milliseconds(float(text))
    except ValueError:
        return None
