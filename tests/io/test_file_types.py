from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.io.file_types import PROBE, Family, kind_of, kind_of_file


@pytest.mark.parametrize(
    ("beginning", "words", "family"),
    [
        (b"ID3\x04\x00", "a recording", Family.SOUND),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "a recording", Family.SOUND),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "a picture", Family.OTHER),
        (b"\x00\x00\x00\x20ftypM4A ", "a recording", Family.SOUND),
        (b"%PDF-1.7", "a PDF document", Family.DOCUMENT),
        (b"PK\x03\x04....[Content_Types].xml", "a Word document (DOCX)", Family.DOCUMENT),
        (b"PK\x03\x04....mimetypeapplication/epub+zip", "an e-book (EPUB)", Family.DOCUMENT),
        (b"WEBVTT\n\n", "a file of subtitles (VTT)", Family.SUBTITLES),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHi", "a file of subtitles (SRT)", Family.SUBTITLES),
        (b"\xef\xbb\xbf  <!DOCTYPE html><html>", "a web page (HTML)", Family.PAGE),
        (b"<?xml version='1.0'?>\n<rss version='2.0'>", "a podcast's feed (RSS)", Family.LIST),
        (b'File type = "ooTextFile"\nObject class = "TextGrid"\n', "a TextGrid of Praat", Family.OTHER),
        ('"ooTextFile short"\n"TextGrid"\n'.encode("utf-16"), "a TextGrid of Praat", Family.OTHER),
        (b'File type = "ooTextFile"\nObject class = "Pitch 1"\n', "text", Family.OTHER),
        (b"<?xml version='1.0'?>\n<ANNOTATION_DOCUMENT AUTHOR='x'>", "a document of ELAN (EAF)", Family.OTHER),
        (b"\xff\xfeH\x00i\x00", "UTF-16 text", Family.ENCODING),
        (b"H\x00i\x00!\x00", "UTF-16 text", Family.ENCODING),
        ("**Ann**: Grüße".encode(), "text", Family.OTHER),
        (b'{"schema": 1}', "JSON", Family.OTHER),
    ],
)
def test_known_beginnings(beginning: bytes, words: str, family: Family) -> None:
    """A file type is recognised by the first bytes, also behind a byte order mark."""
    kind = kind_of(beginning)

    assert kind is not None
    assert (kind.words, kind.family) == (words, family)


@pytest.mark.parametrize("beginning", [b"", b"   ", b"Gr\xfc\xdfe", bytes(range(1, 256))])
def test_unknown_beginnings(beginning: bytes) -> None:
    """Empty files and bytes in an unknown encoding have no type."""
    assert kind_of(beginning) is None


@given(st.binary(max_size=2 * PROBE))
def test_any_bytes_are_judged(content: bytes) -> None:
    """No content raises an error, and bytes after the probe do not matter for text."""
    kind_of(content)

    assert kind_of(b"plain text " * 500 + content) == kind_of(b"plain text " * 500)


def test_a_file_that_cannot_be_read_has_no_type(tmp_path: Path) -> None:
    """A missing file and a folder have no type; a file has that of its content, whatever its name says."""
    (tmp_path / "song.mp3").write_text("**Ann**: Hello.")
    found = kind_of_file(tmp_path / "song.mp3")

    assert found is not None
    assert found.words == "text"
    assert kind_of_file(tmp_path / "none.mp3") is None
    assert kind_of_file(tmp_path) is None
