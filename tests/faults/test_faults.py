"""A fault at any place where a command changes a file loses nothing; the counts are in the output of the program."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from typing import Any

import pytest

from tests.sample_episode import environment, python

SECONDS, NIGHTLY_SECONDS = 60, 1_800
CLUSTER_SECONDS, CLUSTER_NIGHTLY_SECONDS = 15, 600  # a round takes some seconds


def found(*words: str, program: str = "rounds") -> dict[str, Any]:
    """Run the rounds in a process that may be forked, and return its report."""
    command = [sys.executable, "-W", "ignore", "-m", f"tests.faults.{program}", *words]
    process = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert process.stdout, process.stderr
    report: dict[str, Any] = json.loads(process.stdout)
    return report


def test_no_fault_loses_a_byte() -> None:
    """Keeps every file whole, tells the truth by its status, and lets the next run do the rest."""
    report = found("--seconds", str(SECONDS), "--seed", "1")

    assert (report["violations"], report["bytes_lost"]) == ([], 0)
    assert report["rounds"] > 0


@pytest.mark.nightly
def test_no_fault_loses_a_byte_in_many_rounds() -> None:
    """The same for half an hour, with other faults each night."""
    report = found("--seconds", str(NIGHTLY_SECONDS), "--seed", str(secrets.randbelow(1_000_000)))

    assert (report["violations"], report["bytes_lost"]) == ([], 0), f"seed {report['seed']}"


def test_no_fault_loses_a_byte_of_a_batch_on_a_cluster() -> None:
    """The same for a batch whose work and whose ledger are in different threads."""
    report = found("--seconds", str(CLUSTER_SECONDS), "--seed", "1", program="cluster_rounds")

    assert (report["violations"], report["bytes_lost"]) == ([], 0)
    assert report["rounds"] > 0


@pytest.mark.nightly
def test_no_fault_loses_a_byte_of_a_batch_on_a_cluster_in_many_rounds() -> None:
    """The same for ten minutes, with other faults each night."""
    seed = str(secrets.randbelow(1_000_000))
    report = found("--seconds", str(CLUSTER_NIGHTLY_SECONDS), "--seed", seed, program="cluster_rounds")

    assert (report["violations"], report["bytes_lost"]) == ([], 0), f"seed {report['seed']}"


CARELESS = """
import json, os, sys
from tests.faults.rounds import try_for
from tests.faults.scenarios import Scenario, nothing

def in_two_steps():
    file = os.open("show.md", os.O_WRONLY | os.O_TRUNC)
    os.write(file, b"first half, ")
    os.write(file, b"second half")
    os.close(file)
    return 0

def silently():
    try:
        os.replace("notes.txt", "show.txt")
        os.link("show.txt", "notes.txt")
    except OSError:
        pass
    return 0

scenario = Scenario("careless", nothing, {"in_two_steps": in_two_steps, "silently": silently}[sys.argv[1]])
report, _ = try_for(3, 1, (scenario,))
print(json.dumps([report.bytes_lost, report.violations]))
"""


@pytest.mark.parametrize(
    ("program", "wrong"),
    [("in_two_steps", "show.md"), ("silently", "the status is 0, and not everything is done")],
)
def test_careless_program_is_found(program: str, wrong: str) -> None:
    """Finds a program that writes in place, and one that says nothing of a failure."""
    process = python(CARELESS, program)
    lost, violations = json.loads(process.stdout)

    assert any(line.endswith(f": {wrong}") for line in violations), process.stderr
    assert lost > 0
