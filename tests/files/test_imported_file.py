"""Which files are transcripts of other programs: by their content, since names say little."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.files.imported_file import DOCUMENTS, TEXTS, imported_kind
from pipeline.files.transcript_import import _READERS
from pipeline.io.file_types import DOCX, JSON, PAGE, SRT, VTT, ZIPPED, Kind


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi.\n", VTT),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHi.\n", SRT),
        (b'{"segments": []}', JSON),
        (b"<p>Ann: Hello</p>", PAGE),
        (b"<!DOCTYPE html><html></html>", PAGE),
        (b"PK\x03\x04 of something", ZIPPED),
        (b"**Ann**: Hello.\n", None),
        (b"Ann: Hello.\n", None),
        (b"", None),
    ],
)
def test_the_content_decides(content: bytes, kind: Kind | None) -> None:
    """Plain text and Markdown are not imported."""
    assert imported_kind(content) is kind


@pytest.mark.parametrize(("name", "kind"), [("a.md", None), ("a.txt", None), ("a.html", PAGE), ("A.HTM", PAGE)])
def test_a_fragment_of_html_may_be_markdown(name: str, kind: Kind | None) -> None:
    """The name of the file tells the two apart."""
    assert imported_kind(b"<p>Ann: Hello</p>", name) is kind


def test_each_format_has_a_reader() -> None:
    """Of texts one each; documents have one together."""
    assert _READERS.keys() == TEXTS
    assert frozenset({DOCX, ZIPPED}) == DOCUMENTS


def test_markdown_is_read_without_the_readers() -> None:
    """They take a tenth of the time of ``cuemark check``."""
    program = "import sys, pipeline.files.transcript_file; print('pipeline.files.transcript_import' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"
