from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import TranscriptError
from pipeline.files.own_format import NewCues, own_format
from pipeline.files.transcript_file import read_transcript
from tests.factories import result
from tests.reading.imports.docx_samples import word_document

SRT = "\ufeff1\n00:00:01,000 --> 00:00:02,000\nAnn: One.\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>One.\n"


@pytest.mark.parametrize(
    ("content", "suffix", "changed"),
    [
        (SRT.encode(), ".srt", SRT.replace("01,000", "05,000").replace("02,000", "06,000").encode()),
        (VTT.encode(), ".vtt", VTT.replace("00:01", "00:05").replace("00:02", "00:06").encode()),
        (word_document("[0:01] Ann: One."), ".docx", b"[0:05] Ann: One."),
    ],
    ids=["srt", "vtt", "docx"],
)
def test_a_result_is_written_in_the_format_of_its_transcript(
    tmp_path: Path, content: bytes, suffix: str, changed: bytes
) -> None:
    """Only the times are new, and a byte order mark stays."""
    path = tmp_path / "a"
    path.write_bytes(content)
    written = read_transcript(path)

    own = own_format(written)

    assert own.suffix == suffix
    assert changed in own.render(result(written.source, starts={0: 5_000}), NewCues())


def test_markdown_has_no_format_of_another_program(tmp_path: Path) -> None:
    """It comes back as itself."""
    (tmp_path / "a.md").write_text("**Ann**: One.")

    with pytest.raises(TranscriptError, match="has no cues to keep"):
        own_format(read_transcript(tmp_path / "a.md"))
