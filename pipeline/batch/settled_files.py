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
        at = self.now()
        names = {name: None for job in plan.jobs for name in _files(job)}
        self.seen = {name: self._look(name, at) for name in names}
        return frozenset(job.name for job in plan.jobs if not all(map(self._is_still, _files(job))))

    def _look(self, name: str, at: float) -> tuple[str | None, float]:
        found = _look_of(name)
        before = self.seen.get(name)
        return before if before and before[0] == found else (found, at)

    def _is_still(self, name: str) -> bool:
        return self.now() - self.seen[name][1] >= SETTLED_S


def _files(job: Job) -> list[str]:
    named = (job.audio, job.transcript, *job.tracks.values())
    return [name for name in named if name is not None and not is_address(name)]


def _look_of(name: str) -> str | None:
    """A file's size and time; None where it cannot be looked at, which is told when it is its turn."""
    try:
        return fingerprint(name)
    except PlaceError:
        return None
