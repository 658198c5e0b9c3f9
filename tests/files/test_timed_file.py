from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import TranscriptError
from pipeline.files import timed_file
from pipeline.files.timed_file import encoded, read_timed_file


@pytest.mark.parametrize(
    ("name", "text", "kind", "suffix"),
    [
        ("a.SRT", "1\n", "subtitles", ".srt"),
        ("a.b.vtt", "WEBVTT\n", "subtitles", ".vtt"),
        ("a.chapters.vtt", "WEBVTT\n", "subtitles", ".chapters.vtt"),
        ("a.md", "**Ann**: Hello.\n", "markdown", ".timed.md"),
        ("a.txt", "**Ann**: Hello.\n", "markdown", ".timed.md"),
        ("a.finished.md", "**Ann**: Hello.\n", "markdown", ".finished.md"),
        ("a.json", '\ufeff{"schema": "cuemark.alignment/1"}', "alignment", ".json"),
        ("a.Chapters.json", '{"chapters": []}', "chapters", ".chapters.json"),
    ],
)
def test_kinds(tmp_path: Path, name: str, text: str, kind: str, suffix: str) -> None:
    """The suffix, and of JSON the content, say what a file is, and what the result is called."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    read = read_timed_file(path)

    assert (read.kind, read.text, read.suffix) == (kind, text, suffix)


@given(st.binary(max_size=60).filter(lambda content: b"\0" not in content))
def test_bytes_are_kept(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Subtitles in any encoding come back to the byte."""
    path = tmp_path_factory.getbasetemp() / "any.srt"
    path.write_bytes(content)

    assert encoded(read_timed_file(path).text) == content


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (
            "a.ass",
            b"[Script Info]",
            "its times cannot be changed; give an .srt, .vtt, .md, .json or .chapters.json file",
        ),
        ("a.srt", "1\n".encode("utf-16"), "is no text in UTF-8 (it may be UTF-16); save it in UTF-8"),
        ("a.json", b"{", "is no JSON ("),
        ("a.json", b"[" * 100_000, "is no JSON ("),
        ("a.json", b'{"a\xe1": 1}', "is no JSON ("),
        ("a.json", b"[1]", "is neither the JSON of an alignment (cuemark.alignment/1) nor of chapters"),
        ("a.json", b'{"chapters": 1}', "is neither the JSON of an alignment (cuemark.alignment/1) nor of chapters"),
        ("a.srt", b"x" * 101, "is too large (more than "),
    ],
)
def test_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, reason: str) -> None:
    """What has no times that can be changed is one line that says why."""
    if reason.startswith("is too large"):
        monkeypatch.setattr(timed_file, "LARGEST", 100)
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(TranscriptError) as error:
        read_timed_file(path)
    assert error.value.reason.startswith(reason)


def test_no_file(tmp_path: Path) -> None:
    """A folder and a missing file are refused."""
    (tmp_path / "a.srt").mkdir()
    for name in ("a.srt", "b.vtt"):
        with pytest.raises(TranscriptError):
            read_timed_file(tmp_path / name)
