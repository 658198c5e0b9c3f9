"""The page of examples for programmers: everything on it runs, prints what it says there, and is well typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from mypy import api as mypy
from pydub import AudioSegment

from pipeline.listening.audio.recording import open_recording
from tests.episodes.kept_hearing import AUDIO, CLIP

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "examples" / "python.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS: list[tuple[str, str]] = BLOCK.findall(PAGE)
PROGRAMS = [text for language, text in BLOCKS if language == "python"]

LEAD_MS = 500  # with it the clip's times are far from where the seconds on the page would change


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the recording and the transcript that the page speaks of."""
    monkeypatch.chdir(tmp_path)
    clip = open_recording(AUDIO).segment(CLIP)
    lead = AudioSegment.silent(LEAD_MS, clip.frame_rate)
    (lead + clip).export(tmp_path / "episode.wav", format="wav").close()
    (transcript,) = (text for language, text in BLOCKS if language == "markdown")
    (tmp_path / "episode.md").write_text(transcript, encoding="utf-8")
    return tmp_path


def expected() -> Iterator[tuple[str, str]]:
    """Each program with the text that the page shows after it."""
    for (language, program), (next_language, text) in pairwise([*BLOCKS, ("end", "")]):
        if language == "python":
            yield program, text if next_language == "text" else ""


@pytest.mark.usefixtures("folder")
def test_examples_print_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Runs every example, one after the other, with a real model."""
    names: dict[str, object] = {"__name__": "examples"}
    shown = []
    for program, _ in expected():
        exec(compile(program, "examples/python.md", "exec"), names)  # noqa: S102 -- our own page
        shown.append((program, capsys.readouterr().out))

    assert shown == list(expected())
    assert len(shown) == len(PROGRAMS) > 5


def test_examples_are_well_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets mypy read the page as one program, by the rules of the project."""
    monkeypatch.chdir(ROOT)

    page = tmp_path / "page.py"
    page.write_text("\n".join(PROGRAMS), encoding="utf-8")

    out, err, status = mypy.run([str(page)])

    assert (out, err, status) == ("Success: no issues found in 1 source file\n", "", 0)
