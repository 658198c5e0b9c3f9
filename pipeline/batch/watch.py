"""Which files of a watched folder have stopped growing: only those are taken.

How large and how old a file says it is, is compared with what it said at an earlier look. No clock but our own is
asked, since that of a disk may be another machine's; and nothing has to tell of changes, which network disks do not.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.batch.job import Job, Plan

SETTLED_S = 10.0
"""A file that has been the same for so long is whole."""


@dataclass
class Stillness:
    """What files were like when they were looked at, and since when they have been so.

    Args:
        now: tells the seconds on a clock that goes steadily.
    """

    now: Callable[[], float] = time.monotonic
    seen: dict[str, tuple[tuple[int, int] | None, float]] = field(default_factory=dict)

    def growing(self, plan: Plan) -> frozenset[str]:
        """The names of the episodes that have a file which may still be growing.

        What lies at an address is whole when it can be seen.
        """
        at = self.now()
        names = {name: None for job in plan.jobs for name in _files(job)}
        self.seen = {name: self._look(name, at) for name in names}
        return frozenset(job.name for job in plan.jobs if not all(map(self._is_still, _files(job))))

    def _look(self, name: str, at: float) -> tuple[tuple[int, int] | None, float]:
        found = _look_of(name)
        before = self.seen.get(name)
        return before if before and before[0] == found else (found, at)

    def _is_still(self, name: str) -> bool:
        return self.now() - self.seen[name][1] >= SETTLED_S


def _files(job: Job) -> list[str]:
    named = (job.audio, job.transcript, *job.tracks.values())
    return [name for name in named if name is not None and "://" not in name]


def _look_of(name: str) -> tuple[int, int] | None:
    """A file's size and time; None where it cannot be looked at, which is told when it is its turn."""
    try:
        stat = os.stat(name)  # noqa: PTH116 -- a stranger's name may be none for a Path
    except (OSError, ValueError):
        return None
    return stat.st_size, stat.st_mtime_ns
