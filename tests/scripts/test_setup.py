"""scripts/setup.sh makes an environment, adds to it, and lets pip install where uv cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.test_cli import interruptible_children

ROOT = Path(__file__).parent.parent.parent
BASH = shutil.which("bash") or "bash"

FAKE_PYTHON = """\
#!/bin/sh
# Makes environments and installs by writing down what it was asked for; all else is for the real Python.
case "$*" in
    *ensurepip*) ;;
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    *install_with_uv.py*)
        echo "uv ${2##*/}" >>"$CALLS"
        echo "Downloading torch (858.1MiB)"
        echo "Downloading six (10.9KiB)"
        echo "Prepared 145 packages in 8s"
        if [ "$UV_ENDS" = interrupted ]; then trap '' INT; kill -INT 0; exit 130; fi
        [ "$UV_ENDS" != well ] || exit 0
        echo "error: no such index"
        echo "cuemark: pip installs instead of uv: it failed"
        exit 1 ;;
    "-m pip install"*)
        for last in "$@"; do :; done
        echo "pip ${last##*/}" >>"$CALLS"
        [ "$PIP_ENDS" = well ] || { echo "ERROR: no such index"; exit 1; } ;;
    *) exec "$REAL_PYTHON" "$@" ;;
esac
"""


@dataclass(frozen=True)
class Checkout:
    """A copy of the scripts with a Python that installs nothing."""

    root: Path

    def set_up(self, wanted: str, *, uv: str = "well", pip: str = "well") -> subprocess.CompletedProcess[str]:
        """Run ``set_up`` as scripts/demo and scripts/test do."""
        environment = {
            "PATH": os.environ["PATH"],
            "CUEMARK_PYTHON": str(self.root / "python"),
            "REAL_PYTHON": sys.executable,
            "CALLS": str(self.root / "calls"),
            "UV_ENDS": uv,
            "PIP_ENDS": pip,
        }
        line = f'set -euo pipefail; . ./scripts/setup.sh; refuse_small_disk() {{ :; }}; set_up "{wanted}"'
        with interruptible_children():  # a shell cannot undo that its parent ignores them
            return subprocess.run(
                [BASH, "-c", line],
                cwd=self.root,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                start_new_session=True,  # an interrupt is for its processes only
            )

    @property
    def calls(self) -> list[str]:
        """What was asked of the installers since the last time."""
        file = self.root / "calls"
        found = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return found


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout named ``clone`` without an environment."""
    root = tmp_path / "clone"
    (root / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup.sh", root / "scripts")
    for name in ("pyproject.toml", "constraints.txt"):
        (root / name).write_text("as committed\n")
    (root / "python").write_text(FAKE_PYTHON)
    (root / "python").chmod(0o755)
    return Checkout(root)


COMMAND_ONLY = "$COMMAND_ONLY"
WITH_TESTS = "$WITH_TESTS"


def test_uv_installs(checkout: Checkout) -> None:
    """Installs with uv alone, names the large download but not the small one, and says so when all is there."""
    done = checkout.set_up(COMMAND_ONLY)

    assert (done.returncode, checkout.calls) == (0, ["uv clone"])
    assert "cuemark:  Downloading torch (858.1MiB)\ncuemark: unpacking the packages\n" in done.stderr
    assert "six" not in done.stderr
    assert done.stderr.endswith("cuemark: set-up is complete\n")


def test_what_is_complete_is_left_alone(checkout: Checkout) -> None:
    """Says and does nothing the second time; an environment with the tests' packages has those of the command."""
    checkout.set_up(WITH_TESTS)
    assert checkout.calls == ["uv clone[dev]"]

    for wanted in (WITH_TESTS, COMMAND_ONLY):
        done = checkout.set_up(wanted)
        assert (done.returncode, done.stderr, checkout.calls) == (0, "", [])


def test_the_tests_add_their_packages_to_the_demos(checkout: Checkout) -> None:
    """Adds to what is there instead of making it again."""
    checkout.set_up(COMMAND_ONLY)
    kept = checkout.root / ".venv" / "kept"
    kept.touch()
    assert checkout.calls == ["uv clone"]

    done = checkout.set_up(WITH_TESTS)

    assert done.stderr.startswith("cuemark: adding the packages of the tests to ./.venv\n")
    assert (checkout.calls, kept.exists()) == (["uv clone[dev]"], True)


def test_an_update_keeps_the_tests_packages(checkout: Checkout) -> None:
    """Brings all of it up to date, even where the demo alone is wanted."""
    checkout.set_up(WITH_TESTS)
    (checkout.root / "constraints.txt").write_text("changed\n")
    assert checkout.calls == ["uv clone[dev]"]

    done = checkout.set_up(COMMAND_ONLY)

    assert done.stderr.startswith("cuemark: bringing ./.venv up to date\n")
    assert checkout.calls == ["uv clone[dev]"]


def test_pip_installs_where_uv_fails(checkout: Checkout) -> None:
    """Shows uv's error and one line, and lets pip do the same."""
    done = checkout.set_up(WITH_TESTS, uv="badly")

    assert (done.returncode, checkout.calls) == (0, ["uv clone[dev]", "pip clone[dev]"])
    assert "error: no such index\ncuemark: pip installs instead of uv: it failed\n" in done.stderr
    assert done.stderr.endswith("cuemark: set-up is complete\n")


def test_where_both_fail_the_next_run_starts_from_the_beginning(checkout: Checkout) -> None:
    """Fails with pip's reason, and does not take the half environment for a complete one."""
    done = checkout.set_up(WITH_TESTS, uv="badly", pip="badly")

    assert done.returncode == 1
    assert "ERROR: no such index\ncuemark: the packages could not be installed; the lines above say why" in done.stderr
    assert "cuemark: making ./.venv with" in checkout.set_up(WITH_TESTS).stderr


def test_an_interrupt_is_for_both_installers(checkout: Checkout) -> None:
    """Ends the set-up where uv is interrupted: pip does not take over, and the next run starts from the beginning."""
    done = checkout.set_up(WITH_TESTS, uv="interrupted")

    assert (done.returncode, checkout.calls) == (130, ["uv clone[dev]"])
    assert "cuemark: making ./.venv with" in checkout.set_up(WITH_TESTS).stderr


def test_a_folder_that_moved_is_set_up_again(checkout: Checkout) -> None:
    """Makes the environment again, because its programs name the folder that it was made in."""
    checkout.set_up(COMMAND_ONLY)
    moved = Checkout(checkout.root.rename(checkout.root.with_name("moved")))

    done = moved.set_up(COMMAND_ONLY)

    assert done.stderr.startswith("cuemark: making ./.venv with")
    assert moved.calls == ["uv clone", "uv moved"]
