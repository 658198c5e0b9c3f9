from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.io.quoted_path import quote_path

NAMES = st.binary(min_size=1, max_size=20).map(lambda name: os.fsdecode(name.replace(b"\0", b"")))
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


def unquoted(text: str) -> bytes:
    """Read a path as scripts do that read the output of git."""
    if not text.startswith('"'):
        return os.fsencode(text)
    return _ESCAPE.sub(
        lambda found: bytes([int(found[1], 8)]) if len(found[1]) == 3 else _LETTERS.get(found[1], found[1]),
        os.fsencode(text[1:-1]),
    )


@given(NAMES)
def test_quoted_path_is_one_printable_line_and_can_be_read_back(name: str) -> None:
    """Gives one line without control characters or broken text, from which the name comes back to the byte."""
    quoted = quote_path(name)

    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", quoted)
    assert unquoted(quoted) == os.fsencode(name)


@pytest.mark.parametrize("name", ["show.srt", "season 1/naïve café.srt", "日本.srt", "it's.srt", "-f.srt"])
def test_usual_names_stay_as_they_are(name: str) -> None:
    """Quotes nothing that needs no quoting, spaces and other scripts included."""
    assert quote_path(Path(name)) == name


def test_git_quotes_the_same(tmp_path: Path) -> None:
    """Writes names as git does, where git is installed."""
    names = ["plain", "sp ace", "na\u00efve", "tab\t", "line\nbreak", "es\x1bcape", 'quo"te', "back\\slash", "\x7f"]
    for name in names:
        (tmp_path / name).touch()
    if git := shutil.which("git"):
        subprocess.run([git, "init", "-q", tmp_path], check=True)
        listed = subprocess.run(
            [git, "-C", tmp_path, "-c", "core.quotePath=false", "ls-files", "--others"],
            capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
        assert sorted(listed) == sorted(map(quote_path, names))
