"""Find the files of a watched folder that are still being written: their episodes are not processed yet.

A file's size and modification time are compared with those of an earlier check. Only this machine's clock is used,
because a disk's times may come from another machine; and no change notifications, which network disks do not send.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.batch.messages import Job, Plan
from pipeline.batch.storage.remote_files import fingerprint, is_address
from pipeline.errors import PlaceError

SETTLED_S = 10.0
"""A file that has not changed for this time counts as complete. Chosen by hand: longer than a copy usually pauses."""


@dataclass
class FileMonitor:
    """The last fingerprint of each file, and since when it has been the same.

    Args:
        now: returns the seconds of a monotonic clock.
    """

    now: Callable[[], float] = time.monotonic
    seen: dict[str, tuple[str | None, float]] = field(default_factory=dict)

    def growing(self, plan: Plan) -> frozenset[str]:
        """Return the names of the episodes with a file that may still be written.

        Files at addresses are complete as soon as they exist.
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
    """Return a file's size and time; None if it cannot be read, which is reported when its episode is processed."""
    try:
        return fingerprint(name)
    except PlaceError:
        return None
