"""scripts/check runs what its tier names, says how long it took, and fails where something failed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

FAKE_PYTHON = """\
#!/bin/sh
# Writes down what it was asked to run; $FAILS fails.
echo "$HYPOTHESIS_PROFILE $*" >>"$CALLS"
[ "$2" != "$FAILS" ]
"""
FURTHER = {
    "fast": [],
    "full": ["scripts.fuzz_readers --seconds 60 --seed 0"],
    "nightly": ["scripts.fuzz_readers --seconds 1800 --seed DAY", "scripts.audit_packages"],
}
"""What a tier runs before its tests: the full one the same inputs each time, the nightly one those of the day."""

LINT = ["ruff check --output-format concise", "ruff format --check", "mypy"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose environment runs nothing."""
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "check", tmp_path / "scripts")
    return tmp_path


def check(
    checkout: Path, *arguments: str, fails: str = "nothing", chromium: str = "sh", firefox: str = "sh"
) -> tuple[int, str, list[str]]:
    """Give the exit status, the last line and all that was run, each with the profile of the laws."""
    calls = checkout / "calls"
    calls.write_text("")
    browsers = {"CHROMIUM": chromium, "FIREFOX": firefox}
    environment = {"PATH": "/usr/bin:/bin", "CALLS": str(calls), "FAILS": fails, **browsers}
    command = [str(checkout / "scripts" / "check"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.splitlines()[-1], calls.read_text().splitlines()


@pytest.mark.parametrize(
    ("arguments", "tier", "profile", "marked"),
    [
        ((), "full", "full", "not nightly"),
        (("full",), "full", "full", "not nightly"),
        (("fast",), "fast", "fast", "not nightly"),
        (("nightly",), "nightly", "thorough", ""),
    ],
)
def test_a_tier_runs_lint_types_and_its_tests(
    checkout: Path, arguments: tuple[str, ...], tier: str, profile: str, marked: str
) -> None:
    """Runs linter, type checker, fuzzer and the tests that the tier selects, and names the tier and the time."""
    status, last, calls = check(checkout, *arguments)

    *lint, tests = [re.sub(r"--seed \d{8}$", "--seed DAY", call.removeprefix(f"{profile} -m ")) for call in calls]
    assert (status, sorted(lint)) == (0, sorted([*LINT, *FURTHER[tier]]))  # types are checked beside the rest
    assert tests.startswith(f"pytest -m {marked} -p tests.no_skips ")
    assert ("--cov " in tests, "tests/reading" in tests) == (tier != "nightly", tier == "fast")
    assert last.startswith(f"cuemark: tier {tier}: all checks passed in 0 min ")


def test_arguments_are_for_pytest_alone(checkout: Path) -> None:
    """Hands arguments on, with the selection and the profile of the tier, and checks nothing else."""
    assert check(checkout, "tests/reading", "-k", "a b")[2] == ["full -m pytest -m not nightly tests/reading -k a b"]
    assert check(checkout, "nightly", "-k", "six")[2] == ["thorough -m pytest -m  -k six"]


@pytest.mark.parametrize("fails", ["ruff", "mypy", "scripts.fuzz_readers", "pytest"])
def test_a_failure_stops_nothing_and_fails_all(checkout: Path, fails: str) -> None:
    """Runs what comes after a failed check too, names the failed one, and exits with 1."""
    status, last, calls = check(checkout, fails=fails)

    assert (status, len(calls)) == (1, 5)
    assert last.startswith("cuemark: tier full: failed after 0 min ")
    assert f" {fails}" in last


def test_help_names_the_tiers(checkout: Path) -> None:
    """Prints the tiers without running anything."""
    done = subprocess.run([str(checkout / "scripts" / "check"), "--help"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("Usage: ./scripts/test [fast | full | nightly]")
    assert [line.split()[0] for line in done.stdout.splitlines()[2:5]] == ["fast", "full", "nightly"]
    assert not (checkout / "calls").exists()


def test_a_missing_browser_is_said_first(checkout: Path) -> None:
    """Ends with the line to type before anything runs; the fast tier and single tests need no browser."""
    status, last, calls = check(checkout, chromium="no-such-browser")

    assert (status, calls) == (1, [])
    assert "type this line, then run this again: sudo apt install chromium" in last
    assert check(checkout, "fast", chromium="no-such-browser")[0] == 0
    assert check(checkout, "tests/reading", chromium="no-such-browser")[0] == 0


def test_firefox_is_for_the_nightly_tier(checkout: Path) -> None:
    """Ends the nightly tier with the line to type where Firefox is missing, and no other."""
    status, last, calls = check(checkout, "nightly", firefox="no-such-browser")

    assert (status, calls) == (1, [])
    assert "need Firefox; type this line, then run this again: sudo apt install firefox-esr" in last
    assert check(checkout, firefox="no-such-browser")[0] == 0
