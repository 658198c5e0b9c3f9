"""Write turns as a Word document (DOCX), by python-docx: a paragraph a turn, the speaker bold, its time before it.

The same input gives the same bytes: no date and no name of a person is in the file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pipeline.schema import Transcript
from pipeline.times import format_clock
from pipeline.writing.cues import speaker_lead
from pipeline.writing.shown_words import ShownTurn, clean_text
from pipeline.writing.transcript_page import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

_GREY = (110, 110, 110)
_NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)
"""The first that a ZIP archive can have."""


def render_docx(turns: Iterable[ShownTurn], transcript: Transcript, language: str) -> bytes:
    """Return the document: the title and the sections of the transcript as headings, and the turns below them.

    A blank line within a turn becomes a line break, so that a turn stays one paragraph. In a language that is written
    from right to left, paragraphs run in that direction.
    """
    import docx  # noqa: PLC0415 -- only this format needs it

    document = docx.Document()
    _set_properties(document, transcript)
    right_to_left = language in RIGHT_TO_LEFT
    if title := clean_text(transcript.title or ""):
        _direct(document.add_heading(title, level=0), right_to_left=right_to_left)
    starts = [section.utterance for section in transcript.sections]
    headed = 0
    for turn in turns:
        number = bisect_right(starts, turn.index)
        if number > headed and (heading := clean_text(transcript.sections[number - 1].title)):
            _direct(document.add_heading(heading, level=1), right_to_left=right_to_left)
        headed = max(headed, number)
        _direct(_add_turn(document, turn), right_to_left=right_to_left)
    return _content(document)


def _set_properties(document: Document, transcript: Transcript) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.comments = clean_text(transcript.title or "")[:255], "", ""
    properties.created = properties.modified = _NO_DATE


def _add_turn(document: Document, turn: ShownTurn) -> Paragraph:
    from docx.shared import RGBColor  # noqa: PLC0415 -- as above

    paragraph = document.add_paragraph()
    paragraph.add_run(f"[{format_clock(turn.span.start)}] ").font.color.rgb = RGBColor(*_GREY)
    if turn.speaker:
        paragraph.add_run(speaker_lead(turn.speaker)).bold = True
    _add_words(paragraph.add_run(), turn)
    return paragraph


def _add_words(run: Run, turn: ShownTurn) -> None:
    text = ""
    for number, word in enumerate(turn.words):
        if number and word.separator == "paragraph":
            run.add_text(text)
            run.add_break()
            text = word.text
        else:
            text += ("" if word.glued or not number else " ") + word.text
    run.add_text(text)


def _direct(paragraph: Paragraph, *, right_to_left: bool) -> None:
    """Set the direction of a paragraph and of its runs (ECMA-376, part 1, 17.3.1.6 and 17.3.2.30)."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 -- as above

    if right_to_left:
        properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 -- python-docx has no other way to direction
        properties.append(OxmlElement("w:bidi"))
        for run in paragraph.runs:
            run.font.rtl = True


def _content(document: Document) -> bytes:
    """Return the document's file, whose parts have no time of their writing."""
    dated, content = BytesIO(), BytesIO()
    document.save(dated)
    with ZipFile(dated) as parts, ZipFile(content, "w") as archive:
        for name in parts.namelist():
            part = ZipInfo(name)
            part.compress_type = ZIP_DEFLATED
            part.create_system = 3  # as on Unix, wherever it is written
            archive.writestr(part, parts.read(name))
    return content.getvalue()
