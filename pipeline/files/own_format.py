"""A transcript of another program in its own format again: what can be written so, and under which suffix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pipeline.errors import TranscriptError
from pipeline.files.transcript_file import WrittenFile
from pipeline.files.transcript_import import Imported
from pipeline.io.file_types import VTT
from pipeline.reading.imports.docx_package import with_part
from pipeline.reading.imports.pieces import ImportedFileError
from pipeline.schema import Result
from pipeline.writing.own_format.kept_cues import render_kept_cues
from pipeline.writing.own_format.kept_paragraphs import render_kept_document


@dataclass(frozen=True, slots=True)
class OwnFormat:
    """The format of a transcript: the suffix of its files, and how a result is written into a copy of its file."""

    suffix: str
    render: Callable[[Result], bytes]


def own_format(written: WrittenFile) -> OwnFormat:
    """Return the format of a transcript.

    Raises:
        TranscriptError: its format cannot be written with new times.
    """
    imported = written.imported
    if imported is not None and imported.cues:
        return OwnFormat(".vtt" if imported.kind is VTT else ".srt", partial(_with_cues, imported))
    if imported is not None and imported.document is not None:
        _check_unpacks(written, imported.content)
        return OwnFormat(".docx", partial(_with_document, imported))
    raise TranscriptError(written.path, "has no cues to keep; --keep-cues is for SRT, VTT and Word documents")


def _check_unpacks(written: WrittenFile, content: bytes) -> None:
    """Refuse a document with a damaged part, such as a picture, before anything is listened to."""
    try:
        with_part(content, "", b"")
    except ImportedFileError as e:
        raise TranscriptError(written.path, e.reason) from e


def _with_cues(imported: Imported, result: Result) -> bytes:
    text = render_kept_cues(result, imported.source, imported.pieces, imported.cues)
    return f"{imported.mark}{text}".encode()


def _with_document(imported: Imported, result: Result) -> bytes:
    if imported.document is None:
        raise AssertionError("only documents are written so")
    return render_kept_document(result, imported.document, imported.content)
