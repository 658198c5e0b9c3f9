"""The plugin that lets no test be left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PASSED = "def test_a(): pass\n"
SKIPPED = "import pytest\n@pytest.mark.skip(reason='never')\ndef test_b(): pass\n"
EXPECTED_TO_FAIL = "import pytest\n@pytest.mark.xfail\ndef test_c(): assert False\n"
MODULE_SKIPPED = "import pytest\npytest.skip('all of it', allow_module_level=True)\n"


def status(folder: Path, *modules: str) -> int:
    """The exit status of a run of these modules with the plugin."""
    for number, module in enumerate(modules):
        (folder / f"test_{number}.py").write_text(module, encoding="utf-8")
    options = [
        "-p",
        "tests.no_skips",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
        "-c",
        str(folder / "none.toml"),
    ]
    (folder / "none.toml").write_text("", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", *options, str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def test_a_run_in_which_all_ran_passes(tmp_path: Path) -> None:
    """Leaves a run alone in which every test ran."""
    assert status(tmp_path, PASSED) == 0


@pytest.mark.parametrize("module", [SKIPPED, EXPECTED_TO_FAIL, MODULE_SKIPPED])
def test_a_run_that_leaves_something_out_fails(tmp_path: Path, module: str) -> None:
    """Fails a run with a skipped test, a skipped module or an expected failure, though all others passed."""
    assert status(tmp_path, PASSED, module) == 1
