"""Reading takes time and memory in proportion to the text, whatever is in it."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from types import FrameType

import pytest

from pipeline.reading.lint.lint import find_issues
from pipeline.reading.transcript import parse
from tests.episodes.kept_hearing import TRANSCRIPT
from tests.hostile_texts import hostile_texts

ROOT = Path(__file__).parents[2]
SMALL, TWICE = hostile_texts(0.002), hostile_texts(0.004)  # 4 and 8 kB
SHARE = 0.005
LARGER = hostile_texts(SHARE)
MOST_MEMORY = 300_000_000
"""Bytes for the largest text."""


def calls(source: str) -> int:
    """Count the functions, Python's and C's, that reading and checking a text calls."""
    number = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal number
        number += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        find_issues(parse(source))
    finally:
        sys.setprofile(before)
    return number


def memory(source: str) -> tuple[int, int]:
    """Return the bytes that the reading of a text keeps, and the most that it needs on the way."""
    parse(source)  # what is computed once for a process, such as the keys of common words
    tracemalloc.start()
    try:
        transcript = parse(source)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert transcript.source is source
    return kept, peak


@pytest.mark.parametrize("name", SMALL)
def test_twice_the_text_takes_twice_the_steps(name: str) -> None:
    """A hostile text that is twice as long takes twice the calls, but for a tenth and what is constant."""
    parse(TWICE[name])  # what is computed once for each distinct word
    assert calls(TWICE[name]) <= 2.2 * calls(SMALL[name]) + 2_000


def measured_apart(expression: str) -> object:
    """Evaluate an expression of this module in a process of its own.

    In this one, coverage and the threads that other tests have left allocate memory too.
    """
    program = f"import json; from tests.reading.test_growth import *; print(json.dumps({expression}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout)


def peaks_of_hostile_texts() -> dict[str, float]:
    """Return the memory that the largest text of each kind would take, in bytes, as a share of it shows."""
    return {name: memory(text)[1] / SHARE for name, text in LARGER.items()}


def test_memory_of_hostile_texts() -> None:
    """The largest hostile text of each kind takes at most 300 MB."""
    peaks = measured_apart("peaks_of_hostile_texts()")

    assert isinstance(peaks, dict)
    assert peaks.keys() == LARGER.keys()
    assert {name: peak for name, peak in peaks.items() if peak > MOST_MEMORY} == {}


def ordinary_text() -> str:
    """Return 100,000 characters of an ordinary transcript."""
    text = TRANSCRIPT.read_text(encoding="utf-8")
    return (text * (100_000 // len(text) + 1))[:100_000]


def test_memory_of_an_ordinary_text() -> None:
    """100,000 characters take 3 MB at most, 2.2 MB of which are the result."""
    measured = measured_apart("memory(ordinary_text())")

    assert isinstance(measured, list)
    kept, peak = measured

    assert peak < 3_000_000
    assert kept < 2_200_000
