from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fake_engines import FakeEngines
from tests.sample_episode import (
    HEARD,
    Command,
    contents,
    environment,
    python,
)

COMMANDS = [
    "align",
    "marker",
    "finish",
    "draft",
    "batch",
    "desk",
    "publish",
    "convert",
    "retime",
    "check",
    "doctor",
    "models",
    "store",
    "voices",
]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("align show.mp3", "command line: Missing argument 'TRANSCRIPT'."),
        ("algn show.mp3 show.md", "command line: No such command 'algn'. Did you mean 'align'?"),
        ("align show.mp3 show.md --modell base", "command line: No such option: --modell"),
        ("align show.mp3 show.md -f doc", "--output-format: there is no doc; there are md, srt, vtt, json"),
        ("align show.mp3 show.md --diff --json", "command line: --diff and --json both print; give one of them"),
        (
            "align show.mp3 show.md --fix-times --no-times",
            "command line: --fix-times changes times, and --no-times leaves them; give one of them",
        ),
        (
            "align show.mp3 show.md --device gpu",
            '--device: transcribe.device has no choice "gpu"; there are auto, cpu, cuda',
        ),
        (
            "align show.mp3 show.md --engine whisper",
            '--engine: transcribe.engine has no choice "whisper"; there are auto, ',
        ),
        ("align show.mp3 show.md --max-line-width 0", "--max-line-width: a subtitle needs "),
        ("align show.mp3 show.md --config none.toml", "none.toml: cannot be read (No such file or directory)"),
        ("align show.mp3 show.md --config show.md", "show.md, line 1: is not TOML: "),
        ("marker show.mp3 show.md --output-dir out", "command line: No such option: --output-dir"),
    ],
)
def test_wrong_command_line_is_two(workspace: Path, cuemark: Command, line: str, error: str) -> None:
    """Ends with 2, and one line that says what is wrong, for a wrong command line or configuration alone."""
    before = contents(workspace)
    fake = FakeEngines()
    outcome = cuemark(line, engines=fake)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"cuemark: {error}")
    assert outcome.err.count("\n") == 1
    assert fake.history == []
    assert contents(workspace) == before


def test_flag_beats_file(workspace: Path, cuemark: Command) -> None:
    """Takes options from the file that is given, and lets the command line overrule it."""
    (workspace / "my.toml").write_text('[transcribe]\nmodel = "small"\nlanguage = "de"\n')
    fake = FakeEngines([HEARD])
    cuemark("align show.mp3 show.md --config my.toml --language en", engines=fake)

    assert fake.history == ["locate small for ctranslate2", "load small, language en", "hear show.mp3"]


@pytest.mark.parametrize("line", ["", "--help"])
def test_help_shows_the_commands_that_are_there(cuemark: Command, line: str) -> None:
    """Shows the commands that are built, and no other, also where nothing is asked for."""
    outcome = cuemark(line)

    assert (outcome.status, outcome.err) == (0, "")
    shown = [line.split()[0] for line in outcome.out.split("Commands:\n")[1].splitlines()]
    assert shown == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_screen(cuemark: Command, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Shows all of a command on one screen of 100 columns and 50 lines, and no line of it cut."""
    monkeypatch.setenv("COLUMNS", "100")
    lines = cuemark(f"{command} --help").out.splitlines()

    assert len(lines) <= 50
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("command", ["align", "marker"])
def test_command_has_help(cuemark: Command, command: str) -> None:
    """Explains a command and each of its options."""
    outcome = cuemark(f"{command} --help")

    assert outcome.status == 0
    assert outcome.out.startswith(f"Usage: cuemark {command} [OPTIONS] ")
    assert "--in-place" in outcome.out
    assert "base" in outcome.out


def test_version(cuemark: Command) -> None:
    """Prints the version."""
    outcome = cuemark("--version")

    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("cuemark ")


@pytest.mark.parametrize(
    ("typed", "offered"), [("al", "align"), ("align --langu", "--language"), ("models ve", "verify"), ("do", "doctor")]
)
def test_completion_in_a_shell(typed: str, offered: str) -> None:
    """Answers a shell that asks what a word could become, as the script of ``--show-completion`` asks it."""
    words = f"cuemark {typed}"
    asked = {"_CUEMARK_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [sys.executable, "-m", "pipeline"], env={**environment(), **asked}, capture_output=True, text=True, check=False
    )

    assert (done.stdout.split(), done.stderr) == ([offered], "")


def test_completion_script(cuemark: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the script that a shell needs, here one that is named: Typer looks for the one that it runs in."""
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")

    assert "_CUEMARK_COMPLETE=complete_zsh" in cuemark("--show-completion zsh").out


def test_help_loads_nothing_heavy() -> None:
    """Shows the help without loading what only work needs."""
    program = "import sys; from pipeline.cli import main; main(['align', '--help']); print(*sys.modules, sep='\\n')"
    loaded = set(python(program).stdout.splitlines())

    assert "pipeline.commands" in loaded
    assert loaded & {"numpy", "rich", "regex", "rapidfuzz", "torch", "av", "pipeline.episode.run"} == set()


def test_import_loads_nothing() -> None:
    """Loads nothing of the program with the package, until something is asked for."""
    program = (
        "import sys, pipeline; print([m for m in sys.modules if m.startswith('pipeline.')]); print(pipeline.Result)"
    )

    assert python(program).stdout == "[]\n<class 'pipeline.schema.Result'>\n"
