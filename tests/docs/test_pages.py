"""What the pages name is there: files, links, and options of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import ROOT, pages
from tests.docs.command_lines import command_line

PAGES = [*pages(), ROOT / "CHANGELOG.md"]
LINK = re.compile(r"\]\((?!https?:)([^)#:\s]+)")
CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
"""A code span, in which nothing is a link."""

OWN_FILE = re.compile(
    r"`(?:\./)?((?:scripts|configs|pipeline|tests|examples|docs|\.ci)/[\w./-]*|[a-z]+\.(?:toml|txt|yml))`"
)
MODULE = re.compile(r"`(?:\./)?((?:[a-z_]+/)*[a-z_]+\.py)`(?: \(`(\w+)`\))?")
"""A module of the project, perhaps without its folders, and a name in it."""

OPTION = re.compile(r"`(--[a-z][a-z-]*)")
USERS_FILES = {"my.toml", "cuemark.toml", "episode.txt", "note.txt"}
"""Files of the reader's own, as pages name them."""

OTHERS_OPTIONS = {"--nthreads", "--tls-ca-file", "--tls-cert", "--tls-key", "--with"}
"""Options of other programs, as pages name them."""


def shown(page: Path) -> str:
    """A page's name in the report of the tests."""
    return page.relative_to(ROOT).as_posix()


def commands(command: Any = None) -> Iterator[Any]:  # noqa: ANN401 -- Typer's own class is not public
    """Every command, the program itself and those inside groups included."""
    command = command or command_line()
    yield command
    yield from chain.from_iterable(map(commands, getattr(command, "commands", {}).values()))


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_to_files(page: Path) -> None:
    """Links to no file that is not there, so that the pages can be read without the site, too."""
    targets = LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))

    assert [name for name in sorted(set(targets)) if not (page.parent / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_named_files_exist(page: Path) -> None:
    """Names no file of the project that is not there."""
    named = set(OWN_FILE.findall(page.read_text(encoding="utf-8"))) - USERS_FILES

    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_named_modules_and_functions_exist(page: Path) -> None:
    """Names no module that is not there, and no function or class that its module does not define."""
    own = [path for folder in ("pipeline", "scripts", "tests") for path in (ROOT / folder).rglob("*.py")]
    wrong = []
    for module, name in MODULE.findall(page.read_text(encoding="utf-8")):
        found = [path for path in own if path.as_posix().endswith(f"/{module}")]
        definition = re.compile(rf"^(?:def|class) {name}\b", re.MULTILINE)
        defined = [path for path in found if not name or definition.search(path.read_text(encoding="utf-8"))]
        wrong += [] if defined else [f"{module} {name}"]

    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_named_options_exist(page: Path) -> None:
    """Names no option in its text that no command has."""
    known = {
        option
        for command in commands()
        for parameter in command.params
        for option in [*parameter.opts, *parameter.secondary_opts]
    }
    named = set(OPTION.findall(page.read_text(encoding="utf-8")))

    assert sorted(named - known - {"--help"} - OTHERS_OPTIONS) == []


def test_every_option_says_what_it_means() -> None:
    """Gives every option and argument of every command a sentence."""
    silent = [
        f"{command.name} {parameter.name}"
        for command in commands()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]

    assert silent == []
