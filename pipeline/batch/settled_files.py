"""Which files of a watched folder have stopped growing: only those are taken.

How large and how old a file says it is, is compared with what it said at an earlier look. No clock but our own is
asked, since that of a disk may be another machine's; and nothing has to tell of changes, which network disks do not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.batch.messages import Job, Plan
from pipeline.batch.storage.remote_files import fingerprint, is_address
from pipeline.errors import PlaceError

SETTLED_S = 10.0
"""A file that has been the same for so long is whole."""


@dataclass
class FileMonitor:
    """What files were like when they were looked at, and since when they have been so.

    Args:
        now: tells the seconds on a clock that goes steadily.
    """

    now: Callable[[], float] = time.monotonic
    seen: dict[str, tuple[str | None, float]] = field(default_factory=dict)

    def growing(self, plan: Plan) -> frozenset[str]:
        """The names of the episodes that have a file which may still be growing.

        What lies at an address is whole when it can be seen.
        """
        now = self.now()
        names = {name: None for job in plan.jobs for name in _local_files(job)}
        self.seen = {name: self._observe(name, now) for name in names}
        return frozenset(job.name for job in plan.jobs if not all(map(self._is_settled, _local_files(job))))

    def _observe(self, name: str, now: float) -> tuple[str | None, float]:
        found = _fingerprint_or_none(name)
        before = self.seen.get(name)
        return before if before and before[0] == found else (found, now)

    def _is_settled(self, name: str) -> bool:
        return self.now() - self.seen[name][1] >= SETTLED_S


def _local_files(job: Job) -> list[str]:
    files = (job.audio, job.transcript, *job.tracks.values())
    return [name for name in files if name is not None and not is_address(name)]


def _fingerprint_or_none(name: str) -> str | None:
    """A file's size and time; None where it cannot be looked at, which is told when it is its turn."""
    try:
        return fingerprint(name)
    except PlaceError:
        return None
