"""The distributions that go to an index: a wheel and an sdist that it takes, each complete."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
STEM = f"cuemark-{PROJECT['version']}"
WHEEL, SDIST = f"{STEM}-py3-none-any.whl", f"{STEM}.tar.gz"


def python(*words: str, folder: Path) -> str:
    """What a module of this environment's Python prints, run in a folder."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, folder: Path) -> None:
    """Build an sdist and a wheel from a folder of sources, without any download."""
    python("hatchling", "build", "--directory", str(folder), folder=source)


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both distributions, built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    return folder


def test_an_index_takes_both(dist: Path) -> None:
    """Builds one wheel and one sdist, in both of which twine finds nothing to warn of."""
    assert {path.name for path in dist.iterdir()} == {WHEEL, SDIST}

    printed = python("twine", "check", "--strict", str(dist / WHEEL), str(dist / SDIST), folder=dist)

    assert printed.count("PASSED") == 2


def test_an_index_shows_readme(dist: Path) -> None:
    """Carries README to the letter, marked as the Markdown that it is."""
    metadata = message_from_bytes(contents(dist / WHEEL)[f"{STEM}.dist-info/METADATA"])

    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload(decode=True) == (ROOT / "README.md").read_bytes()


def test_the_sdist_is_complete(dist: Path, tmp_path: Path) -> None:
    """Holds what the wheel is made of and what else people need; the wheel made from it is the same."""
    with tarfile.open(dist / SDIST) as archive:
        archive.extractall(tmp_path, filter="data")
    source, again = tmp_path / STEM, tmp_path / "again"
    top = {
        "pipeline",
        "configs",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "constraints.txt",
        "pyproject.toml",
        "PKG-INFO",
    }

    assert {path.name for path in source.iterdir()} - {".gitignore"} == top
    build(source, again)
    assert contents(again / WHEEL) == contents(dist / WHEEL)
