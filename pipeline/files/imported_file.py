"""What a transcript of another program has, and which files are such: little to import, since most transcripts are not.

``transcript_import`` reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from pipeline.io.file_types import ASS, DOCX, EAF, JSON, PAGE, PROBE, SRT, TEXT, TEXTGRID, VTT, ZIPPED, Kind, kind_of

if TYPE_CHECKING:
    from pipeline.reading.imports.docx_markdown import DocumentText
    from pipeline.reading.imports.pieces import Piece
    from pipeline.reading.imports.subtitle_cues import CueSource

DOCUMENTS = frozenset({DOCX, ZIPPED})
"""The types of files that are read as documents of Word."""

TEXTS = frozenset({VTT, SRT, ASS, JSON, PAGE, TEXTGRID, EAF})
"""The types that are read as text."""

_HTML_FRAGMENT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,99}<(?:cite|time|p|div|section|article|h[1-6])[\s>]", re.IGNORECASE
)
"""The start of an HTML fragment without ``<html>``, which most podcasts publish."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A transcript of another program.

    Attributes:
        kind: its format.
        source: its text, without a byte order mark; empty for a document that is no text.
        pieces: what it says, in order; at least one.
        cues: the cues of SRT and VTT, with their places in ``source``.
        mark: the byte order mark before ``source``, if there is one.
        document: a Word document as Markdown; None for any other format.
        content: the file of such a document.
    """

    kind: Kind
    source: str
    pieces: tuple[Piece, ...]
    cues: tuple[CueSource, ...] = ()
    mark: str = ""
    document: DocumentText | None = None
    content: bytes = b""


def imported_kind(content: bytes, name: str = "") -> Kind | None:
    """Return the format of a file that can be imported; None for any other file, as plain text and Markdown.

    Args:
        name: of the file, which decides whether a fragment of HTML may be Markdown; empty for what a feed publishes.
    """
    kind = kind_of(content[:PROBE])
    is_page = not name or PurePath(name).suffix.casefold() in {".html", ".htm", ".xhtml"}
    if kind is TEXT and is_page and _HTML_FRAGMENT.match(content):
        return PAGE
    return kind if kind in TEXTS or kind in DOCUMENTS else None
