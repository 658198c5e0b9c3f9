from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.workers import capacity
from pipeline.batch.workers.capacity import MEMORY_PER_PROCESS, Capacity, free_memory, plan_capacity

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("cores", "memory", "gpus", "episodes", "requested", "planned"),
    [
        (8, 64 * GB, 0, 100, None, Capacity(8, 1)),
        (8, 6 * GB, 0, 100, None, Capacity(2, 4)),
        (8, 64 * GB, 0, 2, None, Capacity(2, 4)),
        (8, 64 * GB, 2, 100, None, Capacity(2, 4, (0, 1))),
        (8, 1 * GB, 0, 100, None, Capacity(1, 8)),
        (2, 1 * GB, 0, 1, 5, Capacity(5, 1)),
    ],
)
def test_a_machine_is_shared_out(
    cores: int, memory: int, gpus: int, episodes: int, requested: int | None, planned: Capacity
) -> None:
    """One process for each card or core, limited by memory and episodes; a requested number overrides the limits."""
    assert plan_capacity(cores, memory, gpus, episodes, requested) == planned


@given(st.integers(1, 256), st.integers(0, 2_000 * GB), st.integers(0, 16), st.integers(0, 10_000))
def test_a_plan_stays_within_the_machine(cores: int, memory: int, gpus: int, episodes: int) -> None:
    """There is at least one process, and no plan uses more threads than cores, unless each card needs a process."""
    planned = plan_capacity(cores, memory, gpus, episodes)

    assert planned.size >= 1
    assert planned.threads >= 1
    assert gpus or planned.size * planned.threads <= cores
    assert gpus or planned.size == 1 or planned.size * MEMORY_PER_PROCESS <= memory


def test_a_containers_limit_bounds_the_free_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The free memory is what the limit leaves to this process; a container without a limit has the machine's."""
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(capacity, "_CGROUP_MEMORY_LIMIT", limit)
    used = psutil.Process().memory_info().rss
    limit.write_text(f"{used // 2}\n")
    assert free_memory() == 0

    limit.write_text("max\n")
    assert free_memory() > 0
