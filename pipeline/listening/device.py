"""The hardware that computes: CPU cores, and NVIDIA GPUs if there are any."""

from __future__ import annotations

import os


def resolve_device(device: str) -> str:
    """Return ``cpu`` or ``cuda``: the given device, or the best one of this machine for ``auto``.

    Does not load torch.
    """
    if device != "auto":
        return device
    return "cuda" if gpu_count() else "cpu"


def gpu_count() -> int:
    """Return the number of usable NVIDIA GPUs. Does not load torch."""
    import ctranslate2  # noqa: PLC0415 -- loaded at first use, not with the options

    return int(ctranslate2.get_cuda_device_count())


def core_count() -> int:
    """Return the number of CPU cores that this process may use: its affinity, or all if the system has none (macOS)."""
    import psutil  # noqa: PLC0415 -- the same

    process = psutil.Process()
    return len(process.cpu_affinity()) if hasattr(process, "cpu_affinity") else psutil.cpu_count() or 1


def thread_count(most: int) -> int:
    """Return how many threads to use: one for each core, at most ``most`` and what ``OMP_NUM_THREADS`` says."""
    cores = core_count()
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, most, int(limit) if limit.isdecimal() and int(limit) else cores)
