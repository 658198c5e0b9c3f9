"""Readers with a fault each, which the fuzzer has to find, and one without."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping

from pipeline.errors import PipelineError
from scripts.fuzzing.reader import Reader

SEEDS = (b"a seed of some words", b"another one")
KEPT: list[bytearray] = []


def is_fine(content: bytes) -> int:
    """Read anything, and refuse some of it."""
    if content.startswith(b"a"):
        raise PipelineError("begins with an a")
    return len(content)


def raises(content: bytes) -> None:
    """Raise what no caller expects at one byte."""
    if b"!" in content:
        raise KeyError("no such key")


def ends(content: bytes) -> None:
    """End the process at one byte."""
    if b"!" in content:
        os.kill(os.getpid(), signal.SIGKILL)


def hangs(content: bytes) -> None:
    """Never end at one byte."""
    while b"!" in content:
        pass


def is_slow(content: bytes) -> None:
    """Take a tenth of a second at one byte."""
    start = time.process_time()
    while b"!" in content and time.process_time() < start + 0.1:
        pass


def is_greedy(content: bytes) -> None:
    """Take 200 MB at one byte."""
    if b"!" in content:
        KEPT.append(bytearray(b"x" * (200 << 20)))
        KEPT.clear()


def talks(content: bytes) -> None:
    """Refuse with a page of text at one byte."""
    if b"!" in content:
        raise PipelineError("x" * 2_000)


def refuses_seeds(content: bytes) -> None:
    """Raise at a seed."""
    raise LookupError(content)


TOKENS = (b"!",)
READERS: Mapping[str, Callable[[], Reader]] = {
    "is fine": lambda: Reader(is_fine, SEEDS, TOKENS),
    "raises": lambda: Reader(raises, SEEDS, TOKENS),
    "ends": lambda: Reader(ends, SEEDS, TOKENS),
    "hangs": lambda: Reader(hangs, SEEDS, TOKENS, cpu_s=0.1),
    "is slow": lambda: Reader(is_slow, SEEDS, TOKENS, cpu_s=0.05),
    "is greedy": lambda: Reader(is_greedy, SEEDS, TOKENS, memory_bytes=100 << 20),
    "talks": lambda: Reader(talks, SEEDS, TOKENS),
    "refuses seeds": lambda: Reader(refuses_seeds, SEEDS, TOKENS),
}
