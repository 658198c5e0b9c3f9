"""No fault of a server, and no end of a run, loses a byte or leaves half a file with a final name."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from typing import Any, cast

import pytest

from tests.sample_episode import environment, python

SECONDS, NIGHTLY_SECONDS = 5, 600


def found(*words: str) -> dict[str, Any]:
    """Run the rounds in a process that may be forked, and return its report."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.download_rounds", *words]
    process = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert process.stdout, process.stderr
    return cast("dict[str, Any]", json.loads(process.stdout))


def test_no_fault_of_a_server_loses_a_byte() -> None:
    """Keeps every file whole, tells the truth by its status, and the run without a fault does the rest."""
    report = found("--seconds", str(SECONDS), "--seed", "1", "--quick")

    assert (report["violations"], report["bytes_lost"]) == ([], 0)
    assert report["rounds"] > 0


@pytest.mark.nightly
def test_no_fault_of_a_server_loses_a_byte_in_many_rounds() -> None:
    """The same for ten minutes, with the hub and the package index, and with other faults each night."""
    report = found("--seconds", str(NIGHTLY_SECONDS), "--seed", str(secrets.randbelow(1_000_000)))

    assert (report["violations"], report["bytes_lost"]) == ([], 0), f"seed {report['seed']}"


CARELESS = """
import json, sys
from pathlib import Path
from urllib.request import urlopen
from tests.faults.download_rounds import try_for
from tests.faults.download_scenarios import DownloadScenario

def whatever_comes(url):
    with urlopen(f"{url}/a.bin", timeout=0.2) as answer:
        file = Path("out", "a.bin").open("wb")
        while piece := answer.read1(1000):
            file.write(piece)
        file.close()
    return 0

def silently(url):
    Path("notes.txt").write_text("mine")
    try:
        whatever_comes(url)
    except OSError:
        pass
    return 0

for program in (whatever_comes, silently):
    report = try_for(60, 1, [DownloadScenario("careless", {"/a.bin": b"content" * 10_000}, program)], rounds=20)
    print(json.dumps([report.bytes_lost, report.violations]))
"""


def test_careless_programs_are_found() -> None:
    """Finds a program that keeps what comes, and one that says nothing of a failure and writes over another file."""
    process = python(CARELESS)
    (lost, violations), (lost_silently, violations_silently) = map(json.loads, process.stdout.splitlines())

    assert any("a.bin has " in line for line in violations)
    assert any("Traceback" in line for line in violations)
    assert any("the status is 0, and not everything is there" in line for line in violations_silently)
    assert lost == 0 < lost_silently
