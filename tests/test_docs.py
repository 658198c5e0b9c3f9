"""README and CONTRIBUTING say what is true today: options, commands, files and links.

The tables of options between README's markers are made from the command line's own definition. To renew them after a
change: ``.venv/bin/python -m tests.test_docs``.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from pipeline.commands import app
from pipeline.writing.presets import PRESETS, FormatName, Limits

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TRANSCRIPT = ROOT / "examples" / "kettle-and-kernel" / "07-the-slow-build.md"
GOLDEN = ROOT / "tests" / "episodes" / "expected" / "07-the-slow-build.timed.md"
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")

OPTION_TABLE = re.compile(r"(?<=<!-- options: )(?P<command>\w+)( -->\n)(?P<table>[^<]*)(?=<!-- /options -->)")
PRESET_TABLE = re.compile(r"<!-- presets -->\n[^<]*<!-- /presets -->")
EXAMPLE_BLOCK = re.compile(r"(?<=```markdown\n).*?(?=\n```)", re.DOTALL)
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")
OWN_FILE = re.compile(r"`(?:\./)?((?:scripts|configs|pipeline|tests|examples|\.ci)/[\w./-]*|[a-z]+\.(?:toml|txt))`")
OPTION = re.compile(r"`(--[a-z][a-z-]*)")


def commands() -> TyperGroup:
    """The command line as it is defined."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def option_table(command: str) -> str:
    """A Markdown table of a command's options, with the words of its ``--help``."""
    options = [p for p in commands().commands[command].params if p.param_type_name == "option"]
    rows = [
        f"| `{', '.join(sorted([*p.opts, *p.secondary_opts], key=len, reverse=True))}` | {getattr(p, 'help', '')} |"
        for p in options
    ]
    return "\n".join(["| option | meaning |", "|---|---|", *rows, ""])


def preset_table() -> str:
    """A Markdown table of the subtitles' presets with their limits."""
    rows = [
        f"| `{name}` | {' and '.join(forms)} | {limits.width} × {limits.count} | {limits.min_duration / 1000:g} to "
        f"{limits.max_duration / 1000:g} s | {limits.gap / 1000:g} s | {limits.columns_per_second:g} |"
        for name, preset in PRESETS.items()
        for limits, forms in _by_limits(preset)
    ]
    head = "| preset | files | columns × lines | time shown | gap | columns a second |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows, ""])


def _by_limits(preset: Mapping[FormatName, Limits]) -> list[tuple[Limits, list[str]]]:
    """Each of a preset's limits once, with the formats that have them."""
    together: dict[Limits, list[str]] = {}
    for form, limits in preset.items():
        together.setdefault(limits, []).append(form)
    return list(together.items())


def renewed(text: str) -> str:
    """README with its tables as they should be."""
    text = PRESET_TABLE.sub(lambda _: f"<!-- presets -->\n{preset_table()}<!-- /presets -->", text)
    return OPTION_TABLE.sub(lambda found: f"{found['command']}{found[2]}{option_table(found['command'])}", text)


def example_block(name: str) -> list[str]:
    """The lines of README's example, ``before`` or ``after``."""
    found = EXAMPLE_BLOCK.search(README.read_text(encoding="utf-8").split(f"<!-- example: {name} -->")[1])
    assert found is not None, f"README has no example: {name}"
    return found[0].splitlines()


def as_aligned(line: str) -> str:
    """A line of the example's transcript as ``align`` gives it: the golden's line that ends like it."""
    if line in {"", "[…]"}:
        return line
    same = (lambda other: other.startswith("<!-- Continue")) if line.startswith("<!--") else lambda o: o.endswith(line)
    return next(filter(same, GOLDEN.read_text(encoding="utf-8").splitlines()))


def with_example(text: str) -> str:
    """README with what the example becomes."""
    head, tail = text.split("<!-- example: after -->")
    block = "\n".join(as_aligned(line) for line in example_block("before"))
    return f"{head}<!-- example: after -->{EXAMPLE_BLOCK.sub(lambda _: block, tail, count=1)}"


def shell_lines() -> list[str]:
    """Every command that the pages tell people to type."""
    blocks = [block for page in PAGES for block in SHELL_BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))]
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_option_tables_are_current() -> None:
    """Shows in README exactly the options that the commands have; ``python -m tests.test_docs`` renews them."""
    text = README.read_text(encoding="utf-8")

    assert text == renewed(text)


def test_every_command_has_its_table() -> None:
    """Leaves no command out of README, and shows none that is not there."""
    shown = {found["command"] for found in OPTION_TABLE.finditer(README.read_text(encoding="utf-8"))}

    assert shown == set(commands().commands)


def test_every_option_says_what_it_means() -> None:
    """Gives every option and argument of every command a sentence."""
    silent = [
        f"{name} {param.name}"
        for name, command in commands().commands.items()
        for param in command.params
        if not getattr(param, "help", None)
    ]

    assert silent == []


def test_shown_commands_are_understood() -> None:
    """Lets the command line parse every ``cuemark`` line that the pages show."""
    lines = [shlex.split(line, comments=True) for line in shell_lines()]
    shown = [words[1:] for words in lines if Path(words[0]).name == "cuemark"]

    parsed = [commands().commands[name].make_context(name, list(words)).info_name for name, *words in shown]

    assert parsed == [name for name, *_ in shown]
    assert "align" in parsed


def test_shown_scripts_can_be_run() -> None:
    """Shows no script that is missing or not executable."""
    shown = {shlex.split(line, comments=True)[0] for line in shell_lines() if line.startswith("./")}

    assert {"./scripts/demo", "./scripts/test"} <= shown
    assert [script for script in sorted(shown) if not os.access(ROOT / script, os.X_OK)] == []


@pytest.mark.parametrize("page", PAGES)
def test_named_files_exist(page: str) -> None:
    """Links to and names no file of the project that is not there."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = {*LINK.findall(text), *OWN_FILE.findall(text)} - {"my.toml", "cuemark.toml"}

    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_named_options_exist() -> None:
    """Names no option of cuemark in README's text that no command has."""
    known = {
        option
        for command in commands().commands.values()
        for param in command.params
        for option in [*param.opts, *param.secondary_opts]
    }
    known |= {"--help", "--install-completion", "--version"}
    named = set(OPTION.findall(README.read_text(encoding="utf-8")))

    assert sorted(named - known) == []


def test_example_is_the_one_in_the_repository() -> None:
    """Shows lines of the example's own transcript, in their order."""
    transcript = iter(TRANSCRIPT.read_text(encoding="utf-8").splitlines())

    assert [line for line in example_block("before") if line not in {"", "[…]"} and line not in transcript] == []


def test_example_becomes_what_align_makes_of_it() -> None:
    """Shows afterwards what the reviewed output has in these lines: times, the moved note, and nothing else new."""
    text = README.read_text(encoding="utf-8")

    assert text == with_example(text)


if __name__ == "__main__":
    README.write_text(with_example(renewed(README.read_text(encoding="utf-8"))), encoding="utf-8")
