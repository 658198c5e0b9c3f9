from __future__ import annotations

import os

import ctranslate2
import psutil
import pytest

from pipeline.listening import device as module
from pipeline.listening.device import core_count, resolve_device, thread_count


@pytest.mark.parametrize(
    ("device", "gpus", "resolved"), [("auto", 0, "cpu"), ("auto", 2, "cuda"), ("cpu", 2, "cpu"), ("cuda", 0, "cuda")]
)
def test_auto_is_a_gpu_if_there_is_one(monkeypatch: pytest.MonkeyPatch, device: str, gpus: int, resolved: str) -> None:
    """``auto`` is the GPU if there is one; a named device is not changed."""
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: gpus)

    assert resolve_device(device) == resolved


def test_cores_are_those_that_the_process_may_use() -> None:
    """A process that is limited to one core counts one, however many the machine has."""
    process = psutil.Process()
    allowed = process.cpu_affinity()
    assert core_count() == len(allowed) <= (os.cpu_count() or 1)
    process.cpu_affinity(allowed[:1])
    try:
        assert core_count() == 1
    finally:
        process.cpu_affinity(allowed)


def test_without_affinity_all_cores_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without CPU affinity, all logical cores are counted."""
    monkeypatch.delattr(psutil.Process, "cpu_affinity")

    assert core_count() == psutil.cpu_count()


@pytest.mark.parametrize(
    ("cores", "variable", "threads"),
    [(4, "", 4), (64, "", 8), (4, "2", 2), (4, "64", 4), (4, "0", 4), (4, "many", 4)],
)
def test_threads_are_limited(monkeypatch: pytest.MonkeyPatch, cores: int, variable: str, threads: int) -> None:
    """One for each core, at most as many as asked for, and at most ``OMP_NUM_THREADS`` if that is positive."""
    monkeypatch.setattr(module, "core_count", lambda: cores)
    monkeypatch.setenv("OMP_NUM_THREADS", variable)

    assert thread_count(8) == threads
