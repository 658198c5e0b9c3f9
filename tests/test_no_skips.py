"""The plugin that lets no test be left out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PASSED = "def test_a(): pass\n"
SKIPPED = "import pytest\n@pytest.mark.skip(reason='never')\ndef test_b(): pass\n"
EXPECTED_TO_FAIL = "import pytest\n@pytest.mark.xfail\ndef test_c(): assert False\n"
MODULE_SKIPPED = "import pytest\npytest.skip('all of it', allow_module_level=True)\n"


PROCESSES = pytest.mark.parametrize("processes", ["0", "1"])


def status(folder: Path, processes: str, *modules: str) -> int:
    """The exit status of a run of these modules with the plugin, here or in processes of pytest-xdist."""
    for number, module in enumerate(modules):
        (folder / f"test_{number}.py").write_text(module, encoding="utf-8")
    options = [
        *("-p", "xdist", "-p", "tests.no_skips"),
        *("-p", "no:cacheprovider"),
        *("--rootdir", str(folder)),
        *("-c", str(folder / "none.toml")),
        *("-n", processes),
    ]
    (folder / "none.toml").write_text("", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", *options, str(folder)]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode


@PROCESSES
def test_a_run_in_which_all_ran_passes(tmp_path: Path, processes: str) -> None:
    """Leaves a run alone in which every test ran."""
    assert status(tmp_path, processes, PASSED) == 0


@PROCESSES
@pytest.mark.parametrize("module", [SKIPPED, EXPECTED_TO_FAIL, MODULE_SKIPPED])
def test_a_run_that_leaves_something_out_fails(tmp_path: Path, processes: str, module: str) -> None:
    """Fails a run with a skipped test, a skipped module or an expected failure, though all others passed."""
    assert status(tmp_path, processes, PASSED, module) == 1
