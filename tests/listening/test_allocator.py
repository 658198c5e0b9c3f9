"""Freed memory stays in the process once that is asked for, until it is given back."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from pipeline.listening import allocator

PROGRAM = """
import resource, sys
import psutil
from pipeline.listening.allocator import give_back_memory, keep_freed_memory

if sys.argv[1] == "keep":
    keep_freed_memory()
for _ in range(10):
    block = b"x" * 200_000_000
    del block
used = psutil.Process().memory_info().rss
give_back_memory()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt, used - psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc")
def test_the_system_clears_each_page_once() -> None:
    """Blocks that are taken again and again are the same pages, which can be given back."""
    faults, back = {}, {}
    for how in ("leave", "keep"):
        printed = subprocess.run(
            [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True
        ).stdout.split()
        faults[how], back[how] = map(int, printed)

    assert faults["keep"] < faults["leave"] / 4
    assert back["keep"] > 150e6 > back["leave"]


def test_another_c_library_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())

    allocator.keep_freed_memory.__wrapped__()
    allocator.give_back_memory()
