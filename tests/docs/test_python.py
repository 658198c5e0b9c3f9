"""The Python on every page runs, prints what the page says, and is well typed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from mypy import api as mypy
from pydub import AudioSegment

from pipeline.listening.audio.recording import open_recording
from tests.docs.blocks import ROOT, Block, blocks, checked_blocks
from tests.episodes.kept_hearing import AUDIO, CLIP

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

MAIN_PAGE = ROOT / "docs" / "how-to" / "python.md"
PAGES = [page for page, _ in groupby(checked_blocks("python"), lambda block: block.page)]
LEAD_MS = 500
"""Silence before the clip: with it, no time is near a value at which the seconds on the page would change."""


def programs(page: Path) -> Iterator[tuple[Block, str]]:
    """Each block of a page that is run, with the text that the page shows after it."""
    last = Block(page, 0, "", "", "", None)
    for block, following in pairwise([*blocks(page), last]):
        if block.language == "python" and block.not_run is None:
            yield block, following.text if following.language == "text" else ""


RUN_PAGES = [page for page in PAGES if any(programs(page))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a recording of 38 s under two names and the transcript that ``MAIN_PAGE`` shows."""
    monkeypatch.chdir(tmp_path)
    clip = open_recording(AUDIO).segment(CLIP)
    lead = AudioSegment.silent(LEAD_MS, clip.frame_rate)
    (lead + clip).export(tmp_path / "episode.wav", format="wav").close()
    (tmp_path / "episode.mp3").write_bytes((tmp_path / "episode.wav").read_bytes())  # what a file is, its bytes say
    (transcript,) = (block.text for block in blocks(MAIN_PAGE) if block.language == "markdown")
    (tmp_path / "episode.md").write_text(transcript, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("page", RUN_PAGES, ids=lambda page: page.name)
@pytest.mark.usefixtures("folder")
def test_programs_print_what_the_page_says(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs every block of a page, one after the other, with real models."""
    names: dict[str, object] = {"__name__": "examples"}
    shown = []
    for block, _ in programs(page):
        exec(compile(block.text, block.place, "exec"), names)  # noqa: S102 -- our own pages
        shown.append((block, capsys.readouterr().out))

    assert shown == list(programs(page))


def test_the_main_page_is_run() -> None:
    """Runs the page for programmers whole."""
    assert [block.place for block in blocks(MAIN_PAGE) if block.language == "python" and block.not_run] == []
    assert len(list(programs(MAIN_PAGE))) > 5


def test_programs_are_well_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets mypy read each page as one program, by the rules of the project."""
    monkeypatch.chdir(ROOT)
    files = []
    for number, page in enumerate(RUN_PAGES):
        files.append(tmp_path / f"page_{number}.py")
        files[-1].write_text("\n".join(block.text for block, _ in programs(page)), encoding="utf-8")

    out, err, status = mypy.run([str(file) for file in files])

    assert (status, err) == (0, ""), out


def test_programs_that_are_not_run_are_python() -> None:
    """Compiles what is marked as not run."""
    marked = [block for block in checked_blocks("python") if block.not_run is not None]

    assert [block.place for block in marked if not ast.parse(block.text, block.place).body] == []
