"""The installed packages are the ones that constraints.txt names, and the two that are hard to pair import."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
LINES = [line for line in CONSTRAINTS.splitlines() if line and not line.startswith("#")]

# pydub imports audioop, which Python has no more from 3.13 on: audioop-lts provides it, and cuemark never names it
COMPLETIONS = {"audioop-lts"}
EXTRAS = ("s3", "cluster")
"""What few people need, and what is imported only where they do; ``[dev]`` has all of it."""

NAMESPACE = "pyannote"
"""What several packages install parts of: ``pyannote.core`` comes with the one of that name."""


LIBRARIES = {"parselmouth": ["praat-parselmouth"]}
"""Modules that are one shared library, whose package Python 3.11 does not find."""


def constrained_versions() -> dict[str, str]:
    """Canonical name to version, as constraints.txt says it."""
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in LINES)}


def needed_distributions() -> dict[str, str]:
    """Canonical name to installed version of all that ``cuemark[dev]`` needs on this machine, directly or not."""
    found: dict[str, str] = {}
    waiting = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            installed = distribution(name)
            if name != PROJECT["name"]:  # ``[dev]`` names the other extras
                found[name] = installed.version
            needs = [Requirement(line) for line in installed.requires or ()]
            waiting += [need for need in needs if need.marker is None or need.marker.evaluate({"extra": extra})]
    return found


def declared(*groups: str) -> set[str]:
    """Canonical names of the packages that pyproject.toml asks for, directly, with these extras."""
    lines = [*PROJECT["dependencies"], *(line for group in groups for line in PROJECT["optional-dependencies"][group])]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def import_nodes(path: Path) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import of a module, early or late, but those that only a type checker sees."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            waiting += ast.iter_child_nodes(node)


def imported(*folders: str) -> set[str]:
    """Canonical names of the packages that the code in these folders imports, early or late."""
    owners = {**packages_distributions(), **LIBRARIES}
    found: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in import_nodes(path):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found |= {"-".join(module.split(".")[:2]) for module in modules if module.startswith(f"{NAMESPACE}.")}
            tops = {module.split(".")[0] for module in modules} - sys.stdlib_module_names
            tops -= {"pipeline", "scripts", "tests", NAMESPACE}
            found |= {canonicalize_name(name) for top in tops for name in owners.get(top, [top])[:1]}
    return found


def test_what_is_imported_is_declared() -> None:
    """Declares every package that the program imports, and in ``[dev]`` what only the tests import."""
    assert sorted(imported("pipeline") - declared(*EXTRAS)) == []
    assert sorted(imported("tests") - declared("dev", *EXTRAS)) == []


def test_what_is_declared_is_imported() -> None:
    """Asks for no package that the program does not import, but for those that complete another one's needs."""
    assert declared() - imported("pipeline") == COMPLETIONS


def test_constraints_are_plain_lines() -> None:
    """Holds one exact version a line and no address, so that it works with any package index."""
    unusual = [line for line in LINES if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!]+", line)]

    assert unusual == []


def test_constraints_name_each_package_once() -> None:
    """Names no package twice, in whatever spelling."""
    assert len(LINES) == len(constrained_versions())


def test_every_needed_package_is_the_constrained_one() -> None:
    """Finds each direct and indirect dependency installed in exactly the version that constraints.txt names."""
    constrained = constrained_versions()
    needed = needed_distributions()
    needed.pop("pip", None)  # it comes with the environment and installs the rest; pip-audit asks it what is there

    assert {name: constrained.get(name) for name in needed} == needed


@pytest.mark.parametrize("module", ["torchaudio", "pyannote.audio", "whisper", "faster_whisper", "av"])
def test_package_imports(module: str) -> None:
    """Imports in a fresh interpreter: torchaudio and pyannote.audio fail when torch is another build than theirs."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import {module}"],
        env={**os.environ, "PYANNOTE_METRICS_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
