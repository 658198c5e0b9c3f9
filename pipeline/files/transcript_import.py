"""Convert transcripts of other programs to Markdown: subtitles, JSON, web pages, Word documents, tiers.

Speakers become labels, ``**Name**: text``. Times become typed times before them, which cuemark then checks; a Word
document keeps its headings, its paragraphs and the form of its times. A podcast's
published transcript (``podcast:transcript``) comes without them, because its times may belong to an earlier cut of the
audio.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from pipeline.files.imported_file import DOCUMENTS, Imported, imported_kind
from pipeline.io.file_types import ASS, DOCX, EAF, JSON, PAGE, PROBE, SRT, TEXT, TEXTGRID, VTT, Kind, kind_of, utf_8
from pipeline.reading.imports.ass_script import read_ass
from pipeline.reading.imports.docx_blocks import DocumentStyles, read_blocks_of_document, read_styles
from pipeline.reading.imports.docx_markdown import document_text
from pipeline.reading.imports.docx_package import main_part, read_part, styles_part
from pipeline.reading.imports.eaf_annotations import read_eaf
from pipeline.reading.imports.html_blocks import block_pieces
from pipeline.reading.imports.json_transcripts import read_json
from pipeline.reading.imports.pieces import (
    ImportedFileError,
    ImportedTurn,
    Piece,
    turns_of,
    with_ends,
    with_labels,
)
from pipeline.reading.imports.subtitle_cues import CueSource, SubtitleForm, cue_pieces, read_cues
from pipeline.reading.imports.textgrid_intervals import read_textgrid
from pipeline.reading.imports.word_spans import turn_pieces
from pipeline.reading.structure.file_style import FileStyle
from pipeline.reading.transcript import parse
from pipeline.schema import DraftTurn, Transcript
from pipeline.times import Span, format_clock
from pipeline.writing.escaping import escape, escape_start
from pipeline.writing.shown_words import clean_text
from pipeline.writing.turn_lines import TurnStyle, turn_style, write_turns

_MAX_CHARS, _MAX_LINES = 2 << 20, 100_000
"""Of a document, which is parsed at once: as for Markdown (see ``transcript_file``)."""
_EMPTY = Transcript("", None, (), (), (), (), (), (), FileStyle().notation)


def import_document(content: bytes) -> Imported:
    """Read a Word document.

    Raises:
        ImportedFileError: it cannot be read, or nobody says anything in it; the message is for the user.
    """
    main = main_part(content)
    styled = styles_part(content, main)
    styles = read_styles(read_part(content, styled)) if styled else DocumentStyles()
    text = document_text(tuple(read_blocks_of_document(read_part(content, main), styles)))
    if len(text.markdown) > _MAX_CHARS or text.markdown.count("\n") > _MAX_LINES:
        raise ImportedFileError(f"is {DOCX.words} with too much text for a transcript")
    pieces = turn_pieces(parse(text.markdown))
    if not pieces:
        raise ImportedFileError(f"is {DOCX.words} in which nobody says anything")
    return Imported(DOCX, "", pieces, document=text, content=content)


def import_text(source: str, kind: Kind) -> Imported:
    """Read a transcript in one of the formats.

    Raises:
        ImportedFileError: it cannot be read, or nobody says anything in it; the message is for the user.
    """
    text, source = source, source.removeprefix("\ufeff")
    found, cues = _READERS[kind](source)
    cleaned = (
        replace(
            one,
            text=clean_text(one.text),
            speaker=one.speaker and clean_text(one.speaker),
            heading=one.heading and clean_text(one.heading),
        )
        for one in found
    )
    pieces = with_ends(with_labels(cleaned))
    if not pieces:
        raise ImportedFileError(f"is {kind.words} in which nobody says anything")
    return Imported(kind, source, pieces, cues, text[: len(text) - len(source)])


def as_markdown(imported: Imported) -> str:
    """Return an imported transcript as Markdown, with the times that it has."""
    return imported.document.markdown if imported.document else render_import(imported.pieces, times=True)


def render_import(pieces: Sequence[Piece], *, times: bool) -> str:
    """Return pieces as Markdown, each turn with its time before its label if ``times``."""
    turns = tuple(turns_of(pieces))
    drafts = [DraftTurn(turn.speaker, Span(turn.start or 0, turn.start or 0), (), turn.text) for turn in turns]
    style = turn_style(_EMPTY, FileStyle(), drafts, times=times)
    style = replace(style, labels=any(turn.speaker for turn in turns))
    return "\n\n".join(_render(turn, draft, style) for turn, draft in zip(turns, drafts, strict=True)) + "\n"


def as_transcript(content: bytes) -> bytes:
    """Convert a published transcript to Markdown in UTF-8; plain text and Markdown are returned unchanged.

    Raises:
        ValueError: it is not a transcript, or contains no spoken text; the message is for the user.
    """
    kind = imported_kind(content)
    if kind is None:
        kind = kind_of(content[:PROBE])
        if kind is TEXT:
            return content
        raise ValueError(f"is {kind.words if kind else 'no text'}, not a transcript")
    if kind in DOCUMENTS:
        imported = import_document(content)
    else:
        imported = import_text(utf_8(content).decode("utf-8-sig", "replace"), kind)
    return render_import(imported.pieces, times=False).encode()


def _render(turn: ImportedTurn, draft: DraftTurn, style: TurnStyle) -> str:
    heading = f"## {escape_start(escape(turn.heading))}\n\n" if turn.heading else ""
    has_time = style.times and turn.start is not None
    text = write_turns([draft], replace(style, times=has_time and style.labels))
    if has_time and not style.labels:
        return f"{heading}[{format_clock(draft.span.start, style.file_style.notation.clock)}] {text}"
    return heading + text


Reader = Callable[[str], tuple[Iterable[Piece], tuple[CueSource, ...]]]


def _subtitles(source: str, form: SubtitleForm) -> tuple[Iterator[Piece], tuple[CueSource, ...]]:
    cues = read_cues(source, form)
    return cue_pieces(cues), cues


def _without_cues(read: Callable[[str], Iterator[Piece]]) -> Reader:
    return lambda source: (read(source), ())


_READERS: Mapping[Kind, Reader] = {
    VTT: partial(_subtitles, form="vtt"),
    SRT: partial(_subtitles, form="srt"),
    ASS: _without_cues(read_ass),
    JSON: _without_cues(read_json),
    PAGE: _without_cues(block_pieces),
    TEXTGRID: _without_cues(read_textgrid),
    EAF: _without_cues(read_eaf),
}
"""The readers of the formats. A reader is pure: the text in, pieces out."""
