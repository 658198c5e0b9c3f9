"""A fault at any place where the desk changes a file loses no accepted edit, and leaves no half of a transcript."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from typing import Any

import pytest

from tests.sample_episode import environment, python

SECONDS, NIGHTLY_SECONDS = 20, 600


def found(*words: str) -> dict[str, Any]:
    """Run the rounds in a process that may be forked, and return its report."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.desk_rounds", *words]
    process = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert process.stdout, process.stderr
    report: dict[str, Any] = json.loads(process.stdout)
    return report


def test_no_fault_loses_an_edit() -> None:
    """Whatever fails, and wherever the desk is killed, the next one has what was accepted."""
    report = found("--seconds", str(SECONDS), "--seed", "1")

    assert report["violations"] == []
    assert report["rounds"] > 0


@pytest.mark.nightly
def test_no_fault_loses_an_edit_in_many_rounds() -> None:
    """The same for ten minutes, with other faults each night."""
    report = found("--seconds", str(NIGHTLY_SECONDS), "--seed", str(secrets.randbelow(1_000_000)))

    assert report["violations"] == [], f"seed {report['seed']}"


CARELESS = """
import json, os, sys
from pipeline.desk.safekeeping.document_file import DocumentFile
from pipeline.desk.safekeeping.journal import Journal
from tests.faults.desk_rounds import try_for

def in_two_steps(self, text, replace=None):
    file = os.open(self.path, os.O_WRONLY | os.O_TRUNC)
    content = text.encode()
    os.write(file, content[:9])
    os.write(file, content[9:])
    os.close(file)
    self.sha256, self._seen = __import__("hashlib").sha256(content).hexdigest(), None

def silently(self, updates):
    try:
        write(self, updates)
    except Exception:
        pass

write = Journal.append
if sys.argv[1] == "in_two_steps":
    DocumentFile.write = in_two_steps
else:
    Journal.append = silently
print(json.dumps(try_for(60, 1, sys.argv[2]).violations))
"""


@pytest.mark.parametrize(
    ("program", "wrong"),
    [("in_two_steps", "the transcript is not what was saved"), ("silently", "lost what was accepted")],
)
def test_a_careless_desk_is_found(program: str, wrong: str) -> None:
    """Finds a desk that saves in place, and one that accepts edits which it could not write."""
    process = python(CARELESS, program, wrong)
    violations = json.loads(process.stdout)

    assert any(wrong in line for line in violations), process.stderr
