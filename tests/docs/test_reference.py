"""The reference is what the code says today."""

from __future__ import annotations

import doctest
import json
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

import pipeline
from pipeline.cli import EXIT_STATUSES
from scripts import make_reference, site_hooks
from scripts.reference import json_schemas, markdown
from scripts.reference.command_examples import EXAMPLES, SEE_ALSO
from scripts.reference.environment import VARIABLES
from scripts.reference.outcomes import error_classes, meaning_and_advice
from tests.docs.blocks import ROOT
from tests.docs.command_lines import command_line
from tests.sample_episode import HEARD, Command

VARIABLE = re.compile(r"[\"'$\{(]((?:CUEMARK|HF|HTTPS?|ALL|NO|PIP|SSL|REQUESTS|OMP|CUDA)_[A-Z_]+)\b")
NOT_THE_USERS = {"HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET"}
"""Variables that the program sets itself."""


def test_pages_are_current() -> None:
    """Has exactly the pages that the code makes; ``python -m scripts.make_reference`` writes them."""
    committed = {path: path.read_text(encoding="utf-8") for path in make_reference.FOLDER.rglob("*.md")}

    assert committed == make_reference.pages()


@pytest.mark.parametrize("module", [markdown, site_hooks], ids=lambda module: module.__name__)
def test_docstrings_show_what_happens(module: ModuleType) -> None:
    """Has examples in docstrings that hold."""
    outcome = doctest.testmod(import_module(module.__name__))

    assert (outcome.failed, outcome.attempted > 0) == (0, True)


def test_every_command_has_examples() -> None:
    """Shows examples of every command, and of none that is not there."""
    commands = set(command_line().commands)

    assert set(EXAMPLES) == commands
    assert set(SEE_ALSO) <= commands


def test_every_error_says_what_to_do() -> None:
    """Has in the docstring of every error what it means and what to do, and its exit status on its page."""
    parts = {error.__name__: meaning_and_advice(error) for error in error_classes()}

    assert [name for name, (meaning, advice) in parts.items() if not (meaning and advice)] == []
    assert {error.exit_status for error in error_classes()} <= set(EXIT_STATUSES)


def described(part: json_schemas.Schema, root: json_schemas.Schema, path: str) -> list[str]:
    """The fields without a meaning, in all the depth of a schema."""
    missing: list[str] = []
    for name, field in part.get("properties", {}).items():
        whole = json_schemas.resolved(field, root)
        missing += [] if whole.get("description") else [f"{path}.{name}"]
        missing += described(whole, root, f"{path}.{name}") if "$ref" not in field else []
        missing += described(whole.get("items", {}), root, f"{path}.{name}[]")
    return missing


@pytest.mark.parametrize(
    "path",
    [
        json_schemas.FOLDER / "alignment.schema.json",
        json_schemas.FOLDER / "marker.schema.json",
        json_schemas.COMMAND_OUTPUT,
    ],
    ids=lambda path: path.name,
)
def test_every_field_has_a_meaning(path: Path) -> None:
    """Describes each field of each published format."""
    schema = json_schemas.read(path.name, path.parent)
    parts = {"": schema, **schema.get("$defs", {})}

    assert [field for key, part in parts.items() for field in described(part, schema, key)] == []


@pytest.mark.usefixtures("workspace")
def test_marker_prints_what_its_schema_says(cuemark: Command) -> None:
    """Prints a document that the published schema of ``cuemark.marker/1`` takes, and that has no other field."""
    document = json.loads(cuemark("marker show.mp3 show.md --json", HEARD).out)
    schema = json_schemas.read("marker.schema.json")

    jsonschema.validate(document, schema)
    assert list(document) == list(schema["properties"])


def named_variables() -> set[str]:
    """The environment variables that the program and its scripts name."""
    files: list[Path] = [*(ROOT / "pipeline").rglob("*.py"), ROOT / "scripts" / "setup.sh"]
    return {name for path in files for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}


def test_every_environment_variable_is_described() -> None:
    """Says of every variable that the code names, and of no other of ours, what it does."""
    described_ones = {name for group in VARIABLES.values() for name in group}
    named = named_variables() - NOT_THE_USERS

    assert sorted(named - described_ones) == []
    assert sorted({name for name in described_ones if name.startswith("CUEMARK_")} - named) == []


def test_every_public_name_is_shown() -> None:
    """Shows each name that ``pipeline`` offers."""
    page = (make_reference.FOLDER / "python.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^::: pipeline\.(\w+)$", page, re.MULTILINE)) == sorted(pipeline.__all__)
