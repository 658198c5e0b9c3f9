"""What is fuzzed: a reader with its seeds, how it may refuse, and the bounds of each input."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from pipeline.errors import PipelineError

CPU_S = 5.0
"""Seconds of processor time that one input may take: what a hostile file of the largest size may cost."""

MEMORY_BYTES = 300 << 20
"""By how much one input may raise the most memory that the process ever had: the same bound for memory."""

LONGEST_LINE = 1_000
"""Characters of the message with which a reader refuses; the console replaces line ends and controls in it."""

Read = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of files that may come from a stranger.

    Attributes:
        read: reads the content of a file; returns anything, or raises one of ``refusals``.
        seeds: valid contents, from which others are made.
        tokens: what has a meaning to the reader; such pieces are put in and repeated.
        documents: further contents, built as the reader expects them; half of the inputs are made of them.
        refusals: how a reader may say no, in a message of at most ``LONGEST_LINE`` characters.
        largest: bytes of an input.
        cpu_s, memory_bytes: what one input may take.
    """

    read: Read
    seeds: Sequence[bytes]
    tokens: Sequence[bytes] = ()
    refusals: tuple[type[Exception], ...] = (PipelineError,)
    largest: int = 64 << 10
    cpu_s: float = CPU_S
    memory_bytes: int = MEMORY_BYTES
    documents: st.SearchStrategy[bytes] | None = None


@cache
def work_folder() -> Path:
    """Return a folder of this process, which goes when it ends."""
    in_memory = Path("/dev/shm")  # noqa: S108 -- where it exists, a file there takes a tenth of the time
    folder = tempfile.TemporaryDirectory(prefix="cuemark-fuzz-", dir=in_memory if in_memory.is_dir() else None)
    _KEPT.append(folder)
    return Path(folder.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []  # a folder is removed when its object is collected


def as_file(content: bytes, name: str) -> Path:
    """Return the path of a file with this content, for readers that take a path."""
    path = work_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
