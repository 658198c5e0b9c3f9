"""The wheel holds what it should, and the command runs from it away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("wheel")  # it is built once

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INFO = f"cuemark-{PROJECT['version']}.dist-info"
PRESETS = {f"pipeline/configs/{path.name}" for path in (ROOT / "configs").glob("*.toml")}

DESK = ROOT / "pipeline" / "desk" / "page"
PAGE_SOURCES = {*DESK.glob("src/*.ts"), *DESK.glob("*.json"), DESK / ".npmrc"}
"""What the desk's page is built from, which only the sdist has."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout without any download."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--wheel-dir"]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content, far from the checkout."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_away(unpacked: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the unpacked folder, which comes before all installed packages on the path."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "COLUMNS": "100"}
    command = (sys.executable, *command)
    return subprocess.run(command, cwd=unpacked, env=environment, capture_output=True, text=True, check=False)


def test_wheel_is_pure(wheel: Path) -> None:
    """Builds one wheel for every system and every supported Python."""
    assert wheel.name == f"cuemark-{PROJECT['version']}-py3-none-any.whl"


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Holds every file of ``pipeline``, the configuration and its description: no tests, examples or scripts."""
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "pipeline").rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path not in PAGE_SOURCES
    }
    info = {f"{INFO}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")}

    assert set(zipfile.ZipFile(wheel).namelist()) == package | info | PRESETS


def test_wheel_holds_what_is_no_python(wheel: Path) -> None:
    """Holds the mark of typed packages, the published schemas, a second of speech, the pages' parts and all presets."""
    others = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith(".py") and INFO not in name}

    own = {"pipeline/py.typed", "pipeline/listening/doctor/second.opus"}
    own |= {f"pipeline/writing/{name}.schema.json" for name in ("alignment", "marker")}
    own |= {"pipeline/console/command_output.schema.json"}
    own |= {f"pipeline/listening/forced/phone_classifier.{kind}" for kind in ("npz", "md")}
    page = {
        f"pipeline/{name}.{kind}"
        for name in ("batch/reports/page", "writing/transcript_page")
        for kind in ("html", "css", "js")
    }
    desk = {f"pipeline/desk/page/{name}" for name in ("index.html", "desk.js", "desk.css", "LICENSES.txt")}
    assert others == own | page | desk | PRESETS
    assert {"accurate", "default", "fast"} == {Path(name).stem for name in PRESETS}


def test_presets_are_found_in_the_wheel(unpacked: Path) -> None:
    """Reads a preset by its name from the package itself, where there is no folder of sources."""
    program = (
        "from pipeline.settings import precedence, setting_files;"
        "print(precedence.load_settings('fast', None, {}).origins, setting_files.presets()['fast'])"
    )
    done = run_away(unpacked, "-c", program)

    found = unpacked / "pipeline" / "configs" / "fast.toml"
    assert done.stdout == f"{{'transcribe.beam_size': 'configs/fast'}} {found}\n"


def test_command_is_declared(unpacked: Path) -> None:
    """Declares one command, ``cuemark``."""
    entries = ConfigParser()
    entries.read(unpacked / INFO / "entry_points.txt")

    assert {name: dict(entries[name]) for name in entries.sections()} == {
        "console_scripts": {"cuemark": "pipeline.cli:program"}
    }


def test_version_from_the_wheel(unpacked: Path) -> None:
    """Prints the version that the wheel carries."""
    done = run_away(unpacked, "-m", "pipeline", "--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"cuemark {PROJECT['version']}\n", "")


def test_help_from_the_wheel(unpacked: Path) -> None:
    """Shows the help of the whole and of each command."""
    shown = [run_away(unpacked, "-m", "pipeline", *words, "--help") for words in ([], ["align"], ["marker"])]

    assert [(done.returncode, done.stderr, "Usage: cuemark" in done.stdout) for done in shown] == [(0, "", True)] * 3


def test_code_comes_from_the_wheel(unpacked: Path) -> None:
    """Imports the unpacked package and not the checkout, as a check of the tests above."""
    done = run_away(unpacked, "-c", "import pipeline; print(pipeline.__file__)")

    assert done.stdout == f"{unpacked / 'pipeline' / '__init__.py'}\n"
