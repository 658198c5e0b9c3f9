"""A transcript of another program in its own format again: what can be written so, and under which suffix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pipeline.errors import TranscriptError
from pipeline.files.imported_file import Imported
from pipeline.files.transcript_file import WrittenFile
from pipeline.io.file_types import VTT
from pipeline.reading.imports.docx_package import with_part
from pipeline.reading.imports.pieces import ImportedFileError
from pipeline.reading.imports.subtitle_cues import SubtitleForm
from pipeline.schema import Result
from pipeline.writing.cues import Cue
from pipeline.writing.own_format.kept_cues import render_kept_cues, with_new_cues
from pipeline.writing.own_format.kept_paragraphs import render_kept_document


@dataclass(frozen=True, slots=True)
class NewCues:
    """The cues of a drafted rest, in order, and the columns of their lines."""

    cues: tuple[Cue, ...] = ()
    width: int = 0


@dataclass(frozen=True, slots=True)
class OwnFormat:
    """The format of a transcript.

    Attributes:
        suffix: of its files.
        render: returns a copy of its file with the times of a result, and with new cues after the kept ones.
        form: the format of its cues; None if it has none, so that no drafted rest can follow.
    """

    suffix: str
    render: Callable[[Result, NewCues], bytes]
    form: SubtitleForm | None = None


def own_format(written: WrittenFile) -> OwnFormat:
    """Return the format of a transcript.

    Raises:
        TranscriptError: its format cannot be written with new times.
    """
    own = find_own_format(written)
    if own is None:
        raise TranscriptError(written.path, "has no cues to keep; --keep-cues is for SRT, VTT and Word documents")
    return own


def find_own_format(written: WrittenFile) -> OwnFormat | None:
    """Return the format of a transcript; None if it is one that cannot be written with new times.

    Raises:
        TranscriptError: a part of the document is damaged.
    """
    imported = written.imported
    if imported is not None and imported.cues:
        form: SubtitleForm = "vtt" if imported.kind is VTT else "srt"
        return OwnFormat(f".{form}", partial(_with_cues, imported, form), form)
    if imported is not None and imported.document is not None:
        _check_unpacks(written, imported.content)
        return OwnFormat(".docx", partial(_with_document, imported))
    return None


def _check_unpacks(written: WrittenFile, content: bytes) -> None:
    """Refuse a document with a damaged part, such as a picture, before anything is listened to."""
    try:
        with_part(content, "", b"")
    except ImportedFileError as e:
        raise TranscriptError(written.path, e.reason) from e


def _with_cues(imported: Imported, form: SubtitleForm, result: Result, new: NewCues) -> bytes:
    until = new.cues[0].span.start if new.cues else None
    kept = render_kept_cues(result, imported.source, imported.pieces, imported.cues, until)
    return f"{imported.mark}{with_new_cues(kept, new.cues, form, new.width)}".encode()


def _with_document(imported: Imported, result: Result, _: NewCues) -> bytes:
    if imported.document is None:
        raise AssertionError("only documents are written so")
    return render_kept_document(result, imported.document, imported.content)
