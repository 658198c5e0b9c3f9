from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import TranscriptError
from pipeline.files.transcript_file import LARGEST, MOST_LINES, read_transcript
from pipeline.io.atomic import sha256_of

SAVE = "save the text as Markdown or plain text in UTF-8"
SOUND = b"ID3\x04\x00\x00\x00\x00" + bytes(range(256))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_is_read_to_the_byte(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Gives the text with its byte order mark and its line endings, so that encoding it gives the file's bytes."""
    folder = tmp_path_factory.mktemp("read")
    content = f"A: {text}\r\n".encode()
    (folder / "show.md").write_bytes(content)

    written = read_transcript(folder / "show.md", folder / "show.mp3")

    assert written.source.encode() == content
    assert written.sha256 == sha256_of(content)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (SOUND, "{path}: is a recording, not a transcript; give what was typed, as Markdown or plain text"),
        (
            b"PK\x03\x04\x14\x00",
            "{path}: is a zipped file that is broken; if it is a Word document (DOCX), save it again",
        ),
        (b"%PDF-1.7", "{path}: is a PDF document; {save}"),
        (b"{\\rtf1 text}", "{path}: is a rich text (RTF) document; {save}"),
        (
            "**Ann**: hello".encode("utf-16"),
            "{path}: is UTF-16 text; {save}",
        ),
        (
            "line\nline\nJos\u00e9".encode("latin-1"),
            "{path}, line 3: byte 0xe9 is not UTF-8 (it is “é” in Windows-1252); {save}",
        ),
    ],
)
def test_what_is_no_text_is_one_line(tmp_path: Path, content: bytes, line: str) -> None:
    """Says what a file is that is no UTF-8 text, and what to do."""
    path = tmp_path / "show.md"
    path.write_bytes(content)

    with pytest.raises(TranscriptError) as caught:
        read_transcript(path, tmp_path / "show.mp3")

    assert str(caught.value) == line.format(path=path, save=SAVE)


def test_swapped_arguments_are_seen(tmp_path: Path) -> None:
    """Says that audio and transcript are swapped where the first is text and the second is not."""
    (tmp_path / "show.mp3").write_bytes(SOUND)
    (tmp_path / "show.md").write_text("**Ann**: h\u00e9llo\n")

    with pytest.raises(TranscriptError) as caught:
        read_transcript(tmp_path / "show.mp3", tmp_path / "show.md")

    assert str(caught.value) == (
        f"{tmp_path / 'show.mp3'}: is a recording, but {tmp_path / 'show.md'} is text; "
        "give the audio first, then the transcript"
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.md", "there is no such file; check the name and the folder"),
        (".", "this is a folder, not a transcript; give the file"),
        ("show.md/none.md", "there is no such file; check the name and the folder"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, name: str, reason: str) -> None:
    """Says that a file is missing, or is a folder, and what to do."""
    (tmp_path / "show.md").touch()

    with pytest.raises(TranscriptError) as caught:
        read_transcript(tmp_path / name, tmp_path / "show.mp3")

    assert str(caught.value) == f"{tmp_path / name}: {reason}"


def test_what_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    """Refuses a file that no transcript is as large as."""
    path = tmp_path / "show.md"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)

    with pytest.raises(TranscriptError, match="too large for a transcript"):
        read_transcript(path, tmp_path / "show.mp3")


def test_what_has_far_too_many_lines_is_not_read(tmp_path: Path) -> None:
    """Refuses a file of very short lines, each of which takes time; one line fewer is read."""
    path = tmp_path / "show.md"
    path.write_bytes(b"\r\n" * MOST_LINES)
    assert len(read_transcript(path).source) == 2 * MOST_LINES

    path.write_bytes(b"\r\n" * MOST_LINES + b"a")
    with pytest.raises(TranscriptError, match=r"show\.md: has too many lines for a transcript \(more than 100,000\)"):
        read_transcript(path)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\u2028"])
def test_the_line_of_a_wrong_byte_is_counted_as_the_reader_counts(tmp_path: Path, ending: str) -> None:
    """Whatever ends a line, the message has the line of the byte that is not UTF-8."""
    path = tmp_path / "show.md"
    path.write_bytes(f"one{ending}two{ending}".encode() + b"caf\xe9")

    with pytest.raises(TranscriptError, match=r"line 3.*0xe9"):
        read_transcript(path)
