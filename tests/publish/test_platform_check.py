"""Any bytes under any of the names are checked: what is wrong is a line with its place, never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import TranscriptError
from pipeline.publish.platform_check import LARGEST, check_content, read_content
from pipeline.publish.platforms import PLATFORMS
from tests.publish.wild_captions import texts

SRT = "1\n00:00:01,000 --> 00:00:02,000\nGrüße\n\n"
SUFFIXES = (".srt", ".vtt", ".json")


def found(content: bytes, suffix: str, platform: str) -> list[tuple[int, str, bool]]:
    """Line, kind, and whether it can be mended."""
    checked = check_content(content, suffix, platform)
    return [(one.line, one.kind, one.fixable) for one in checked.violations]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16(encoding: str) -> None:
    """UTF-16 with its mark is read, found, and mended to UTF-8."""
    content = f"\ufeff{SRT}".encode(encoding)

    assert found(content, ".srt", "youtube") == [(1, "encoding", True)]
    assert check_content(content, ".srt", "youtube").mended == SRT


def test_unknown_encoding() -> None:
    """Bytes that are not UTF-8 are found at their line; no copy is made, which would lose letters."""
    content = SRT.replace("1\n", "7\n", 1).encode("latin-1")

    assert found(content, ".srt", "youtube") == [(1, "number", True), (3, "encoding", False)]
    assert check_content(content, ".srt", "youtube").mended is None


def test_wrong_suffix() -> None:
    """A file is checked as what it is; a mended copy gets that name."""
    assert found(SRT.encode(), ".vtt", "youtube") == [(1, "suffix", True)]
    assert check_content(SRT.encode(), ".vtt", "youtube").form == "srt"
    assert found(SRT.encode(), ".json", "castopod") == [(1, "suffix", True)]


def test_format_that_is_not_taken() -> None:
    """A platform that takes another format says so; the rules of the format are checked all the same."""
    assert found(SRT.replace("1\n", "7\n", 1).encode(), ".srt", "apple") == [(1, "format", False), (1, "number", True)]
    assert found(b'{"version": "1.0.0", "segments": []}', ".json", "podlove") == [
        (1, "format", False),
        (1, "no-cue", False),
    ]


def test_nothing_to_mend() -> None:
    """A file that keeps the rules has no mended copy."""
    assert check_content(SRT.encode(), ".srt", "castopod").mended is None


@given(
    st.one_of(st.binary(max_size=60), texts().map(lambda text: text.encode("utf-8", "replace"))),
    st.sampled_from(SUFFIXES),
    st.sampled_from(sorted(PLATFORMS)),
)
def test_laws(content: bytes, suffix: str, platform: str) -> None:
    """Lines exist, and a mended copy under its name has nothing that can be mended."""
    checked = check_content(content, suffix, platform)
    again = None if checked.mended is None else check_content(checked.mended.encode(), f".{checked.form}", platform)

    assert all(1 <= one.line <= content.count(b"\n") + content.count(b"\r") + 1 for one in checked.violations)
    assert again is None or [one for one in again.violations if one.fixable] == []


def test_files_that_are_not_read(tmp_path: Path) -> None:
    """A missing file, a folder, another suffix and a huge file are one line each."""
    huge = tmp_path / "huge.srt"
    huge.write_bytes(b"\n" * (LARGEST + 1))
    (tmp_path / "folder.srt").mkdir()
    for name, said in (
        ("none.srt", "there is no such file"),
        ("folder.srt", "this is a folder"),
        ("a.txt", "is neither .srt, .vtt nor .json"),
        ("huge.srt", "is too large for subtitles"),
    ):
        with pytest.raises(TranscriptError, match=said):
            read_content(tmp_path / name)
