"""The files for those who join: GitHub's own are valid, and all name what is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from tomllib import loads
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = tuple(sorted((GITHUB / "workflows").glob("*.yml")))
FORMS = tuple(sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")))
WORKFLOW = GITHUB / "workflows" / "test.yml"
NIGHTLY = GITHUB / "workflows" / "nightly.yml"
HOOKS = ROOT / ".pre-commit-config.yaml"
PROJECT = loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

SCRIPT = re.compile(r"(?<![\w/])\.?/?(?:scripts|\.ci)/[\w.]+")

BY_NAME = re.compile(r"\b(?:pip|pipx|tool) install (?:[^\n`]{0,60} )?[\x22\x27]?cuemark(?![\w.-])")
"""A line that would install cuemark from a package index, on which it is not."""


def read(path: Path) -> Any:  # noqa: ANN401 -- whatever a YAML file holds
    """A YAML file's content."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def complaints(schema: str, *files: Path) -> str:
    """What the schema that ships with check-jsonschema has against some files."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", WORKFLOWS),
        ("github-workflows-require-timeout", WORKFLOWS),
        ("github-issue-forms", FORMS),
        ("dependabot", (GITHUB / "dependabot.yml",)),
    ],
)
def test_github_understands_its_files(schema: str, files: tuple[Path, ...]) -> None:
    """Follows the published schemas; every job has a time after which it ends."""
    assert files != ()
    assert complaints(schema, *files) == ""


def test_a_wrong_file_is_found(tmp_path: Path) -> None:
    """Finds a job without a machine to run on, as a check of the test above."""
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("on: push\njobs:\n  test:\n    steps: [{run: pwd}]\n")

    assert "runs-on" in complaints("github-workflows", wrong)


def test_the_workflow_tests_every_supported_python() -> None:
    """Runs on the Pythons that pyproject.toml names, all of them on Linux, and on a Mac."""
    matrix = read(WORKFLOW)["jobs"]["test"]["strategy"]["matrix"]
    named = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]

    assert matrix["python"] == named
    assert [one for one in matrix["os"] if not one.startswith("ubuntu")] == []
    assert {one["os"].partition("-")[0]: one["python"] in named for one in matrix["include"]} == {"macos": True}


def test_the_workflow_runs_what_people_run() -> None:
    """Runs tests, documentation and the comparison of the desk's page by the project's own scripts, which are there."""
    commands = [step["run"] for job in read(WORKFLOW)["jobs"].values() for step in job["steps"] if "run" in step]

    built = ".venv/bin/python scripts/build_page.py --check"
    assert commands == ["./scripts/test", "./scripts/docs build", built]
    assert [line for line in commands if not os.access(ROOT / line.split()[0], os.X_OK)] == []


def test_the_nightly_workflow_runs_the_nightly_tier() -> None:
    """Runs each night, and by hand, but for no change; the tier has the browsers that it asks for."""
    workflow = read(NIGHTLY)
    (job,) = workflow["jobs"].values()
    *installed, last = (step["run"] for step in job["steps"] if "run" in step)

    # YAML 1.1, as PyYAML reads it, has "on" for true.
    assert workflow[True].keys() == {"schedule", "workflow_dispatch"}
    assert [re.fullmatch(r"\d+ \d+ \* \* \*", one["cron"]) is not None for one in workflow[True]["schedule"]] == [True]
    assert last == "./scripts/test nightly"
    assert any(line.split()[-1] == "firefox-esr" for line in installed)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_may_change_nothing(path: Path) -> None:
    """Read the repository only and keep no credentials."""
    workflow = read(path)
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]

    assert workflow["permissions"] == {"contents": "read"}
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(workflow["jobs"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_named_by_their_commit(path: Path) -> None:
    """Names each action by a commit, which cannot be moved as a tag can, with the version beside it for people."""
    used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))

    assert [one for one in used if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []
    assert len(used) >= 3


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_cache_the_models_where_they_are_kept(path: Path) -> None:
    """Cache the folder that CUEMARK_MODELS names, by the file that says which models there are."""
    jobs = [job for job in read(path)["jobs"].values() if "CUEMARK_MODELS" in job["env"]]
    caches = [
        step["with"] for job in jobs for step in job["steps"] if step.get("uses", "").startswith("actions/cache@")
    ]
    hashed = [name for cache in caches for name in re.findall(r"hashFiles\('([^']+)'\)", cache["key"])]

    kept = ["${{ github.workspace }}/" + cache["path"] for cache in caches]
    assert [job["env"]["CUEMARK_MODELS"] for job in jobs] == kept
    assert [name for name in hashed if not (ROOT / name).is_file()] == []
    assert hashed != []


def test_hooks_need_no_network() -> None:
    """Runs only what is in ./.venv, with the options that the checks of a change have."""
    hooks = read(HOOKS)["repos"]

    assert [one["repo"] for one in hooks] == ["local"]
    assert {hook["language"] for hook in hooks[0]["hooks"]} == {"system"}
    assert [hook["entry"].split()[:3] for hook in hooks[0]["hooks"]] == [
        [".venv/bin/python", "-m", module] for module in ("ruff", "ruff", "mypy")
    ]


def test_editors_keep_the_line_length_of_the_project() -> None:
    """Sets editors to the line length that ruff checks, and to four spaces."""
    settings = ConfigParser()
    settings.read_string("[top]\n" + (ROOT / ".editorconfig").read_text(encoding="utf-8"))
    ruff = loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]

    assert settings["top"]["root"] == "true"
    assert int(settings["*"]["max_line_length"]) == ruff["line-length"]
    assert (settings["*"]["indent_style"], settings["*"]["indent_size"]) == ("space", "4")


@pytest.mark.parametrize(
    "name", [".github/pull_request_template.md", "docs/release-checklist.md", "CODE_OF_CONDUCT.md", "SECURITY.md"]
)
def test_scripts_that_are_named_are_there(name: str) -> None:
    """Names no script that is not there."""
    text = (ROOT / name).read_text(encoding="utf-8")

    assert [script for script in SCRIPT.findall(text) if not (ROOT / script.removeprefix("./")).is_file()] == []


def test_each_promise_of_security_names_its_tests() -> None:
    """Names tests that are there, and some for each promise."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    promises = [line for line in text.splitlines() if line.startswith("| ")][1:]
    named = re.findall(r"`(tests/[\w/.]+|scripts/\w+)`", text)

    assert len(promises) > 5
    assert [line for line in promises if "`tests/" not in line and "`scripts/fuzz`" not in line] == []
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_forms_ask_for_few_things() -> None:
    """Asks for three things at most, and needs what a fault cannot be found without."""
    fields = {path.stem: [field["id"] for field in read(path)["body"]] for path in FORMS}

    assert fields == {"bug": ["what", "input", "doctor"], "idea": ["need", "today"]}


def test_no_text_installs_cuemark_by_its_name() -> None:
    """Says in no message and on no page to install cuemark from an index: only a checkout has it."""
    paths = [*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}

    assert {name: found for name, text in texts.items() if (found := BY_NAME.findall(text))} == {}
    assert BY_NAME.search('needs one more package; pip install "cuemark[s3]"')
