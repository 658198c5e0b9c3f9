"""Plan how many worker processes a machine can run, and with how many threads and graphics cards each computes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

MEMORY_PER_PROCESS = 3_000_000_000
"""Bytes that an episode may need: 2.9 GB were measured with the base model and two threads, with which the voices are
found beside listening, and 1.6 GB with one. Larger models need more."""

_CGROUP_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Capacity:
    """The number of processes, the threads of each, and the numbers of the graphics cards that they share."""

    size: int
    threads: int
    devices: tuple[int, ...] = ()


def plan_capacity(cores: int, memory: int, gpus: int, episodes: int, requested: int | None = None) -> Capacity:
    """Plan a process for each graphics card, else for each core, limited by the memory and the number of episodes.

    Many processes with one thread each get more done than few with several, because not all of the work is parallel.

    Args:
        memory: free bytes.
        requested: the number of processes that the user asks for; it overrides the other limits.

    >>> plan_capacity(8, 64_000_000_000, 0, 100)
    Capacity(size=8, threads=1, devices=())
    >>> plan_capacity(8, 6_000_000_000, 0, 100)
    Capacity(size=2, threads=4, devices=())
    >>> plan_capacity(8, 64_000_000_000, 2, 100)
    Capacity(size=2, threads=4, devices=(0, 1))
    """
    limit = gpus or min(cores, memory // MEMORY_PER_PROCESS)
    size = requested or max(1, min(limit, episodes))
    return Capacity(size, max(1, cores // size), tuple(range(gpus)))


def free_memory() -> int:
    """Return the bytes of memory that are free, within the memory limit of a container if there is one."""
    free = psutil.virtual_memory().available
    with suppress(OSError, ValueError):  # no container, or one without a memory limit in this file
        free = min(free, int(_CGROUP_MEMORY_LIMIT.read_text(encoding="ascii")) - psutil.Process().memory_info().rss)
    return max(0, free)
