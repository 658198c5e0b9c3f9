"""Every command on every page is run, or parsed where the page says that it cannot be run here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pytest
import typer

from pipeline.cli import main
from tests.docs.blocks import CHECKED, PLAIN, ROOT, Block, blocks, checked_blocks, pages
from tests.docs.command_lines import Line, lines, parse
from tests.docs.sample_engines import ENGINES
from tests.docs.sample_folder import make_folder
from tests.sample_episode import Outcome

MAY_END_WITH_1 = {"doctor"}
"""Commands whose status says something about this machine."""

ELLIPSIS = "…"
SHELL_BLOCKS = list(checked_blocks("sh", "console"))
PAGES_WITH_COMMANDS = [page for page, _ in groupby(SHELL_BLOCKS, lambda block: block.page)]


def shown(page: Path) -> str:
    """A page's name in the report of the tests."""
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the files that the examples name."""
    folder = tmp_path / "folder"
    for name, value in make_folder(folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    return folder


def cuemark_lines(page: Path) -> Iterator[Line]:
    """The ``cuemark`` commands of a page that are run."""
    for block in blocks(page):
        if block.language in {"sh", "console"} and block.not_run is None:
            yield from (line for line in lines(block) if line.program == "cuemark")


def complaint(line: Line, outcome: Outcome) -> str | None:
    """What is wrong with the end of a command or with what it printed; None where nothing is."""
    allowed = {0, 1} if line.words[1:2] and line.words[1] in MAY_END_WITH_1 else {0}
    if outcome.status not in allowed:
        return f"{line.place}: ends with {outcome.status}: {outcome.err.strip().splitlines()[-1:]}"
    if line.printed is not None and not any(
        fits(line.printed, text.splitlines()) for text in (outcome.out, outcome.err + outcome.out)
    ):
        return f"{line.place}: prints:\n{outcome.err}{outcome.out}"
    return None


def fits(pattern: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether the lines on a page are those printed; a line with an ellipsis matches any number of them."""
    if not pattern:
        return not printed
    if pattern[0].strip() == ELLIPSIS:
        return any(fits(pattern[1:], printed[at:]) for at in range(len(printed) + 1))
    return bool(printed) and pattern[0].rstrip() == printed[0].rstrip() and fits(pattern[1:], printed[1:])


@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS, ids=shown)
@pytest.mark.usefixtures("folder")
def test_commands_run(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs a page's commands one after the other; each ends well and prints what the page shows."""
    complaints = []
    for line in cuemark_lines(page):
        status = main(line.words[1:], ENGINES)
        out, err = capsys.readouterr()
        complaints.append(complaint(line, Outcome(status, out, err)))

    assert [one for one in complaints if one] == []


def test_commands_that_are_not_run_are_understood() -> None:
    """Lets the command line parse each ``cuemark`` command that a page marks as not run."""
    wrong = []
    for line in (line for block in SHELL_BLOCKS if block.not_run for line in lines(block) if line.program == "cuemark"):
        try:
            parse(line.words[1:])
        except typer.TyperException as error:
            wrong.append(f"{line.place}: {error}")

    assert wrong == []


def test_other_commands_are_marked() -> None:
    """Shows no other program's command without a mark, but for the project's own scripts, which can all be run."""
    others = [
        line
        for block in SHELL_BLOCKS
        if block.not_run is None
        for line in lines(block)
        if line.program != "cuemark"
        if not (line.words[0].startswith("./scripts/") and os.access(ROOT / line.words[0], os.X_OK))
    ]

    assert [f"{line.place}: {' '.join(line.words)}" for line in others] == []


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_languages_are_known(page: Path) -> None:
    """Begins every block with a word that says how it is checked, so that none goes unseen."""
    unknown = [block.place for block in blocks(page) if block.language not in {*CHECKED, *PLAIN}]

    assert unknown == []


def test_marks_are_on_blocks_that_would_be_checked() -> None:
    """Marks no block that would not be run anyway."""
    plain: list[Block] = [block for page in pages() for block in blocks(page) if block.language not in CHECKED]

    assert [block.place for block in plain if block.not_run] == []
