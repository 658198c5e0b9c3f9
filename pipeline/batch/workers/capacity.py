"""How many processes this machine has room for, and what each of them computes with."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

NEED = 2_500_000_000
"""Bytes that one process may come to need: 1.6 GB were measured with the base model, and larger ones need more."""

_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Capacity:
    """So many processes, the threads of each, and the graphics cards that they share out among them."""

    size: int
    threads: int
    devices: tuple[int, ...] = ()


def plan_capacity(cores: int, memory: int, cards: int, episodes: int, asked: int | None = None) -> Capacity:
    """Share a machine out: a process for each card, else for each core, as far as there is memory and work for it.

    More processes with a thread each do more in all than fewer with several, because not all of the work can be shared.

    Args:
        memory: bytes that are free.
        asked: how many processes somebody asked for; that is not argued with.

    >>> fit(8, 64_000_000_000, 0, 100), fit(8, 6_000_000_000, 0, 100), fit(8, 64_000_000_000, 2, 100)
    (Fit(size=8, threads=1, devices=()), Fit(size=2, threads=4, devices=()), Fit(size=2, threads=4, devices=(0, 1)))
    """
    room = cards or min(cores, memory // NEED)
    size = asked or max(1, min(room, episodes))
    return Capacity(size, max(1, cores // size), tuple(range(cards)))


def free_memory() -> int:
    """The bytes of memory that are free, also by the limit of a container."""
    free = psutil.virtual_memory().available
    with suppress(OSError, ValueError):  # no container, or none that says so in this way
        free = min(free, int(_LIMIT.read_text(encoding="ascii")) - psutil.Process().memory_info().rss)
    return max(0, free)
